"""All addresses: each department brings its own ``urls.py``."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from dossier.core.screens.lookups import lookup_name_view, lookup_view


def healthz(request: HttpRequest) -> HttpResponse:
    """The program answers; used by the supervisor and load balancers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("lookup/<slug:key>", lookup_view, name="lookup"),
    path("lookup/<slug:key>/name", lookup_name_view, name="lookup-name"),
    path("imports/", include("dossier.core.imports.urls")),
    path("", include("dossier.people.urls")),
    path("", include("dossier.customers.urls")),
    path("", include("dossier.catalog.urls")),
    path("", include("dossier.sales.urls")),
    path("", include("dossier.reports.urls")),
]
