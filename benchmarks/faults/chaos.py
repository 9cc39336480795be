"""What happens to processes and the database, drawn from a seed."""

import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

import sqlalchemy as sa

from benchmarks.faults.crew import Child, Crew
from benchmarks.faults.stage import Store
from benchmarks.faults.verdict import Recovered
from bot.clock import monotonic
from bot.database import AWAY, Database
from bot.outbox import Letter, LetterState
from bot.sandbox.faults import Chance, Fault, Stored, What

Event = Literal["kill", "term", "freeze", "database"]
_WEIGHTS: dict[Event, int] = {"kill": 5, "term": 2, "freeze": 2, "database": 2}
HELD = (LetterState.CLAIMED, LetterState.SENDING)


@dataclass(frozen=True)
class Blow:
    """One thing that happens, `after` seconds from the one before."""

    after: float
    what: Event
    place: int  # in the crew
    length: float  # seconds frozen, or without the database
    lease: float  # of what a killed one held


def blows(seed: int, crew: int, lease: float, every: float) -> Iterator[Blow]:
    """Blows without end, one `every` so many seconds on average; the same for the same seed."""
    random = Random(f"{seed}:blows")  # noqa: S311
    kinds = list(_WEIGHTS)
    # The first four are one of each: a short run meets all of them.
    first = random.sample(kinds, len(kinds))
    while True:
        what = first.pop() if first else random.choices(kinds, list(_WEIGHTS.values()))[0]
        after = min(random.expovariate(1 / every), 3 * every)
        length = random.uniform(1.2, 2.0) * lease if what == "freeze" else random.uniform(0, 1.5)
        yield Blow(after, what, random.randrange(crew), length, lease)


def storm(timeout: float, *, late: bool = True) -> list[Chance]:
    """What Slack does to calls while all this happens. `late`: also messages that are stored
    when their caller has given up."""
    post, look, open_ = "chat.postMessage", "conversations.history", "conversations.open"
    patience = timeout + 0.5
    kinds: list[tuple[float, What, str, Stored]] = [
        (0.0005, "rate_limit", post, "never"),
        (0.015, "http", post, "never"),
        (0.02, "http", post, "before"),
        (0.01, "drop", post, "never"),
        (0.015, "drop", post, "before"),
        (0.005, "reset", post, "never"),
        (0.01, "reset", post, "before"),
        (0.005, "cut", post, "before"),
        (0.003, "hang", post, "never"),
        (0.005, "hang", post, "before"),
        (0.003 if late else 0.0, "hang", post, "after"),
        (0.005, "rate_limit", look, "never"),
        (0.01, "http", look, "never"),
        (0.005, "drop", look, "never"),
        (0.01, "http", open_, "never"),
    ]
    return [
        Chance(rate, Fault(what, method, stored, retry_after=1, seconds=patience))
        for rate, what, method, stored in kinds
    ]


class Chaos:
    """Deals the blows to a crew and a store, and times how fast what a dead sender held was
    taken over."""

    def __init__(self, crew: Crew, store: Store, database: Database | None) -> None:
        """Without `database` (the bot's) nothing is timed."""
        self._crew, self._store, self._database = crew, store, database
        self._threads: list[threading.Thread] = []
        self._pause = threading.Event()
        self.happened: Counter[str] = Counter()
        self.recoveries: list[Recovered] = []
        self._away = False  # the database, now
        self.wrong: list[str] = []  # what a process did that it must not do

    def run(self, plan: Iterator[Blow], enough: Callable[[], bool]) -> None:
        """Deal blows until it is `enough`; at the end nobody is frozen any more."""
        for blow in plan:
            end = monotonic() + blow.after
            while monotonic() < end and not enough():
                self._pause.wait(0.05)
            if enough():
                break
            self._deal(blow)
        for thread in self._threads:
            thread.join(120)

    def _deal(self, blow: Blow) -> None:
        if blow.what == "database":
            self.happened["database"] += 1
            self._away = True
            self._store.disturb(blow.length)
            self._away = False
            return
        place = self._somebody(blow.place)
        if place is None:
            return
        child = self._crew.members[place]
        self.happened[blow.what] += 1
        if blow.what == "kill":
            child.kill()
            self._watch(child, blow.lease)
            self._crew.replace(place)
        elif blow.what == "term":
            self._tell_to_stop(child)
            self._crew.replace(place)
        else:
            child.freeze()
            self._later(blow.length, child.thaw)

    def _somebody(self, place: int) -> int | None:
        """The next one from `place` on who is at work; None where that would leave nobody to
        take over what is held."""
        members = self._crew.members
        there = [n for n, one in enumerate(members) if one.at_work]
        if len(there) < min(2, len(members)):
            return None
        return next((n for n in there if n >= place), there[0])

    def _tell_to_stop(self, child: Child) -> None:
        try:
            code = child.end()
        except subprocess.TimeoutExpired:
            self.wrong.append("SIGTERM did not end it")
            return
        if code != 0:
            self.wrong.append(f"SIGTERM ended with {code}")

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        def wait() -> None:
            self._pause.wait(seconds)
            then()

        self._begin(wait)

    def _watch(self, dead: Child, lease: float) -> None:
        """Time until nothing is in the dead sender's hands any more. Once its lease is over, the
        clock of `at_work` stands still while no worker can do anything about it."""
        database, owner, begun = self._database, str(dead.owner), monotonic()
        if database is None:
            return
        held = sa.select(sa.func.count()).where(
            Letter.owner.startswith(owner), Letter.state.in_(HELD)
        )

        def watch() -> None:
            still, looked = 0.0, begun
            while (now := monotonic()) - begun < 600:
                able = any(one.at_work for one in self._crew.members) and not self._away
                try:
                    with database.read() as session:
                        if not session.scalar(held):
                            break
                    able = able and not self._store.blocked(self._frozen())
                except AWAY:
                    able = False
                now = monotonic()
                if not able:
                    still += max(0.0, now - max(looked, begun + lease))
                looked = now
                self._pause.wait(0.05)
            passed = monotonic() - begun
            self.recoveries.append(Recovered(passed, passed - still))

        self._begin(watch)

    def _frozen(self) -> list[int]:
        return [one.pid for one in self._crew.members if one.frozen]

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
