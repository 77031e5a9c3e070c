"""Django's registration of this department."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "dossier.catalog"
    label = "catalog"
