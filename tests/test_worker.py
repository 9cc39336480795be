"""The worker's start and end."""

import threading
from typing import Any

from slack_sdk import WebClient

from bot.clock import Clock, MovableClock, monotonic
from bot.database import Database
from bot.program import build_runner
from bot.ticker import Ticker
from bot.worker import Worker

NOWHERE = "postgresql+psycopg://127.0.0.1:9/cohort"


def a_worker(url: str, clock: Clock, **settings: Any) -> Worker:
    database = Database(url, role="worker")
    runner = build_runner(database, WebClient(base_url="http://127.0.0.1:9/api/"), clock)
    return Worker(runner, Ticker(runner), database, **settings)


def soon(true: Any) -> bool:
    """Whether it becomes true within five seconds."""
    pause, end = threading.Event(), monotonic() + 30
    while not true() and monotonic() < end:
        pause.wait(0.02)
    return bool(true())


def test_a_worker_ticks_until_it_is_stopped(database_url: str, clock: MovableClock) -> None:
    worker = a_worker(database_url, clock)
    assert worker.last_tick_age is None
    worker.start()
    assert soon(lambda: worker.last_tick_age is not None)
    assert worker.trouble() is None
    assert worker.stop(5) is True


def test_a_worker_is_in_trouble_when_the_database_stays_away(clock: MovableClock) -> None:
    worker = a_worker(NOWHERE, clock, patience=0.2)
    worker.start()
    assert soon(worker.trouble)
    assert "the database did not answer" in str(worker.trouble())
    assert worker.stop(5) is True


def test_a_worker_that_still_waits_for_the_database_stops_at_once(clock: MovableClock) -> None:
    worker = a_worker(NOWHERE, clock)
    worker.start()
    before = monotonic()
    assert worker.stop(8) is True
    assert monotonic() - before < 4
    assert worker.trouble() is None
