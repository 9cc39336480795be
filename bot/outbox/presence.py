"""Whether this database may send, and whether somebody was at work lately.

A copy of the database (a backup restored, a staging copy with the real token) would send again
what the original has sent. So the database remembers where it stands; one that finds itself
somewhere else, or older than what was last done here, sends nothing until somebody decides. A
time in which no worker was at work is remembered too: what fell due then is a backlog.

Much of a backlog is written only afterwards, by the jobs. So an outage has two steps, each one
transaction. Whoever is back first moves `ticked_at` on and notes `away_from` with an open end: from
then on no sender, of any worker, takes what fell due, and if that worker is killed the next one
finds the open end. When the jobs have nothing left to write, whichever worker sees it notes
`away_until`, skips it all if that was decided, and tells the coordinators: the number is final, and
the first hour begins. The open end needs no column of its own: `away_until` is null meanwhile.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock, monotonic, system_clock
from bot.database import AWAY, Database, dialect, insert_once
from bot.outbox import instance
from bot.outbox.model import Instance, Letter, LetterState, Program

log = structlog.get_logger(__name__)

STAMP = 10.0  # real seconds between two notes that somebody is at work
OUTAGE = timedelta(hours=1)  # nobody at work for longer: what fell due meanwhile is a backlog
FAILOVER = timedelta(minutes=15)  # a standby takes over within this; a backup is older
FIRST_HOUR = timedelta(hours=1)  # after an outage each person gets one message within this
WRITING = 120.0  # real seconds; jobs that are busy for longer hold up no letter
COPIED = "this database is a copy, or was restored from a backup"


@dataclass(frozen=True)
class Away:
    """A time in which nobody was at work, by the programme's clock; it ended at `until`.

    Not `written`: the jobs still write what fell due in it, and it ends now.
    """

    since: datetime
    until: datetime
    written: bool = True


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
        self._writing_since: float | None = None  # monotonic seconds; an outage has an open end

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
                for workspace_id in known:
                    if instance.over(session, workspace_id, self._clock()):
                        self._tell(session, workspace_id, self._clock())
        if self._paused_at_stamp is not None:
            # Once the pause is committed the file has said what it knew; it is not asked again.
            self._stamp.write(self._paused_at_stamp)
            self._paused_at_stamp = None
        if known:
            self._noted_at = monotonic()
        if known and not idle:
            self._stamp.write(self._machine())

    @property
    def writing(self) -> bool:
        """Whether the jobs still write what fell due in an outage."""
        return self._writing_since is not None

    def back(self, *, written: bool) -> None:
        """After an outage, when everything that fell due in it has been `written`, or that takes
        too long: that is the backlog, and somebody may decide about it."""
        if self._writing_since is None:
            return
        if not written and monotonic() - self._writing_since < WRITING:
            return
        with self._db.begin() as session:
            now = self._clock()
            for mine in session.scalars(sa.select(Instance).where(_OPEN_END).with_for_update()):
                mine.away_until = now
                if instance.is_decided(mine):
                    mine.decided_at = now
                session.flush()
                instance.skip_meanwhile(session, mine.workspace_id, now)
                self._tell(session, mine.workspace_id, now)
        self._writing_since = None

    def _tell(self, session: Session, workspace_id: int, now: datetime) -> None:
        """What can be decided has changed. Letters go, whether or not that can be told."""
        try:
            with session.begin_nested():
                self._program.was_away(session, workspace_id, now)
        except AWAY:
            raise
        except Exception:
            log.exception("outage_not_told")

    def _stamp_rows(self, session: Session) -> None:
        writing = False
        for mine in session.scalars(sa.select(Instance)):
            now = self._machine()
            gap = now - mine.ticked_at if mine.ticked_at else timedelta(0)
            open_end = mine.away_from is not None and mine.away_until is None
            if gap > OUTAGE:
                log.warning("nobody_was_at_work", seconds=int(gap.total_seconds()))
                if not open_end:  # else nobody has come to its end since the one before
                    mine.away_from, mine.away_until = self._clock() - gap, None
                open_end = True
            writing = writing or open_end
            mine.ticked_at = max(now, mine.ticked_at or now)
        if not writing:
            self._writing_since = None
        elif self._writing_since is None:
            self._writing_since = monotonic()

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


_OPEN_END = sa.and_(Instance.away_from.is_not(None), Instance.away_until.is_(None))


def away(session: Session, now: datetime) -> Away | None:
    """The outage that ended less than an hour ago, or whose backlog is still being written."""
    lately = sa.and_(Instance.away_until > now - FIRST_HOUR, Instance.away_until <= now)
    row = session.execute(
        sa.select(Instance.away_from, Instance.away_until)
        .where(sa.or_(_OPEN_END, lately))
        .order_by(Instance.away_until.is_not(None))
        .limit(1)
    ).first()
    if row is None or row.away_from is None:
        return None
    return Away(row.away_from, row.away_until or now, written=row.away_until is not None)


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
