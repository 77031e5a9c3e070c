"""Addresses of the verification of the history."""

from django.urls import path

from dossier.core.history import screens

urlpatterns = [
    path("", screens.verification, name="history-verification"),
    path("state", screens.state, name="history-verification-state"),
    path("ask", screens.ask, name="history-verification-ask"),
]
