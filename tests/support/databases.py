"""Databases that outlive one test, for what is lived once and looked at often; and a database that
keeps nothing."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.database import Database


@contextmanager
def a_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Database]:
    """A migrated database of its own, "sqlite" or "postgresql", as the worker sees it."""
    if kind == "sqlite":
        path = folder / "cohort.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        server = sa.make_url(request.getfixturevalue("postgres"))
        name = f"l{uuid.uuid4().hex[:12]}"
        admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template_cohort")
            # Nothing here has to survive a power cut.
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        admin.dispose()
        url = server.set(database=name).render_as_string(hide_password=False)
    database = Database(url, role="worker")
    yield database
    database.close()


@contextmanager
def nothing_kept(database: Database, why: str) -> Iterator[list[bool]]:
    """Whatever was changed cannot be committed, as on a full disk or a line that was cut; yields a
    list that grows with each try."""
    tried: list[bool] = []

    def note(connection: sa.Connection, *about: Any) -> None:
        context = about[3]
        if context.isinsert or context.isupdate or context.isdelete:
            connection.info[nothing_kept] = True

    def forget(connection: sa.Connection) -> None:
        connection.info.pop(nothing_kept, None)

    def fail(connection: sa.Connection) -> None:
        if connection.info.get(nothing_kept):
            tried.append(True)
            raise sa.exc.OperationalError("COMMIT", {}, Exception(why))

    listeners = {"after_cursor_execute": note, "rollback": forget, "commit": fail}
    for name, listener in listeners.items():
        sa.event.listen(database.engine, name, listener)
    try:
        yield tried
    finally:
        for name, listener in listeners.items():
            sa.event.remove(database.engine, name, listener)
