"""The work every program is put through, in this order; each piece is one declaration with its figures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.client import AnswerError, at_once, median, p95, timed
from bench.measures import Figure, Skipped
from bench.peers.peer import ROWS, Client, Peer, Serving
from bench.peers.records import NewOrder, Records

CLIENTS = 8
When = Literal["first", "stopped", "running"]
Answers = dict[str, dict[str, Any]]  # by task: its values, or why it was skipped
_WARM = 3  # times before the clock counts


@dataclass
class Place:
    """Where the work is done: one program, alone on the machine. ``started``: seconds to its first answer."""

    peer: Peer
    records: Records
    requests: int
    seconds: float
    serving: Serving | None = None
    started: float = 0.0
    clients: list[Client] = field(default_factory=list)

    def client(self) -> Client:
        """A signed-in person; hung up after the task."""
        assert self.serving is not None
        self.clients.append(self.serving.client())
        return self.clients[-1]

    def close(self) -> None:
        """Hang up."""
        while self.clients:
            self.clients.pop().close()


@dataclass(frozen=True)
class Task:
    """A piece of work. ``when``: before anything else, before the program is started, or while it runs."""

    key: str
    title: str
    when: When
    run: Callable[[Place], dict[str, float]]
    figures: tuple[Figure, ...]


def course(place: Place, found: Answers, say: Callable[[str], None]) -> None:
    """All the work of one program whose packages are there, put into ``found`` as it is done."""
    part("stopped", place, found, say)
    place.peer.import_orders(place.records)
    began = time.monotonic()
    with place.peer.serving() as serving:
        place.serving = serving
        place.client().rows()
        place.started = time.monotonic() - began
        place.close()
        part("running", place, found, say)


def part(when: When, place: Place, found: Answers, say: Callable[[str], None]) -> None:
    """The work that is done then: its values, or why there are none, put into ``found``."""
    for task in TASKS:
        if task.when == when:
            found[task.key] = _done(task, place, say)


def _done(task: Task, place: Place, say: Callable[[str], None]) -> dict[str, Any]:
    load = round(os.getloadavg()[0], 2)
    say(f"{place.peer.name}: {task.title}")
    try:
        values = task.run(place)
    except Skipped as reason:
        return {"load_before": load, "skipped": f"{place.peer.name}: {reason}"}
    except AnswerError as fault:  # the other figures are worth having; the run ends with status 1
        say(f"{place.peer.name} failed: {fault}")
        return {
            "load_before": load,
            "skipped": f"{place.peer.name} failed: {fault}",
            "failed": True,
        }
    finally:
        place.close()
    assert values.keys() <= {figure.key for figure in task.figures}, task.key
    say("  " + ", ".join(f"{key} {one:,.2f}" for key, one in values.items()))
    return {"load_before": load, "values": {key: round(one, 3) for key, one in values.items()}}


# -- pieces of work -----------------------------------------------------------------------------------------


def set_up(place: Place) -> dict[str, float]:
    """Company, people and products in a new database; its packages are there."""
    return {"database": timed(lambda: place.peer.prepare(place.records)) / 1000}


def packages(place: Place) -> dict[str, float]:
    """The program's packages, where they were not there yet."""
    return {"packages": place.peer.install()}


def import_customers(place: Place) -> dict[str, float]:
    """The same customers by two ways."""
    sheet = place.peer.import_sheet(place.records)
    return {"as a sheet": sheet, "fastest way": place.peer.import_fast(place.records)}


def start(place: Place) -> dict[str, float]:
    """Database and program from nothing to the first list in full."""
    return {"seconds": place.started}


def idle(place: Place) -> dict[str, float]:
    """A while after the start."""
    time.sleep(min(5.0, place.seconds))
    assert place.serving is not None
    taken = place.serving.memory()
    return {"program": taken.program, "PostgreSQL": taken.database}


def page(place: Place) -> dict[str, float]:
    """What a person waits for, without the drawing."""
    return _list(place, lambda client: client.page(), place.peer.page_rows)


def rows(place: Place) -> dict[str, float]:
    """What another program asks for."""
    return _list(place, lambda client: client.rows(), ROWS)


def found(place: Place) -> dict[str, float]:
    """Names that hold two to four characters, of customers that are there."""
    return _search(place, lambda client, text: client.found(text))


def box(place: Place) -> dict[str, float]:
    """The same typed into the search box."""
    return _search(place, lambda client, text: client.box(text))


def order(place: Place) -> dict[str, float]:
    """Five lines, from nothing to an order that counts."""
    return _orders(place, lambda client, new: client.order(new))


def whole_order(place: Place) -> dict[str, float]:
    """The same, with the draft invoice and the delivery that follow."""
    return _orders(place, lambda client, new: client.whole_order(new))


def report_month(place: Place) -> dict[str, float]:
    """Before any order is made: the sum is known to the cent."""
    return _report(place, ("month",))


def report_people(place: Place) -> dict[str, float]:
    """The same cut by salesperson."""
    return _report(place, ("month", "salesperson"))


def _list(place: Place, ask: Callable[[Client], int], most: int) -> dict[str, float]:
    wanted = min(most, len(place.records.customers))

    def once(client: Client) -> None:
        if (shows := ask(client)) != wanted:
            raise AnswerError(f"a list of {shows} rows instead of {wanted}")

    client = place.client()
    return _times(place, lambda _turn: once(client)) | _rate(place, lambda one, _turn: once(one))


def _search(place: Place, ask: Callable[[Client, str], int]) -> dict[str, float]:
    typed = place.records.typed(place.requests)

    def once(client: Client, turn: int) -> None:
        if not ask(client, typed[turn % len(typed)]):
            raise AnswerError(f"“{typed[turn % len(typed)]}” was not found")

    client = place.client()
    return _times(place, lambda turn: once(client, turn)) | _rate(place, once)


def _orders(place: Place, make: Callable[[Client, NewOrder], str]) -> dict[str, float]:
    new = place.records.new_orders(1_000)

    def once(client: Client, turn: int) -> None:
        state = make(client, new[turn % len(new)])
        if state not in place.peer.confirmed:
            raise AnswerError(f"the order is “{state}”")

    client, count = place.client(), max(5, place.requests // 4)  # a second each, with some
    return _times(place, lambda turn: once(client, turn), count) | _rate(place, once)


def _report(place: Place, by: tuple[str, ...]) -> dict[str, float]:
    wanted, client = place.records.revenue(), place.client()

    def once(_turn: int) -> None:
        if (total := client.report(by)) != wanted:
            raise AnswerError(f"the report comes to {total} instead of {wanted}")

    return _times(place, once, max(5, place.requests // 4))


def _times(place: Place, work: Callable[[int], None], count: int = 0) -> dict[str, float]:
    for turn in range(_WARM):
        work(turn)
    times = [timed(lambda turn=turn: work(turn)) for turn in range(count or place.requests)]  # type: ignore[misc] # the loop's own turn
    return {"median": median(times), "p95": p95(times)}


def _rate(place: Place, work: Callable[[Client, int], None]) -> dict[str, float]:
    def of(client: Client) -> Callable[[int], None]:
        return lambda turn: work(client, turn)

    clients = [place.client() for _client in range(CLIENTS)]
    for client in clients:  # signed in and known to the program before the clock counts
        work(client, 0)
    return {"rate": at_once([of(client) for client in clients], place.seconds)}


_MS = (Figure("median", "ms"), Figure("p95", "ms"))
_LOADED = (*_MS, Figure("rate", f"/s, {CLIENTS} clients", better="more"))
TASKS: tuple[Task, ...] = (
    Task("packages", "Set-up", "first", packages, (Figure("packages", "s"),)),
    Task("set-up", "Set-up", "stopped", set_up, (Figure("database", "s"),)),
    Task(
        "import", "Import of customers", "stopped", import_customers,
        (
            Figure("as a sheet", "rows/s", better="more"),
            Figure("fastest way", "rows/s", better="more"),
        ),
    ),
    Task("start", "Start to the first list", "running", start, (Figure("seconds", "s"),)),
    Task(
        "idle", "Memory, idle", "running", idle,
        (Figure("program", "MB"), Figure("PostgreSQL", "MB")),
    ),
    Task("page", "List by name as its own client asks", "running", page, _LOADED),
    Task("rows", f"List by name, {ROWS} rows of 4 columns", "running", rows, _LOADED),
    Task("found", "Search: name holds 2–4 characters", "running", found, _LOADED),
    Task("box", "Search as its own box does it", "running", box, _LOADED),
    Task("month", "Report by month", "running", report_month, _MS),
    Task("people", "Report by month × salesperson", "running", report_people, _MS),
    Task("order", "Order of 5 lines, made and confirmed", "running", order, _LOADED),
    Task("whole-order", "The same with invoice and delivery", "running", whole_order, _LOADED),
)  # fmt: skip
