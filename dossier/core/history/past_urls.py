"""Addresses of a field's past and of redactions."""

from django.urls import path

from dossier.core.history import field_pages, redaction_pages

urlpatterns = [
    path("history/<slug:key>/<int:pk>/<slug:name>", field_pages.past, name="field-past"),
    path(
        "history/<slug:key>/<int:pk>/<slug:name>/<int:entry>",
        field_pages.restore,
        name="field-restore",
    ),
    path("redactions/", redaction_pages.redaction_list, name="redactions"),
    path("redactions/new/<slug:key>/<int:pk>", redaction_pages.redaction_new, name="redaction-new"),
    path("redactions/<int:pk>/", redaction_pages.redaction_page, name="redaction"),
    path(
        "redactions/<int:pk>/approval",
        redaction_pages.redaction_approval,
        name="redaction-approval",
    ),
    path(
        "redactions/<int:pk>/refusal", redaction_pages.redaction_refusal, name="redaction-refusal"
    ),
]
