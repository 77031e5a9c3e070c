"""Django's registration of this department."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "dossier.reports"
    label = "reports"
