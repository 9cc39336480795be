"""One village for all tests that may not change it, and the log of each test."""

import io
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from bot.database import Database
from tests.bad_input.village import Village


@pytest.fixture(scope="session")
def village(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Three weeks of use, on SQLite; forms lie open on many screens."""
    path = tmp_path_factory.mktemp("village") / "village.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}", role="worker")
    lived = Village(database)
    lived.live_three_weeks()
    lived.open_forms()
    yield lived
    database.close()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged during the test."""
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = [(one, one.level, [*one.handlers]) for one in (root, ours)]
    stream = io.StringIO()
    logs.configure("INFO", stream=stream)
    yield stream
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers
    structlog.reset_defaults()
