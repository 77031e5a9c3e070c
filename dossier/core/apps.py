"""Django's registration of the core, and of every department's declarations."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

# Rooms whose import registers something with the core (access kinds, seeds, imports, …).
DECLARING_ROOMS = ("access", "seeds", "imports", "facts", "checks", "screens", "reports")


class CoreConfig(AppConfig):
    name = "dossier.core"
    label = "core"

    def ready(self) -> None:
        """Import each department's declaring rooms, so that the registries are complete."""
        for config in apps.get_app_configs():
            if not config.name.startswith("dossier.") or config.name == self.name:
                continue
            for room in DECLARING_ROOMS:
                if find_spec(f"{config.name}.{room}") is not None:
                    import_module(f"{config.name}.{room}")
