"""Addresses of the import pages."""

from django.urls import path

from dossier.core.imports import screens

urlpatterns = [
    path("", screens.start, name="imports"),
    path("earlier/", screens.earlier, name="import-list"),
    path("maps/", screens.saved_maps, name="import-maps"),
    path("maps/<int:map_id>/", screens.saved_map, name="import-map"),
    path("maps/<int:map_id>/remove/", screens.remove_saved_map, name="import-map-remove"),
    path("<int:run_id>/", screens.run, name="import-run"),
    path("<int:run_id>/files/", screens.files, name="import-files"),
    path("<int:run_id>/columns/", screens.columns, name="import-columns"),
    path("<int:run_id>/progress/", screens.progress, name="import-progress"),
    path("<int:run_id>/annotated/", screens.annotated, name="import-annotated"),
    path("<int:run_id>/cancel/", screens.cancelled, name="import-cancel"),
    path("<int:run_id>/rows/", screens.rows, name="import-rows"),
    path("<int:run_id>/undo/", screens.undo, name="import-undo"),
]
