"""The schema: what the database has, what this code needs, and the way from one to the other.

Alembic is loaded only by who migrates: that was an eighth of the start of the web.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r'^(revision|down_revision) = "([^"]*)"', re.MULTILINE)


class ForeignSchema(Exception):
    """The database was made by another version of the bot."""


def alembic_config(url: str | sa.URL) -> "Config":
    """Alembic's configuration, wherever the bot is installed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(_migrations()))
    shown = sa.make_url(url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", shown.replace("%", "%%"))
    return config


def upgrade(url: str | sa.URL, revision: str = "head") -> None:
    """Bring the schema to `revision`, from empty or from any earlier one. Raises ForeignSchema."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(url), revision)
    except CommandError as error:
        raise ForeignSchema from error


def revision_state(database: Database) -> tuple[str | None, str | None]:
    """(what the database has, what this code needs); None for a database without a schema."""
    current = None
    with database.engine.connect() as connection:
        if sa.inspect(connection).has_table("alembic_version"):
            current = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return current, newest_revision()


def _migrations() -> Path:
    here = Path(__file__).parent
    packed = here / "_migrations"  # where the wheel carries them
    return packed if packed.exists() else here.parent / "migrations"


def newest_revision() -> str | None:
    """What this code needs: the revision that no other one comes after."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (_migrations() / "versions").glob("*.py"):
        for name, revision in _REVISION.findall(file.read_text(encoding="utf-8")):
            found[name].add(revision)
    return next(iter(found["revision"] - found["down_revision"]), None)
