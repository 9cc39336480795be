"""The database away in the middle of what somebody does: words within three seconds, and
nothing half-done."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.app import AWAY, build_app
from bot.clock import monotonic
from bot.cohort.model import Leave
from bot.commands import _health
from bot.database import Database
from bot.pairing.model import Offer, OfferState
from bot.sandbox.delivery import to_bolt_app
from bot.switchboard import Switchboard
from bot.web import build_web
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town

PATIENCE = 3.0  # seconds; Slack waits no longer


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Nobody can write: on SQLite another process holds the file, PostgreSQL lets nobody in."""
    if database.sqlite:
        with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    name = database.url.database
    admin = sa.create_engine(database.url.set(database="template1"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    admin.dispose()


@pytest.fixture
def living(town: Town, database_url: str) -> Iterator[Town]:
    """Ana has asked Ben, whose letter is there; the web side has its own, impatient database."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_mentor(session, cohort)
        scene.asking(session, cohort, "Ana Silva", "Ben")
    town.live(hours=2)
    web = Database(database_url, role="web")
    app = build_app(town.settings, web, town.clock, town.client)  # type: ignore[arg-type]
    town.slack.connect(to_bolt_app(app))
    yield town
    web.close()


def timed(act: Any) -> Any:
    start = monotonic()
    outcome = act()
    assert monotonic() - start < PATIENCE
    return outcome


def test_a_database_that_goes_away_in_the_middle_of_a_form_saves_nothing(
    town: Town, database_url: str
) -> None:
    with town.db.begin() as session:
        people.an_intern(session, people.a_cohort(session))
    web = Database(database_url, role="web")
    town.slack.connect(to_bolt_app(build_app(town.settings, web, town.clock, town.client)))  # type: ignore[arg-type]
    ana = town.seat("U0ANA")
    ana.command("/mentor", "leave")
    left_at = 0.0
    with ExitStack() as gone:

        def leave(_connection: Any) -> None:
            """Everything is written, and nothing committed."""
            if web.sqlite:
                raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))
            gone.enter_context(away(town.db))
            nonlocal left_at
            left_at = monotonic()

        sa.event.listen(web.engine, "commit", leave)
        outcome = ana.submit({"first": "2026-06-15", "back": "2026-06-18"})
        assert web.sqlite or monotonic() - left_at < PATIENCE
        assert outcome.result == "updated"
        assert AWAY in ana.read_aloud(ana.modal)
        sa.event.remove(web.engine, "commit", leave)
    with town.db.read() as session:
        assert session.scalars(sa.select(Leave)).all() == []
    assert AWAY not in str(ana.submit().answer.body)
    with town.db.read() as session:
        assert len(session.scalars(sa.select(Leave)).all()) == 1
    web.close()


def test_health_is_red_while_the_database_is_away(db: Database, database_url: str) -> None:
    if db.sqlite:
        pytest.skip("a file that is locked can still be read")
    web = Database(database_url, role="web")
    app = Switchboard(authorize=lambda: None, signing_secret="x")
    pages = build_web(app, health=partial(_health, web, None))

    async def ask() -> int:
        transport = httpx.ASGITransport(pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return (await client.get("/healthz")).status_code

    with away(db):
        assert timed(lambda: asyncio.run(ask())) == 503
    web.close()


def test_a_command_says_so(living: Town) -> None:
    ana = living.seat("U0ANA")
    with away(living.db):
        answer = timed(lambda: ana.command("/mentor-request"))
    assert answer.message.text == AWAY
    assert ana.command("/mentor-request").ok


def test_a_click_says_so_and_accepts_nothing(living: Town) -> None:
    ben = living.seat("U0BEN")
    with away(living.db):
        timed(lambda: ben.click(ben.dm[-1], "offer.accept"))
    assert ben.ephemerals[-1].text == AWAY
    with living.db.read() as session:
        assert session.scalars(sa.select(Offer)).one().state is OfferState.OPEN
    letter = next(message for message in ben.dm if not message.ephemeral)
    assert ben.click(letter, "offer.accept").ok
    with living.db.read() as session:
        assert session.scalars(sa.select(Offer)).one().state is OfferState.ACCEPTED


def test_a_form_says_so_keeps_what_was_typed_and_can_be_sent_again(living: Town) -> None:
    ben = living.seat("U0BEN")
    ben.command("/mentor", "leave")
    dates = {"first": "2026-06-15", "back": "2026-06-18"}
    with away(living.db):
        outcome = timed(lambda: ben.submit(dates))
    assert outcome.result == "updated"
    assert AWAY in ben.read_aloud(ben.modal)
    with living.db.read() as session:
        assert session.scalars(sa.select(Leave)).all() == []
    assert ben.submit().result == "updated"
    with living.db.read() as session:
        assert len(session.scalars(sa.select(Leave)).all()) == 1
