"""The database: one declarative base, two kinds of transaction, and the way to the newest schema.

Everything behaves the same on SQLite (WAL, foreign keys on, busy timeout) and PostgreSQL
(psycopg 3). `Database.begin()` is a writing transaction, `Database.read()` one that only looks.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from bot.clock import Clock
from bot.turn import turn_at

Role = Literal["web", "worker"]

_PATIENCE: dict[Role, float] = {"web": 1.2, "worker": 30.0}
"""Seconds a writer waits for the threads of its own process, and then for other processes. The
web's, and the courtesy between processes, are over before Slack's 3 s are."""
_COURTESY = 0.3

MOST_APART = timedelta(seconds=5)
"""A worker whose clock is further from the database's does nothing."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment. Naive values are refused; what comes back is UTC on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the database needs a time zone")
        value = value.astimezone(UTC)
        # SQLite compares text: one shape, without an offset, keeps order and equality true.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table. Constraint names follow one convention, so migrations can
    address them on both databases."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: sa.JSON, list[Any]: sa.JSON}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class InWorkspace:
    """Every row hangs from a workspace, and every look-up by an id from outside filters on it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(sa.ForeignKey("workspace.id"), index=True)


def one_of(states: type[StrEnum], name: str = "state") -> sa.Enum:
    """A column type that holds the values of `states`, checked by the database itself."""
    return sa.Enum(
        states,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda kinds: [kind.value for kind in kinds],
    )


def insert_once(session: Session, table: type[Base], **values: Any) -> int | None:
    """Insert a row unless a unique constraint already holds one like it.

    Returns the new id, or None when the row was there. A duplicate never aborts the
    transaction (PostgreSQL would) and never raises.
    """
    statement = _insert_and_tell(table, dialect(session))
    return session.connection().execute(statement, values).scalar_one_or_none()


def insert_all_once(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """The same for many rows with the same columns, in one go."""
    if rows:
        session.connection().execute(_insert_unless_there(table, dialect(session)), rows)


@cache
def _insert_and_tell(table: type[Base], kind: str) -> sa.sql.dml.ReturningInsert[int]:
    return _insert_unless_there(table, kind).returning(table_of(table).c.id)


@cache
def _insert_unless_there(table: type[Base], kind: str) -> sqlite.Insert | postgresql.Insert:
    """Made once for each table: values go as parameters."""
    insert = postgresql.insert if kind == "postgresql" else sqlite.insert
    return insert(table_of(table)).on_conflict_do_nothing()


def table_of(model: type[Base]) -> sa.Table:
    """The table behind a class, for what is written without objects."""
    return cast(sa.Table, model.__table__)


def dialect(session: Session) -> str:
    """Which database this is: "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name


class OnItsWay(Protocol):
    """A request that is being handled, and wants to know what is written for it."""

    def enter(self, session: Session) -> None:
        """A writing transaction begins; what this raises undoes it."""

    def leave(self) -> None:
        """It was committed."""


CLAIM: ContextVar[OnItsWay | None] = ContextVar("claim", default=None)
"""The request this thread is handling. Who works by the clock handles none."""


@contextmanager
def aside() -> Iterator[None]:
    """Transactions in here are none of the request's: what they keep is kept beside it."""
    token = CLAIM.set(None)
    try:
        yield
    finally:
        CLAIM.reset(token)


class Database:
    """One database, as the web side or the worker needs it.

    A person waits for the web side at most 3 s (Slack's limit), so there every wait is short
    and "nothing was saved" arrives in time; the worker can afford to wait 30 s.
    """

    def __init__(self, url: str, *, role: Role = "web") -> None:
        self.url = sa.make_url(url)
        self.role = role
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url, role) if self.sqlite else _postgres(self.url, role)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(_noting_changes(self.engine), expire_on_commit=False)
        self._turn = turn_at(self.url.database) if self.sqlite else None
        self._patience = _PATIENCE[role]

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: all of it is committed, or none. Raises DatabaseBusy when the
        writers before us take too long."""
        claim = CLAIM.get()
        with self._write() as session:
            if claim is not None:
                claim.enter(session)
            yield session
        if claim is not None:
            claim.leave()

    @contextmanager
    def _write(self) -> Iterator[Session]:
        if self._turn is None:
            with self._sessions.begin() as session:
                yield session
            return
        with self._turn.mine(self._patience) as mine:
            if not mine:
                raise DatabaseBusy
            with self._sessions() as session, session.begin():
                with self._turn.next(_COURTESY):
                    session.connection(execution_options={"begin": "IMMEDIATE"})
                yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only looks; nothing it changes is kept."""
        with self._readers() as session:
            yield session
            # What was read stays readable outside; a rollback would expire it.
            session.expunge_all()
            if session.in_transaction() and not session.connection().info.pop(_CHANGED, False):
                # At a rollback psycopg forgets what it has prepared, and PostgreSQL would plan
                # every statement anew: for what a tick asks that is most of the work.
                session.commit()

    @contextmanager
    def alone(self, what: int) -> Iterator[bool]:
        """Whether nobody else is at `what` (a number) now; while this lasts nobody will be.

        On SQLite always: there every row is done in a transaction that lets no other write.
        """
        if self.sqlite:
            yield True
            return
        with self.engine.connect() as connection:
            mine = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(what)))
            # The lock outlives the transaction, and ends with the connection at the latest.
            connection.commit()
            try:
                yield bool(mine)
            finally:
                if mine:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(what)))
                    connection.commit()

    def ping(self) -> None:
        """Raises what SQLAlchemy raises when the database does not answer."""
        with self.engine.begin() as connection:
            connection.execute(sa.text("SELECT 1"))

    def clock_apart(self, clock: Clock) -> timedelta:
        """How far `clock` is from the database's own, at least, whatever the answer took. Zero
        on SQLite: its clock is ours."""
        if self.sqlite:
            return timedelta(0)
        before = clock()
        with self.read() as session:
            theirs = session.scalar(sa.select(sa.func.clock_timestamp(type_=UtcDateTime())))
        after = clock()
        return max(before - theirs, theirs - after, timedelta(0)) if theirs else timedelta(0)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class DatabaseBusy(Exception):
    """Other writers held the database longer than a person waits."""


AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, DatabaseBusy)
"""What is raised when the database is away, busy, or ended this transaction for another's sake
(a deadlock): nothing is wrong with what was asked, and asking again helps."""


def is_busy(error: sa.exc.OperationalError) -> bool:
    """Whether PostgreSQL answered and only somebody else's lock was in the way, or a deadlock
    was ended at our cost."""
    return getattr(error.orig, "sqlstate", None) in ("55P03", "40P01")


def _sqlite_engine(url: sa.URL, role: Role) -> sa.Engine:
    busy = _PATIENCE[role]
    engine = sa.create_engine(
        url, connect_args={"timeout": busy, "check_same_thread": False}, pool_timeout=busy
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={int(busy * 1000)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later cannot be saved by the busy timeout
        # (SQLite refuses the upgrade at once), so writers take the lock at the start.
        mode = connection.get_execution_options().get("begin", "")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgres(url: sa.URL, role: Role) -> sa.Engine:
    web = role == "web"
    # A process that was stopped in the middle of a transaction lets nobody else in.
    limits = "-c idle_in_transaction_session_timeout=15000"
    if web:
        limits += " -c lock_timeout=2000 -c statement_timeout=2000"
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=1 if web else 30,
        connect_args={
            "connect_timeout": 2 if web else 10,
            "options": f"{limits} -c timezone=UTC",
        },
    )


_CHANGED = "changed"


def _noting_changes(engine: sa.Engine) -> sa.Engine:
    """The same engine, for transactions that only look: a connection says afterwards whether
    something was changed all the same."""
    looking = engine.execution_options()

    @event.listens_for(looking, "after_cursor_execute")
    def note(connection: sa.Connection, *about: Any) -> None:
        context = about[3]
        if context.isinsert or context.isupdate or context.isdelete:
            connection.info[_CHANGED] = True

    return looking


def file_trouble(url: sa.URL) -> str | None:
    """Why there can be no SQLite file at this place, in words; None when there may be one."""
    if not url.database or url.database == ":memory:":
        return None  # no file
    file = Path(url.database)
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}"
    if file.is_dir():
        return f"{file} is a folder"
    if not os.access(file if file.exists() else file.parent, os.R_OK | os.W_OK):
        return f"{file} may not be written"
    return None
