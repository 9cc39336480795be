"""What is due when, and the tick that does it. The only file that knows APScheduler.

A job is a declaration: a query for (row id, moment) and a verb for one row. The rows know what
is due; APScheduler, in memory, only ticks once a second.
"""

import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock, MovableClock, monotonic, system_clock
from bot.database import Database, dialect
from bot.outbox.sender import Sender

log = structlog.get_logger(__name__)

TICK = timedelta(seconds=1)
SET_ASIDE = timedelta(minutes=10)  # a row that failed is tried again after this
ROWS = 500  # rows of one job in one tick


@dataclass(frozen=True)
class Job:
    """One kind of thing that falls due.

    `due` is a query of two columns, row id and the moment it is due. `each` does it for one row
    in a transaction of its own, and must move that moment on or the row stays due. A job that
    needs something from Slack names `ask`, which runs before the transaction, outside of it.
    """

    name: str
    due: sa.Select[int, datetime]
    each: Callable[..., None]  # (session, id, now), and what `ask` returned
    ask: Callable[[WebClient, Database, int], Any] | None = None


class Runner:
    """Runs the jobs and the sender against one clock."""

    def __init__(
        self, db: Database, slack: WebClient, clock: Clock, jobs: Sequence[Job], sender: Sender
    ) -> None:
        self._db = db
        self._slack = slack
        self._clock = clock
        self._jobs = jobs
        self.sender = sender
        self._aside: dict[tuple[str, int], datetime] = {}
        self._lock = threading.RLock()
        self._stopping = False
        self.last_tick: float | None = None  # monotonic seconds

    def tick(self) -> None:
        """Do everything that is due now."""
        with self._lock:
            for job in self._jobs:
                for row in self._due(job):
                    if self._stopping:
                        return
                    self._run(job, row)
            self.sender.drain()
            self.last_tick = monotonic()

    def stop(self) -> None:
        """Start nothing new; what is in flight is finished."""
        self._stopping = True
        self.sender.stop()

    def next_due(self, session: Session) -> datetime | None:
        """When the next thing of any kind is due; None when nothing ever is."""
        moments = [self.sender.next_due(session)]
        for job in self._jobs:
            rows = job.due.subquery()
            moments.append(session.scalar(sa.select(sa.func.min(rows.c[1]))))
        return min((m for m in moments if m is not None), default=None)

    def next_event(self) -> datetime | None:
        """The same, in a transaction of its own."""
        with self._db.read() as session:
            return self.next_due(session)

    def run_until(
        self, clock: MovableClock, end: datetime, progress: Callable[[datetime], None] | None = None
    ) -> None:
        """Live on to `end`, from one due moment to the next, so that everything happens at its
        own time and in order. A jump never stamps twelve weeks with one moment."""
        with self._lock:
            self.tick()
            while not self._stopping:
                upcoming = self.next_event()
                if upcoming is None or upcoming > end:
                    break
                # A row that could not be done stays due: time goes on without it.
                clock.set(max(upcoming, clock() + timedelta(seconds=1)))
                self.tick()
                if progress:
                    progress(clock())
            if end > clock():
                clock.set(end)
                self.tick()

    def _due(self, job: Job) -> list[int]:
        now = self._clock()
        rows = job.due.subquery()
        try:
            with self._db.read() as session:
                found = session.scalars(
                    sa.select(rows.c[0]).where(rows.c[1] <= now).order_by(rows.c[1]).limit(ROWS)
                ).all()
        except sa.exc.DBAPIError:
            log.exception("could not look for due rows", job=job.name)
            return []
        return [row for row in found if self._aside.get((job.name, row), now) <= now]

    def _run(self, job: Job, row: int) -> None:
        now = self._clock()
        try:
            answer = () if job.ask is None else (job.ask(self._slack, self._db, row),)
            with self._db.begin() as session:
                if self._still_due(session, job, row, now):
                    job.each(session, row, now, *answer)
            self._aside.pop((job.name, row), None)
        except Exception:
            # A bad row is logged and the next one still runs.
            log.exception("job failed", job=job.name, row=row)
            self._aside[(job.name, row)] = now + SET_ASIDE

    def _still_due(self, session: Session, job: Job, row: int, now: datetime) -> bool:
        """Another worker may have been faster: one at a time, and only what is still due."""
        if dialect(session) == "postgresql":
            name = zlib.crc32(job.name.encode()) & 0x7FFFFFFF
            if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(name, row))):
                return False
        rows = job.due.subquery()
        return (
            session.scalar(sa.select(rows.c[0]).where(rows.c[0] == row, rows.c[1] <= now))
            is not None
        )


class _EverySecond(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Now plus one second. An interval trigger goes silent when the clock steps back, and works
    through millions of run times when it jumps ahead."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + TICK


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """Never waits longer than a second, and re-arms a tick that a clock change put far ahead."""

    def _process_jobs(self) -> float:
        for job in self.get_jobs():
            if job.next_run_time and job.next_run_time > system_clock() + 2 * TICK:
                job.modify(next_run_time=system_clock())
        wait = super()._process_jobs()
        return min(TICK.total_seconds(), wait if wait is not None else 1.0)


class Ticker:
    """Ticks the runner once a second, and at once when somebody wakes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._again = threading.Event()
        self._ticking = threading.Lock()
        self._scheduler = _Scheduler(timezone="UTC", daemon=True)

    def start(self) -> None:
        """Begin to tick, in a thread of its own."""
        self._scheduler.add_job(
            self._tick,
            _EverySecond(),
            id="tick",
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=system_clock(),
        )
        self._scheduler.start()

    def wake(self) -> None:
        """Something was just committed that should go out now."""
        self._again.set()
        if self._scheduler.running and not self._ticking.locked():
            self._scheduler.modify_job("tick", next_run_time=system_clock())

    def stop(self) -> None:
        """No new work; returns when what was in flight is finished and claims are given back."""
        self._runner.stop()
        self._scheduler.shutdown(wait=True)
        self._runner.sender.release()

    def _tick(self) -> None:
        with self._ticking:
            self._again.set()
            while self._again.is_set():
                self._again.clear()
                try:
                    self._runner.tick()
                except Exception:
                    # The tick must survive everything: a dead thread looks like a healthy bot.
                    log.exception("tick failed")
