"""Exit statuses of the command line, and its refusals that are no faults of the program."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    FAILED = 1  # nothing was changed because of an error
    DONE_WITH_REJECTED_ROWS = 2  # a dry run that found problems too


class CommandError(Exception):
    """A command cannot do its work; the message, in the terminal's language, says what to do."""
