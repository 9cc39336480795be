"""Slack's rate limits, on the programme clock.

Tiers count calls of one method in one-minute windows; chat.postMessage has a bucket per
channel (1 a second, bursts of 10) and one per workspace (525 a minute, bursts of 50).
"""

import math
from datetime import datetime

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
WINDOW = 60.0


class Bucket:
    """Tokens that refill with time, up to a burst."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._rate = per_second
        self._burst = burst
        self._tokens = float(burst)
        self._at: datetime | None = None

    def wait(self, now: datetime) -> float:
        """Seconds until a token is there; 0 when one is."""
        if self._at is not None:
            passed = max(0.0, (now - self._at).total_seconds())
            self._tokens = min(float(self._burst), self._tokens + passed * self._rate)
        self._at = now
        return 0.0 if self._tokens >= 1 - 1e-9 else (1 - self._tokens) / self._rate

    def take(self) -> None:
        self._tokens -= 1


class Rates:
    """Says how long a call has to wait, and counts those that need not."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._workspace = Bucket(525 / WINDOW, 50)
        self._channels: dict[str, Bucket] = {}

    def retry_after(self, method: str, tier: int | None, channel: str, now: datetime) -> int:
        """0 and counted, or whole seconds to wait; methods without a tier are not limited."""
        if method == "chat.postMessage":
            return self._post(channel, now)
        if tier is None:
            return 0
        start, used = self._windows.get(method, (now, 0))
        passed = (now - start).total_seconds()
        if not 0 <= passed < WINDOW:
            start, used, passed = now, 0, 0.0
        if used >= TIERS[tier]:
            return max(1, math.ceil(WINDOW - passed))
        self._windows[method] = (start, used + 1)
        return 0

    def _post(self, channel: str, now: datetime) -> int:
        own = self._channels.setdefault(channel, Bucket(1.0, 10))
        wait = max(own.wait(now), self._workspace.wait(now))
        if wait > 0:
            return max(1, math.ceil(wait))
        own.take()
        self._workspace.take()
        return 0
