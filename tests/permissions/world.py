"""Who asks and for what: an account of every role, and one record of each kind that is one's own, the
team's, another team's or nobody's. The permission matrix asks for every address as each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from dossier.core.access import Actor
from dossier.core.bulk import declarations as bulk
from dossier.core.exporting import making
from dossier.core.exporting.declarations import exportables
from dossier.core.imports.registry import kinds
from dossier.core.imports.uploads import folder, keep
from dossier.core.models import (
    BulkEdit,
    Export,
    ExportFile,
    HistoryEntry,
    ImportRun,
    NamedMap,
    Redaction,
    SavedView,
)
from dossier.core.screens import lookups
from dossier.customers.duplicate_models import DuplicatePair, FoundBy
from dossier.customers.models import (
    BankAccount,
    Contact,
    Customer,
    CustomerCategory,
    Note,
    Question,
)
from dossier.customers.states import NoteKind
from dossier.people.models import Account, ApiToken, Employee, Role, SignInSession, Territory
from dossier.people.seeds import SHIPPED_ROLES
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
    make_product,
    make_team,
)

ANONYMOUS, LEAVER, BARE = "anonymous", "leaver", "no role"
RELATIONS = ("own", "team", "foreign", "unowned")

# Short heads of the matrix' columns, in the order they stand there.
HEADS: dict[str, str] = {
    ANONYMOUS: "an",
    LEAVER: "le",
    BARE: "nr",
    "salesperson": "sp",
    "telephone_sales": "ts",
    "key_account": "ka",
    "sales_clerk": "sc",
    "team_leader": "tl",
    "sales_manager": "sm",
    "customer_information_administrator": "ci",
    "administration_manager": "am",
    "general_manager": "gm",
    "finance": "fi",
    "finance_supervisor": "fs",
    "purchasing": "pu",
    "production": "pr",
    "logistics": "lo",
    "warehouse_keeper": "wk",
    "customer_service": "cs",
    "marketing": "ma",
    "archivist": "ar",
    "auditor": "au",
    "system_administrator": "sa",
}


SHEET = b"\xe5\xae\xa2\xe6\x88\xb7\n\xe7\x94\xb2\n"  # an import of one customer


@dataclass
class Party:
    """Whose records they are: an account with its employee, and what is theirs."""

    account: Account
    employee: Employee
    actor: Actor
    has: dict[str, dict[str, object]] = field(default_factory=dict)


@dataclass
class World:
    """The askers by role, and the records by kind and relation."""

    askers: dict[str, Party]
    groups: dict[str, list[str]]  # roles whose grants are the same answer alike: asked once
    cookies: dict[str, str]
    mate: Party
    foreign: Party
    unowned: dict[str, dict[str, object]]
    shared: dict[str, dict[str, object]]
    stored: str

    def client(self, role: str) -> Client:
        """A browser signed in as the role; a new one each time, on the same session."""
        client = Client(headers={"accept-language": "en"})
        if role in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[role]
        return client

    def records(self, kind: str, role: str) -> Iterator[tuple[str, dict[str, object]]]:
        """(relation, arguments of the address) of a kind of record for this asker."""
        asker = self.askers.get(role) or self.foreign
        if kind in self.shared:
            yield "any", self.shared[kind]
            return
        own = self.askers.get(role)
        if kind in self.mate.has and own is not None:
            yield "own", asker.has[kind]
        yield "team", self.mate.has[kind]
        yield "foreign", self.foreign.has[kind]
        if kind in self.unowned:
            yield "unowned", self.unowned[kind]

    def lay_files(self) -> None:
        """The files of imports and exports, which an asker before may have thrown away."""
        lay_files(self.stored)

    def clean_up(self) -> None:
        """What lies outside the database."""
        (folder() / self.stored).unlink(missing_ok=True)
        (making.folder() / self.stored).unlink(missing_ok=True)


# Beginnings of addresses → the kind of record their arguments name. The longest that fits counts.
KINDS: dict[str, str] = {
    "customers/<int:pk>": "customer",
    "contacts/<int:pk>": "contact",
    "accounts/<int:pk>": "bank_account",
    "reveal/sheet/": "sheet_value",
    "reveal/<slug:table>/": "masked_value",
    "questions/<int:pk>": "question",
    "orders/<int:pk>": "order",
    "people/<int:pk>": "employee",
    "people/<int:pk>/reveal/": "employee_value",
    "people/<int:pk>/return/": "leaver",
    "settings/accounts/<int:pk>": "account",
    "me/sessions/<int:session_id>": "session",
    "exports/<int:pk>": "export",
    "imports/<int:run_id>": "import_run",
    "imports/maps/<int:map_id>": "named_map",
    "teams/<int:pk>": "team",
    "territories/<int:pk>": "territory",
    "settings/roles/<int:pk>": "role",
    "settings/categories/<int:pk>": "category",
    "settings/numbers/<slug:key>": "number",
    "products/<int:pk>": "product",
    "reports/<slug:key>": "report",
    "lookup/<slug:key>": "lookup",
    "lists/<slug:key>/change": "changed_list",
    "lists/<slug:key>/cells/": "cell",
    "lists/<slug:key>/export": "exported_list",
    "lists/<slug:key>/views": "viewed_list",
    "views/<int:pk>": "saved_view",
    "changes/<int:pk>": "bulk_edit",
    "exports/files/<int:pk>": "export_file",
    "duplicates/<int:pk>": "pair",
    "notes/<int:pk>": "note",
    "history/<slug:key>/<int:pk>/": "past",
    "redactions/new/<slug:key>/<int:pk>": "past",
    "who/<slug:key>/<int:pk>/": "past",
    "redactions/<int:pk>": "redaction",
    "me/tokens/<int:token_id>": "token",
    "settings/accounts/<int:pk>/tokens/<int:token_id>": "account_token",
}


def kind_of_route(route: str) -> str | None:
    """The kind of record a route names; None for one without arguments, KeyError for one not known."""
    if "<" not in route:
        return None
    fits = [start for start in KINDS if route.startswith(start)]
    if not fits:
        raise KeyError(route)
    return KINDS[max(fits, key=len)]


def lay_files(stored: str) -> None:
    """What lies outside the database and comes not back with it."""
    (folder() / stored).write_bytes(SHEET)
    (making.folder() / stored).write_bytes(b"matrix")


def build() -> World:
    """Make the world inside the running transaction."""
    team = make_team("matrix one")
    other = make_team("matrix two")
    product = make_product("MATRIX")
    stored, digest, _size = keep([SHEET])
    lay_files(stored)

    def party(role_keys: list[str], *, of: Any, login: str = "") -> Party:
        account = make_account(roles=role_keys, team=of, login=login)
        assert account.employee is not None
        made = Party(account, account.employee, actor_for(account))
        made.has = _records(made, product, stored, digest)
        return made

    askers: dict[str, Party] = {}
    groups: dict[str, list[str]] = {}
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for key, (_name, grants) in SHIPPED_ROLES.items():
        alike = seen.setdefault(frozenset(grants.items()), key)
        groups.setdefault(alike, []).append(key)
        if alike == key:
            askers[key] = party([key], of=team, login=f"matrix-{key}")
    askers[BARE] = party([], of=team)
    askers[LEAVER] = party(["general_manager"], of=team)
    groups |= {one: [one] for one in (ANONYMOUS, LEAVER, BARE)}
    mate, foreign = party(["salesperson"], of=team), party(["salesperson"], of=other)
    nobody = make_customer("matrix unowned")
    cookies = {}
    for role, one in askers.items():
        client = client_for(one.account)
        client.get("/me/password/")  # the browser is noted as signed in
        cookies[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    for one in (*askers.values(), mate, foreign):
        one.has["session"] = {"session_id": _session(one.account).pk}
    Employee.objects.filter(pk=askers[LEAVER].employee.pk).update(
        status="left", left_on=date(2026, 1, 1)
    )
    return World(
        askers,
        groups,
        cookies,
        mate,
        foreign,
        unowned={
            kind: values
            for kind, values in _customer_records(nobody).items()
            if kind in ("customer", "cell", "question", "masked_value", "note", "pair", "past")
        },
        shared={
            "account": {"pk": foreign.account.pk},
            "team": {"pk": make_team("matrix spare").pk},
            "territory": {"pk": Territory.objects.create(name="matrix").pk},
            "role": {"pk": Role.objects.create(key="matrix", name="matrix").pk},
            "category": {"pk": CustomerCategory.objects.create(code="88", name="matrix").pk},
            "named_map": {
                "map_id": NamedMap.objects.create(
                    kind="customers", name="matrix", text="", saved_by="somebody"
                ).pk
            },
            "leaver": {"pk": make_employee("matrix left", status="left").pk},
            "number": {"key": "customer"},
            "product": {"pk": product.pk},
            "report": {"key": "sales"},
            "account_token": foreign.has["token"],
            "redaction": {
                "pk": Redaction.objects.create(
                    subject="customer",
                    table="customers_customer",
                    row_id=str(nobody.pk),
                    columns=["name"],
                    ground=Redaction.Ground.NO_BASIS,
                    reason="matrix",
                    asked_by_id=foreign.account.pk,
                    asked_by=foreign.account.login,
                ).pk
            },
        },
        stored=stored,
    )


def _session(account: Account) -> SignInSession:
    found = SignInSession.objects.filter(account=account).first()
    if found is not None:
        return found
    return SignInSession.objects.create(
        account=account, session_key=f"none{account.pk}", session_key_hash=f"{account.pk:064}"
    )


def _records(party: Party, product: Any, stored: str, digest: str) -> dict[str, dict[str, object]]:
    """One of each kind that belongs to a person."""
    account = party.account
    customer = make_customer(f"matrix of {account.login}", owner=party.employee)
    mine = [one.key for one in kinds() if party.actor.can(one.permission, "import")]
    kind = mine[0] if mine else "customers"
    run = ImportRun.objects.create(
        kind=kind,
        file_name="matrix.csv",
        file_sha256=digest,
        stored_as=stored,
        started_by=account.login,
        started_by_id=account.pk,
    )
    export = Export.objects.create(
        kind="reports.report",
        title="matrix",
        file_name="matrix.xlsx",
        file_format="xlsx",
        rows=1,
        size=1,
        sha256=digest,
        login=account.login,
        account_id=account.pk,
    )
    view = SavedView.objects.create(
        list_key="customers", account_id=account.pk, name="matrix", is_shared=True
    )  # shared: seen by others, and still changed by its maker alone
    edit = BulkEdit.objects.create(
        account_id=account.pk, login=account.login, list_key="customers", field="grade", reason="x"
    )
    file = ExportFile.objects.create(
        account_id=account.pk,
        login=account.login,
        list_key="customers",
        form="shown",
        file_format="csv",
        name="matrix.csv",
        status=ExportFile.Status.READY,
        stored_as=stored,
    )
    token = ApiToken.objects.create(
        account=account,
        name="matrix",
        prefix=f"m{account.pk}",
        digest="0" * 64,
        scopes=["customers:read"],
        expires_at=timezone.now() + timedelta(days=9),
    )
    return _customer_records(customer) | {
        "saved_view": {"pk": view.pk},
        "bulk_edit": {"pk": edit.pk},
        "export_file": {"pk": file.pk},
        "token": {"pk": account.pk, "token_id": token.pk},
        "order": {"pk": make_order(customer, lines=[{"product": product}]).pk},
        "employee": {"pk": party.employee.pk},
        "employee_value": {"pk": party.employee.pk, "name": "mobile"},
        "export": {"pk": export.pk},
        "import_run": {"run_id": run.pk},
    }


def _customer_records(customer: Customer) -> dict[str, dict[str, object]]:
    """What hangs on a customer."""
    contact = Contact.objects.create(customer=customer, name="matrix", mobile="13900000000")
    account = BankAccount.objects.create(
        customer=customer, bank="matrix", number="6222000000000000"
    )
    question = Question.objects.create(
        customer=customer, field="filed_on", given="30.2.", code="impossible_date"
    )
    row = ImportRun.objects.create(
        kind="customers",
        file_name="s",
        file_sha256="0" * 64,
        started_by="x",
        status="done",
        options={
            "header": ["客户名称", "家庭地址"],
            "map": 'kind = "customers"\n[columns]\nname = "客户名称"\n',
        },
    ).rows.create(
        row=1,
        fingerprint=b"",
        ordinal=0,
        cells=["甲", "和平里 9 号"],
        outcome="created",
        target_table="customers_customer",
        target_id=customer.pk,
    )
    note = Note.objects.create(
        customer=customer, kind=NoteKind.values[0], text="matrix", noted_on=date(2026, 1, 1)
    )
    twin = make_customer(f"{customer.name} twin", owner=customer.owner)
    pair = DuplicatePair.objects.create(
        first=customer, second=twin, score="0.9", reasons=["name"], found_by=FoundBy.values[0]
    )
    Customer.objects.filter(pk=customer.pk).update(short_name="matrix")
    past = HistoryEntry.objects.filter(
        table_name="customers_customer", row_id=str(customer.pk), op="U"
    ).latest("id")
    return {
        "note": {"pk": note.pk},
        "pair": {"pk": pair.pk},
        "past": {"key": "customer", "pk": customer.pk, "name": "short_name", "entry": past.pk},
        "customer": {"pk": customer.pk},
        "cell": {"key": "customers", "pk": customer.pk, "name": "grade"},
        "contact": {"pk": contact.pk},
        "bank_account": {"pk": account.pk},
        "question": {"pk": question.pk},
        "masked_value": {"table": "customers_contact", "row_id": contact.pk, "field": "mobile"},
        "sheet_value": {"row_id": row.pk, "column": 1},
    }


def lookup_keys() -> list[str]:
    """Every look-up there is; each has rows of its own in the matrix."""
    return sorted(lookups._lookups)


# Keys an address is asked with: each has rows of its own. A saved view takes any key, and shows no rows.
KEYS: dict[str, Callable[[], list[str]]] = {
    "lookup": lookup_keys,
    "changed_list": lambda: sorted(bulk._lists),
    "exported_list": lambda: sorted(one.key for one in exportables()),
    "viewed_list": lambda: ["customers"],
}
