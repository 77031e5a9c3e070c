"""`make bench-peers`: Dossier and another program at the same work, one after the other, as one table."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.__main__ import customers_of
from bench.client import AnswerError
from bench.machine import machine
from bench.peers.ours import Dossier
from bench.peers.peer import Peer
from bench.peers.table import table
from bench.peers.tryton import Tryton
from bench.peers.work import Answers, Place, course, part
from bench.processes import CommandError

_HERE = Path(__file__).resolve().parents[1]
# another is one class (see peer.py) and a line here
PEERS: dict[str, Callable[[Path], Peer]] = {"tryton": Tryton}


def main(words: list[str] | None = None) -> int:
    """Exit status 0: measured; 1: a program broke off, or answered something else than the work asked for."""
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("--size", type=customers_of, default="10k", help="customers, such as 10k")
    parser.add_argument("--lines", type=customers_of, help="lines of past orders; one per customer")
    parser.add_argument("--peers", default="tryton", help=f"with commas, of: {', '.join(PEERS)}")
    parser.add_argument("--requests", type=int, default=60, help="requests of one client")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of load by 8 clients")
    parser.add_argument("--folder", type=Path, default=_HERE / ".homes" / "peers")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="where JSON is put")
    given = parser.parse_args(words)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    ours = Dossier(folder, began.date())
    programs: list[Peer] = [ours, *(_peer(key)(folder) for key in given.peers.split(",") if key)]
    facts = machine()
    loads: dict[str, float] = {}
    measured: dict[str, Answers] = {program.name: {} for program in programs}
    broken = ""
    facts["load_before"] = loads
    lines = max(1_000, given.lines or given.size)
    try:
        _say(f"making {given.size:,} customers")
        records = ours.records(given.size, lines, folder / "records")
        places = [Place(one, records, given.requests, given.seconds) for one in programs]
        for place in places:  # where the index cannot be reached, nobody waits for the rest
            part("first", place, measured[place.peer.name], _say)
        for place in places:
            loads[place.peer.name] = round(os.getloadavg()[0], 2)
            course(place, measured[place.peer.name], _say)
    except (CommandError, AnswerError) as fault:
        broken = f"It could not be measured to the end: {fault}"  # what was is worth having
    facts["programs"] = {program.name: program.facts() for program in programs}
    result = {"machine": facts, "size": given.size, "lines": lines}
    given.results.mkdir(parents=True, exist_ok=True)
    file = given.results / f"peers-{began:%Y%m%d-%H%M%S}.json"
    text = json.dumps(result | {"measured": measured}, ensure_ascii=False, indent=2)
    file.write_text(text + "\n", encoding="utf-8")
    names = [program.name for program in programs]
    sys.stdout.write(table(facts, given.size, names, measured) + f"\n{file}\n")
    if broken:
        raise SystemExit(broken)
    return int(any(one.get("failed") for found in measured.values() for one in found.values()))


def _peer(key: str) -> Callable[[Path], Peer]:
    if key not in PEERS:
        raise SystemExit(f"There is no peer “{key}”. There are: {', '.join(PEERS)}.")
    return PEERS[key]


def _say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
