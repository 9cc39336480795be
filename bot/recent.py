"""Answers of the last minutes: whoever brings the same request again gets the same answer, and
one that comes while the first is still at work waits for it.

In this process's memory and bounded; what changed something is known longer, by its row.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.clock import monotonic

Answer = TypeVar("Answer")

PATIENCE = 2.0
"""Seconds the same request waits for the first one. Slack waits three."""

_KEPT = 600.0  # seconds; Slack's third delivery comes after six minutes
_MOST = 1000


class _Entry(Generic[Answer]):
    def __init__(self, at: float) -> None:
        self.at = at
        self.done = threading.Event()
        self.answer: Answer | None = None


class Recent(Generic[Answer]):
    """What was answered to which request."""

    def __init__(
        self, now: Callable[[], float] = monotonic, *, patience: float = PATIENCE, most: int = _MOST
    ) -> None:
        self._now = now
        self._patience = patience
        self._most = most
        self._entries: OrderedDict[str, _Entry[Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, key: str, first: Callable[[], tuple[Answer, bool]]) -> Answer | None:
        """What `first` answers, asked once for each key. It also says whether its answer holds;
        if not, or when it raises, the next one with this key asks anew.

        None when the first one takes longer than anybody waits.
        """
        end = self._now() + self._patience
        while True:
            entry, mine = self._take(key)
            if mine:
                return self._run(key, entry, first)
            if not entry.done.wait(max(0.0, end - self._now())):
                return None
            if entry.answer is not None:
                return entry.answer

    def _take(self, key: str) -> tuple[_Entry[Answer], bool]:
        with self._lock:
            now = self._now()
            while self._entries:
                oldest = next(iter(self._entries.values()))
                if len(self._entries) < self._most and now - oldest.at < _KEPT:
                    break
                self._entries.popitem(last=False)
            found = self._entries.get(key)
            if found is not None:
                return found, False
            made = self._entries[key] = _Entry(now)
            return made, True

    def _run(
        self, key: str, entry: _Entry[Answer], first: Callable[[], tuple[Answer, bool]]
    ) -> Answer:
        holds = False
        try:
            answer, holds = first()
            if holds:
                entry.answer = answer
            return answer
        finally:
            if not holds:
                with self._lock:
                    if self._entries.get(key) is entry:
                        del self._entries[key]
            entry.done.set()
