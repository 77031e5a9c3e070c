"""How Python runs while a file is brought in: two threads that take turns often, no search for rings (AUD-4)."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_TURN = 0.0005  # seconds; of the usual 0.005 the database waits a tenth of the time for the thread that feeds it
_under_way = 0
_was_on = True
_turn_before = _TURN


@contextmanager
def working_on_a_file() -> Iterator[None]:
    """Let threads take turns often, and do not look for rings of dead objects.

    An import makes no rings, and looking for them takes a tenth of its time; memory without rings is given
    back at once as ever. Several may run at the same time; the last one to end puts both back.
    """
    global _under_way, _was_on, _turn_before
    with _guard:
        if not _under_way:
            _was_on, _turn_before = gc.isenabled(), sys.getswitchinterval()
            gc.disable()
            sys.setswitchinterval(_TURN)
        _under_way += 1
    try:
        yield
    finally:
        with _guard:
            _under_way -= 1
            if not _under_way:
                sys.setswitchinterval(_turn_before)
                if _was_on:
                    gc.enable()
