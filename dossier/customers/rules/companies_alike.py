"""Whether two companies may be one: what they share, what speaks against it, how sure, and why (CUS-3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

from dossier.customers.rules.codes import uscc_check
from dossier.customers.rules.names import NameKey, normalise_name, simplified
from dossier.customers.rules.sound import sound

Reason = Literal[
    "name", "name_place", "name_part", "name_letter", "name_sound", "name_similar", "tax_number",
    "tax_number_letter", "phone", "covered_phone", "address", "email", "email_domain", "contact",
]  # fmt: skip

SIMILAR: Final = 0.8
"""Names from this similarity on count as alike when a telephone or address is shared."""

_NAME_ALONE: Final[Mapping[str, float]] = {
    "name": 0.92, "name_place": 0.7, "name_part": 0.55, "name_letter": 0.55, "name_sound": 0.5, "name_similar": 0.4,
}  # fmt: skip
_SHARED: Final[Mapping[str, float]] = {
    "phone": 1.0, "covered_phone": 1.0, "address": 1.0, "email": 1.0, "tax_number_letter": 0.8, "email_domain": 0.6,
    "contact": 0.4,
}  # fmt: skip
"""How much a shared value says (1: enough beside a similar name), where few rows share it."""
_AGAINST: Final = 0.1  # telephones, contacts, e-mails that are all others: each may have changed
_OTHER_TAX: Final = 0.3
_ENOUGH: Final = 0.75
_SURE: Final = 0.98
_LEAST_ADDRESS: Final = 8
_LONG_NAME: Final = 4
_PUBLIC: Final = frozenset(
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 139.com 189.cn wo.cn sina.com sina.cn"
    " sohu.com tom.com 21cn.com aliyun.com gmail.com googlemail.com hotmail.com outlook.com live.com msn.com"
    " yahoo.com yahoo.cn yahoo.com.cn yahoo.co.uk icloud.com me.com mac.com aol.com gmx.de gmx.net web.de mail.ru"
    " example.com example.org example.net".split()
)
_NONE: Final[frozenset[str]] = frozenset()
_NOISE: Final = re.compile(r"[\W_]+")
_DIGIT: Final = re.compile(r"\d")
_FEW: Final = 4
_MANY: Final = 12


class DuplicateRow(NamedTuple):
    """What is compared of a customer.

    `tax_number` is normalised, `phones` are `Phone.digits`, `region` a six-digit division code,
    `address` the street address, `emails` addresses of the company or its contacts, `contact` a
    person there, `covered_phones` numbers that not everybody may see (contacts' mobiles); '' or empty
    where not known.
    """

    ref: int | str
    name: str
    tax_number: str = ""
    phones: tuple[str, ...] = ()
    region: str = ""
    address: str = ""
    emails: tuple[str, ...] = ()
    website: str = ""
    contact: str = ""
    covered_phones: tuple[str, ...] = ()


class Company:
    """A row made ready for comparing. ``tax`` is the tax number where it is valid, else ''."""

    __slots__ = (
        "address",
        "all_phones",
        "contact",
        "domains",
        "emails",
        "key",
        "phones",
        "row",
        "tax",
    )

    def __init__(self, row: DuplicateRow) -> None:
        self.row = row
        self.key = normalise_name(row.name)
        self.tax = row.tax_number if is_valid_tax(row.tax_number) else ""
        self.phones = frozenset(row.phones)
        self.all_phones = self.phones.union(row.covered_phones)
        self.address = whole_address(row.address)
        self.emails = (
            frozenset([one.strip().casefold() for one in row.emails if "@" in one])
            if row.emails
            else _NONE
        )
        self.domains = own_domains(self.emails, row.website)
        self.contact = simplified(row.contact.strip())


class Likely(NamedTuple):
    """How sure (0 to 1) it is that two are one, and why, the strongest reason first.

    ``enough`` is False where it is a hint only: the name alone is alike.
    """

    score: float
    reasons: tuple[Reason, ...]
    enough: bool


def is_valid_tax(number: str) -> bool:
    """Whether a normalised tax number can be one company's: 18 characters, check digit right."""
    return len(number) == 18 and len(set(number)) > 3 and uscc_check(number) is None


def whole_address(address: str) -> str:
    """The address as a key where it goes down to a house number, else ''."""
    if not address:
        return ""
    key = _NOISE.sub("", simplified(unicodedata.normalize("NFKC", address).casefold()))
    return key if len(key) >= _LEAST_ADDRESS and _DIGIT.search(key) else ""


def own_domains(emails: frozenset[str], website: str) -> frozenset[str]:
    """Domains of a company's own: of its e-mail, of its web site; those anybody can use do not count."""
    if not emails and not website:
        return _NONE
    found = {one.rpartition("@")[2] for one in emails}
    site = website.strip().casefold().partition("://")[2] or website.strip().casefold()
    found.add(site.partition("/")[0].partition(":")[0].removeprefix("www."))
    return frozenset(one for one in found if "." in one and one not in _PUBLIC)


def compatible(first: str, second: str) -> bool:
    """Whether two places (six-digit codes) can be meant for one: equal, one within the other, or one unknown."""
    a, b = significant(first), significant(second)
    return a.startswith(b) or b.startswith(a)


def significant(code: str) -> str:
    """The digits of a division code that say something: 370000 → 37, 370600 → 3706."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def name_similarity(first: NameKey, second: NameKey) -> float:
    """Likeness of two names from 0 to 1; 0 where their places exclude each other.

    One core within the other (the place unknown to us, 西双正龙化工 and 正龙化工) counts 0.9. Where both
    carry the same place, it counts as two characters of the name.
    """
    if not compatible(first.place, second.place):
        return 0.0
    a, b = first.core, second.core
    if a == b:
        return 1.0 if a else 0.0
    if min(len(a), len(b)) >= 4 and (a.endswith(b) or b.endswith(a)):
        return 0.9
    if first.place and first.place == second.place:
        a, b = "地名" + a, "地名" + b
    return ratio(a, b) / 100


def sound_of(core: str) -> str:
    """How the core of a name sounds; '' where it is too short to say anything, or not Chinese."""
    return sound(core) if len(core) >= 3 and not core.isascii() else ""


def names_alike(first: NameKey, second: NameKey) -> Reason | None:
    """In what way two names are alike; None where they are not, or their places exclude each other."""
    a, b = first.core, second.core
    if not a or not b or not compatible(first.place, second.place):
        return None
    if a == b:
        return "name" if first.place == second.place else "name_place"
    shorter = min(len(a), len(b))
    if shorter >= 4 and (a.endswith(b) or b.endswith(a)):
        return "name_part"
    placed = first.place != "" and first.place == second.place
    if (
        shorter >= (3 if placed else 4)
        and abs(len(a) - len(b)) <= 1
        and DamerauLevenshtein.distance(a, b, score_cutoff=1) <= 1
    ):
        return "name_letter"
    sound = sound_of(a)
    if sound and sound == sound_of(b):
        return "name_sound"
    return "name_similar" if name_similarity(first, second) >= SIMILAR else None


def compare(
    first: Company,
    second: Company,
    crowd: Mapping[tuple[str, str], int] | None = None,
    *,
    loosely: bool = False,
) -> Likely | None:
    """What speaks for two companies being one; None where nothing does, or their valid tax numbers differ.

    ``crowd`` is how many rows share a telephone, address, e-mail or domain ((reason, value)): a
    switchboard or an office tower says little. Values of which nothing is known count as shared by few.
    ``loosely``: what is shared counts (as a hint) also where the names are not alike.
    """
    if first.tax and second.tax and first.tax != second.tax:
        return None
    name = names_alike(first.key, second.key)
    same_tax = _same_tax(first, second)
    if same_tax and (first.tax or name):
        return _summed(name, (("tax_number", _SURE), *_shared(first, second, crowd)), enough=True)
    if name is None:
        shared = _shared(first, second, crowd) if loosely else []
        return _summed(None, shared, enough=False) if shared else None
    shared = _shared(first, second, crowd)
    weight = sum(worth for _reason, worth in shared) - _against(first, second)
    enough = (name == "name" and _named_fully(first, second)) or weight >= _ENOUGH
    return _summed(name, shared, enough=enough)


def _named_fully(first: Company, second: Company) -> bool:
    """Whether an equal name says enough: it names its place, or is long and no other place is known."""
    if first.key.place:
        return True
    return len(first.key.core) >= _LONG_NAME and compatible(first.row.region, second.row.region)


def _same_tax(first: Company, second: Company) -> bool:
    number = first.row.tax_number
    return len(number) >= 15 and number == second.row.tax_number and len(set(number)) > 3


def _shared(
    first: Company, second: Company, crowd: Mapping[tuple[str, str], int] | None
) -> list[tuple[Reason, float]]:
    found: list[tuple[Reason, float]] = []

    def add(reason: Reason, values: frozenset[str]) -> None:
        if values:
            rare = max(_rarity(reason, value, crowd) for value in values)
            found.append((reason, _SHARED[reason] * rare))

    if numbers := first.phones & second.phones:
        add("phone", numbers)
    else:
        add("covered_phone", first.all_phones & second.all_phones)
    if first.address and first.address == second.address:
        add("address", frozenset((first.address,)))
    mails = first.emails & second.emails
    if mails:
        add("email", mails)
    else:
        add("email_domain", first.domains & second.domains)
    if len(first.contact) > 1 and first.contact == second.contact:
        found.append(("contact", _SHARED["contact"]))
    a, b = first.row.tax_number, second.row.tax_number
    if (
        min(len(a), len(b)) >= 15
        and a != b
        and not (first.tax and second.tax)
        and DamerauLevenshtein.distance(a, b, score_cutoff=2) <= 2
    ):
        found.append(("tax_number_letter", _SHARED["tax_number_letter"]))
    return found


def _rarity(reason: str, value: str, crowd: Mapping[tuple[str, str], int] | None) -> float:
    if crowd is None:
        return 1.0
    many = crowd.get(("phone" if reason == "covered_phone" else reason, value), 0)
    return 1.0 if many <= _FEW else 0.6 if many <= _MANY else 0.35


def _against(first: Company, second: Company) -> float:
    """What is other, though both have it."""
    against = 0.0
    for a, b in (
        (first.all_phones, second.all_phones),
        (first.emails, second.emails),
    ):
        if a and b and not a & b:
            against += _AGAINST
    if first.contact and second.contact and first.contact != second.contact:
        against += _AGAINST
    a_tax, b_tax = first.row.tax_number, second.row.tax_number
    if (
        len(a_tax) >= 15
        and len(b_tax) >= 15
        and DamerauLevenshtein.distance(a_tax, b_tax, score_cutoff=2) > 2
    ):
        against += _OTHER_TAX
    return against


def _summed(name: Reason | None, shared: Sequence[tuple[Reason, float]], *, enough: bool) -> Likely:
    """Each reason leaves a doubt; the doubts multiply."""
    told = [(reason, worth if reason == "tax_number" else 0.65 * worth) for reason, worth in shared]
    if name is not None:
        told.append((name, _NAME_ALONE[name]))
    told.sort(key=lambda one: -one[1])
    doubt = 1.0
    for _reason, sure in told:
        doubt *= 1 - sure
    return Likely(round(1 - doubt, 3), tuple(reason for reason, _sure in told), enough)
