"""`python -m dossier.config.web`: the web server. The program is read once, then divided into workers.

Reading it costs a second and a half of a core and a hundred megabytes. Done before the workers are made,
both are paid once: a worker that died is replaced at once, and workers share what does not change.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from dossier.core.db.processes import follow_parent

_RESPAWN_SECONDS = 0.5
_KILL_SECONDS = 2  # a worker told to stop that does not


def main() -> None:
    """Serve until told to stop (SIGTERM)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True, help="of each worker")
    given = parser.parse_args()
    application = read_program()
    server = Server(
        "dossier.config.wsgi:application",
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=given.threads,
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_SECONDS,
        workers_kill_timeout=_KILL_SECONDS,
        log_level=LogLevels.warning,
    )

    def in_worker() -> Callable[..., Any]:
        # A worker whose parent was killed would go on holding the port.
        follow_parent()
        return application

    server.serve(target_loader=in_worker, wrap_loader=False)


def read_program() -> Callable[..., Any]:
    """The application with all its pages and texts. Opens nothing that workers must not share: no
    connection to the database, no thread."""
    from django.conf import settings  # after the line above, which says where the settings are
    from django.urls import get_resolver
    from django.utils import translation

    from dossier.config.wsgi import application

    _ = get_resolver().url_patterns
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Saved.")
    gc.collect()
    gc.freeze()  # what is there now stays as it is: looking through it would copy it for each worker
    return application


if __name__ == "__main__":
    main()
