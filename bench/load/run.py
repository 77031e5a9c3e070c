"""One run: the company, the program, the people, the kills, the proof."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.load import verify
from bench.load.browser import Browser
from bench.load.faults import Fault, Outage, kill
from bench.load.journal import Journal
from bench.load.mix import work
from bench.load.program import Program
from bench.load.samples import Row, Sample, Samples, rows_of
from bench.load.worker import Pace, Worker
from bench.load.world import World, connected, home_of, prepare
from bench.processes import Home

TARGET_MS = 300.0  # p95 of every page
_WEIGH_EVERY = 15.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is run. ``programs``: of the people so many have a program that works beside, by the API;
    ``serves_within``: seconds after a kill; ``watched``: seconds of load after each kill."""

    folder: Path
    customers: int
    lines: int
    people: int
    seconds: float
    pace: Pace
    programs: int = 8
    faults: Sequence[Fault] = ()
    seed: int = 1
    serves_within: float = 10.0
    watched: float = 25.0


@dataclass
class Result:
    """What came of it."""

    rows: list[Row]  # of the steady part
    seconds: float
    errors: list[Sample]
    problems: list[str]
    writes: dict[str, Counter[str]]
    memory: list[tuple[float, float, float]]  # seconds, MB of the program, MB of PostgreSQL
    cpu: tuple[float, float] = (0.0, 0.0)  # seconds of a core: the program's, PostgreSQL's
    outages: list[Outage] = field(default_factory=list)
    during: Counter[int] = field(
        default_factory=Counter
    )  # statuses nobody wanted, excused by a kill
    serves_within: float = 10.0
    verified: str = ""
    logged: list[str] = field(
        default_factory=list
    )  # faults the program wrote of in the steady part

    @property
    def held(self) -> bool:
        """No error, nothing lost, everything served again in time."""
        in_time = all(outage.held(self.serves_within) for outage in self.outages)
        return not self.errors and not self.problems and in_time

    @property
    def fast(self) -> bool:
        """Whether every kind of page kept the target."""
        return all(row.p95 <= TARGET_MS for row in self.rows)

    def growth(self) -> tuple[float, float, float] | None:
        """(MB at the beginning, MB at the end, percent in an hour if it went on so) of the program.

        The first third of the time counts as warming up. A line is laid through the rest.
        """
        points = [(at, own) for at, own, _database in self.memory if own]
        points = [point for point in points if point[0] >= self.seconds / 3] or points
        if len(points) < 3:
            return None
        middle = sum(at for at, _mb in points) / len(points)
        mean = sum(mb for _at, mb in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _mb in points)
        slope = sum((at - middle) * (mb - mean) for at, mb in points) / spread
        return points[0][1], points[-1][1], slope * 3600 / mean * 100

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        plain = {
            "rows": [{**vars(row), "faults": dict(row.faults)} for row in self.rows],
            "errors": [asdict(one) for one in self.errors],
            "outages": [asdict(one) for one in self.outages],
            "writes": {what: dict(counts) for what, counts in self.writes.items()},
            "during": [asdict(one) for one in self.during],
        }
        found = {"held": self.held, "fast": self.fast, "growth": self.growth()}
        return {**vars(self), **plain, **found}


def run(plan: Plan, say: Say) -> Result:
    """Make the run. The program is stopped at the end, whatever happens; its home stays."""
    home = home_of(plan.folder, plan.customers, plan.lines, say)
    program = Program(home)
    program.log.write_bytes(b"")
    program.start()
    try:
        program.wait()
        return _with_people(plan, home, program, say)
    finally:
        program.stop()


def _with_people(plan: Plan, home: Home, program: Program, say: Say) -> Result:
    say(f"sign-ins of {plan.people} people")
    world = prepare(home, plan.people, plan.programs)
    samples, journal = Samples(), Journal(f"load{uuid.uuid4().hex[:8]}")
    stop = threading.Event()
    workers = _signed_in(plan, world, program, Samples(), journal, stop)
    for worker in workers:  # signing in is work of its own kind and not part of the figures
        worker.samples = worker.browser.samples = worker.program.samples = samples
    prober = Browser(program.port, Samples())
    prober.sign_in("zhoujianguo")
    with connected(home) as database:
        before = verify.stand(database, world.shared)
    faults: list[str] = []
    threads = [
        threading.Thread(target=_at_work, args=(worker, faults), daemon=True) for worker in workers
    ]
    memory: list[tuple[float, float, float]] = []
    began = time.monotonic()
    say(f"{len(workers)} people at work for {plan.seconds:.0f} s")
    for thread in threads:
        thread.start()
    try:
        spent = program.cpu()
        _steady(plan, program, samples, memory, began, say)
        own, database_own = program.cpu()
        spent = (own - spent[0], database_own - spent[1])
        logged = _faults_logged(program)
        seconds = time.monotonic() - began
        steady = samples.all()
        outages = _killed(plan, home, program, prober, samples, journal, before, say)
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)
    for worker in workers:
        worker.browser.close()
        worker.program.close()
    say("looking for everything that was acknowledged")
    with connected(home) as database:
        problems = faults + list(verify.problems(database, journal, before))
    program.stop()
    verified = _history(home, problems, say)
    excused = [one for one in samples.all() if not one.wanted and samples.excused(one)]
    signed_out = [one for one in excused if "/sign-in" in one.said]
    return Result(
        rows=rows_of(steady),
        seconds=seconds,
        errors=[*samples.errors(), *signed_out],
        problems=problems,
        writes=verify.summary(journal),
        memory=memory,
        cpu=spent,
        outages=outages,
        during=excused,
        serves_within=plan.serves_within,
        verified=verified,
        logged=logged,
    )


def _signed_in(
    plan: Plan,
    world: World,
    program: Program,
    samples: Samples,
    journal: Journal,
    stop: threading.Event,
) -> list[Worker]:
    workers = []
    for number, person in enumerate(world.people):
        worker = Worker(
            person, world, program.port, samples, journal, plan.pace, stop,
            plan.seed * 1000 + number,
        )  # fmt: skip
        worker.browser.sign_in(person.login)
        workers.append(worker)
    return workers


def _at_work(worker: Worker, faults: list[str]) -> None:
    try:
        worker.wait(worker.draw.uniform(0, worker.pace.longest))  # nobody begins with the others
        work(worker)
    except Exception as error:  # noqa: BLE001 - a person who could not go on is a result, not an end of the run
        faults.append(f"{worker.person.login} could not go on: {error!r}")


def _steady(
    plan: Plan,
    program: Program,
    samples: Samples,
    memory: list[tuple[float, float, float]],
    began: float,
    say: Say,
) -> None:
    """The load alone, weighed from time to time."""
    while (passed := time.monotonic() - began) < plan.seconds:
        memory.append((passed, *program.memory()))
        time.sleep(min(_WEIGH_EVERY, max(0.0, plan.seconds - passed)))
        if len(memory) % 4 == 0:
            [*_kinds, every] = rows_of(samples.all()) or [None]
            if every is not None:
                say(f"{every.count} requests, p95 {every.p95:.0f} ms, errors {dict(every.faults)}")
    memory.append((time.monotonic() - began, *program.memory()))


def _killed(
    plan: Plan,
    home: Home,
    program: Program,
    prober: Browser,
    samples: Samples,
    journal: Journal,
    before: verify.Before,
    say: Say,
) -> list[Outage]:
    def missing() -> list[str]:
        with connected(home) as database:
            return verify.missing(database, journal, before)

    found = []
    for fault in plan.faults:
        say(f"kill -9: {fault.name}")
        outage = kill(
            fault, program, prober, samples, missing,
            watched=plan.watched, excused=plan.serves_within,
        )  # fmt: skip
        if outage is not None:
            found.append(outage)
            say(
                f"served again after {outage.serves:.1f} s, whole after {outage.whole:.1f} s,"
                f" missing {len(outage.missing)}"
            )
    return found


def _faults_logged(program: Program) -> list[str]:
    """Lines of the program's log that tell of a fault."""
    lines = program.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if " ERROR " in line or line.startswith("Traceback")]


def _history(home: Home, problems: list[str], say: Say) -> str:
    """`dossier history verify` after it all."""
    say("the history is verified")
    home.command("history", "seal")
    file = home.path.with_suffix(".verified.json")
    home.command("history", "verify", "--json", str(file), done=(0, 1))
    answer = json.loads(file.read_text(encoding="utf-8"))
    if not answer.get("ok", False):
        problems.append(f"dossier history verify: {json.dumps(answer)[:500]}")
    return f"{answer.get('entries', 0):,} entries"
