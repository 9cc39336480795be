"""The only file that reads the wall clock.

A clock is a callable that returns an aware UTC datetime. The whole bot is handed one: real
time in production, a movable one in the demo and the tests.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_SUSPENDED_TOO: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards: for leases, time-outs and measuring, not for dates.

    They run on while the machine is suspended, where the system has such a clock (Linux): a
    lease is over then, whoever slept.
    """
    return time.monotonic() if _SUSPENDED_TOO is None else time.clock_gettime(_SUSPENDED_TOO)


def awake() -> float:
    """The same without the time the machine was suspended: for how long somebody could act."""
    return time.monotonic()


def epoch() -> float:
    """Real seconds since 1970, for what Slack checks against real time (signatures)."""
    return time.time()


class MovableClock:
    """Programme time that somebody moves.

    `ticking=True` (the demo) lets it run on with real time between moves; a test's clock
    stands still until it is told to move.
    """

    def __init__(self, start: datetime, *, ticking: bool = False) -> None:
        self._lock = threading.Lock()
        self._at = _aware(start)
        self._ticking = ticking
        self._since = monotonic()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now()

    def _now(self) -> datetime:
        if not self._ticking:
            return self._at
        return self._at + timedelta(seconds=monotonic() - self._since)

    def set(self, at: datetime) -> None:
        """Move to `at`; moving back is allowed (a real clock does it too)."""
        with self._lock:
            self._at = _aware(at)
            self._since = monotonic()

    def move(self, **delta: float) -> datetime:
        """Move on by a timedelta's keywords: `clock.move(days=3)`. Returns the new time."""
        with self._lock:
            self._at = self._now() + timedelta(**delta)
            self._since = monotonic()
            return self._at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a clock is set to an aware datetime")
    return at.astimezone(UTC)
