"""Twenty people at work while PostgreSQL and a web worker are killed: what they were told is saved is there."""

from __future__ import annotations

import pytest

from bench.load.faults import SHORT
from bench.load.journal import State, What
from bench.load.run import Plan, run
from bench.load.worker import Pace

pytestmark = pytest.mark.slow


def test_twenty_people_lose_nothing_while_the_program_is_killed(tmp_path):
    """`make load` in short. The bounds are for a machine with other work to do; nothing is timed here."""
    plan = Plan(
        folder=tmp_path,
        customers=60,
        lines=1_000,
        people=20,
        programs=3,
        seconds=6,
        pace=Pace(0.2, 1.0, again=0.2),
        faults=SHORT,
        serves_within=60,
        watched=4,
    )
    said: list[str] = []
    result = run(plan, said.append)

    assert [one.said for one in result.errors] == []
    assert result.problems == []
    assert len(result.outages) == len(SHORT)
    for outage in result.outages:
        assert outage.held(plan.serves_within), outage
    for what in (What.EDIT, What.COUNT, What.NOTE):
        assert result.writes[what][State.DONE], result.writes
