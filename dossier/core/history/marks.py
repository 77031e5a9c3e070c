"""What stands in the history where an approved redaction emptied a value (AUD-3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from dossier.core.templatetags.look import day_text

KEY = "$redacted"


def mark(request: int, on: date) -> dict[str, Any]:
    """What stands in a value's place: the request's number and the day."""
    return {KEY: request, "on": on.isoformat()}


class Redacted(str):
    """The words shown in a value's place; a text, so that it passes through where a value is shown."""

    __slots__ = ()


def redacted(value: object) -> Redacted | None:
    """The words for an emptied value of the history; None for any other value."""
    if not isinstance(value, dict) or KEY not in value:
        return None
    try:
        day = day_text(date.fromisoformat(str(value.get("on"))))
    except ValueError:
        day = "?"
    return Redacted(_("redacted on %(day)s under request %(k)s") % {"day": day, "k": value[KEY]})
