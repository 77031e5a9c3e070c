"""Money: currencies, and the one place where amounts are rounded (law 7 of the house).

Recorded amounts are kept exactly as given, to four decimals. What the program computes itself is
rounded here, per line, to the currency's precision, half up (away from zero, so that a return is
the exact mirror of its sale).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

DEFAULT_CURRENCY: Final = "CNY"


@dataclass(frozen=True)
class Currency:
    """A currency of ISO 4217: its code, the decimals of its smallest unit, its name."""

    code: str
    places: int
    name: _StrPromise


CURRENCIES: Final[dict[str, Currency]] = {
    code: Currency(code, places, name)
    for code, places, name in (
        ("CNY", 2, _("Renminbi")),
        ("USD", 2, _("US dollar")),
        ("EUR", 2, _("Euro")),
        ("GBP", 2, _("Pound sterling")),
        ("HKD", 2, _("Hong Kong dollar")),
        ("MOP", 2, _("Macao pataca")),
        ("TWD", 2, _("New Taiwan dollar")),
        ("JPY", 0, _("Yen")),
        ("KRW", 0, _("South Korean won")),
        ("SGD", 2, _("Singapore dollar")),
        ("MYR", 2, _("Malaysian ringgit")),
        ("THB", 2, _("Thai baht")),
        ("VND", 0, _("Vietnamese dong")),
        ("IDR", 2, _("Indonesian rupiah")),
        ("PHP", 2, _("Philippine peso")),
        ("INR", 2, _("Indian rupee")),
        ("AUD", 2, _("Australian dollar")),
        ("NZD", 2, _("New Zealand dollar")),
        ("CAD", 2, _("Canadian dollar")),
        ("CHF", 2, _("Swiss franc")),
        ("SEK", 2, _("Swedish krona")),
        ("NOK", 2, _("Norwegian krone")),
        ("DKK", 2, _("Danish krone")),
        ("PLN", 2, _("Polish zloty")),
        ("CZK", 2, _("Czech koruna")),
        ("HUF", 2, _("Hungarian forint")),
        ("TRY", 2, _("Turkish lira")),
        ("RUB", 2, _("Russian rouble")),
        ("KZT", 2, _("Kazakhstani tenge")),
        ("AED", 2, _("UAE dirham")),
        ("SAR", 2, _("Saudi riyal")),
        ("KWD", 3, _("Kuwaiti dinar")),
        ("BHD", 3, _("Bahraini dinar")),
        ("ILS", 2, _("Israeli new shekel")),
        ("EGP", 2, _("Egyptian pound")),
        ("ZAR", 2, _("South African rand")),
        ("NGN", 2, _("Nigerian naira")),
        ("BRL", 2, _("Brazilian real")),
        ("MXN", 2, _("Mexican peso")),
        ("ARS", 2, _("Argentine peso")),
        ("CLP", 0, _("Chilean peso")),
    )
}


def places(currency: str) -> int:
    """Decimals of the currency's smallest unit; two for one we do not know."""
    known = CURRENCIES.get(currency)
    return 2 if known is None else known.places


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole smallest units of the currency, half up."""
    with localcontext(prec=80):
        return amount.quantize(Decimal(1).scaleb(-places(currency)), rounding=ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_price: Decimal, factor: Decimal, currency: str) -> Decimal:
    """What a line made by the program comes to: quantity × price × factor, rounded once, at the end."""
    with localcontext(prec=80):
        return round_money(quantity * unit_price * factor, currency)
