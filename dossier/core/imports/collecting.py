"""Python's search for rings of dead objects, put off while many rows are in memory (AUD-4)."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_under_way = 0


@contextmanager
def without_ring_search() -> Iterator[None]:
    """Do not look for rings meanwhile: an import makes none, and looking takes a tenth of its time.

    Memory without rings is given back at once as ever. Several may run at the same time; the last one
    to end lets the search go on, if it went on before the first.
    """
    global _under_way, _was_on
    with _guard:
        if not _under_way:
            _was_on = gc.isenabled()
            gc.disable()
        _under_way += 1
    try:
        yield
    finally:
        with _guard:
            _under_way -= 1
            if not _under_way and _was_on:
                gc.enable()


_was_on = True
