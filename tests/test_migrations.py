"""The schema that the migrations make is the schema that the models mean, on both databases."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

import bot.program  # noqa: F401  (every model is known)
from bot.clock import MovableClock
from bot.database import Base, Database
from bot.schema import alembic_config, newest_revision, revision_state, upgrade

BEFORE = "2026_06_01"  # the last schema without what this release brought


def sqlite_schema(engine: sa.Engine) -> dict[str, list[str]]:
    """Each table's and index's definition as lines in one order: constraints, CHECKs, partial
    indexes and all. Alembic's own comparison does not see CHECKs or WHEREs."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        ).all()
    # SQLite writes a column that was added later behind another one, in the same line.
    ends = r",\s*\n|, (?=[a-z_]+ [A-Z])"
    lines = {name: re.split(ends, re.sub(r"[ \t]+", " ", sql)) for name, sql in rows}
    return {
        name: sorted(re.sub(r"\s+", " ", line).strip(" ()") for line in body)
        for name, body in lines.items()
    }


def postgres_schema(engine: sa.Engine) -> dict[str, list[str]]:
    """The same from PostgreSQL's catalogue."""
    questions = {
        "columns": "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' ||"
        " coalesce(character_maximum_length::text, '') || ' ' || is_nullable"
        " FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name <> 'alembic_version'",
        "constraints": "SELECT conrelid::regclass || ' ' || conname || ' ' ||"
        " pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
        " AND conrelid::regclass::text <> 'alembic_version'",
        "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version'",
    }
    with engine.connect() as connection:
        return {
            name: sorted(str(row[0]) for row in connection.exec_driver_sql(question))
            for name, question in questions.items()
        }


def schema(database: Database) -> dict[str, list[str]]:
    return (sqlite_schema if database.sqlite else postgres_schema)(database.engine)


def test_from_empty_the_migrations_make_exactly_what_the_models_mean(db: Database) -> None:
    migrated = schema(db)
    assert migrated
    command.downgrade(alembic_config(db.url), "base")
    Base.metadata.create_all(db.engine)
    assert schema(db) == migrated


def test_down_and_up_again_ends_where_it_began(db: Database) -> None:
    before = schema(db)
    command.downgrade(alembic_config(db.url), "base")
    assert len(schema(db)) < len(before) or not any(schema(db).values())
    upgrade(db.url)
    assert schema(db) == before


def test_a_migrated_database_says_that_it_is_up_to_date(db: Database) -> None:
    current, head = revision_state(db)
    assert current == head


def test_upgrading_twice_changes_nothing(db: Database) -> None:
    before = schema(db)
    upgrade(db.url)
    assert schema(db) == before


def test_migrations_stand_in_one_line_and_are_named_by_date_and_slug() -> None:
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert script.get_heads() == [newest_revision()]
    for revision in script.walk_revisions():
        assert re.fullmatch(r"\d{4}_\d{2}_\d{2}\w*", revision.revision)
        assert re.fullmatch(r"\d{4}_\d{2}_\d{2}_[a-z0-9_]+\.py", Path(revision.path).name)


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_row_hangs_from_a_workspace(table: str) -> None:
    columns = Base.metadata.tables[table].columns
    assert table == "workspace" or "workspace_id" in columns


# ---- while people use it, and when it breaks


@pytest.fixture
def old(db: Database) -> sa.MetaData:
    """The database as the release before this one left it; the tables as that release knows them,
    which it goes on using until it is replaced."""
    command.downgrade(alembic_config(db.url), BEFORE)
    known = sa.MetaData()
    known.reflect(db.engine)
    return known


def filled(table: sa.Table, now: datetime, **known: Any) -> sa.Insert:
    """A row with something in each column that needs it."""
    empty: dict[type, Any] = {datetime: now, str: "", int: 0, bool: False, float: 0.0}
    for column in table.columns:
        if not column.nullable and column.name not in (*known, "id"):
            json = isinstance(column.type, sa.JSON)
            known[column.name] = {} if json else empty[column.type.python_type]
    return sa.insert(table).values(known)


def write_and_send(old: sa.MetaData, db: Database, n: int, now: datetime) -> None:
    """One more letter, as the release before this one does it: in two transactions."""
    workspace, letter = old.tables["workspace"], old.tables["letter"]
    with db.begin() as session:
        workspace_id = session.scalar(sa.select(workspace.c.id)) or 0
        if not workspace_id:
            made = session.execute(filled(workspace, now, team_id="T0"))
            (workspace_id,) = made.inserted_primary_key
        known = {"key": f"k{n}", "marker": f"m{n}", "state": "pending", "budget": "now"}
        made = session.execute(filled(letter, now, workspace_id=workspace_id, **known))
        (letter_id,) = made.inserted_primary_key
    with db.begin() as session:
        mine = letter.c.id == letter_id
        session.execute(sa.update(letter).where(mine).values(state="sent", sent_at=now))


def test_the_release_before_goes_on_working_while_and_after_the_schema_changes(
    old: sa.MetaData, db: Database, clock: MovableClock
) -> None:
    letter, stop = old.tables["letter"], threading.Event()
    some = threading.Semaphore(0)

    def work() -> int:
        count = 0
        try:
            while not stop.wait(0.005):
                write_and_send(old, db, count, clock())
                count += 1
                some.release()
        finally:
            some.release(1000)  # nobody waits for who has stopped
        return count

    def a_few_more() -> None:
        for _ in range(5):
            assert some.acquire(timeout=60)

    with ThreadPoolExecutor(1) as threads:
        worker = threads.submit(work)
        try:
            a_few_more()
            upgrade(db.url)
            while some.acquire(blocking=False):
                pass
            a_few_more()
        finally:
            stop.set()
        written = worker.result()
    sent = sa.select(sa.func.count()).where(letter.c.state == "sent")
    with db.read() as session:
        assert session.scalar(sent) == written >= 10
    current, head = revision_state(db)
    assert current == head


def test_what_the_release_before_knows_is_still_there_as_it_was(
    old: sa.MetaData, db: Database
) -> None:
    """A release adds. It takes away only what the release before has stopped using."""
    upgrade(db.url)
    new = sa.MetaData()
    new.reflect(db.engine)
    for name, table in old.tables.items():
        after = new.tables[name]
        columns = {c.name: (str(c.type), c.nullable) for c in after.columns}
        for column in table.columns:
            assert columns.pop(column.name) == (str(column.type), column.nullable), name
        needed = [c for c in columns if not columns[c][1] and after.c[c].server_default is None]
        assert needed == [], f"{name}: the release before does not fill it"
        rules = [
            {(type(one).__name__, str(one.name)) for one in found.constraints}
            | {("unique", str(one.name)) for one in found.indexes if one.unique}
            for found in (table, after)
        ]
        assert rules[1] <= rules[0], f"{name}: the release before does not keep to it"


@contextmanager
def breaking_at(statement: int) -> Iterator[list[str]]:
    """Let the statement of this number fail; yields what was asked of the database."""
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        asked.append(text)
        if len(asked) == statement:
            raise OSError("no more")

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)


@pytest.mark.usefixtures("old")
def test_an_upgrade_that_fails_at_any_statement_leaves_the_schema_as_it_was(db: Database) -> None:
    before, state = schema(db), revision_state(db)
    with breaking_at(0) as asked:
        upgrade(db.url)
    assert any(text.startswith("UPDATE alembic_version") for text in asked)
    command.downgrade(alembic_config(db.url), BEFORE)
    for statement in range(1, len(asked) + 1):
        with breaking_at(statement), pytest.raises(OSError, match="no more"):
            upgrade(db.url)
        assert (schema(db), revision_state(db)) == (before, state), asked[statement - 1]
    upgrade(db.url)
    current, head = revision_state(db)
    assert current == head


START = "import sys; from bot.schema import upgrade; upgrade(sys.argv[1])"


def test_processes_that_start_at_once_on_an_empty_database_all_find_it_ready(db: Database) -> None:
    command.downgrade(alembic_config(db.url), "base")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    url = db.url.render_as_string(hide_password=False)
    words = [sys.executable, "-c", START, url]
    children = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [child.communicate(timeout=60)[1] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], said
    current, head = revision_state(db)
    assert current == head


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from bot.schema import upgrade

def kill(_connection, _cursor, text, *_more):
    if text.strip().startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(sa.Engine, "after_cursor_execute", kill)
upgrade(sys.argv[1])
"""


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("after", ["CREATE TABLE delivery", "UPDATE alembic_version"])
def test_an_upgrade_that_is_killed_leaves_the_schema_as_it_was(db: Database, after: str) -> None:
    before, state = schema(db), revision_state(db)
    url = db.url.render_as_string(hide_password=False)
    child = subprocess.run([sys.executable, "-c", KILLED, url, after], timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert (schema(db), revision_state(db)) == (before, state)
    upgrade(db.url)
    current, head = revision_state(db)
    assert current == head
