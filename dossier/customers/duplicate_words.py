"""Why two may be one, in words a person understands (CUS-3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from dossier.customers.rules.records import Reason

WORDS: Final[dict[str, _StrPromise]] = {
    "name": _("same name"),
    "name_place": _("same name, the place missing in one"),
    "name_part": _("one name is part of the other"),
    "name_letter": _("name differs by one character"),
    "name_sound": _("name sounds the same"),
    "name_similar": _("similar name"),
    "tax_number": _("same tax number"),
    "tax_number_letter": _("tax number differs by one or two characters"),
    "phone": _("same telephone"),
    "covered_phone": _("same mobile of a contact"),
    "address": _("same address"),
    "email": _("same e-mail"),
    "email_domain": _("same e-mail domain or web site"),
    "contact": _("contact of the same name"),
}
"""Reason of the comparison of companies → its words."""

_RECORD_WORDS: Final[dict[str, _StrPromise]] = {
    "equal": _("%(column)s: same"),
    "near": _("%(column)s: differs slightly"),
    "swapped": _("%(column)s: each in the other's place"),
}


def reason_words(reasons: Iterable[str]) -> list[str]:
    """The reasons in the language active now."""
    return [str(WORDS.get(reason, reason)) for reason in reasons]


def record_reason_words(reasons: Iterable[Reason]) -> list[str]:
    """The reasons of two rows of any file, the weightiest first, in the language active now."""
    ordered = sorted(reasons, key=lambda reason: -reason.bits)
    return [str(_RECORD_WORDS[one.what]) % {"column": one.column} for one in ordered]


def together(words: Iterable[str]) -> str:
    """Reasons in one line."""
    return gettext(", ").join(words)
