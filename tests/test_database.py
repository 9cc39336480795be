"""The two kinds of transaction."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.cohort.model import Workspace
from bot.database import Database, insert_once

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def names(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(sa.select(Workspace.name)))


def test_a_transaction_that_only_looks_keeps_nothing(db: Database) -> None:
    with db.read() as session:
        insert_once(session, Workspace, team_id="T1", name="Core", bot_user_id="B", sync_at=NOW)
    with db.read() as session:
        session.add(Workspace(team_id="T2", name="Object", bot_user_id="B", sync_at=NOW))
        session.flush()
    assert names(db) == []
    with db.begin() as session:
        insert_once(session, Workspace, team_id="T1", name="Kept", bot_user_id="B", sync_at=NOW)
    with db.read() as session:
        session.execute(sa.update(Workspace).values(name="Changed"))
    assert names(db) == ["Kept"]


def test_what_was_read_is_readable_afterwards(db: Database) -> None:
    with db.begin() as session:
        insert_once(session, Workspace, team_id="T1", name="Kept", bot_user_id="B", sync_at=NOW)
    with db.read() as session:
        found = session.scalars(sa.select(Workspace)).one()
    assert found.name == "Kept"


def test_postgresql_keeps_the_plan_of_what_is_asked_again_and_again(db: Database) -> None:
    if db.sqlite:
        pytest.skip("SQLite keeps no plans for us")
    for _ in range(8):
        names(db)
    with db.read() as session:
        kept = session.scalars(sa.text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM workspace" in statement for statement in kept)
