"""The schema that the migrations make is the schema that the models mean, on both databases."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

import bot.program  # noqa: F401  (every model is known)
from bot.database import Base, Database, alembic_config, revision_state, upgrade


def sqlite_schema(engine: sa.Engine) -> dict[str, list[str]]:
    """Each table's and index's definition as lines in one order: constraints, CHECKs, partial
    indexes and all. Alembic's own comparison does not see CHECKs or WHEREs."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        ).all()
    lines = {name: re.split(r",\s*\n", re.sub(r"[ \t]+", " ", sql)) for name, sql in rows}
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
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert re.fullmatch(r"\d{4}_\d{2}_\d{2}\w*", revision.revision)
        assert re.fullmatch(r"\d{4}_\d{2}_\d{2}_[a-z0-9_]+\.py", Path(revision.path).name)


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_row_hangs_from_a_workspace(table: str) -> None:
    columns = Base.metadata.tables[table].columns
    assert table == "workspace" or "workspace_id" in columns
