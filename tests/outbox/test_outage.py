"""What fell due while nobody was at work, with any number of workers and at any kill."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.clock import MovableClock
from bot.cohort.model import Workspace
from bot.database import Database
from bot.outbox import Budget, Kind, LetterState, Priority, figures, instance, presence
from bot.outbox.instance import HELD, SKIPPED
from bot.outbox.model import Instance
from bot.schedule import Job
from tests.outbox.test_presence import a_worker, after_an_outage
from tests.outbox.test_sender import NOTE, Post
from tests.support.letters import a_letter

ANSWER = Kind(NOTE.name, Budget.NOW, Priority.ANSWER)
DUE = sa.select(Workspace.id, Workspace.sync_at).where(Workspace.sync_at.is_not(None))


class Killed(BaseException):
    """kill -9, as far as the database can tell."""


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def writing(post: Post) -> Callable[[Session, int, object], None]:
    """What a job does that has three letters to write for the time of the outage."""

    def write(session: Session, row: int, _now: object, _answer: object = None) -> None:
        session.get_one(Workspace, row).sync_at = None
        for n in range(3):
            outbox.post(
                session,
                NOTE,
                key=f"written {n}",
                workspace_id=row,
                person_id=post.people["U0ANA"],
                now=post.clock() - timedelta(hours=n + 1),
            )

    return write


def killed(_session: Session, _row: int, _now: object) -> None:
    raise Killed


def nobody_for_a_day(post: Post, machine: MovableClock) -> None:
    """Two letters fell due meanwhile; three more are for the jobs to write."""
    for n in range(2):
        post.put(NOTE, f"waiting {n}", due_at=post.clock() + timedelta(hours=2))
    after_an_outage(post, machine, days=1)


def stands(post: Post) -> instance.Standing | None:
    with post.db.read() as session:
        return instance.standing(session, now=post.clock())


def test_a_worker_killed_while_the_jobs_write_leaves_the_first_hour_to_the_next(
    post: Post, machine: MovableClock
) -> None:
    nobody_for_a_day(post, machine)
    with pytest.raises(Killed):
        a_worker(post, machine, Job("late", DUE, killed)).tick()
    assert stands(post) is None, "the number is not final yet"
    a_worker(post, machine, Job("late", DUE, writing(post))).tick()
    assert len(post.read()) == 1
    assert post.states() == {LetterState.SENT: 3, LetterState.PENDING: 2}
    assert stands(post).waiting == 2  # type: ignore[union-attr]


def test_no_sender_takes_what_fell_due_until_all_of_it_is_written(
    post: Post, machine: MovableClock
) -> None:
    nobody_for_a_day(post, machine)
    post.put(ANSWER, "answer", to="U0BEN")
    other = a_worker(post, machine)
    meanwhile: list[dict[LetterState, int]] = []

    def ask(_slack: object, _db: Database, _row: int, _now: object) -> None:
        other.sender.drain()
        meanwhile.append(post.states())

    a_worker(post, machine, Job("late", DUE, writing(post), ask=ask)).tick()
    assert meanwhile == [{LetterState.SENT: 1, LetterState.PENDING: 2}]
    assert len(post.read("U0BEN")) == 1, "an answer waits for nothing"
    assert len(post.read("U0ANA")) == 1


def test_an_edit_nobody_waits_for_is_no_part_of_the_backlog(
    post: Post, machine: MovableClock
) -> None:
    """It neither waits for the hour to end nor counts as the one message each person gets."""
    post.put(ANSWER, "before", subject=1)
    assert post.sender.drain() == 1
    nobody_for_a_day(post, machine)
    write = writing(post)

    def tidy(session: Session, row: int, now: object) -> None:
        outbox.tidy(session, NOTE, subjects=[1], now=post.clock())
        write(session, row, now)

    a_worker(post, machine, Job("late", DUE, tidy)).tick()
    assert post.states() == {LetterState.SENT: 1 + 1 + 3, LetterState.PENDING: 2}
    assert "You said hello" in post.read()[0]
    assert len(post.read()) == 2


def test_a_worker_that_starts_while_another_writes_ends_in_one_message_too(
    post: Post, machine: MovableClock
) -> None:
    nobody_for_a_day(post, machine)
    job = Job("late", DUE, writing(post))

    def ask(_slack: object, _db: Database, _row: int, _now: object) -> None:
        a_worker(post, machine, job).tick()

    a_worker(post, machine, Job("late", DUE, writing(post), ask=ask)).tick()
    assert len(post.read()) == 1
    assert post.states() == {LetterState.SENT: 3, LetterState.PENDING: 2}


def test_a_second_outage_before_the_jobs_are_done_is_one_with_the_first(
    post: Post, machine: MovableClock
) -> None:
    began = post.clock()
    nobody_for_a_day(post, machine)
    with pytest.raises(Killed):
        a_worker(post, machine, Job("late", DUE, killed)).tick()
    with post.db.begin() as session:
        session.execute(sa.update(Instance).values(ticked_at=machine() - timedelta(days=1)))
    post.clock.move(days=1)
    a_worker(post, machine, Job("late", DUE, writing(post))).tick()
    found = stands(post)
    assert found is not None
    assert found.away_from is not None
    assert abs(found.away_from - began) < timedelta(minutes=1)


def test_a_decision_to_skip_reaches_what_is_written_after_a_kill(
    post: Post, machine: MovableClock
) -> None:
    nobody_for_a_day(post, machine)
    with post.db.begin() as session:
        session.execute(sa.update(Instance).values(paused_at=post.clock(), paused_reason="copy"))
        assert instance.resume(session, send=False, now=post.clock()) == 2
    with pytest.raises(Killed):
        a_worker(post, machine, Job("late", DUE, killed)).tick()
    a_worker(post, machine, Job("late", DUE, writing(post))).tick()
    assert post.read() == []
    assert {post.letter(f"written {n}").reason for n in range(3)} == {SKIPPED}
    assert stands(post) is None


def test_a_decision_about_an_earlier_outage_decides_nothing_about_a_later_one(
    post: Post, machine: MovableClock
) -> None:
    """The buttons work while no worker does."""
    nobody_for_a_day(post, machine)
    with post.db.begin() as session:
        before = post.clock() - timedelta(days=1, minutes=5)
        session.execute(
            sa.update(Instance).values(away_from=before - timedelta(days=2), away_until=before)
        )
        a_letter(session, "of the earlier one", due_at=before - timedelta(hours=1))
        assert instance.resume(session, send=False, now=post.clock() - timedelta(hours=1)) == 1
    a_worker(post, machine, Job("late", DUE, writing(post))).tick()
    assert len(post.read()) == 1


def test_jobs_that_never_come_to_an_end_hold_up_no_letter(
    post: Post, machine: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_for_a_day(post, machine)
    for_ever = Job("for ever", DUE, lambda _session, _row, _now: None)
    worker = a_worker(post, machine, for_ever)
    worker.tick()
    assert post.read() == []
    monkeypatch.setattr(presence, "WRITING", 0.0)
    worker.tick()
    assert len(post.read()) == 1


def test_what_would_be_too_late_in_an_hour_goes_in_the_one_message(
    post: Post, machine: MovableClock
) -> None:
    due = post.clock() + timedelta(hours=2)
    back = post.clock() + timedelta(days=1)
    for n in range(4):
        post.put(NOTE, f"patient {n}", due_at=due)
    # More than one round takes lie in between.
    post.add("U0CLEO")
    for n in range(100):
        post.put(NOTE, f"another's {n}", to="U0CLEO", due_at=due)
    for n in range(2):
        soon = back + timedelta(minutes=30 + n)
        post.put(NOTE, f"hasty {n}", due_at=due + timedelta(hours=1), not_after=soon)
    after_an_outage(post, machine, days=1).tick()
    assert {post.letter(f"hasty {n}").state for n in range(2)} == {LetterState.SENT}
    assert len(post.read()) == 1
    held = [post.letter(f"patient {n}") for n in range(4)]
    assert [one.state for one in held].count(LetterState.PENDING) == 3
    assert {one.reason for one in held if one.state is LetterState.PENDING} == {HELD}


def test_who_comes_to_work_within_the_first_hour_gets_one_message_in_it(
    post: Post, machine: MovableClock
) -> None:
    for n in range(5):
        post.put(NOTE, f"n{n}", due_at=post.clock() + timedelta(hours=2))
    worker = after_an_outage(post, machine, hours=23, minutes=30)  # 8:30 in Berlin
    worker.tick()
    assert post.read() == []
    assert stands(post).waiting == 5, "they can still be skipped"  # type: ignore[union-attr]
    worker.run_until(post.clock, post.clock() + timedelta(minutes=59))
    assert len(post.read()) == 1
    worker.run_until(post.clock, post.clock() + timedelta(days=1))
    assert post.states() == {LetterState.SENT: 5}


def test_a_message_slack_did_not_take_is_not_held_for_the_hour(
    post: Post, machine: MovableClock
) -> None:
    nobody_for_a_day(post, machine)
    post.slack.faults.rate_limit("chat.postMessage", retry_after=3)
    worker = a_worker(post, machine)
    worker.tick()
    assert post.read() == []
    post.clock.move(minutes=1)
    worker.tick()
    assert len(post.read()) == 1


def test_a_letter_slack_refused_for_now_still_belongs_to_what_fell_due(
    post: Post, machine: MovableClock
) -> None:
    for n in range(3):
        post.put(NOTE, f"n{n}", due_at=post.clock() + timedelta(hours=2))
    worker = after_an_outage(post, machine, days=1)
    post.slack.faults.error("chat.postMessage", "message_limit_exceeded")
    worker.tick()
    assert post.read() == []
    assert stands(post).waiting == 3, "they can still be skipped"  # type: ignore[union-attr]
    worker.run_until(post.clock, post.clock() + timedelta(minutes=59))
    assert len(post.read()) == 1
    assert post.states() == {LetterState.SENT: 3}


def test_letters_go_although_nobody_can_be_told_of_the_outage(
    post: Post, machine: MovableClock
) -> None:
    def broken(session: Session, *_what: object) -> None:
        session.execute(sa.delete(Instance))  # not kept
        raise LookupError("no words")

    post.put(NOTE, "a", due_at=post.clock() + timedelta(hours=2))
    post.program = replace(post.program, was_away=broken)
    after_an_outage(post, machine, days=1).tick()
    assert post.letter("a").state is LetterState.SENT
    assert stands(post) is None
    # Nor that it is over: whoever is at work next goes on.
    post.put(NOTE, "b", "U0BEN")
    a_worker(post, machine).tick()
    assert post.letter("b").state is LetterState.SENT


def test_a_letter_that_was_tried_again_is_late_from_when_it_was_meant_to_go(
    post: Post, machine: MovableClock
) -> None:
    post.put(NOTE, "a")
    post.slack.faults.error("chat.postMessage", "message_limit_exceeded", times=2)
    for _try in range(3):
        post.sender.drain()
        post.clock.move(minutes=10)
    with post.db.read() as session:
        assert figures.gather(session, post.clock()).lateness[100] == pytest.approx(1200, abs=0.01)


def test_a_letter_that_waited_for_its_reader_is_late_from_the_morning(post: Post) -> None:
    post.clock.move(hours=12)
    post.put(NOTE, "a")
    post.sender.drain()
    waits = post.letter("a")
    post.clock.set(waits.due_at + timedelta(seconds=5))
    post.sender.drain()
    with post.db.read() as session:
        assert figures.gather(session, post.clock()).lateness[100] == pytest.approx(5, abs=0.01)
