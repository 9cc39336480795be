"""Switches that make the workspace misbehave the way Slack sometimes does."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal, get_args

Args = Mapping[str, Any]
What = Literal["rate_limit", "error", "http", "drop", "reset", "cut", "hang"]
Stored = Literal["never", "before", "after"]

EVERY = "*"
"""Instead of a method: whatever is called."""


def _always(_args: Args) -> bool:
    return True


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call of `method`, and whether it takes effect all the same.

    `stored`: "never"; "before" the answer is lost; or "after" it, when the caller has long given
    up (a hang only: elsewhere the same as "before"). `retry_after` goes into the header as it
    is; None: no header. `seconds`: how long a hang lasts.
    """

    what: What
    method: str
    stored: Stored = "never"
    error: str = ""
    status: int = 503
    retry_after: int | str | None = 30
    seconds: float = 0.0
    when: Callable[[Args], bool] = field(default=_always, compare=False)

    def __post_init__(self) -> None:
        if self.what not in get_args(What):
            raise ValueError(f"no fault is called {self.what!r}; there are {get_args(What)}")
        if self.stored not in get_args(Stored):
            raise ValueError(f"stored is one of {get_args(Stored)}, not {self.stored!r}")

    @property
    def after_storing(self) -> bool:
        """Whether the call takes effect although its answer says otherwise, or nothing."""
        return self.stored != "never"

    @property
    def name(self) -> str:
        """How it is counted: "http 503, stored before"."""
        more = {"http": f" {self.status}", "error": f" {self.error}"}.get(self.what, "")
        kept = f", stored {self.stored}" if self.after_storing else ""
        return f"{self.what}{more}{kept}"


@dataclass(frozen=True)
class Chance:
    """One fault of a storm: of all calls of its method, the share `rate` is hit."""

    rate: float
    fault: Fault


class Faults:
    """Faults strike in the order they were switched on, each `times` times; then a storm, where
    there is one, draws for every call."""

    def __init__(self) -> None:
        self._waiting: list[list[Any]] = []  # [fault, times left]
        self._storm: list[Chance] = []
        self._seed = ""
        self._draws: dict[str, Random] = {}
        self._lock = threading.Lock()
        self.redeliveries = 0
        self.delay = 0.0
        self.struck: Counter[str] = Counter()

    # Switches

    def rate_limit(self, method: str, times: int = 1, retry_after: int | str | None = 30) -> None:
        """The next calls of `method` answer 429, with this Retry-After; None leaves it out, and
        a text stands there as it is."""
        self.add(Fault("rate_limit", method, retry_after=retry_after), times)

    def error(
        self, method: str, error: str, times: int = 1, when: Callable[[Args], bool] | None = None
    ) -> None:
        """The next calls of `method` (those for which `when(args)`) answer {"ok": false}."""
        self.add(Fault("error", method, error=error, when=when or _always), times)

    def http(
        self, method: str, status: int = 503, after_storing: bool = False, times: int = 1
    ) -> None:
        """The next calls answer an HTTP error, before or after the call took effect."""
        self.add(Fault("http", method, _stored(after_storing), status=status), times)

    def drop(self, method: str, after_storing: bool = False, times: int = 1) -> None:
        """The connection is closed without an answer, before or after the call took effect."""
        self.add(Fault("drop", method, _stored(after_storing)), times)

    def reset(self, method: str, after_storing: bool = False, times: int = 1) -> None:
        """The connection is reset (TCP RST), before or after the call took effect."""
        self.add(Fault("reset", method, _stored(after_storing)), times)

    def cut(self, method: str, after_storing: bool = False, times: int = 1) -> None:
        """The connection ends in the middle of the answer."""
        self.add(Fault("cut", method, _stored(after_storing)), times)

    def hang(self, method: str, seconds: float, stored: Stored = "never", times: int = 1) -> None:
        """The answer comes after `seconds` real seconds. The call takes effect "before" that,
        "after" it, or "never".

        In process nobody waits: the call times out at once, and what is stored "after" it takes
        effect at `Workspace.arrive()`.
        """
        self.add(Fault("hang", method, stored, seconds=seconds), times)

    def deny(self, method: str, error: str = "missing_scope") -> None:
        """Every call of `method` is refused until `clear`."""
        self.add(Fault("error", method, error=error), -1)

    def add(self, fault: Fault, times: int = 1) -> None:
        """Switch a fault on for `times` calls; -1: for good."""
        with self._lock:
            self._waiting.append([fault, times])

    def storm(self, seed: int | str, chances: Sequence[Chance]) -> None:
        """From now on each call draws one fault or none. The same seed draws the same for the
        n-th call of each method. An empty list ends it."""
        total: dict[str, float] = defaultdict(float)
        for chance in chances:
            total[chance.fault.method] += chance.rate
        for method, share in total.items():
            if not 0 <= share <= 1:
                raise ValueError(f"the chances of {method} add up to {share:g}, not to 0 to 1")
        with self._lock:
            self._storm, self._seed, self._draws = list(chances), str(seed), {}

    def slow(self, seconds: float) -> None:
        """Every answer over HTTP takes this long, as one from afar does."""
        self.delay = seconds

    def redeliver(self, times: int) -> None:
        """Every event is delivered `times` times again, with Slack's retry headers."""
        self.redeliveries = times

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._waiting.clear()
            self._storm = []
        self.redeliveries = 0
        self.delay = 0.0

    # Strikes

    def strike(self, method: str, args: Args) -> Fault | None:
        """The fault that hits this call, used up by one."""
        with self._lock:
            fault = self._next(method, args) or self._draw(method)
            if fault is not None:
                self.struck[f"{method}: {fault.name}"] += 1
            return fault

    def _next(self, method: str, args: Args) -> Fault | None:
        for entry in self._waiting:
            fault, times = entry
            if fault.method in (method, EVERY) and fault.when(args):
                entry[1] = times - 1
                if entry[1] == 0:
                    self._waiting.remove(entry)
                return fault
        return None

    def _draw(self, method: str) -> Fault | None:
        if not self._storm:
            return None
        draws = self._draws.setdefault(method, Random(f"{self._seed}:{method}"))  # noqa: S311
        drawn = draws.random()
        for chance in self._storm:
            if chance.fault.method not in (method, EVERY):
                continue
            drawn -= chance.rate
            if drawn < 0:
                return replace(chance.fault, method=method)
        return None


def _stored(after_storing: bool) -> Stored:
    return "before" if after_storing else "never"
