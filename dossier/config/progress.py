"""Progress of long work: a bar on a terminal, plain lines elsewhere; always on the standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dossier.core.bilingual import bilingual

Advance = Callable[[int], None]

_QUIET_SECONDS = 5.0


@contextmanager
def progress(total: int | None, label: str = "") -> Iterator[Advance]:
    """Call the function given with the number of units just done; `total` None: not known beforehand."""
    if sys.stderr.isatty():
        with _bar(total, label) as advance:
            yield advance
    else:
        with _lines(total, label) as advance:
            yield advance


@contextmanager
def _bar(total: int | None, label: str) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def _lines(total: int | None, label: str) -> Iterator[Advance]:
    """A line every tenth of the way and every few seconds, and one at the end."""
    done = 0
    tenth = 0
    started = said = time.monotonic()

    def say() -> None:
        of = f" / {total}" if total is not None else ""
        share = f" ({done * 100 // total}%)" if total else ""
        print(f"{label}: {done}{of}{share}", file=sys.stderr, flush=True)  # noqa: T201 - the command line's own output

    def advance(count: int) -> None:
        nonlocal done, tenth, said
        done += count
        now = time.monotonic()
        new_tenth = done * 10 // total if total else 0
        if new_tenth > tenth or now - said > _QUIET_SECONDS:
            tenth, said = new_tenth, now
            say()

    yield advance
    seconds = time.monotonic() - started
    done_in = bilingual(f"{label}: {done}, {seconds:.1f} s", f"{label}：{done}，{seconds:.1f} 秒")
    print(done_in, file=sys.stderr, flush=True)  # noqa: T201 - the command line's own output
