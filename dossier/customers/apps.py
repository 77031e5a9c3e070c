"""Django's registration of this department."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "dossier.customers"
    label = "customers"
