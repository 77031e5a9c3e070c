"""Everything that happened to a customer on one page, newest first (CUS-15).

Changes come from the history, grouped by the transaction that made them; higher departments add
their events by ``register_timeline``. Pages are cut by key; the first one costs the same however long the
time line is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, models
from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind
from dossier.core.history.marks import redacted
from dossier.core.models import HistoryEntry, Industry, Region
from dossier.customers.fields import by_name, note_fields, spec_of
from dossier.customers.models import (
    BankAccount,
    Contact,
    Customer,
    CustomerCategory,
    Note,
    Question,
)
from dossier.customers.questions import closed_text, field_title, question_text
from dossier.customers.selectors.masking import sees_plainly, shown
from dossier.customers.states import CustomerStatus, QuestionStatus
from dossier.people.models import Employee

PAGE = 15


class Cursor(NamedTuple):
    """Where the page before ended: only what is earlier comes next."""

    at: datetime
    key: str


@dataclass(frozen=True)
class TimelineEvent:
    """One entry. ``key`` orders events of one moment: the provider's prefix and a padded number."""

    at: datetime
    key: str
    title: str
    text: str = ""
    who: str = ""
    icon: str = "point"
    color: str = ""
    url: str = ""
    changes: list[dict[str, str]] = field(default_factory=list)


Provider = Callable[[Actor, Customer, Cursor | None, int], list[TimelineEvent]]
_providers: dict[str, Provider] = {}


def register_timeline(name: str, provider: Provider) -> None:
    """Add a department's events: ``provider(actor, customer, before, limit)`` gives the newest
    ``limit`` events with ``(at, key) < before``, cut to what the actor may see. Keys begin with
    ``name:`` followed by a number padded to twelve digits."""
    _providers[name] = provider


def earlier(before: Cursor | None, name: str, *, at: str = "at", pk: str = "pk") -> Q:
    """The condition a provider puts on its rows: ``at`` and ``pk`` name its columns."""
    if before is None:
        return Q()
    prefix, _sep, number = before.key.partition(":")
    if prefix == name:
        return Q(**{f"{at}__lt": before.at}) | Q(**{at: before.at, f"{pk}__lt": int(number)})
    return Q(**{f"{at}__lte" if name < prefix else f"{at}__lt": before.at})


def event_key(name: str, number: int) -> str:
    """The key of an event of a provider."""
    return f"{name}:{number:012d}"


def timeline(
    actor: Actor, customer: Customer, *, before: Cursor | None = None, limit: int = PAGE
) -> tuple[list[TimelineEvent], Cursor | None]:
    """A page of events, newest first, and where the next page goes on (None: this was the last)."""
    events = _history(actor, customer, before, limit + 1)
    for provider in _providers.values():
        events.extend(provider(actor, customer, before, limit + 1))
    events.sort(key=lambda event: (event.at, event.key), reverse=True)
    page = events[:limit]
    more = Cursor(page[-1].at, page[-1].key) if len(events) > limit else None
    return page, more


# Changes of the file itself ------------------------------------------------------------------------

_NAME = "history"
_CUSTOMER, _CONTACT = "customers_customer", "customers_contact"
_ACCOUNT, _QUESTION, _ALIAS = (
    "customers_bankaccount",
    "customers_question",
    "customers_customeralias",
)
_NOTE = "customers_note"
_PARTS: tuple[tuple[str, type[models.Model]], ...] = (
    (_CONTACT, Contact),
    (_ACCOUNT, BankAccount),
    (_QUESTION, Question),
    (_NOTE, Note),
)
_COLUMNS = {
    "owner_id": "owner",
    "region_id": "region",
    "industry_id": "industry",
    "head_office_id": "head_office",
    "category_node_id": "category_node",
}
_MODELS: dict[str, type[models.Model]] = {
    _CUSTOMER: Customer,
    _CONTACT: Contact,
    _ACCOUNT: BankAccount,
    _NOTE: Note,
}


def _history(
    actor: Actor, customer: Customer, before: Cursor | None, limit: int
) -> list[TimelineEvent]:
    newest = _newest(customer, before, limit)
    if not newest.xids:
        return []
    groups: dict[int, list[HistoryEntry]] = defaultdict(list)
    entries = list(
        HistoryEntry.objects.filter(newest.mine, transaction_id__in=newest.xids)
        .select_related("transaction")
        .order_by("id")
    )
    for entry in entries:
        groups[entry.transaction_id].append(entry)
    teller = _Teller(actor, customer, _rows_told(customer, entries), entries)
    return [teller.event(groups[xid]) for xid in newest.xids]


class _Newest(NamedTuple):
    """The newest transactions that changed a file, newest first, and the condition of its entries."""

    xids: list[int]
    mine: Q


_PART_ROWS: Final = " UNION ALL ".join(
    [
        f"SELECT '{_CUSTOMER}' AS table_name, %(customer)s::text AS row_id",
        *(
            f"SELECT '{table}', id::text FROM {table} WHERE customer_id = %(customer)s"  # noqa: S608 - own names
            for table, _model in _PARTS
        ),
    ]
)
_NEWEST: Final = f"""
WITH part AS MATERIALIZED ({_PART_ROWS}),
newest AS MATERIALIZED (
  SELECT e.xid FROM part CROSS JOIN LATERAL (
    SELECT h.id, h.xid FROM history_entry h
    WHERE h.table_name = part.table_name AND h.row_id = part.row_id
    ORDER BY h.id DESC LIMIT %(window)s) e
  ORDER BY e.id DESC LIMIT %(window)s),
held AS MATERIALIZED (
  SELECT t.at, t.xid FROM history_transaction t
  WHERE t.xid IN (SELECT xid FROM newest) AND (t.at, t.xid) < (%(at)s::timestamptz, %(xid)s))
SELECT ARRAY(SELECT xid FROM held ORDER BY at DESC, xid DESC LIMIT %(limit)s),
  (SELECT count(*) FROM newest) < %(window)s
    OR (SELECT count(*) FROM held) >= %(limit)s + current_setting('max_connections')::integer,
  (SELECT json_object_agg(table_name, row_ids) FROM (
    SELECT table_name, json_agg(row_id) AS row_ids FROM part GROUP BY table_name) p)
"""  # noqa: S608 - own names
_WINDOW: Final = 256  # entries looked at first
_WIDER: Final = 8  # and how many times as many the next time
_LEAST, _GREATEST = -(2**63), 2**63 - 1  # of the numbers of transactions


def _newest(customer: Customer, before: Cursor | None, limit: int) -> _Newest:
    """The newest ``limit`` transactions that changed the file, of those earlier than ``before``.

    They stand in the order of their beginning, which no index of a file's entries knows. So the newest
    entries by id are looked at, more of them until they hold ``limit`` + max_connections transactions
    before the cursor, or all there are. Then none is overlooked: let T be a transaction all of whose
    entries are older than those looked at. One of those looked at that does not stand before T began no
    later than T, and wrote after T had written: it was open when T wrote. Fewer than max_connections were
    open besides T at that moment (transactions are never left prepared), so more than ``limit`` of those
    looked at stand before T. (This takes the clock of the server for one that is not set back.)

    Looking at 256 entries takes 1 ms, at all of 10,000 entries 25 ms. A later page looks at what the pages
    before it looked at, too: from the top, since a long transaction may have written far above it.
    """
    at, xid = _bound(before)
    window = _WINDOW
    while True:
        bound = {
            "customer": customer.pk,
            "window": window,
            "limit": limit,
            "at": at,
            "xid": xid,
        }
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST, bound)
            xids, enough, parts = cursor.fetchone()
        if enough:
            return _Newest(xids, _entries_of(parts))
        window *= _WIDER


def _bound(before: Cursor | None) -> tuple[datetime | str, int]:
    """What a transaction's (at, xid) must be less than to be told after the cursor; see ``earlier``."""
    if before is None:
        return "infinity", _LEAST
    prefix, _sep, number = before.key.partition(":")
    if prefix == _NAME:
        return before.at, int(number)
    return before.at, _GREATEST if prefix > _NAME else _LEAST


def _entries_of(parts: dict[str, list[str]]) -> Q:
    """The entries of these rows, by table."""
    found = Q()
    for table, keys in parts.items():
        found |= Q(table_name=table, row_id__in=keys)
    return found


def _rows_told(customer: Customer, entries: list[HistoryEntry]) -> dict[str, dict[str, Any]]:
    """The file's rows the entries tell of, as they are now, by table and key."""
    keys: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        keys[entry.table_name].add(entry.row_id)
    return {
        table: {
            str(row.pk): row
            for row in model._default_manager.filter(customer=customer, pk__in=keys[table])
        }
        for table, model in _PARTS
        if table in keys
    }


class _Teller:
    """Tells transactions of the history in words, for one reader."""

    def __init__(
        self,
        actor: Actor,
        customer: Customer,
        parts: dict[str, dict[str, Any]],
        entries: list[HistoryEntry],
    ) -> None:
        self.plainly = sees_plainly(actor, customer)
        self.parts = parts
        self.names = _names(actor, entries)

    def event(self, entries: list[HistoryEntry]) -> TimelineEvent:
        transaction = entries[0].transaction
        context = transaction.context or {}
        title, icon, color, lines = self._title(entries, context)
        changes = [change for entry in entries for change in self._changes(entry)]
        why = str(context.get("why") or "")
        if why and any(self._answer(entry) == why for entry in entries):
            why = ""  # the line of the question says it, covered where it must be
        if context.get("import_run"):
            why = why.partition(": ")[2] or why  # the name of the file
        return TimelineEvent(
            at=transaction.at,
            key=event_key(_NAME, transaction.pk),
            title=title,
            text=" · ".join([*lines, why] if why else lines),
            who=str(context.get("name") or context.get("login") or transaction.db_user),
            icon=icon,
            color=color,
            changes=changes,
        )

    def _answer(self, entry: HistoryEntry) -> str:
        """The answer an entry gave to a question."""
        given = entry.table_name == _QUESTION and entry.op == "U"
        return str((entry.after or {}).get("answer") or "") if given else ""

    def _title(
        self, entries: list[HistoryEntry], context: dict[str, Any]
    ) -> tuple[str, str, str, list[str]]:
        """Heading, picture, colour and extra lines of a transaction."""
        lines = self._lines(entries)
        own = next((e for e in entries if e.table_name == _CUSTOMER), None)
        imported = bool(context.get("import_run"))
        if own is not None and own.op == "I":
            title = _("File brought in by an import") if imported else _("File opened")
            return title, "file-import" if imported else "folder-plus", "green", lines
        if own is not None and own.after:
            status = own.after.get("status")
            if status == CustomerStatus.ARCHIVED:
                return _("Archived"), "archive", "", lines
            if status and (own.before or {}).get("status") == CustomerStatus.ARCHIVED:
                return _("Taken up again"), "archive-off", "green", lines
            if status == CustomerStatus.ACTIVE:
                return _("Draft completed"), "circle-check", "green", lines
            if set(own.after) == {"owner_id"}:
                return _("Given to another owner"), "user-share", "blue", lines
            return (
                (_("Changed by an import") if imported else _("Profile changed")),
                "pencil",
                "",
                lines,
            )
        if len(lines) == 1 and all(e.op == "I" or e.table_name == _QUESTION for e in entries):
            return lines[0], _ICONS[entries[0].table_name], "", []
        kinds = {entry.table_name for entry in entries}
        if kinds == {_CONTACT}:
            return _("Contact changed"), _ICONS[_CONTACT], "", lines
        if kinds == {_ACCOUNT}:
            return _("Bank account changed"), _ICONS[_ACCOUNT], "", lines
        if kinds == {_NOTE}:
            return _("Note changed"), _ICONS[_NOTE], "", lines
        if kinds == {_QUESTION}:
            return _("Questions"), _ICONS[_QUESTION], "", lines
        return _("Changed"), "pencil", "", lines

    def _lines(self, entries: list[HistoryEntry]) -> list[str]:
        """A line for each part; several questions asked at once in one, they say the rest themselves."""
        asked = [
            row
            for entry in entries
            if entry.table_name == _QUESTION
            and entry.op == "I"
            and isinstance(row := self.parts.get(_QUESTION, {}).get(entry.row_id), Question)
        ]
        if len(asked) < 2:
            return [text for entry in entries if (text := self._line(entry))]
        fields = _(", ").join(dict.fromkeys(field_title(row.field) for row in asked))
        others = [e for e in entries if e.table_name != _QUESTION or e.op != "I"]
        return [
            *(text for entry in others if (text := self._line(entry))),
            _("Questions on %(fields)s") % {"fields": fields},
        ]

    def _line(self, entry: HistoryEntry) -> str:
        """What happened to a contact, an account or a question, in one line."""
        row = self.parts.get(entry.table_name, {}).get(entry.row_id)
        after = entry.after or {}
        if entry.table_name == _CONTACT:
            name = str(after.get("name") or getattr(row, "name", ""))
            if entry.op == "I":
                return _("Contact added: %(name)s") % {"name": name}
            return name
        if entry.table_name == _ACCOUNT:
            bank = str(after.get("bank") or getattr(row, "bank", "")) or _("Bank not known")
            return _("Bank account added: %(bank)s") % {"bank": bank} if entry.op == "I" else bank
        if entry.table_name == _NOTE and isinstance(row, Note):
            words = {
                "kind": row.get_kind_display(),
                "text": shown(
                    by_name(note_fields(row.kind))["text"],
                    str(after.get("text") or row.text)[:_NOTE_TOLD],
                    plainly=self.plainly,
                ),
            }
            return _("Noted, %(kind)s: %(text)s") % words if entry.op == "I" else str(words["kind"])
        if entry.table_name == _QUESTION and isinstance(row, Question):
            facts = {"field": field_title(row.field)}
            if entry.op == "I":
                said = question_text(row, plainly=self.plainly)
                return _("Question on %(field)s: %(text)s") % (facts | {"text": said})
            if after.get("status") not in (None, QuestionStatus.OPEN):
                return closed_text(row, plainly=self.plainly)
            if "asked_of_id" in after:
                who = str(row.asked_of) if row.asked_of_id == after["asked_of_id"] else "…"
                return _("Question on %(field)s, asked of %(who)s now") % (facts | {"who": who})
        return ""

    def _changes(self, entry: HistoryEntry) -> list[dict[str, str]]:
        """Field by field, before and after; nothing for what was new as a whole."""
        model = _MODELS.get(entry.table_name)
        if entry.op != "U" or model is None:
            return []
        before, after = entry.before or {}, entry.after or {}
        told = []
        for column in after:
            name = _COLUMNS.get(column, column)
            if name == "not_applicable":
                told.extend(
                    self._answered_none(entry.table_name, model, before.get(name), after.get(name))
                )
                continue
            spec = spec_of(entry.table_name, name)
            row = self.parts.get(entry.table_name, {}).get(entry.row_id)
            if isinstance(row, Note):
                spec = by_name(note_fields(row.kind)).get(name)
            if spec is None:
                continue
            told.append(
                {
                    "label": spec.title(model),
                    "before": self._value(model, spec, column, before.get(column)),
                    "after": self._value(model, spec, column, after.get(column)),
                }
            )
        return told

    def _answered_none(
        self, table: str, model: type[models.Model], was: Any, becomes: Any
    ) -> list[dict[str, str]]:
        was, becomes = set(was or ()), set(becomes or ())
        none = _("None")
        return [
            {
                "label": spec.title(model),
                "before": none if name in was else "",
                "after": none if name in becomes else "",
            }
            for name in sorted(was ^ becomes)
            if (spec := spec_of(table, name)) is not None
        ]

    def _value(self, model: type[models.Model], spec: FieldSpec, column: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if (gone := redacted(value)) is not None:
            return gone
        if column in _COLUMNS:
            return self.names.get((column, str(value)), "…")
        return shown(spec, typed(model, spec, value), plainly=self.plainly)


_ICONS = {
    _CONTACT: "user",
    _ACCOUNT: "building-bank",
    _QUESTION: "help-circle",
    _NOTE: "notes",
}
_NOTE_TOLD = 300  # characters of a note in its line


def typed(model: type[models.Model], spec: FieldSpec, value: Any) -> object:
    """A value of the history's JSON as the type its field has; choices as their label."""
    column = model._meta.get_field(spec.name)
    if spec.kind is Kind.CHOICE:
        return str(dict(column.choices or ()).get(value, value))  # type: ignore[union-attr] # a real field
    if spec.kind is Kind.DATE and isinstance(value, str):
        moment = parse_datetime(value) if len(value) > 10 else None
        return moment or parse_date(value[:10])
    if isinstance(value, bool):
        return value
    if isinstance(value, float):  # amounts come as JSON numbers
        value = str(value)
    return column.to_python(value)  # type: ignore[union-attr] # a real field


def _names(actor: Actor, entries: list[HistoryEntry]) -> dict[tuple[str, str], str]:
    """Names of the records that changed references point to, one query per table."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.op != "U" or entry.table_name != _CUSTOMER:
            continue
        for image in (entry.before or {}, entry.after or {}):
            for column in _COLUMNS:
                if image.get(column) is not None and redacted(image[column]) is None:
                    wanted[column].add(str(image[column]))
    sources: dict[str, models.QuerySet[Any]] = {
        "owner_id": Employee.objects.all(),
        "region_id": Region.objects.all(),
        "industry_id": Industry.objects.all(),
        "head_office_id": Customer.objects.for_user(actor).only("id", "name", "short_name"),
        "category_node_id": CustomerCategory.objects.all(),
    }
    return {
        (column, str(row.pk)): str(row)
        for column, keys in wanted.items()
        for row in sources[column].filter(pk__in=keys)
    }
