"""Switches that make the workspace misbehave the way Slack sometimes does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Args = Mapping[str, Any]
What = Literal["rate_limit", "error", "http", "drop"]


@dataclass
class Fault:
    """One switched-on fault: how often it still strikes, and what it does."""

    what: What
    method: str
    times: int
    error: str = ""
    status: int = 200
    retry_after: int = 0
    after_storing: bool = False
    when: Callable[[Args], bool] = field(default=lambda _: True)


class Faults:
    """Faults strike in the order they were switched on, each `times` times."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.redeliveries = 0

    def rate_limit(self, method: str, times: int = 1, retry_after: int = 30) -> None:
        """The next calls of `method` answer 429 with Retry-After."""
        self._waiting.append(Fault("rate_limit", method, times, retry_after=retry_after))

    def error(
        self, method: str, error: str, times: int = 1, when: Callable[[Args], bool] | None = None
    ) -> None:
        """The next calls of `method` (those for which `when(args)`) answer {"ok": false}."""
        fault = Fault("error", method, times, error=error)
        if when is not None:
            fault.when = when
        self._waiting.append(fault)

    def http(
        self, method: str, status: int = 503, after_storing: bool = False, times: int = 1
    ) -> None:
        """The next calls answer an HTTP error, before or after the call took effect."""
        self._waiting.append(
            Fault("http", method, times, status=status, after_storing=after_storing)
        )

    def drop(self, method: str, after_storing: bool = False, times: int = 1) -> None:
        """The connection breaks without an answer, before or after the call took effect."""
        self._waiting.append(Fault("drop", method, times, after_storing=after_storing))

    def redeliver(self, times: int) -> None:
        """Every event is delivered `times` times again, with Slack's retry headers."""
        self.redeliveries = times

    def clear(self) -> None:
        """All is well again."""
        self._waiting.clear()
        self.redeliveries = 0

    def strike(self, method: str, args: Args) -> Fault | None:
        """The fault that hits this call, used up by one."""
        for fault in self._waiting:
            if fault.method == method and fault.when(args):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
