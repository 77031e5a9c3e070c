"""The entry of web servers (`dossier.config.wsgi:application`)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
os.environ.setdefault("DOSSIER_DATABASE_POOL", "8")

application = get_wsgi_application()
