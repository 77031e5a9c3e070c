"""`python -m dossier.config.worker`: the process that does the jobs."""

from __future__ import annotations

import os

# A job still running when the program stops is given this long, then aborted and done again later.
_GRACE_SECONDS = 2


def main() -> None:
    """Work until told to stop (SIGTERM)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("procrastinate", "worker", f"--shutdown-graceful-timeout={_GRACE_SECONDS}")


if __name__ == "__main__":
    main()
