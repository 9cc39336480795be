"""Slack's rate limits, on the programme clock.

Tiers count calls of one method in one-minute windows; chat.postMessage has a bucket per
channel (1 a second, bursts of 10) and one per workspace (525 a minute, bursts of 50).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

WINDOW = 60.0


@dataclass(frozen=True)
class Limits:
    """How much a workspace takes. The defaults are Slack's."""

    posts_per_minute: float = 525
    posts_at_once: int = 50
    channel_per_second: float = 1.0
    channel_at_once: int = 10
    tiers: Mapping[int, float] = field(default_factory=lambda: {1: 1, 2: 20, 3: 50, 4: 100})

    def times(self, factor: float) -> Self:
        """The same workspace, `factor` times as generous: a day's load in minutes."""
        return type(self)(
            posts_per_minute=self.posts_per_minute * factor,
            posts_at_once=max(1, round(self.posts_at_once * factor)),
            channel_per_second=self.channel_per_second * factor,
            channel_at_once=max(1, round(self.channel_at_once * factor)),
            tiers={tier: calls * factor for tier, calls in self.tiers.items()},
        )


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

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._workspace = Bucket(self._limits.posts_per_minute / WINDOW, self._limits.posts_at_once)
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
        if used >= self._limits.tiers[tier]:
            return max(1, math.ceil(WINDOW - passed))
        self._windows[method] = (start, used + 1)
        return 0

    def _post(self, channel: str, now: datetime) -> int:
        own = self._channels.setdefault(
            channel, Bucket(self._limits.channel_per_second, self._limits.channel_at_once)
        )
        wait = max(own.wait(now), self._workspace.wait(now))
        if wait > 0:
            return max(1, math.ceil(wait))
        own.take()
        self._workspace.take()
        return 0
