"""Writes customers with their contacts, bank accounts and open questions in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dossier.core.imports.registry import Context
from dossier.core.imports.result import Row
from dossier.core.imports.stages import (
    Lines,
    change_rows,
    copy_lines,
    copy_rows,
    draw_ids,
    fetch,
)
from dossier.core.numbering import next_numbers, note_issued
from dossier.customers.derived import ContactFacts, Derived, derive, main_of
from dossier.customers.imports.alike import company_of
from dossier.customers.imports.checking import CustomerData
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.customers.seeds import CODE_SCHEME
from dossier.customers.selectors.duplicates import rows_of
from dossier.customers.services._rows import due_day
from dossier.customers.services.duplicate_pairs import keep_keys
from dossier.customers.states import ContactKind

if TYPE_CHECKING:
    from dossier.customers.imports.session import Archived

_LEFT_OUT = frozenset({"version", "created_at", "updated_at"})
_CUSTOMER = "customers_customer"
_CONTACT = "customers_contact"
_BANK = "customers_bankaccount"
_QUESTION = "customers_question"
_QUESTION_COLUMNS = (
    "customer_id",
    "field",
    "given",
    "code",
    "params",
    "status",
    "import_run_id",
    "answer",
    "due_on",
)


class Change(NamedTuple):
    """A row that changes a customer of the archive."""

    row: Row
    archived: Archived


@cache
def blank(model: type[models.Model]) -> dict[str, Any]:
    """Every column of a new row with nothing known, without those the database fills itself."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name in _LEFT_OUT:
            continue
        if field.has_default() and not isinstance(field, ArrayField):
            values[str(field.column)] = field.get_default()
        elif isinstance(field, ArrayField):
            values[str(field.column)] = []
        else:
            values[str(field.column)] = (
                ""
                if isinstance(field, (models.CharField, models.TextField)) and not field.null
                else None
            )
    return values


def _without_key(model: type[models.Model]) -> dict[str, Any]:
    return {column: value for column, value in blank(model).items() if column != "id"}


def issue_codes(records: Sequence[Any], given: Sequence[str]) -> None:
    """Set ``code`` of the records that have none to the next codes; ``given`` ones count as issued."""
    note_issued(CODE_SCHEME, given)
    waiting = [record for record in records if not record.code]
    while waiting:
        codes = next_numbers(CODE_SCHEME, len(waiting))
        taken = {
            code
            for (code,) in fetch(
                "SELECT code FROM customers_customer WHERE code = ANY(%(codes)s)"
                " UNION SELECT code FROM customers_customeralias WHERE code = ANY(%(codes)s)",
                {"codes": codes},
            )
        }
        free = [code for code in codes if code not in taken]
        for record, code in zip(waiting, free, strict=False):
            record.code = code
        waiting = waiting[len(free) :]


def derived_of(data: CustomerData) -> Derived:
    """The derived columns of a new customer. Asks no database: the reading thread works them out too."""
    return derive(
        name=data.name,
        short_name=data.given("short_name"),
        code=data.code,
        phone=data.given("phone"),
        contacts=(_person(data), *(ContactFacts(one["name"]) for one in _managers(data))),
        for_copy=True,
    )


def _person(data: CustomerData) -> ContactFacts:
    contact = data.contact
    return ContactFacts(
        contact["name"], contact.get("phone", ""), contact.get("mobile", ""), is_main=True
    )


class Writer:
    """Writes what the rows say; where nothing may be written it only settles the rows."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._told: set[tuple[Any, ...]] = set()  # asked by this import; the same is asked once

    # -- new ------------------------------------------------------------------------------------

    def number(self, rows: Sequence[Row]) -> None:
        """Draw the keys of customers to be."""
        for row, pk in zip(rows, draw_ids(_CUSTOMER, len(rows)), strict=True):
            row.target = pk

    def create(self, rows: Sequence[Row]) -> None:
        """New customers in the order of the sheet; their keys are the rows' targets."""
        if not self.context.writing or not rows:
            return
        self.number([row for row in rows if row.target is None])
        customers = Lines(blank(Customer))
        contacts, accounts = Lines(_without_key(Contact)), Lines(_without_key(BankAccount))
        copy_lines(_CUSTOMER, customers.columns, (customers.of(self._new(row)) for row in rows))
        copy_lines(
            _CONTACT,
            contacts.columns,
            (
                contacts.of(one | {"customer_id": row.target})
                for row in rows
                for one in (row.data.contact | {"is_main": True}, *_managers(row.data))
            ),
        )
        copy_lines(
            _BANK,
            accounts.columns,
            (
                accounts.of(row.data.bank | {"customer_id": row.target, "is_usual": True})
                for row in rows
                if row.data.bank
            ),
        )
        copy_rows(_QUESTION, _QUESTION_COLUMNS, self._questions(rows))
        for row in rows:
            company_of(row)
            row.data.forget_written()

    def give_codes(self, rows: Sequence[Row], codes_of_sheet: list[str]) -> None:
        """The next codes for rows without one, in the order of the sheet.

        Codes of the sheet count as issued, also those of refused rows, which come again.
        """
        if not self.context.writing:
            return
        issue_codes([row.data for row in rows], codes_of_sheet)

    def _new(self, row: Row) -> dict[str, Any]:
        """The columns of a new customer that are not blank."""
        data = row.data
        values: dict[str, Any] = data.stand_in | data.values
        name, phone = main_of([_person(data)], values.get("phone", ""))
        derived = data.derived if data.derived_for == data.code else None
        if derived is None:
            derived = derived_of(data)
        return values | {
            "id": row.target, "code": data.code, "not_applicable": data.na, "main_contact": name[:60],
            "main_phone": phone[:100], **derived._asdict(),
        }  # fmt: skip

    def _questions(
        self, rows: Sequence[Row], asked: frozenset[tuple[Any, ...]] = frozenset()
    ) -> Iterator[tuple[Any, ...]]:
        due = due_day()
        for row in rows:
            for field, given, code, params in row.data.questions:
                one = (row.target, field, code, given)
                if one not in asked and one not in self._told:
                    self._told.add(one)
                    yield (
                        row.target,
                        field,
                        given,
                        code,
                        params,
                        "open",
                        self.context.run_id,
                        "",
                        due,
                    )

    def ask(self, rows: Sequence[Row]) -> None:
        """Questions found only after the customers were written; none is asked twice."""
        if not rows or not self.context.writing:
            return
        asked = self._asked([row.target for row in rows if row.target is not None])
        news = list(self._questions(rows, asked))
        copy_rows(_QUESTION, _QUESTION_COLUMNS, news)
        told = {customer for customer, *_rest in news}
        for row in rows:
            if row.outcome == "unchanged" and row.target in told:
                row.settle("updated", row.target)

    def _asked(self, ids: list[int]) -> frozenset[tuple[Any, ...]]:
        """What was asked of these customers before."""
        return frozenset(
            fetch(
                "SELECT customer_id, field, code, given FROM customers_question WHERE customer_id = ANY(%s)",
                [ids],
            )
        )

    # -- changed --------------------------------------------------------------------------------

    def change(self, changes: Sequence[Change]) -> None:
        """Given cells over what is there; empty cells never erase. Settles updated or unchanged."""
        if not changes:
            return
        ids = sorted(change.archived.pk for change in changes)
        columns = list(blank(Customer))
        old = self._load(_CUSTOMER, columns, ids, "id")
        contacts = self._load(_CONTACT, list(blank(Contact)), ids, "customer_id")
        accounts = self._load(_BANK, list(blank(BankAccount)), ids, "customer_id")
        aliases = defaultdict(list)
        for pk, code in fetch(
            "SELECT customer_id, code FROM customers_customeralias WHERE customer_id = ANY(%s)",
            [ids],
        ):
            aliases[pk].append(code)
        asked = self._asked(ids)
        plan = _Plan()
        for row, archived in changes:
            pk = archived.pk
            row.target = pk
            touched = plan.contact(pk, row.data.contact, contacts[pk])
            touched |= plan.manager(pk, row.data, contacts[pk])
            touched |= plan.account(pk, row.data.bank, accounts[pk])
            new = _merged(old[pk][0], row.data, contacts[pk], aliases[pk])
            if new != old[pk][0]:
                plan.customers.append(new)
                touched = True
            news = list(self._questions([row], asked))
            plan.questions.extend(news)
            row.settle("updated" if touched or news else "unchanged", pk)
        if self.context.writing:
            plan.write(columns)

    def _load(
        self, table: str, columns: list[str], ids: list[int], key: str
    ) -> dict[int, list[dict[str, Any]]]:
        lock = " FOR UPDATE" if self.context.writing else ""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        at = columns.index(key)
        for row in fetch(
            f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = ANY(%s) ORDER BY id{lock}",  # noqa: S608 - own names
            [ids],
        ):
            found[row[at]].append(dict(zip(columns, row, strict=True)))
        return found

    def set_heads(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Head offices by (customer, head office); what would close a circle is left out."""
        if pairs and self.context.writing:
            fetch(
                """
                WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS g (id, head)),
                top AS (SELECT g.id, coalesce(h.head_office_id, h.id) AS head
                        FROM given g JOIN customers_customer h ON h.id = g.head)
                UPDATE customers_customer c SET head_office_id = t.head, version = c.version + 1,
                       not_applicable = array_remove(c.not_applicable, 'head_office')
                FROM top t WHERE c.id = t.id AND t.head <> c.id AND c.head_office_id IS DISTINCT FROM t.head
                  AND NOT EXISTS (SELECT 1 FROM customers_customer b WHERE b.head_office_id = c.id)
                  AND t.head NOT IN (SELECT id FROM given)
                RETURNING c.id
                """,
                [[pk for pk, _head in pairs], [head for _pk, head in pairs]],
            )


class _Plan:
    """What changing customers comes to, table by table."""

    def __init__(self) -> None:
        self.customers: list[dict[str, Any]] = []
        self.unmain: list[int] = []
        self.contacts: list[dict[str, Any]] = []
        self.new_contacts: list[dict[str, Any]] = []
        self.accounts: list[dict[str, Any]] = []
        self.new_accounts: list[dict[str, Any]] = []
        self.questions: list[tuple[Any, ...]] = []

    def contact(self, pk: int, given: dict[str, Any], there: list[dict[str, Any]]) -> bool:
        """The main contact as the sheet has it; another person of that name stays and becomes main."""
        if not given:
            return False
        main = next((one for one in there if one["is_main"]), None)
        name = given.get("name")
        found = (
            main
            if not name or (main and main["name"] == name)
            else next((o for o in there if o["name"] == name), None)
        )
        if found is None and not name:
            return False
        na = given.get("not_applicable", [])
        given = {key: value for key, value in given.items() if key != "not_applicable"}
        if found is None:
            new = (
                blank(Contact) | given | {"customer_id": pk, "is_main": True, "not_applicable": na}
            )
            self.new_contacts.append(new)
            there.append(new)
        else:
            new = found | given | {"is_main": True}
            new["not_applicable"] = _answers(found["not_applicable"], na, new)
            if new == found:
                return False
            self.contacts.append(new)
            there[there.index(found)] = new
        if main is not None and main is not found:
            self.unmain.append(main["id"])
            main["is_main"] = False
        return True

    def manager(self, pk: int, data: Any, there: list[dict[str, Any]]) -> bool:
        """Who is in charge there, unless a person of that name is on the file already."""
        known = {one["name"] for one in there}
        new = [
            blank(Contact) | one | {"customer_id": pk}
            for one in _managers(data)
            if one["name"] not in known
        ]
        self.new_contacts.extend(new)
        there.extend(new)
        return bool(new)

    def account(self, pk: int, given: dict[str, Any], there: list[dict[str, Any]]) -> bool:
        """The account of this number, else one of this bank without a number, else a new one."""
        if not given:
            return False
        number, bank = given.get("number", ""), given.get("bank", "")
        found = next((one for one in there if number and one["number"] == number), None) or next(
            (one for one in there if (not number or not one["number"]) and one["bank"] == bank),
            None,
        )
        if found is None:
            if (
                not number
                and any(one["number"] for one in there)
                and any(one["bank"] == bank for one in there)
            ):
                return False
            usual = not any(one["is_usual"] for one in there)
            self.new_accounts.append(
                blank(BankAccount) | given | {"customer_id": pk, "is_usual": usual}
            )
            return True
        new = found | given
        if new == found:
            return False
        self.accounts.append(new)
        return True

    def write(self, columns: list[str]) -> None:
        """All changes, each table once."""
        if self.unmain:
            fetch(
                "UPDATE customers_contact SET is_main = false, version = version + 1, updated_at = now()"
                " WHERE id = ANY(%s) RETURNING id",
                [self.unmain],
            )
        _change(_CONTACT, self.contacts)
        _add(_CONTACT, self.new_contacts)
        _change(_BANK, self.accounts)
        _add(_BANK, self.new_accounts)
        _change(_CUSTOMER, self.customers)
        copy_rows(_QUESTION, _QUESTION_COLUMNS, self.questions)


def _managers(data: Any) -> list[dict[str, Any]]:
    """The person in charge as a contact, where it is not the contact anyway."""
    if not data.manager or data.manager == data.contact.get("name"):
        return []
    return [{"name": data.manager, "kind": ContactKind.MANAGER.value}]


def _change(table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = [name for name in rows[0] if name != "id"]
        change_rows(table, columns, [[row["id"], *(row[name] for name in columns)] for row in rows])


def _add(table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = [name for name in rows[0] if name != "id"]
        copy_rows(table, columns, [[row[name] for name in columns] for row in rows])


def _answers(before: list[str], answered: list[str], values: dict[str, Any]) -> list[str]:
    """Fields answered 'none': those before and those now, where no value stands."""
    return [
        name
        for name in dict.fromkeys([*before, *answered])
        if not (values.get(name) or values.get(f"{name}_id"))
    ]


def _merged(
    old: dict[str, Any], data: Any, contacts: Sequence[dict[str, Any]], aliases: Sequence[str]
) -> dict[str, Any]:
    stand_in = {name: value for name, value in data.stand_in.items() if not old[name]}
    new: dict[str, Any] = old | stand_in | data.values
    if data.address_cell == old["address"] and data.values.get("region_id") in (
        None,
        old["region_id"],
    ):
        new["address"] = old[
            "address"
        ]  # the cell says what is on file: nothing to put in front of it
    new["not_applicable"] = _answers(old["not_applicable"], data.na, new)
    new.update(derived_columns(new, contacts, aliases))
    if new["status"] == "draft" and new["main_contact"] and new["main_phone"]:
        new["status"] = "active"
    return new


def derived_columns(
    values: dict[str, Any], contacts: Sequence[dict[str, Any]], aliases: Sequence[str]
) -> dict[str, Any]:
    """The derived columns of a customer from its own values, contacts and aliases."""
    people = [
        ContactFacts(one["name"], one["phone"], one["mobile"], one["is_main"]) for one in contacts
    ]
    name, phone = main_of(people, values["phone"])
    derived = derive(
        name=values["name"],
        short_name=values["short_name"],
        code=values["code"],
        phone=values["phone"],
        contacts=people,
        alias_codes=aliases,
    )
    return {
        "main_contact": name[:60],
        "main_phone": phone[:100],
        **derived._asdict(),
    }


def renew_derived(ids: list[int]) -> None:
    """Work the derived columns out anew, after an undo put values back."""
    columns = ["id", "name", "short_name", "code", "phone"]
    derived = ["main_contact", "main_phone", *Derived._fields]
    contacts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pk, name, phone, mobile, main in fetch(
        "SELECT customer_id, name, phone, mobile, is_main FROM customers_contact WHERE customer_id = ANY(%s) ORDER BY id",
        [ids],
    ):
        contacts[pk].append({"name": name, "phone": phone, "mobile": mobile, "is_main": main})
    aliases = defaultdict(list)
    for pk, code in fetch(
        "SELECT customer_id, code FROM customers_customeralias WHERE customer_id = ANY(%s)", [ids]
    ):
        aliases[pk].append(code)
    rows = []
    for found in fetch(
        f"SELECT {', '.join(columns)} FROM customers_customer WHERE id = ANY(%s)",  # noqa: S608 - own names
        [ids],
    ):
        values = dict(zip(columns, found, strict=True))
        new = derived_columns(values, contacts[values["id"]], aliases[values["id"]])
        rows.append([values["id"], *(new[name] for name in derived)])
    change_rows(_CUSTOMER, derived, rows)
    keep_keys(rows_of(ids), searched=False)
