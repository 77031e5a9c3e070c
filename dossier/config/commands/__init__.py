"""The commands of `dossier`, one module each.

To add one: write a module here with a function `register(app)` that adds its command, and name the
module below. Modules are imported for every `dossier --help`, so they import Django, departments and
other heavy things inside the command's function, within `dossier.config.environment.command_environment`.
"""

from __future__ import annotations

# In the order of `dossier --help`.
MODULES: tuple[str, ...] = (
    "run",
    "migrate",
    "check",
    "import_",
    "duplicates",
    "report",
    "demo",
    "token",
    "history",
    "backup",
    "restore",
    "manage",
)
