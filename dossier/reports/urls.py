"""Addresses of this department."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
