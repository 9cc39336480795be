"""The runner: what is due, one row at a time, and time that goes on."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.clock import Clock, MovableClock, system_clock
from bot.cohort import installed, roster, undelivered
from bot.cohort.model import Workspace
from bot.database import Database
from bot.digest import backlog
from bot.outbox.model import Program
from bot.outbox.sender import Sender
from bot.sandbox.workspace import Workspace as Slack
from bot.schedule import Job, Runner
from bot.ticker import Ticker

DUE = sa.select(Workspace.id, Workspace.sync_at).where(Workspace.sync_at.is_not(None))


def a_runner(
    db: Database, clock: MovableClock, *jobs: Job, machine: Clock = system_clock
) -> Runner:
    program = Program(
        {},
        roster.readers,
        roster.allowances,
        installed.left_slack,
        installed.workspaces,
        installed.stopped,
        installed.stop,
        backlog.tell,
        undelivered.channel_stopped,
    )
    client = Slack(clock).client()
    sender = Sender(db, client, clock, program)
    return Runner(db, client, clock, jobs, sender, machine=machine)


def a_row(db: Database, due: datetime, team: str = "T1") -> int:
    with db.begin() as session:
        row = Workspace(team_id=team, name="a", bot_user_id="U0BOT", sync_at=due)
        session.add(row)
        session.flush()
        return row.id


def move_on(session: Session, row: int, now: datetime) -> None:
    session.get_one(Workspace, row).sync_at = now + timedelta(days=1)


def test_a_due_row_is_done_once_and_again_when_it_is_due_again(
    db: Database, clock: MovableClock
) -> None:
    done: list[datetime] = []

    def each(session: Session, row: int, now: datetime) -> None:
        done.append(now)
        move_on(session, row, now)

    a_row(db, clock() + timedelta(hours=1))
    runner = a_runner(db, clock, Job("sync", DUE, each))
    start = clock()
    runner.run_until(clock, start + timedelta(days=3))
    assert done == [start + timedelta(days=n, hours=1) for n in range(3)]
    assert clock() == start + timedelta(days=3)


def test_a_bad_row_is_left_aside_and_the_next_one_still_runs(
    db: Database, clock: MovableClock
) -> None:
    bad, good = a_row(db, clock(), "T1"), a_row(db, clock(), "T2")
    tried: list[int] = []

    def each(session: Session, row: int, now: datetime) -> None:
        tried.append(row)
        if row == bad:
            raise RuntimeError("bad row")
        move_on(session, row, now)

    runner = a_runner(db, clock, Job("sync", DUE, each))
    runner.tick()
    runner.tick()
    assert tried == [bad, good]
    clock.move(minutes=10)
    runner.tick()
    assert tried == [bad, good, bad]


def test_time_goes_on_past_a_row_that_cannot_be_done(db: Database, clock: MovableClock) -> None:
    a_row(db, clock())
    tries: list[datetime] = []

    def each(session: Session, row: int, now: datetime) -> None:
        tries.append(now)
        raise RuntimeError("never")

    runner = a_runner(db, clock, Job("sync", DUE, each))
    end = clock() + timedelta(days=84)
    runner.run_until(clock, end)
    assert clock() == end
    assert len(tries) < 5


def test_what_a_failed_row_had_changed_is_not_kept(db: Database, clock: MovableClock) -> None:
    row = a_row(db, clock())

    def each(session: Session, row: int, now: datetime) -> None:
        session.get_one(Workspace, row).name = "half done"
        session.flush()
        raise RuntimeError("later")

    a_runner(db, clock, Job("sync", DUE, each)).tick()
    with db.read() as session:
        assert session.get_one(Workspace, row).name == "a"


def test_two_runners_at_once_do_a_row_once(db: Database, clock: MovableClock) -> None:
    a_row(db, clock())
    done: list[int] = []

    def each(session: Session, row: int, now: datetime) -> None:
        done.append(row)
        move_on(session, row, now)

    runners = [a_runner(db, clock, Job("sync", DUE, each)) for _n in range(2)]
    threads = [threading.Thread(target=runner.tick) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for runner in runners:
        runner.tick()
    assert len(done) == 1


def test_what_slack_is_asked_comes_before_the_transaction(
    db: Database, clock: MovableClock
) -> None:
    a_row(db, clock())
    heard: list[str] = []

    def each(session: Session, row: int, now: datetime, answer: str) -> None:
        heard.append(answer)
        move_on(session, row, now)

    def ask(slack: object, database: Database, row: int, _now: datetime) -> str:
        with database.begin():  # a transaction of the job's own would stand in the way here
            return f"row {row}"

    a_runner(db, clock, Job("sync", DUE, each, ask=ask)).tick()
    assert heard == ["row 1"]


def test_the_ticker_ticks_and_stops_and_hears_a_call(db: Database, clock: MovableClock) -> None:
    a_row(db, clock())
    done = threading.Event()

    def each(session: Session, row: int, now: datetime) -> None:
        move_on(session, row, now)
        done.set()

    ticker = Ticker(a_runner(db, clock, Job("sync", DUE, each)))
    ticker.start()
    assert done.wait(30)
    done.clear()
    clock.move(days=1)
    ticker.wake()
    assert done.wait(30)
    ticker.stop()


def test_a_ticker_that_never_started_can_be_stopped(db: Database, clock: MovableClock) -> None:
    Ticker(a_runner(db, clock)).stop()


def test_a_row_whose_transaction_the_database_ended_is_done_soon(
    db: Database, clock: MovableClock
) -> None:
    row = a_row(db, clock())
    tried: list[int] = []

    def each(session: Session, row: int, now: datetime) -> None:
        tried.append(row)
        if len(tried) == 1:
            raise sa.exc.OperationalError("SELECT 1", {}, Exception("deadlock detected"))
        move_on(session, row, now)

    runner = a_runner(db, clock, Job("sync", DUE, each))
    runner.tick()
    clock.move(seconds=5)
    runner.tick()
    assert tried == [row, row]


@pytest.mark.parametrize("seconds", [-7, 7])
def test_a_worker_whose_clock_is_wrong_does_nothing(
    db: Database, clock: MovableClock, seconds: int
) -> None:
    if db.sqlite:
        pytest.skip("SQLite's clock is this machine's own")
    wrong = [timedelta(seconds=seconds)]

    def machine() -> datetime:
        return system_clock() + sum(wrong, timedelta())

    row = a_row(db, clock())
    done: list[int] = []

    def each(session: Session, row: int, now: datetime) -> None:
        done.append(row)
        move_on(session, row, now)

    runner = a_runner(db, clock, Job("sync", DUE, each), machine=machine)
    with capture_logs() as logged:
        runner.tick()
    assert done == []
    assert [(one["log_level"], one["apart"]) for one in logged] == [("error", "7 s")]
    assert runner.last_tick is None

    wrong.clear()
    runner.tick()
    assert done == [row]
