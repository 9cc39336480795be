"""Databases that outlive one test: for what is lived once and looked at often."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
