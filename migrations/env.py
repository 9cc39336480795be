"""Alembic's environment: every table of the bot, on SQLite and PostgreSQL."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

import bot.program  # noqa: F401  (imports every model, so that the metadata is complete)
from bot.database import Base, UtcDateTime

_MIGRATING = 0x6D696772  # the lock's name; any number nobody else uses


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types as plain SQLAlchemy: a migration must not change with the code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def engine_for(url: str) -> sa.Engine:
    """One connection, in which a transaction holds the schema too: what breaks or is killed
    half-way leaves the schema as it was."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name != "sqlite":
        return engine

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # Python's sqlite3 begins no transaction before a CREATE, so that each would stand by
        # itself; we say BEGIN ourselves, below.
        connection.isolation_level = None
        # A batch rebuild drops and recreates a table: with foreign keys on, that would delete
        # the rows that point at it. Inside a transaction this cannot be switched any more.
        connection.execute("PRAGMA foreign_keys=OFF")
        # Whoever is at work finishes first.
        connection.execute("PRAGMA busy_timeout=30000")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def run() -> None:
    """Run the migrations in one transaction, one process after the other; SQLite's foreign keys
    are off meanwhile, and looked at before the end."""
    engine = engine_for(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            # Several processes may start at once on an empty database. Held until this connection
            # closes; SQLite's BEGIN IMMEDIATE waits by itself.
            connection.execute(sa.select(sa.func.pg_advisory_lock(_MIGRATING)))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            render_item=render_item,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(
                        f"the migration would leave {len(broken)} rows without their parent"
                    )
    engine.dispose()


run()
