"""Settings of Django: one base, everything that differs between places by environment.

| variable | meaning | default |
|---|---|---|
| DOSSIER_HOME | the embedded database, secrets, files, heads of the history | ~/.local/share/dossier |
| DOSSIER_DATABASE_URL | another PostgreSQL, as the application's role | embedded |
| DOSSIER_OWNER_DATABASE_URL | the same database, as its owner (migrations, grants, verification) | embedded |
| DOSSIER_DATABASE_POOL | connections kept by one web process; 0 = none | 8 |
| DOSSIER_SECRET_KEY | signing key of sessions and forms | a secret of the home |
| DOSSIER_HOSTS | names the program is reached by, comma separated | localhost,127.0.0.1,[::1] |
| DOSSIER_HTTPS | 1: reached by HTTPS only (secure cookies, HSTS) | 0 |
| DOSSIER_PROXIES | trusted reverse proxies: how many, or their addresses, comma separated | 0 |
| DOSSIER_TIME_ZONE | the company's time zone; days of business are days there | Asia/Shanghai |
| DOSSIER_SEAL_KEY | key of the history's seals | a secret of the home |
| DOSSIER_SEAL_HEADS | file of the heads of the history's chain | seals/heads.jsonl in the home |
| DOSSIER_BACKUP_DIR | where scheduled backups go | backups in the home |
| DOSSIER_BACKUP_PASSPHRASE | encrypts backups and puts the keys in; never kept by the program | not encrypted, no keys |
| DOSSIER_API_RATE | requests a token of the API may make in a minute, in each web process | 30000 |
| DOSSIER_LOG_LEVEL | DEBUG, INFO, WARNING, ERROR | INFO |
| DOSSIER_LANG | language of the command line: zh, en | the terminal's (LANG) |
| DOSSIER_DEBUG | 1: developers' error pages, static files from their sources | 0 |

Importing this module starts nothing; embedded, it makes the secrets of the home if they are absent.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from dossier.config.proxies import parse_proxies
from dossier.core.db.embedded import Cluster
from dossier.core.db.secrets import default_home, secret
from dossier.core.db.urls import django_database, role_of


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in ("", "0", "1", "false", "true", "no", "yes"):
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value in ("1", "true", "yes")


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not (value.isascii() and value.isdecimal()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value) if value else default


def _words(name: str, default: str) -> list[str]:
    return [word.strip() for word in (os.environ.get(name) or default).split(",") if word.strip()]


# Places -----------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME_DIR = default_home()
NODE_MODULES = (
    BASE_DIR / "node_modules"
)  # front-end packages and the table of divisions, installed at set-up

DEBUG = _flag("DOSSIER_DEBUG")
HTTPS = _flag("DOSSIER_HTTPS")
PROXIES = parse_proxies(os.environ.get("DOSSIER_PROXIES", ""))
ALLOWED_HOSTS = _words("DOSSIER_HOSTS", "localhost,127.0.0.1,[::1]")
SECRET_KEY = os.environ.get("DOSSIER_SECRET_KEY") or secret(HOME_DIR, "django")

# Databases --------------------------------------------------------------------------------------------

DATABASE_URL = os.environ.get("DOSSIER_DATABASE_URL", "").strip()
OWNER_DATABASE_URL = os.environ.get("DOSSIER_OWNER_DATABASE_URL", "").strip()
EMBEDDED = not DATABASE_URL
if EMBEDDED:
    _urls = Cluster(HOME_DIR).urls()
    DATABASE_URL, OWNER_DATABASE_URL = _urls.app, _urls.owner

# The web process keeps a pool (`dossier.config.wsgi` asks for it): its threads come and go, so
# connections kept per thread (CONN_MAX_AGE) would pile up, while a pool is bounded, shared by the threads
# and checks a connection before it is lent, so a restarted database is found again at the next request.
# Commands, jobs and tests work in one thread and need none (0). Parameters are bound by the client, as Django
# does by default: `SET`, `COPY` and PostgreSQL's type inference then behave as in plain SQL.
_POOL = _number("DOSSIER_DATABASE_POOL", 0)


def _database(url: str, variable: str, *, pooled: bool) -> dict[str, Any]:
    entry = django_database(url, variable=variable)
    options = {"application_name": "dossier", "connect_timeout": 5, "server_side_binding": False}
    entry["OPTIONS"] = options | entry["OPTIONS"]
    if pooled:
        entry["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": _POOL,
            "timeout": 10,
            "max_idle": 300,
        }
    return entry | {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}


DATABASES: dict[str, dict[str, Any]] = {
    "default": _database(DATABASE_URL, "DOSSIER_DATABASE_URL", pooled=_POOL > 0),
}
if OWNER_DATABASE_URL:
    DATABASES["owner"] = _database(
        OWNER_DATABASE_URL, "DOSSIER_OWNER_DATABASE_URL", pooled=False
    ) | {"TEST": {"MIRROR": "default"}}

# The role whose rights are granted after migrations; the program signs in as it.
APP_ROLE = role_of(DATABASE_URL)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Departments and libraries ------------------------------------------------------------------------------

DEPARTMENTS = [
    "dossier.core",
    "dossier.people",
    "dossier.customers",
    "dossier.catalog",
    "dossier.sales",
    "dossier.reports",
]

INSTALLED_APPS = [
    *DEPARTMENTS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "axes",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "dossier.config.proxies.ClientAddressMiddleware",  # first: everything after it asks who is calling
    "dossier.core.api.auth.Gate",  # before anything reads a cookie
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dossier.core.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dossier.people.middleware.SignInMiddleware",
    "dossier.core.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dossier.core.middleware.RefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its documentation asks: it turns a lock-out into an answer
]

ROOT_URLCONF = "dossier.config.urls"
WSGI_APPLICATION = "dossier.config.wsgi.application"

_LOADERS: list[Any] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        # Naming the loaders stands for APP_DIRS, which would not let us choose when they are cached.
        "OPTIONS": {
            "loaders": _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dossier.core.context.page",
            ],
        },
    }
]

# Jobs: declared in each department's jobs.py, kept in the same database, so that a job is enqueued by the
# transaction that needs it.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Language and time --------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("DOSSIER_TIME_ZONE") or "Asia/Shanghai"
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as _error:
    raise ImproperlyConfigured(f"DOSSIER_TIME_ZONE: unknown time zone {TIME_ZONE!r}.") from _error

# Static files -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-built"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dossier.config.vendor.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dossier.config.static_storage.ModuleStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages name nothing else
MEDIA_ROOT = HOME_DIR / "files"

# Signing in ---------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: a locked-out sign-in never reaches the password
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Logins are unique without regard to case, by an index on the expression, which this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "dossier.people.signin.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the wait is what was announced
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "dossier.people.middleware.client_ip"

# Sessions, cookies, headers -----------------------------------------------------------------------------

SESSION_ENGINE = "dossier.core.sessions"  # rows, so that they can be listed and ended
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = "__Host-dossier" if HTTPS else "dossier"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-dossier-csrf" if HTTPS else "dossier-csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "dossier.core.screens.again.expired"
LANGUAGE_COOKIE_NAME = "dossier-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS:
    SECURE_HSTS_SECONDS = 180 * 24 * 3600
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": [UNSAFE_INLINE],  # charts and menus place themselves by style attributes
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Limits of what a request may carry ---------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # without files, which go to the disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # an order of 500 lines with ten fields each
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# The API: requests a token may make in a minute, in each web process.
API_REQUESTS_PER_MINUTE = max(1, _number("DOSSIER_API_RATE", 30_000))

# Log ----------------------------------------------------------------------------------------------------

LOG_LEVEL = (os.environ.get("DOSSIER_LOG_LEVEL") or "INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    raise ImproperlyConfigured(f"DOSSIER_LOG_LEVEL: unknown level {LOG_LEVEL!r}.")

# One line per event on the standard error: time, level, logger, message. SQL with its values would be
# people's data, so its logger stays silent at every level.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.db.backends": {"level": "WARNING"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "axes": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}
