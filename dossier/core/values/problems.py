"""Why a value as people wrote it cannot be taken, and the words that tell them (AUD-4).

A problem is a stable code with parameters; the sentence is looked up here when it is shown, so
that imports, forms and the command line say the same thing in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_SHOWN: Final = 60
"""Characters of the offending value kept in the parameters; the rest is cut."""


class ValueProblem(Exception):  # noqa: N818 - a finding about data, not a fault of the program
    """A value cannot be read as what its column holds.

    `code` is one of the keys of `PROBLEM_MESSAGES`; `params` fill that message and always hold
    `value`, the text as given (cut after 60 characters).
    """

    def __init__(self, code: str, value: object = "", **params: object) -> None:
        try:
            shown = value if isinstance(value, str) else str(value)
        except ValueError:  # an integer of thousands of digits
            shown = type(value).__name__
        if len(shown) > MAX_SHOWN:
            shown = shown[:MAX_SHOWN] + "…"
        self.code = code
        self.params: dict[str, object] = {"value": shown, **params}
        super().__init__(code, self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.params['value']!r}"


PROBLEM_MESSAGES: Final[dict[str, _StrPromise]] = {
    "bad_date": _("“%(value)s” is not a date. Write it as year-month-day, for example 2023-05-06."),
    "impossible_date": _(
        "“%(value)s” does not exist in the calendar or lies outside 1900 to 2200. Correct the date."
    ),
    "ambiguous_date": _(
        "“%(value)s” can be read as two different dates. Write it with the four-digit year first, for example 2023-05-06."
    ),
    "bad_number": _("“%(value)s” is not a number. Write digits only, for example 1200.50."),
    "too_large": _(
        "“%(value)s” is too large a number, or has more digits than can be kept. Check it for a slip."
    ),
    "too_many_places": _(
        "“%(value)s” has more than %(places)s decimal places. Round it to %(places)s places."
    ),
    "bad_count": _("“%(value)s” is not a whole number of zero or more. Write a number such as 50."),
    "bad_phone": _(
        "“%(value)s” does not look like a telephone number. Write the area code and number, for example 010-78922658."
    ),
    "bad_mobile": _(
        "“%(value)s” looks like a mobile number but does not have 11 digits. Ask for the complete number."
    ),
    "bad_email": _(
        "“%(value)s” is not one e-mail address. Write a single address such as name@example.com."
    ),
    "bad_code": _(
        "“%(value)s” is not a valid code. Use at most %(max_length)s letters or digits without spaces."
    ),
    "bad_yes_no": _("“%(value)s” is neither yes nor no. Write yes or no."),
    "bad_choice": _("“%(value)s” is not one of the allowed values. Choose one of: %(allowed)s."),
}
"""Message by problem code; every code raised in `dossier.core.values` is a key."""
