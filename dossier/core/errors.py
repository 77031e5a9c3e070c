"""Refusals: what the program will not do, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise


class Refusal(Exception):  # noqa: N818 - a refusal is an answer to the user, not a fault of the program
    """The command was understood and refused; nothing was changed.

    ``code`` is a stable word for programs, ``message`` a translated sentence that says what to do,
    ``field`` the input it concerns (None: the whole), ``params`` what fills the message.
    """

    def __init__(
        self,
        code: str,
        message: str | Promise,
        *,
        field: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self._message = message
        self.field = field
        self.params = dict(params or {})

    @property
    def message(self) -> str:
        """The sentence in the language active now, its parameters filled in."""
        text = str(self._message)
        return text % self.params if self.params else text

    def __str__(self) -> str:
        return self.message


class NotFound(Refusal):
    """The record does not exist for this actor (outside the scope it does not exist either)."""


class NotAllowed(Refusal):
    """The actor sees the record or page but may not do this with it."""


class Stale(Refusal):
    """The record was changed since the editor opened it.

    ``params['theirs']`` maps each field changed meanwhile to its present value.
    """


class Refusals(Refusal):
    """Several refusals of one input, each with its own field."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(refusals[0].code, refusals[0]._message, field=refusals[0].field)
        self.params = refusals[0].params
        self.refusals = refusals
