"""Addresses of this department."""

from django.urls import path

from dossier.reports import screens

urlpatterns = [
    path("reports/", screens.report_index, name="reports"),
    path("reports/<slug:key>/", screens.report_page, name="report"),
    path("reports/<slug:key>/excel", screens.report_excel, name="report-excel"),
]
