"""What people do, and how often: each piece of work is a declaration with its share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.load import api_work, reading, writing
from bench.load.worker import Ended, Worker


@dataclass(frozen=True)
class Piece:
    """A piece of work: several pages with thought between them. ``share`` against the others' shares."""

    name: str
    share: float
    do: Callable[[Worker], None]
    who: Callable[[Worker], bool] = lambda worker: True


def _sells(worker: Worker) -> bool:
    return worker.person.sells


PIECES: Sequence[Piece] = (
    Piece("list, filter, next page", 20, reading.browse),
    Piece("search while typing, open what was found", 14, reading.search),
    Piece("customer with tabs", 16, reading.look_at_customer),
    Piece("orders and lines", 8, reading.orders),
    Piece("start page, questions, completeness", 6, reading.desk),
    Piece("report", 4, reading.report),
    Piece("list taken out as a file", 1, reading.take_out, lambda one: one.person.takes_out),
    Piece("customer edited", 12, writing.edit_customer, _sells),
    Piece(
        "shared customer edited by several",
        6,
        writing.count_shared,
        lambda one: bool(one.person.shared),
    ),
    Piece("note added", 8, writing.add_note, _sells),
    Piece("order entered", 6, writing.enter_order, _sells),
    Piece("order changed", 3, writing.amend_order, lambda one: bool(one.orders)),
    Piece("customer entered", 2, writing.enter_customer, _sells),
    Piece("file of 300 customers brought in", 2, writing.bring_in, lambda one: one.person.keeps),
    Piece("program reads", 8, api_work.read, lambda one: bool(one.person.token)),
    Piece("program writes", 10, api_work.write, lambda one: bool(one.person.token)),
)


def work(worker: Worker) -> None:
    """Work until told to stop: one piece after the other, drawn by the shares."""
    try:
        while True:
            pieces = [piece for piece in PIECES if piece.who(worker)]
            [piece] = worker.draw.choices(pieces, [piece.share for piece in pieces])
            piece.do(worker)
            worker.think()
    except Ended:
        return
