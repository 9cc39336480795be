"""What passed between the workspace and the app: the log people can look at."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Direction = Literal["to_bot", "from_bot"]
KEPT = 500
_SECRET = frozenset({"token", "client_secret"})


@dataclass(frozen=True)
class LogEntry:
    """One request and its answer. `at` is programme time, `ms` real milliseconds."""

    n: int
    at: datetime
    direction: Direction
    what: str
    status: int
    ms: float
    request: Mapping[str, Any]
    answer: Any


class Log:
    """The last 500 entries, numbered from 1."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=KEPT)
        self._count = 0

    def add(
        self,
        at: datetime,
        direction: Direction,
        what: str,
        *,
        status: int,
        ms: float,
        request: Mapping[str, Any],
        answer: Any,
    ) -> None:
        """Keep one entry; tokens are left out."""
        self._count += 1
        shown = {key: value for key, value in request.items() if key not in _SECRET}
        self._entries.append(
            LogEntry(self._count, at, direction, what, status, round(ms, 1), shown, answer)
        )

    def clear(self) -> None:
        """Forget the entries; numbers go on."""
        self._entries.clear()

    def after(self, n: int) -> list[LogEntry]:
        """Entries numbered above `n`."""
        return [entry for entry in list(self._entries) if entry.n > n]

    def __iter__(self) -> Any:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> LogEntry:
        return self._entries[index]
