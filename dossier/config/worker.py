"""`python -m dossier.config.worker`: the process that does the jobs."""

from __future__ import annotations

import os

# A job still running when the program stops is given this long, then aborted; `core.take_up_again` takes it up.
_GRACE_SECONDS = 2.0
# The history is sealed each minute beside a long import or verification, not after it.
_AT_ONCE = 2


def main() -> None:
    """Work until told to stop (SIGTERM)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
    import django

    django.setup()

    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"The jobs are not kept in Django's database but by {connector!r}.")
    with app.replace_connector(connector.get_worker_connector()) as worker:
        worker.run_worker(concurrency=_AT_ONCE, shutdown_graceful_timeout=_GRACE_SECONDS)


if __name__ == "__main__":
    main()
