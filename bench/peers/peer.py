"""What a program must declare to be put through the work: three small protocols.

An operation raises ``Skipped`` with its reason where the program cannot do the work, and ``AnswerError``
where it answered something else than the work asked for: a time of that would say nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import Decimal
from typing import NamedTuple, Protocol

from bench.peers.records import NewOrder, Records

ROWS = 80  # of a list, and at most of what a search finds


class Memory(NamedTuple):
    """MB (PSS) of all the program's processes, and of its PostgreSQL's."""

    program: float
    database: float


class Client(Protocol):
    """One signed-in person's program, on a connection of its own. What it returns is checked."""

    def page(self) -> int:
        """The list by name as the program's own client asks for it; how many customers it shows."""

    def rows(self) -> int:
        """80 customers by name with name, e-mail, telephone and city, asked for as a program does; how many."""

    def found(self, text: str) -> int:
        """Names of at most 80 customers that hold a text; how many."""

    def box(self, text: str) -> int:
        """The same as the search box of the program's own client asks for it; how many."""

    def order(self, order: NewOrder) -> str:
        """Make and confirm an order; its state, read from the answer or asked for."""

    def whole_order(self, order: NewOrder) -> str:
        """Make and confirm an order from which a draft invoice and a delivery follow; its state."""

    def report(self, by: tuple[str, ...]) -> Decimal:
        """Revenue of every line by "month" or "month", "salesperson"; the sum of the cells shown."""

    def close(self) -> None:
        """Hang up."""


class Serving(Protocol):
    """The program with its database, running."""

    def client(self) -> Client:
        """Another signed-in person."""

    def memory(self) -> Memory:
        """What it takes now."""


class Peer(Protocol):
    """A program. The work calls in this order: install, prepare, the imports, serving."""

    name: str
    page_rows: int  # of the list of its own client
    confirmed: frozenset[str]  # states of an order that counts

    def facts(self) -> dict[str, str]:
        """Versions and how it is run, for the result."""

    def install(self) -> float:
        """Put its packages where it looks for them; seconds. ``Skipped`` where they are there already."""

    def prepare(self, records: Records) -> None:
        """A new database with the company, its people and products; no customers so far."""

    def import_sheet(self, records: Records) -> float:
        """Bring the customers in as a person's sheet; rows a second."""

    def import_fast(self, records: Records) -> float:
        """Bring the customers in by the program's fastest documented way; rows a second. They stay."""

    def import_orders(self, records: Records) -> None:
        """Bring the past orders in; not timed."""

    def serving(self) -> AbstractContextManager[Serving]:
        """Start the database and the program, which answers then; both are stopped at the end."""
