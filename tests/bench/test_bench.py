"""`make bench` measures: every declaration runs, says what it skips, and refuses what it cannot do."""

from __future__ import annotations

import json

import pytest

from bench import processes
from bench.__main__ import customers_of, main
from bench.client import p95
from bench.measures import MEASURES, Figure


@pytest.mark.slow
def test_a_small_run_prints_a_table_and_writes_what_was_measured(tmp_path, capsys):
    keys = "import-customers,list,api,search,detail,save,report,idle,verify,backup"
    words = ["--sizes", "60", "--rows", "80", "--requests", "2", "--seconds", "0.2"]
    words += ["--entries", "5", "--calm", "5"]
    words += ["--folder", str(tmp_path), "--results", str(tmp_path / "results")]
    assert main([*words, "--only", keys]) == 0

    [file] = (tmp_path / "results").iterdir()
    result = json.loads(file.read_text(encoding="utf-8"))
    assert {"cores", "ram_gib", "load_average", "versions"} <= result["machine"].keys()
    found = {one["measure"]: one for one in result["measured"]}
    assert found.keys() == set(keys.split(","))
    declared = {measure.key: measure for measure in MEASURES}
    for key, one in found.items():
        if "skipped" not in one:
            assert one["values"].keys() == {figure.key for figure in declared[key].figures}
            assert all(value > 0 for value in one["values"].values()), key
    table = capsys.readouterr().out
    assert "Customer list, 50 rows as HTML" in table
    assert "median" in table


@pytest.mark.parametrize(
    ("busy", "waits"),
    [
        ([0.0] * 14, 70),
        ([2.0] * 3 + [0.0] * 14, 85),
        ([2.0] + [0.0] * 11 + [2.0] + [0.0] * 14, 135),  # the jobs go on a minute later
    ],
)
def test_what_is_measured_waits_for_more_than_a_minute_of_calm(monkeypatch, tmp_path, busy, waits):
    worked = [at for total in _sums(busy) for at in total]
    slept = []
    monkeypatch.setattr(processes, "_worked", lambda pids: worked.pop(0))
    monkeypatch.setattr(processes.time, "sleep", slept.append)
    processes._wait_for_calm(1, processes.Home(tmp_path), processes.CALM_FOR)
    assert sum(slept) == waits


def _sums(busy):
    """What the processor did before and after each look."""
    done = 0.0
    for more in busy:
        yield done, done + more
        done += more


def test_p95_is_the_shortest_time_that_19_of_20_keep():
    for count, kept in ((1, 1), (19, 19), (20, 19), (22, 21), (100, 95), (1000, 950)):
        assert p95([float(one) for one in reversed(range(1, count + 1))]) == kept


def test_a_size_that_is_none_is_refused():
    assert [customers_of(word) for word in ("10k", "1M", "750")] == [10_000, 1_000_000, 750]
    for word in ("", "ten", "5", "2m"):
        with pytest.raises(SystemExit):
            customers_of(word)


def test_an_unknown_measure_is_refused():
    with pytest.raises(SystemExit, match="There is no measure nothing"):
        main(["--only", "nothing"])


def test_a_target_is_met_on_its_side():
    assert Figure("a", "ms", 20).met(20)
    assert not Figure("a", "ms", 20).met(21)
    assert Figure("a", "/s", 100, "more").met(100)
    assert Figure("a", "ms").met(1) is None
    some = Figure("a", "ms", 20, least_size=1_000, most_size=100_000)
    assert [some.counts(size) for size in (999, 1_000, 100_000, 100_001)] == [
        False, True, True, False,
    ]  # fmt: skip
