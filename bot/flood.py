"""How many requests one person may make: more are refused before anything is looked up.

In this process's memory alone: the limit protects the process, and a restart forgives.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WORDS = "A lot at once. Wait a minute, then go on."

A_MINUTE = 30
"""Requests of one person in a minute, in the long run; as many may come at once."""

_PEOPLE = 10_000  # remembered at most
_AGAIN = 10.0  # seconds until somebody is told again what they read already


@dataclass
class _Purse:
    left: float
    at: float
    told: float | None = None


class Allowance:
    """Everybody's requests, counted."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        a_minute: int = A_MINUTE,
        people: int = _PEOPLE,
        refused: Callable[[], object] | None = None,
    ) -> None:
        """`now` is a clock of seconds that never runs backwards; `refused` hears of every request
        that is too much."""
        self._now = now
        self._refused = refused
        self._most = float(a_minute)
        self._people = people
        self._purses: OrderedDict[str, _Purse] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, who: str) -> bool:
        """Whether this person may make one more request now."""
        with self._lock:
            now = self._now()
            purse = self._purses.get(who)
            if purse is None:
                purse = self._purses[who] = _Purse(self._most, now)
                if len(self._purses) > self._people:
                    # Who was quiet longest has most to spend anyway.
                    self._purses.popitem(last=False)
            self._purses.move_to_end(who)
            purse.left = min(self._most, purse.left + (now - purse.at) * self._most / 60)
            purse.at = now
            if purse.left >= 1:
                purse.left -= 1
                return True
        if self._refused is not None:
            self._refused()
        return False

    def tell(self, who: str) -> bool:
        """Whether to say so where that costs a call to Slack: once in ten seconds."""
        with self._lock:
            purse, now = self._purses.get(who), self._now()
            if purse is None or (purse.told is not None and now - purse.told < _AGAIN):
                return False
            purse.told = now
            return True
