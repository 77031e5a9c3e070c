"""All addresses: each department brings its own ``urls.py``."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from dossier.core.screens.exports import export_detail, export_list
from dossier.core.screens.lookups import lookup_name_view, lookup_view
from dossier.core.screens.numbering import number_edit, number_list, number_preview


def healthz(request: HttpRequest) -> HttpResponse:
    """The program answers; used by the supervisor and load balancers."""
    return HttpResponse("ok", content_type="text/plain")


handler500 = "dossier.core.screens.again.failed"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("lookup/<slug:key>", lookup_view, name="lookup"),
    path("lookup/<slug:key>/name", lookup_name_view, name="lookup-name"),
    path("exports/", export_list, name="exports"),
    path("exports/<int:pk>", export_detail, name="export"),
    path("imports/", include("dossier.core.imports.urls")),
    path("settings/numbers/", number_list, name="numbers"),
    path("settings/numbers/<slug:key>/", number_edit, name="number"),
    path("settings/numbers/<slug:key>/preview", number_preview, name="number-preview"),
    path("", include("dossier.core.history.past_urls")),
    path("settings/verification/", include("dossier.core.history.urls")),
    path("", include("dossier.people.urls")),
    path("", include("dossier.customers.urls")),
    path("", include("dossier.catalog.urls")),
    path("", include("dossier.sales.urls")),
    path("", include("dossier.reports.urls")),
]
