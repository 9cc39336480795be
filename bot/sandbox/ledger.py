"""What truly happened: every message that was stored, and how every call ended.

The app's own records are held against this. Unlike the log it forgets nothing.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Stored:
    """One message of the app that stands in the workspace. `to`: the person whose direct message
    it is, or the channel; `metadata`: the event_payload the app gave it."""

    n: int
    at: datetime
    to: str
    channel: str
    ts: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """Stored messages in order, numbered from 1, and calls by method and HTTP status; a broken
    connection counts as status 0."""

    def __init__(self) -> None:
        self._stored: list[Stored] = []
        self._calls: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def store(
        self,
        at: datetime,
        *,
        to: str,
        channel: str,
        ts: str,
        text: str,
        metadata: Mapping[str, Any] | None,
    ) -> None:
        """Write down a message."""
        payload = (metadata or {}).get("event_payload") or {}
        with self._lock:
            n = len(self._stored) + 1
            self._stored.append(Stored(n, at, to, channel, ts, text, payload))

    def called(self, method: str, status: int) -> None:
        """Count a call."""
        with self._lock:
            self._calls[method, status] += 1

    def after(self, n: int, most: int | None = None) -> list[Stored]:
        """Messages numbered above `n`, at most `most` of them."""
        with self._lock:
            return self._stored[n : None if most is None else n + most]

    def calls(self, method: str | None = None, status: int | None = None) -> int:
        """How many calls of this method ended like this; None: any."""
        with self._lock:
            return sum(
                count
                for (name, ended), count in self._calls.items()
                if method in (None, name) and status in (None, ended)
            )

    def by_method(self) -> dict[str, dict[str, int]]:
        """Calls by method and status."""
        found: dict[str, dict[str, int]] = {}
        with self._lock:
            for (name, status), count in sorted(self._calls.items()):
                found.setdefault(name, {})[str(status)] = count
        return found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._stored.clear()
            self._calls.clear()

    def __len__(self) -> int:
        return len(self._stored)
