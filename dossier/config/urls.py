"""All addresses: each department brings its own ``urls.py``."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path

from dossier.core.api.app import urls as api_urls
from dossier.core.screens.bulk import bulk_edit, bulk_edit_done, bulk_edit_undo
from dossier.core.screens.cells import cell_edit
from dossier.core.screens.exporting import export_file, export_file_content, list_export
from dossier.core.screens.exports import export_detail, export_list
from dossier.core.screens.lookups import lookup_name_view, lookup_view
from dossier.core.screens.numbering import number_edit, number_list, number_preview
from dossier.core.screens.saved_views import saved_view_edit, saved_view_new, saved_view_remove


def healthz(request: HttpRequest) -> HttpResponse:
    """The program answers; used by the supervisor and load balancers."""
    return HttpResponse("ok", content_type="text/plain")


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon for what names none: browsers ask for it here beside a raw JSON answer or a file."""
    return HttpResponseRedirect(static("favicon.svg"))


handler500 = "dossier.core.screens.again.failed"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("api/v1/", include(api_urls())),
    path("i18n/", include("django.conf.urls.i18n")),
    path("lookup/<slug:key>", lookup_view, name="lookup"),
    path("lookup/<slug:key>/name", lookup_name_view, name="lookup-name"),
    path("exports/", export_list, name="exports"),
    path("exports/<int:pk>", export_detail, name="export"),
    path("exports/files/<int:pk>", export_file, name="export-file"),
    path("exports/files/<int:pk>/content", export_file_content, name="export-file-content"),
    path("lists/<slug:key>/change", bulk_edit, name="bulk-edit"),
    path("lists/<slug:key>/cells/<int:pk>/<slug:name>", cell_edit, name="cell"),
    path("changes/<int:pk>", bulk_edit_done, name="bulk-edit-done"),
    path("changes/<int:pk>/undoing", bulk_edit_undo, name="bulk-edit-undo"),
    path("lists/<slug:key>/export", list_export, name="list-export"),
    path("lists/<slug:key>/views", saved_view_new, name="saved-view-new"),
    path("views/<int:pk>", saved_view_edit, name="saved-view"),
    path("views/<int:pk>/removal", saved_view_remove, name="saved-view-remove"),
    path("imports/", include("dossier.core.imports.urls")),
    path("settings/numbers/", number_list, name="numbers"),
    path("settings/numbers/<slug:key>/", number_edit, name="number"),
    path("settings/numbers/<slug:key>/preview", number_preview, name="number-preview"),
    path("", include("dossier.core.history.past_urls")),
    path("settings/verification/", include("dossier.core.history.urls")),
    path("settings/backups/", include("dossier.core.backup.urls")),
    path("", include("dossier.people.urls")),
    path("", include("dossier.customers.urls")),
    path("", include("dossier.catalog.urls")),
    path("", include("dossier.sales.urls")),
    path("", include("dossier.reports.urls")),
]
