"""Django's registration of this department."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "dossier.sales"
    label = "sales"
