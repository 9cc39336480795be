"""A4: the click that is committed before it is answered, while ten thousand letters drain.

The web side and a worker with four lanes are processes of their own on one database, as they are
deployed; eight people press [Done] together, each again as soon as they have their answer, and
every answer comes after the commit. Once with the worker at Slack's own speed (the rate learned,
each call taking 150 ms), and once with Slack's limits off and calls that take no time, which keeps
one of two cores and the database as busy as they can be.

`python -m benchmarks.durable URL PACE` is that worker.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from statistics import median

import sqlalchemy as sa
from slack_sdk.web import SlackResponse

from benchmarks import limiter, payloads, reminders, world
from benchmarks.acknowledgement import CROWD
from benchmarks.children import running
from benchmarks.instant import Instant
from benchmarks.load import at_once, percentile
from benchmarks.places import Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from bot import logs, program
from bot.clock import system_clock
from bot.cohort.model import Person
from bot.database import Database
from bot.meeting.model import Action, ActionState
from bot.outbox import Budget
from bot.schedule import Runner
from bot.ticker import Ticker

SLACKS, UNLIMITED = "slacks", "unlimited"
_PACES = {SLACKS: "at Slack's speed", UNLIMITED: "as fast as it can"}
A_CALL = 0.15
_WARM = 16


def measure(scale: Scale, places: Places) -> list[Line]:
    """p99 and median of all rounds, on each kind of database and with each worker."""
    found: list[Line] = []
    for kind in places.kinds:
        url, crowd = places.migrated(kind), scale.rounds * scale.crowd
        todos = len(_PACES) * (crowd + _WARM)
        made = world.build(url, system_clock(), pairs=scale.pairs, todos=todos)
        _let_fall_due(url, scale.letters)
        bodies = [payloads.done(todo) for todo in made.todos]
        with running("bot-without-calls", "--database", url) as web:
            for pace, said in _PACES.items():
                before = _done(url)
                with _worker(url, pace):
                    at_once(web, [bodies.pop() for _ in range(_WARM)], CROWD)
                    taken = at_once(web, [bodies.pop() for _ in range(crowd)], CROWD)
                refused = 1 - (_done(url) - before) / (crowd + _WARM)
                found += _rows(f"{said}, {kind}", taken, refused, real=pace == SLACKS)
    return [*found, *places.missing("A4 on PostgreSQL")]


def _rows(how: str, taken: list[float], refused: float, *, real: bool) -> list[Line]:
    note = "Web side, worker and eight callers share the cores of this machine."
    if not real:
        note += " No workspace lets a worker send like this."
    what = f"A4 click committed while a worker sends {how}, p99"
    return [
        Row(what, percentile(taken, 99), goal=0.03, stretch=not real, note=note),
        Row("   median", median(taken)),
        Row(
            "   told that nothing was saved",
            refused,
            goal=0,
            unit=Unit.SHARE,
            stretch=not real,
            note="On SQLite the other process's writes leave too few gaps." if refused else "",
        ),
    ]


def _done(url: str) -> int:
    """How many actions are done by now."""
    db = Database(url)
    with db.read() as session:
        wanted = sa.select(sa.func.count()).where(Action.state == ActionState.DONE)
        found = session.scalar(wanted) or 0
    db.close()
    return found


def _let_fall_due(url: str, count: int) -> None:
    """Reminders for everybody in the world, due now whatever the hour."""
    db = Database(url, role="worker")
    with db.read() as session:
        people = list(session.scalars(sa.select(Person.id).order_by(Person.id)))
    now = system_clock()
    reminders.fill(db, people, count, now, Budget.NOW)
    with db.begin() as session:
        session.add(limiter.learned(now))
    db.close()


@contextmanager
def _worker(url: str, pace: str) -> Iterator[None]:
    """A worker that has begun to send."""
    child = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.durable", url, pace],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None  # noqa: S101 (asked for above)
    assert child.stdout is not None  # noqa: S101
    try:
        if child.stdout.readline().strip() != "sending":
            raise RuntimeError("the worker did not begin to send")
        yield
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(30)


# ---- inside the worker


class _Taking(Instant):
    """Answers after as long as Slack takes, and says when the first message came."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.first = threading.Event()

    def api_call(self, api_method: str, **arguments: object) -> SlackResponse:
        time.sleep(self._seconds)
        self.first.set()
        return super().api_call(api_method, **arguments)


def _child(url: str, pace: str) -> None:
    db = Database(url, role="worker")
    slack = _Taking(A_CALL if pace == SLACKS else 0.0)
    sender = reminders.sender(db, slack, system_clock, lanes=4)
    ticker = Ticker(Runner(db, slack, system_clock, program.JOBS, sender))
    with reminders.limits_off() if pace == UNLIMITED else nullcontext():
        ticker.start()
        slack.first.wait(60)
        print("sending", flush=True)  # noqa: T201 (how the parent learns it)
        sys.stdin.read()
        ticker.stop()
    db.close()


if __name__ == "__main__":
    logs.configure("CRITICAL")
    _child(sys.argv[1], sys.argv[2])
