"""Whether this database may send, and whether somebody was at work lately.

A copy of the database (a backup restored, a staging copy with the real token) would send again
what the original has sent. So the database remembers where it stands; one that finds itself
somewhere else, or older than what was last done here, sends nothing until somebody decides. A
time in which no worker was at work is remembered too: what fell due then is a backlog.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock, monotonic, system_clock
from bot.database import Database, dialect, insert_once
from bot.outbox import instance
from bot.outbox.model import Instance, Letter, LetterState, Program

log = structlog.get_logger(__name__)

STAMP = 10.0  # real seconds between two notes that somebody is at work
OUTAGE = timedelta(hours=1)  # nobody at work for longer: what fell due meanwhile is a backlog
FAILOVER = timedelta(minutes=15)  # a standby takes over within this; a backup is older
FIRST_HOUR = timedelta(hours=1)  # after an outage each person gets one message within this
COPIED = "this database is a copy, or was restored from a backup"


@dataclass(frozen=True)
class Away:
    """A time in which nobody was at work, by the programme's clock; it ended at `until`."""

    since: datetime
    until: datetime


class Presence:
    """Notes that a worker is at work, and notices what happened while none was."""

    def __init__(
        self, db: Database, clock: Clock, program: Program, *, machine: Clock = system_clock
    ) -> None:
        """`clock` is the programme's, `machine` this computer's own."""
        self._db = db
        self._clock = clock
        self._machine = machine
        self._program = program
        self._noted_at: float | None = None  # monotonic seconds
        self._stamp = Stamp(db)
        self._paused_at_stamp: datetime | None = None  # of a pause that is being written
        self.paused = False
        self._returned: dict[int, datetime] = {}  # workspace -> since when nobody was at work

    def note(self) -> None:
        """Write down that somebody is at work; every ten seconds, and at once at the start.

        `paused` says afterwards whether somebody has to decide before anything is done; until
        then every tick asks.
        """
        lately = self._noted_at is not None and monotonic() - self._noted_at < STAMP
        if lately and not self.paused:
            return
        with self._db.begin() as session:
            place = place_of(session)
            known = self._program.workspaces(session)
            for workspace_id in known:
                self._note(session, workspace_id, place)
            self.paused = paused(session)
            # While nothing may be sent nobody is at work: what falls due meanwhile is a backlog.
            idle = self.paused or self._program.stopped(session)
            if not idle:
                self._stamp_rows(session)
        if self._paused_at_stamp is not None:
            # Once the pause is committed the file has said what it knew; it is not asked again.
            self._stamp.write(self._paused_at_stamp)
            self._paused_at_stamp = None
        if known:
            self._noted_at = monotonic()
        if known and not idle:
            self._stamp.write(self._machine())

    def back(self) -> None:
        """After an outage, when everything that fell due in it has been written: that is the
        backlog, and somebody may decide about it."""
        if not self._returned:
            return
        with self._db.begin() as session:
            now = self._clock()
            for workspace_id, away_from in self._returned.items():
                session.execute(
                    sa.update(Instance)
                    .where(Instance.workspace_id == workspace_id)
                    .values(
                        away_from=away_from,
                        away_until=now,
                        # Who decided about this very time is not asked again.
                        decided_at=sa.case(
                            (Instance.decided_at >= away_from, now), else_=Instance.decided_at
                        ),
                    )
                    .execution_options(synchronize_session=False)
                )
                instance.skip_meanwhile(session, workspace_id, now)
                self._program.was_away(session, workspace_id, now)
        self._returned.clear()

    def _stamp_rows(self, session: Session) -> None:
        for mine in session.scalars(sa.select(Instance)):
            now = self._machine()
            gap = now - mine.ticked_at if mine.ticked_at else timedelta(0)
            if gap > OUTAGE:
                log.warning("nobody_was_at_work", seconds=int(gap.total_seconds()))
                self._returned[mine.workspace_id] = self._clock() - gap
            mine.ticked_at = max(now, mine.ticked_at or now)

    def _note(self, session: Session, workspace_id: int, place: str) -> None:
        insert_once(
            session,
            Instance,
            workspace_id=workspace_id,
            code=secrets.token_hex(8),
            place=place,
            paused_reason="",
        )
        mine = session.scalars(
            sa.select(Instance).where(Instance.workspace_id == workspace_id).with_for_update()
        ).one()
        now = self._machine()
        gap = now - mine.ticked_at if mine.ticked_at else timedelta(0)
        if mine.paused_at is None:
            self._compare(session, mine, place, gap)

    def _compare(self, session: Session, mine: Instance, place: str, gap: timedelta) -> None:
        """Is this the database that was last at work here?"""
        moved = not _same(mine.place, place, gap)
        older = self._stamp.newer_than(mine.ticked_at)
        if (moved or older) and _has_sent(session):
            mine.paused_at = self._clock()
            mine.paused_reason = COPIED
            self._paused_at_stamp = mine.ticked_at
            log.error("nothing_is_sent", why=COPIED, do="python -m bot outbox resume --help")
        mine.place = place


def paused(session: Session) -> bool:
    """Whether somebody must decide before anything is sent."""
    found = sa.select(Instance.id).where(Instance.paused_at.is_not(None)).limit(1)
    return session.scalar(found) is not None


def away(session: Session, now: datetime) -> Away | None:
    """The outage that ended less than an hour ago, if any."""
    row = session.execute(
        sa.select(Instance.away_from, Instance.away_until)
        .where(Instance.away_until > now - FIRST_HOUR, Instance.away_until <= now)
        .limit(1)
    ).first()
    if row is None or row.away_from is None or row.away_until is None:
        return None
    return Away(row.away_from, row.away_until)


def place_of(session: Session) -> str:
    """Where this database stands, as far as the database itself can tell: a copy says another.

    SQLite: the file, but not its device, whose number may change with a reboot. PostgreSQL: the
    cluster, the database and the table in it, and after a slash the timeline, which also changes
    when a standby takes over.
    """
    if dialect(session) == "sqlite":
        path = session.get_bind().engine.url.database
        if not path or path == ":memory:":
            return "memory"
        found = Path(path).stat()
        return f"file {found.st_ino}"
    row = session.execute(
        sa.text(
            "SELECT (SELECT system_identifier FROM pg_control_system()), d.oid,"
            " 'instance'::regclass::oid, (SELECT timeline_id FROM pg_control_checkpoint())"
            " FROM pg_database d WHERE d.datname = current_database()"
        )
    ).one()
    return f"cluster {row[0]}:{row[1]}:{row[2]}/{row[3]}"


def _same(before: str, place: str, gap: timedelta) -> bool:
    old, _, old_line = before.partition("/")
    new, _, new_line = place.partition("/")
    return old == new and (old_line == new_line or gap < FAILOVER)


def _has_sent(session: Session) -> bool:
    """A database that never sent anything has nothing to repeat."""
    ever = sa.select(Letter.id).where(Letter.state == LetterState.SENT).limit(1)
    return session.scalar(ever) is not None


class Stamp:
    """A small file beside an SQLite database that says when somebody was last at work on it: an
    older file put in its place keeps its old place, and would not know."""

    def __init__(self, db: Database) -> None:
        path = db.url.database if db.sqlite else None
        self._path = Path(f"{path}-at-work") if path and path != ":memory:" else None

    def write(self, now: datetime) -> None:
        """Note that somebody is at work now."""
        if self._path is not None:
            self._path.write_text(now.astimezone(UTC).isoformat(), encoding="ascii")

    def newer_than(self, at: datetime | None) -> bool:
        """Whether somebody was at work here a minute or more after `at`."""
        if self._path is None or at is None:
            return False
        try:
            noted = datetime.fromisoformat(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        return noted.tzinfo is not None and noted - at > timedelta(minutes=1)
