"""Addresses of the page of backups. There is none that hands one out: a file with everything stays where it is."""

from django.urls import path

from dossier.core.backup import screens

urlpatterns = [
    path("", screens.backups, name="backups"),
    path("state", screens.state, name="backup-state"),
    path("ask", screens.ask, name="backup-ask"),
    path("plan/", screens.plan_edit, name="backup-plan"),
]
