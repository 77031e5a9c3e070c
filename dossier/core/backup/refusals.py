"""What backup and restore refuse, each with what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

# What the system says when a disk, a quota or a limit of file sizes is used up.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def damaged(why: str) -> Refusal:
    """The file is not, byte by byte, what was written; ``why`` is for the log and for experts."""
    return Refusal(
        "backup_damaged",
        _(
            "This backup is damaged or was altered (%(why)s). Nothing was changed. Take another backup or another copy of this one."
        ),
        params={"why": why},
    )


def no_backup(path: Path) -> Refusal:
    """There is no such file, or it is something else."""
    return Refusal(
        "not_a_backup",
        _("“%(path)s” is not a backup of this program."),
        params={"path": path},
    )


def passphrase_missing() -> Refusal:
    """The file is encrypted, and nothing was given to open it with."""
    return Refusal(
        "passphrase_missing",
        _(
            "This backup is encrypted. Set DOSSIER_BACKUP_PASSPHRASE to the passphrase it was made with."
        ),
    )


def passphrase_wrong() -> Refusal:
    """The passphrase does not open the file."""
    return Refusal(
        "passphrase_wrong",
        _("DOSSIER_BACKUP_PASSPHRASE is not the passphrase this backup was made with."),
    )


def key_missing() -> Refusal:
    """Not encrypted, so without keys; and this home has another key than the one it was made with."""
    return Refusal(
        "backup_key_missing",
        _(
            "This backup was made with a key this home does not have. Set DOSSIER_SEAL_KEY to the key from the safe (the old home's secrets/seal). If it is lost for good, add --without-key: who made the backup and the seals of the history then stay unproven."
        ),
    )


def no_room(place: Path | str) -> Refusal:
    """A disk is full; nothing half is left."""
    return Refusal(
        "no_room",
        _("There is not enough room in %(place)s. Nothing was changed. Make room and repeat."),
        params={"place": place},
    )
