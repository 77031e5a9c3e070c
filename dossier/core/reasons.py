"""A reason that is asked for and kept in the history, checked alike everywhere."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.core.values import NOT_APPLICABLE, answer

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def reason_text(
    reason: str, *, field_name: str = "reason", longest: int = 200, needed: bool = True
) -> str:
    """A stated reason: one clean line that is not empty and not too long."""
    cleaned = answer(reason)
    if cleaned is NOT_APPLICABLE or not cleaned:
        if needed:
            raise Refusal("missing", _("Say why; it is kept in the history."), field=field_name)
        return ""
    if _CONTROL.search(reason):
        raise Refusal(
            "control",
            _("This holds characters that cannot be typed. Delete and enter it again."),
            field=field_name,
        )
    if len(cleaned) > longest:
        raise Refusal(
            "too_long",
            _("This has %(counted)s characters; at most %(longest)s can be kept. Shorten it."),
            field=field_name,
            params={"counted": len(cleaned), "longest": longest},
        )
    return cleaned
