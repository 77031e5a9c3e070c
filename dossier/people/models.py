"""Employees, teams, territories, roles and accounts (ORG-1 … ORG-4)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.access import Scope, ScopedManager
from dossier.core.kept import Kept
from dossier.core.models import Record, Region
from dossier.people.states import EmployeeStatus


class Team(Record):
    """A team in the tree of teams; its leader leads all below it too (ORG-2)."""

    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    leader = models.ForeignKey(
        "Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("leader"),
    )
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "parent",
                Lower("name"),
                name="team_name_once",
                nulls_distinct=False,
                violation_error_message=_("There is already a team of this name here."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Territory(Record):
    """A sales territory: a named set of administrative divisions, given to teams and employees."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    regions = models.ManyToManyField(Region, blank=True, related_name="territories")
    teams = models.ManyToManyField(Team, blank=True, related_name="territories")
    employees: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "Employee", blank=True, related_name="territories"
    )

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    def __str__(self) -> str:
        return self.name


class Employee(Record):
    """A person of the company; only one in post may own a customer, a deal or a task (ORG-1)."""

    number = models.CharField(_("employee number"), max_length=20, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=60)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    position = models.CharField(_("position"), max_length=60, blank=True)
    supervisor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("supervisor"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=EmployeeStatus, default=EmployeeStatus.IN_POST
    )
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="employee_name"),
            models.Index(fields=["team"], name="employee_team"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(name=""), name="employee_number_and_name"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True)
                | Q(hired_on__isnull=True)
                | Q(left_on__gte=models.F("hired_on")),
                name="employee_left_after_hired",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_post(self) -> bool:
        """Whether the person may own records."""
        return self.status == EmployeeStatus.IN_POST


class Role(Record):
    """A named set of grants; shipped ones (ORG-3) can be edited, new ones made."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_shipped = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    def __str__(self) -> str:
        return str(_(self.name)) if self.is_shipped else self.name


class RoleGrant(Record):
    """A role may do an action on a kind of record, as far as a scope reaches."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    kind = models.CharField(max_length=60)
    action = models.CharField(max_length=30)
    scope = models.CharField(max_length=10, choices=Scope)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "kind", "action"], name="role_grant_once")
        ]


class AccountManager(BaseUserManager["Account"]):
    """Accounts are found by login without regard to case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account that signs in with this login; the account of somebody who left is none."""
        # The database compares, by the very expression of the unique index.
        found = self.alias(key=Lower("login")).filter(key=Lower(Value(username or "")))
        return found.select_related("employee").exclude(employee__status=EmployeeStatus.LEFT).get()

    def get(self, *args: Any, **named: Any) -> Account:
        """One account with its employee: each request asks both, whether they may be here and their name."""
        if not args and named.keys() == {"pk"} and named["pk"] is not None:  # as each request asks
            found: Account | None = _BY_KEY.one(key=named["pk"])
            if found is None:
                raise Account.DoesNotExist
            return found
        return self.get_queryset().select_related("employee").get(*args, **named)


_BY_KEY = Kept(lambda key: Account.objects.filter(pk=key), ["employee"], key=int)


class Account(Record, AbstractBaseUser):
    """A sign-in. An imported employee has none until an administrator gives one."""

    history_skip = (*Record.history_skip, "last_login")
    history_secret = ("password",)

    login = models.CharField(_("login"), max_length=150)
    employee = models.OneToOneField(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="account",
        verbose_name=_("employee"),
    )
    roles = models.ManyToManyField(
        Role, blank=True, related_name="accounts", verbose_name=_("roles")
    )
    is_active = models.BooleanField(_("may sign in"), default=True, db_default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    must_change_password = models.BooleanField(default=False, db_default=False)

    USERNAME_FIELD = "login"
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("login"),
                name="account_login_once",
                violation_error_message=_("This login is taken. Choose another."),
            ),
            models.CheckConstraint(condition=~Q(login=""), name="account_login_given"),
        ]

    def __str__(self) -> str:
        return self.login


class SignInSession(models.Model):
    """A browser signed in with an account, so that the person can see and end it."""

    session_key_hash = models.CharField(max_length=64, unique=True)
    session_key = models.CharField(max_length=40)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sign_in_sessions")
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)


class ApiToken(Record):
    """A token by which a program acts as a person through the API (AUD-2, SYS-3).

    The token itself is shown once and kept as a digest only; ``prefix`` is the part that knows it again.
    ``scopes`` are words of `core.api.scopes`; they never give more than the person may do.
    """

    history_skip = (*Record.history_skip, "last_used_at", "last_used_ip")
    history_secret = ("digest",)

    account = models.ForeignKey(Account, models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=60))
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)  # login

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="api_token_named"),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_token_scoped"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="api_token_account")]

    def __str__(self) -> str:
        return self.name


class SignInEvent(models.Model):
    """A sign-in, a failed one, a sign-out, a lock-out; rows are only ever added."""

    class What(models.TextChoices):
        IN = "in", _("signed in")
        FAILED = "failed", _("failed")
        LOCKED = "locked", _("locked out")
        OUT = "out", _("signed out")
        OUT_EVERYWHERE = "out_all", _("signed out everywhere")
        PASSWORD = "password", _("password changed")
        UNLOCKED = "unlocked", _("unlocked")
        TOKEN = "token", _("API token made")
        TOKEN_END = "token_end", _("API token revoked")

    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=10, choices=What)
    login = models.CharField(max_length=150)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="sign_in_events")
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="sign_in_account")]
