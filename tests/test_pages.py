"""The operator's pages: what health says, and where the figures are shown."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot.clock import MovableClock, epoch
from bot.cohort import installed
from bot.database import Database
from bot.metrics import Metrics
from bot.outbox.model import LetterState
from bot.pages import Health, build_pages, look
from bot.web import SideDoor, serve
from tests.support.letters import a_letter, an_instance

NOWHERE = "postgresql+psycopg://127.0.0.1:9/cohort"


def get(web: Starlette, path: str) -> httpx.Response:
    async def within() -> httpx.Response:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.get(path)

    return asyncio.run(within())


def real(ago: float) -> datetime:
    return datetime.fromtimestamp(epoch(), UTC) - timedelta(seconds=ago)


def test_health_knows_the_last_tick_of_another_process(db: Database, clock: MovableClock) -> None:
    assert look(db, clock, None) == Health(True, last_tick_age=None, backlog=0, paused=False)
    with db.begin() as session:
        an_instance(session, ticked_at=real(20))
        a_letter(session, "1")
        a_letter(session, "2", state=LetterState.SENT)
    seen = look(db, clock, None)
    assert 20 <= (seen.last_tick_age or 0) < 60
    assert (seen.backlog, seen.paused, seen.well) == (1, False, True)


@pytest.mark.parametrize(("own", "newest"), [(3.0, 3.0), (5000.0, None)])
def test_the_newest_tick_counts(
    sqlite_db: Database, clock: MovableClock, own: float, newest: float | None
) -> None:
    with sqlite_db.begin() as session:
        an_instance(session, ticked_at=real(20))
    age = look(sqlite_db, clock, own).last_tick_age
    assert age == newest or (newest is None and 20 <= (age or 0) < 60)


def test_a_pause_is_told_and_is_no_illness(db: Database, clock: MovableClock) -> None:
    with db.begin() as session:
        an_instance(session, paused_at=clock(), paused_reason="a copy")
    seen = look(db, clock, None)
    assert (seen.paused, seen.well) == (True, True)


def test_without_a_database_health_is_red_and_knows_only_its_own_worker(
    clock: MovableClock,
) -> None:
    assert look(Database(NOWHERE), clock, 2.5) == Health(False, last_tick_age=2.5)


def test_a_port_of_its_own_shows_health_and_all_kinds(
    sqlite_db: Database, clock: MovableClock
) -> None:
    with sqlite_db.begin() as session:
        a_letter(session, "1", "concern.red", state=LetterState.SENT)
    pages = build_pages(
        lambda: look(sqlite_db, clock, None), Metrics(sqlite_db, clock, installed.stopped)
    )
    assert get(pages, "/healthz").json()["database"] is True
    shown = get(pages, "/metrics")
    assert shown.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'cohort_bot_letters_total{kind="concern.red",outcome="sent"} 1.0' in shown.text
    assert get(pages, "/slack/events").status_code == 404


def test_a_taken_side_door_keeps_nobody_from_working(
    sqlite_db: Database, clock: MovableClock
) -> None:
    pages = build_pages(
        lambda: look(sqlite_db, clock, None), Metrics(sqlite_db, clock, installed.stopped)
    )
    first = serve(pages, "127.0.0.1", 0)
    second = SideDoor(pages, "127.0.0.1", first.port)
    second.start()
    assert second.trouble() is None
    assert second.stop(2) is True
    assert httpx.get(f"{first.url}/metrics").status_code == 200
    assert first.stop(2) is True
