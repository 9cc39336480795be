"""What is due when, and the tick that does it; `bot.ticker` ticks once a second.

A job is a declaration: a query for (row id, moment) and a verb for one row. The rows know what
is due.
"""

import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock, MovableClock, monotonic, system_clock
from bot.database import AWAY, MOST_APART, Database, dialect
from bot.outbox.limiter import NotNow
from bot.outbox.presence import Presence
from bot.outbox.sender import Sender

log = structlog.get_logger(__name__)

SET_ASIDE = timedelta(minutes=10)  # a row that failed is tried again after this
SOON = timedelta(seconds=5)  # the same where the database, not the row, was at fault
ROWS = 500  # rows of one job in one round
ROUNDS = 5  # of one tick
CLOCKS = 30.0  # seconds between two looks at the database's clock
COMPLAINT = 60.0  # seconds between two lines of the log about it
ASKING = 2.0  # seconds of one round in which rows may ask Slack
LOOK = 5.0  # seconds after which the jobs are asked again though nobody said that they should be
_PLANNING = 0x706C616E  # the lock's name; any number nobody else uses


@dataclass(frozen=True)
class Job:
    """One kind of thing that falls due.

    `due` is a query of two columns, row id and the moment it is due. `each` does it for one row
    in a transaction of its own, and must move that moment on or the row stays due. A job that
    needs something from Slack names `ask`, which runs before the transaction, outside of it, and
    raises NotNow when Slack cannot be asked yet: its other rows wait for the next tick too.
    """

    name: str
    due: sa.Select[int, datetime]
    each: Callable[..., None]  # (session, id, now), and what `ask` returned
    ask: Callable[[WebClient, Database, int, datetime], Any] | None = None


class _Plan:
    """A job with its three questions, built once: which rows are due, whether one still is, and
    when the first will be."""

    def __init__(self, job: Job) -> None:
        self.job = job
        rows = job.due.subquery()
        row, at = rows.c[0], rows.c[1]
        now = sa.bindparam("now", type_=at.type)
        self.due = sa.select(row).where(at <= now).order_by(at).limit(ROWS)
        self.still = sa.select(row).where(at <= now, row == sa.bindparam("row"))
        self.first = sa.select(sa.func.min(at)).scalar_subquery()
        self.following = sa.select(sa.func.min(at)).where(at > now).scalar_subquery()


class Runner:
    """Runs the jobs and the sender against one clock."""

    def __init__(
        self,
        db: Database,
        slack: WebClient,
        clock: Clock,
        jobs: Sequence[Job],
        sender: Sender,
        *,
        machine: Clock = system_clock,
    ) -> None:
        """`clock` is the programme's; `machine` this computer's own, held against the
        database's."""
        self._machine = machine
        self._looked_at_clocks: float | None = None  # monotonic seconds, as below
        self._complained: float | None = None
        self._db = db
        self._slack = slack
        self._clock = clock
        self._plans = [_Plan(job) for job in jobs]
        self._earliest = sa.union_all(
            *(sa.select(sa.literal(n), plan.first) for n, plan in enumerate(self._plans))
        )
        self._following = sa.union_all(
            *(sa.select(sa.literal(n), plan.following) for n, plan in enumerate(self._plans))
        )
        self.sender = sender
        self._aside: dict[tuple[str, int], datetime] = {}
        self._lock = threading.RLock()
        self._stopping = False
        self._presence = Presence(db, clock, sender.program, machine=machine)
        # When the jobs were last asked, the programme's time then, and what was due first.
        self._asked: tuple[float, datetime, datetime | None] | None = None
        self.last_tick: float | None = None  # monotonic seconds

    def tick(self, *, quiet: bool = False) -> None:
        """Do everything that is due now; nothing at all while this machine's clock is wrong, or
        somebody has to decide first whether this database sends.

        `quiet`: nobody has said that anything changed. Then the jobs are asked only when the first
        thing they knew of is due, and every few seconds, for what another process has written;
        letters are looked for at every tick.
        """
        with self._lock:
            if not self._clocks_agree():
                return
            self._presence.note()
            if self._presence.paused:
                self.last_tick = monotonic()
                return
            # What one job does can make another due at once; a row that stays due is no reason
            # to go round for ever.
            ran: bool | None = True
            for _round in range(ROUNDS):
                if quiet and not self._presence.writing and self._nothing_new():
                    break
                ran = self._run_due()
                if not ran:
                    break
            if not self._stopping:
                self._presence.back(written=ran is False)
                self.sender.drain()
            self.last_tick = monotonic()

    def recover(self) -> None:
        """Take up what a dead sender left behind; as `tick`, not while the clocks differ."""
        if self._looked_at_clocks is not None and not self._stopping:
            self.sender.recover()

    def stop(self) -> None:
        """Start nothing new; what is in flight is finished."""
        self._stopping = True
        self.sender.stop()

    def next_due(self, session: Session) -> datetime | None:
        """When the next thing of any kind falls due, after now; None when nothing ever does.

        What is due already is for the next tick; a row that could not be done stays due, and
        must not hold up the time.
        """
        now = self._clock()
        moments = [self.sender.next_due(session, now)]
        if self._plans and not self._presence.paused:
            moments += [at for _n, at in session.execute(self._following, {"now": now})]
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
                clock.set(upcoming)
                self.tick()
                if progress:
                    progress(clock())
            if end > clock():
                clock.set(end)
                self.tick()

    def _clocks_agree(self) -> bool:
        """Workers whose clocks differ would take each other's letters for abandoned, and offers
        for lapsed. Looked at every half minute; every tick while something is wrong."""
        last = self._looked_at_clocks
        if last is not None and monotonic() - last < CLOCKS:
            return True
        apart = self._db.clock_apart(self._machine)
        if apart <= MOST_APART:
            self._looked_at_clocks = monotonic()
            return True
        self._looked_at_clocks = None
        if self._complained is None or monotonic() - self._complained > COMPLAINT:
            self._complained = monotonic()
            log.error("clock_is_wrong", apart=f"{apart.total_seconds():.0f} s")
        return False

    def _first(self, session: Session) -> dict[int, datetime]:
        """When each job's first row is due, by the job's place in the list: one query."""
        if not self._plans:
            return {}
        rows = session.execute(self._earliest).all()
        return {place: at for place, at in rows if at is not None}

    def _run_due(self) -> bool | None:
        """Run every job's due rows, in the order of the list; whether there were any. None:
        some are left, which another worker is at, or which failed and are set aside."""
        now = self._clock()
        with self._db.read() as session:
            first = self._first(session)
        self._asked = monotonic(), now, min(first.values(), default=None)
        due = [place for place, at in sorted(first.items()) if at <= now]
        if not due:
            return False
        # Two planners would only look at the same rows; the next tick may be another's.
        with self._db.alone(_PLANNING) as mine:
            return self._run_all(due, now) if mine else None

    def _nothing_new(self) -> bool:
        """Whether the jobs were asked a moment ago and knew of nothing that is due by now."""
        if self._asked is None:
            return False
        asked, then, first = self._asked
        now = self._clock()
        lately = monotonic() - asked < LOOK and now >= then
        return lately and (first is None or first > now)

    def _run_all(self, places: list[int], now: datetime) -> bool | None:
        with self._db.read() as session:
            rows = {place: self._due(session, self._plans[place], now) for place in places}
        ran, began = False, monotonic()
        for place, found in rows.items():
            plan = self._plans[place]
            for row in found:
                if self._stopping:
                    return False
                if plan.job.ask is not None and monotonic() - began > ASKING:
                    break  # letters do not wait for what many rows ask of Slack
                if not self._run(plan, row):
                    break
                ran = True
        # A row that was set aside long ago may have been done by another worker since.
        self._aside = {row: until for row, until in self._aside.items() if until > now}
        return ran or (None if self._aside else False)

    def _due(self, session: Session, plan: "_Plan", now: datetime) -> list[int]:
        found = session.scalars(plan.due, {"now": now})
        return [row for row in found if self._aside.get((plan.job.name, row), now) <= now]

    def _run(self, plan: "_Plan", row: int) -> bool:
        """Do one row; False when the job cannot ask Slack now."""
        job, now = plan.job, self._clock()
        try:
            answer = () if job.ask is None else (job.ask(self._slack, self._db, row, now),)
            with self._db.begin() as session:
                if self._still_due(session, plan, row, now):
                    job.each(session, row, now, *answer)
            self._aside.pop((job.name, row), None)
        except NotNow:
            return False
        except Exception as error:
            # A bad row is logged and the next one still runs.
            log.exception("job_failed", job=job.name, row=row)
            wait = SOON if isinstance(error, AWAY) else SET_ASIDE
            self._aside[(job.name, row)] = now + wait
        return True

    def _still_due(self, session: Session, plan: "_Plan", row: int, now: datetime) -> bool:
        """Another worker may have been faster: one at a time, and only what is still due."""
        if dialect(session) == "postgresql":
            name = zlib.crc32(plan.job.name.encode()) & 0x7FFFFFFF
            if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(name, row))):
                return False
        return session.scalar(plan.still, {"now": now, "row": row}) is not None
