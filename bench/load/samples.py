"""What was asked and answered: every request of everybody, with its time, kind and status."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.client import median, p95

BROKEN = 0  # the status of a request that got no answer


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it began (monotonic seconds), what it was, how long it took, what came back."""

    at: float
    kind: str
    ms: float
    status: int
    wanted: bool  # whether the person could go on with this answer
    said: str = ""  # of an answer nobody wanted: its beginning

    @property
    def until(self) -> float:
        """When the answer was there."""
        return self.at + self.ms / 1000


@dataclass(frozen=True)
class Row:
    """All requests of one kind. ``faults``: how many got an answer nobody wanted, by status."""

    kind: str
    count: int
    median: float
    p95: float
    most: float
    faults: Counter[int]


class Samples:
    """All requests so far, and the spans of time in which something was killed on purpose."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Sample] = []
        self._spans: list[tuple[float, float]] = []

    def add(self, sample: Sample) -> None:
        """Remember a request; any thread may."""
        with self._lock:
            self._all.append(sample)

    def all(self) -> list[Sample]:
        """What there is until now."""
        with self._lock:
            return list(self._all)

    def killed_at(self, moment: float, seconds: float) -> None:
        """From this moment on, for so long, answers nobody wanted are no errors: something was killed."""
        self._spans.append((moment, moment + seconds))

    def excused(self, sample: Sample) -> bool:
        """Whether the request was under way while the program had leave to fail."""
        return any(sample.until >= start and sample.at <= end for start, end in self._spans)

    def errors(self) -> list[Sample]:
        """Answers nobody wanted, and none of what was killed on purpose explains."""
        return [one for one in self.all() if not one.wanted and not self.excused(one)]


def rows_of(samples: Iterable[Sample]) -> list[Row]:
    """The samples by kind, most frequent first, and all of them together at the end."""
    kinds: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        kinds[sample.kind].append(sample)
    found = [_row(kind, kinds[kind]) for kind in kinds]
    found.sort(key=lambda row: -row.count)
    every = [sample for many in kinds.values() for sample in many]
    return [*found, _row("all", every)] if every else []


def _row(kind: str, samples: list[Sample]) -> Row:
    times = [one.ms for one in samples]
    faults = Counter(one.status for one in samples if not one.wanted)
    return Row(kind, len(samples), median(times), p95(times), max(times), faults)


def now() -> float:
    """The clock of all samples."""
    return time.monotonic()
