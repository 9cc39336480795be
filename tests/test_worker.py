"""The worker's start and end, and how much it says is waiting."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.clock import Clock, MovableClock, monotonic
from bot.cohort import roster
from bot.database import Database
from bot.outbox.model import Budget, Letter, LetterState, Priority
from bot.program import build_runner
from bot.schedule import Ticker
from bot.worker import Worker, backlog

NOWHERE = "postgresql+psycopg://127.0.0.1:9/cohort"


def a_worker(url: str, clock: Clock, **settings: Any) -> Worker:
    database = Database(url, role="worker")
    runner = build_runner(database, WebClient(base_url="http://127.0.0.1:9/api/"), clock)
    return Worker(runner, Ticker(runner), database, **settings)


def soon(true: Any) -> bool:
    """Whether it becomes true within five seconds."""
    pause, end = threading.Event(), monotonic() + 5
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


@pytest.mark.parametrize(
    ("state", "minutes", "waiting"),
    [
        (LetterState.PENDING, -1, 1),
        (LetterState.SENDING, -1, 1),
        (LetterState.PENDING, 1, 0),
        (LetterState.SENT, -1, 0),
        (LetterState.PARKED, -1, 0),
    ],
)
def test_the_backlog_counts_letters_that_are_due_and_not_sent(
    database_url: str, clock: MovableClock, state: LetterState, minutes: int, waiting: int
) -> None:
    database = Database(database_url)
    due = clock() + timedelta(minutes=minutes)
    with database.begin() as session:
        auth = {"team_id": "T0SANDBOX", "team": "Sandbox", "user_id": "U0BOT"}
        workspace = roster.ensure_workspace(session, auth, clock())
        session.add(
            Letter(
                workspace_id=workspace.id,
                key="one",
                kind="test",
                channel="C0",
                budget=Budget.NOW,
                priority=Priority.LETTER,
                due_at=due,
                state=state,
                created_at=clock(),
            )
        )
    assert backlog(database, clock) == waiting
    database.close()
