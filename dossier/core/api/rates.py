"""How often a token may ask: a bucket per token in each web process that fills as time passes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from django.conf import settings

_BURST_SECONDS = 10  # an idle token may ask at once what it could ask in this time
_MOST = 10_000  # buckets kept; the oldest go first


class Buckets:
    """Buckets by token. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, token_id: int) -> int:
        """Take one; 0 when there was one, else the seconds until there is."""
        per_second = settings.API_REQUESTS_PER_MINUTE / 60
        full = max(1.0, per_second * _BURST_SECONDS)
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(token_id, (full, now))
            left = min(full, left + (now - at) * per_second)
            wait = 0 if left >= 1 else max(1, math.ceil((1 - left) / per_second))
            self._left[token_id] = (left if wait else left - 1, now)
            if len(self._left) > _MOST:
                del self._left[next(iter(self._left))]
        return wait

    def forget(self) -> None:
        """Fill all buckets."""
        with self._lock:
            self._left.clear()


BUCKETS = Buckets()
