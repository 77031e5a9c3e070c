"""How static files are stored by `collectstatic`: named by their content, compressed, modules too."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Also rewrites what a script module imports, so that a changed module has a new address
    everywhere and browsers may keep each file for good."""

    support_js_module_import_aggregation = True
