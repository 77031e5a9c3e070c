"""The permission matrix: what every address answers to every role, kept in `matrix.txt` and reviewed there.

A line is one address (by its name), one method and one relation of the record to who asks; its letters
stand in the order of the roles at the head of the file:

    o  let in: answered, sent on, or the form was judged (200, 204, 302, 400, 409, 422)
    f  forbidden (403)
    n  there is no such record (404)
    s  sign in first (to the sign-in page, or 401)
    m  this method is not used here (405)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from tests.permissions.addresses import Address
from tests.permissions.world import ANONYMOUS, BARE, HEADS, KEYS, World, kind_of_route

FILE = Path(__file__).with_name("matrix.txt")
METHODS = ("GET", "POST")
LET_IN = frozenset({200, 204, 301, 302, 303, 400, 409, 422})
_WIDTH = (32, 5, 10)

# What is sent where nothing at all would be answered before any right is looked at.
BODIES = {"export": "as=shown.csv", "views": "name=matrix"}

HOW = """
The address “{name}” has no row in tests/permissions/matrix.txt, or one that is not true any more.
Read each letter below: is it really meant? Then put these lines into the file, in the order of names.
Where the answer is a fault, mend the page, never the line. (o let in, f 403, n 404, s sign in, m 405)
{kind}
{head}
{rows}
"""
HOW_KIND = """
The address names a record of a kind that tests/permissions/world.py does not have: “{route}”.
Add the beginning of the route to KINDS there, and to `_records` (somebody's) or `shared` (everybody's)
one record of that kind with the arguments of the address. Then run this test again: it shows the rows.
"""


class Row(NamedTuple):
    """A line of the matrix: letters by role."""

    name: str
    method: str
    relation: str
    letters: str

    def text(self) -> str:
        """As it stands in the file."""
        name, method, relation = (
            part.ljust(width) for part, width in zip(self[:3], _WIDTH, strict=True)
        )
        return f"{name}{method}{relation} {'  '.join(self.letters)}"


def head() -> str:
    """The line that names the roles above the letters."""
    return "#".ljust(sum(_WIDTH)) + " " + " ".join(HEADS.values())


def letter(status: int, location: str) -> str:
    """The class of an answer."""
    if status == 401 or (status == 302 and location.startswith(settings.LOGIN_URL)):
        return "s"
    found = {403: "f", 404: "n", 405: "m"}.get(status) or ("o" if status in LET_IN else "")
    return found or f"[{status}]"


def read_matrix(text: str | None = None) -> list[Row]:
    """The reviewed rows."""
    rows = []
    for line in (FILE.read_text("utf-8") if text is None else text).splitlines():
        if line.strip() and not line.startswith("#"):
            name, method, relation, *letters = line.split()
            rows.append(Row(name, method, relation, "".join(letters)))
    return rows


def cases(address: Address, world: World, role: str) -> Iterator[tuple[str, str]]:
    """(relation, path) of an address for one who asks."""
    kind = kind_of_route(address.route)
    if kind is None:
        yield "-", f"/{address.route}"
    elif kind in KEYS:
        for key in KEYS[kind]():
            yield key, address.path({"key": key})
    else:
        for relation, values in world.records(kind, role):
            yield relation, address.path(values)


def asked(address: Address, world: World) -> list[Row]:
    """What an address answers to everybody now. Nothing that is done by asking stays."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for method in METHODS:
        if _unused(address, world, method):
            found[method, "*"] = dict.fromkeys(HEADS, "m")
            continue
        for role, alike in world.groups.items():
            answer = ""
            for relation, path in cases(address, world, role):
                # Who lacks a right the page names is refused before any record is looked for.
                if answer != "f" or may_enter(world, role, address):
                    answer = ask(world, role, method, path)
                cells = found.setdefault((method, relation), {})
                cells.update(dict.fromkeys(alike, answer))
    return [
        Row(address.name, method, relation, "".join(cells.get(role, ".") for role in HEADS))
        for (method, relation), cells in sorted(
            found.items(), key=lambda item: (METHODS.index(item[0][0]), _place(item[0][1]))
        )
    ]


def _unused(address: Address, world: World, method: str) -> bool:
    """Whether the method is refused before anything is known of who asks: so it is to everybody."""
    return all(
        ask(world, ANONYMOUS, method, path) == "m" for _r, path in cases(address, world, ANONYMOUS)
    )


def _place(relation: str) -> tuple[int, str]:
    order = ("own", "team", "foreign", "unowned")
    return (order.index(relation), "") if relation in order else (9, relation)


def may_enter(world: World, role: str, address: Address) -> bool:
    """Whether the role holds every right the page itself names."""
    asker = world.askers.get(role)
    rights = getattr(address.view, "permissions", ())
    return asker is None or all(asker.actor.can(*right.rsplit(".", 1)) for right in rights)


def ask(world: World, role: str, method: str, path: str) -> str:
    """The letter of one answer; what was written is taken back."""
    client = world.client(role)
    mark = transaction.savepoint()
    try:
        body = BODIES.get(path.rpartition("/")[2], "") if path.startswith("/lists/") else ""
        response = client.generic(
            method, path, body, content_type="application/x-www-form-urlencoded"
        )
        if response.streaming:
            list(response.streaming_content)
        return letter(response.status_code, response.headers.get("Location", ""))
    finally:
        transaction.savepoint_rollback(mark)
        connection.run_on_commit = []


def faults(address: Address, world: World, reviewed: Iterable[Row]) -> str:
    """How the answers of an address differ from what was reviewed; empty where they do not."""
    world.lay_files()
    try:
        rows = asked(address, world)
    except KeyError:
        return HOW_KIND.format(route=address.route)
    known = [row for row in reviewed if row.name == address.name]
    if rows == known:
        return ""
    kind = "\n".join(_differences(known, rows))
    return HOW.format(
        name=address.name, kind=kind, head=head(), rows="\n".join(row.text() for row in rows)
    )


def _differences(known: list[Row], rows: list[Row]) -> Iterator[str]:
    before = {row[:3]: row.letters for row in known}
    for row in rows if known else []:
        old = before.get(row[:3], "")
        for role, one, other in zip(HEADS, old.ljust(len(HEADS)), row.letters, strict=False):
            if one != other:
                yield f"  {row.method} {row.relation}, {role}: reviewed {one!r}, answered {other!r}"


__all__ = ["ANONYMOUS", "BARE", "Row", "asked", "faults", "head", "read_matrix"]
