"""Django's registration of this department."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "dossier.people"
    label = "people"
