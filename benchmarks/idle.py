"""S8: what a tick costs when nothing is due, and how late a letter is taken at Slack's own speed.

The tick is the runner's, as it is made once a second, with every job of the programme, on a cohort
in its sixth week, from the look at the clock to the last query; beside it one wake-up of an
APScheduler whose store holds a job. The lateness is that of a worker that really ticks, with
Slack's limits as they are learned:
letters fall due eight a second, and each is late from the moment it was due until it is marked as
being sent, with the words written.
"""

import threading
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from benchmarks import limiter, reminders, world
from benchmarks.instant import Instant
from benchmarks.load import percentile
from benchmarks.ordinary import Ordinary
from benchmarks.places import POSTGRES, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from benchmarks.timing import seconds
from bot import program
from bot.clock import MovableClock, monotonic, system_clock
from bot.database import Database
from bot.outbox import Letter
from bot.schedule import Runner
from bot.ticker import TICK, Ticker

A_SECOND = 8
PATIENCE = 30.0  # seconds a busy machine may take longer than the letters themselves
_SETTLING = 100  # ticks in which a new world comes to rest


def measure(scale: Scale, places: Places, kind: str) -> list[Line]:
    """Both, on one kind of database."""
    return [*_idle(scale, places, kind), *_late(scale, places, kind)]


def _idle(scale: Scale, places: Places, kind: str) -> list[Line]:
    url = places.migrated(kind)
    clock = MovableClock(system_clock())
    world.build(url, clock(), pairs=scale.pairs, todos=scale.pairs)
    db = Database(url, role="worker")
    runner = program.build_runner(db, Instant(), clock)
    with reminders.limits_off():
        _settle(runner)
        reminders.analyze(db)
        scheduler = Ordinary(places.empty(kind))
        with scheduler.started():
            scheduler.add(system_clock() + timedelta(days=1))
            ours, asked, theirs = [], [], []
            for _ in range(scale.rounds):
                for _tick in range(scale.marks):
                    asked.append(seconds(runner.tick))
                    ours.append(seconds(_quiet, runner))
                theirs += [scheduler.idle() for _ in range(scale.marks)]
    db.close()
    goal = 0.001 if kind == POSTGRES else 0.0001
    note = (
        f"Once a second the outbox is asked for a letter; {len(program.JOBS)} jobs for their first "
        "moment every five seconds, and when somebody has done something."
    )
    figure, reference = median(ours), median(theirs)
    what = f"S8 tick with nothing due, {kind}"
    return [
        Row(what, figure, reference, "APScheduler", goal, absolute=True, note=note),
        Row("   one that asks the jobs too", median(asked)),
    ]


def _quiet(runner: Runner) -> None:
    """A tick as the ticker makes it when nobody woke it."""
    runner.tick(quiet=True)


def _settle(runner: Runner) -> None:
    """What a cohort of this age has due, once; what fails is set aside."""
    sent = -1
    for _ in range(_SETTLING):
        before = sent
        runner.tick()
        sent = runner.sender.drain()
        if sent == before == 0:
            return


def _late(scale: Scale, places: Places, kind: str) -> list[Line]:
    db = Database(places.migrated(kind), role="worker")
    count = round(scale.seconds * A_SECOND)
    people = reminders.settle(db, count)
    start = reminders.MORNING
    clock = MovableClock(start, ticking=True)
    slack = Instant()
    runner = Runner(db, slack, clock, program.JOBS, reminders.sender(db, slack, clock, lanes=4))
    with db.begin() as session:
        session.add(limiter.learned(start))
    runner.tick()
    ticker = Ticker(runner)
    first = clock() + timedelta(seconds=1)
    with db.begin() as session:
        for n, person in enumerate(people):
            reminders.put(session, person, f"late:{n}", first + timedelta(seconds=n / A_SECOND))
    ticker.start()
    wanted = sa.select(Letter.due_at, Letter.sending_at).where(
        Letter.key.startswith("late:"), Letter.sending_at.is_not(None)
    )
    late: list[float] = []
    end, pause = monotonic() + scale.seconds + PATIENCE, threading.Event()
    while len(late) < count and monotonic() < end:
        pause.wait(0.25)
        with db.read() as session:
            rows = session.execute(wanted).all()
        late = [(at - due).total_seconds() for due, at in rows if at is not None]
    ticker.stop()
    db.close()
    if len(late) != count:
        raise RuntimeError(f"{len(late)} of {count} letters went out")
    what = f"S8 letters {A_SECOND} a second: due to send, p99, {kind}"
    return [Row(what, percentile(late, 99), goal=TICK.total_seconds() + 0.1, unit=Unit.MS)]
