"""What becomes of a letter when Slack refuses, breaks off, hangs, or answers nonsense."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import MovableClock, system_clock
from bot.cohort.model import Person
from bot.database import Database
from bot.outbox import Letter, LetterState
from bot.outbox.sender import Sender
from bot.sandbox.faults import Chance, Fault, Stored, What
from tests.outbox.test_sender import NOTE, Post

POST = "chat.postMessage"
PEOPLE = 50


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def crowd(post: Post, count: int) -> list[str]:
    """More people, who can be written to at the same time."""
    found = [f"U{n:03d}" for n in range(count)]
    with post.db.begin() as session:
        for slack_id in found:
            post.slack.add_person(slack_id, name=slack_id)
            person = Person(
                workspace_id=post.workspace, slack_id=slack_id, name=slack_id, zone="Europe/Berlin"
            )
            session.add(person)
            session.flush()
            post.people[slack_id] = person.id
    return found


def live_on(post: Post, clock: MovableClock, hours: float = 2) -> None:
    """From one due moment to the next, as a worker would; what hung arrives in between."""
    end = clock() + timedelta(hours=hours)
    while clock() < end:
        post.sender.drain()
        post.slack.arrive()
        expire_leases(post)
        with post.db.read() as session:
            upcoming = post.sender.next_due(session, clock())
            unclear = session.scalar(
                sa.select(Letter.id).where(Letter.state == LetterState.SENDING).limit(1)
            )
        if unclear is not None:
            clock.move(seconds=2)
        elif upcoming is None:
            return
        else:
            clock.set(max(upcoming, clock() + timedelta(seconds=1)))


def expire_leases(post: Post) -> None:
    """Leases are real time, which does not pass here."""
    with post.db.begin() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.state == LetterState.SENDING)
            .values(lease_until=system_clock())
        )


def states(post: Post) -> Counter[str]:
    with post.db.read() as session:
        return Counter(str(one.state) for one in session.scalars(sa.select(Letter)))


BROKEN: tuple[tuple[What, int], ...] = (
    ("drop", 0),
    ("reset", 0),
    ("cut", 0),
    ("http", 500),
    ("http", 503),
    ("hang", 0),
)


@pytest.mark.parametrize(("what", "status"), BROKEN)
def test_a_message_that_was_stored_before_its_answer_got_lost_is_not_sent_again(
    post: Post, clock: MovableClock, what: What, status: int
) -> None:
    people = crowd(post, PEOPLE)
    fault = Fault(what, POST, "before", status=status, seconds=60)
    post.slack.faults.storm(1, [Chance(0.2, fault)])
    for person in people:
        post.put(NOTE, person, to=person)
    live_on(post, clock)
    assert post.slack.faults.struck.total() >= 5
    assert states(post) == {"sent": PEOPLE}
    assert Counter(m.to for m in post.slack.ledger.after(0)) == Counter(people)
    assert post.slack.ledger.calls(POST) == PEOPLE, "what had arrived was not asked for again"


@pytest.mark.parametrize(("what", "status"), BROKEN)
def test_a_message_that_was_not_stored_is_sent_again(
    post: Post, clock: MovableClock, what: What, status: int
) -> None:
    people = crowd(post, PEOPLE)
    post.slack.faults.storm(1, [Chance(0.2, Fault(what, POST, status=status, seconds=60))])
    for person in people:
        post.put(NOTE, person, to=person)
    live_on(post, clock)
    assert post.slack.faults.struck.total() >= 5
    assert states(post) == {"sent": PEOPLE}
    assert Counter(m.to for m in post.slack.ledger.after(0)) == Counter(people)


def test_all_of_it_together_and_a_history_that_fails_too_lose_nothing_and_double_nothing(
    post: Post, clock: MovableClock
) -> None:
    people = crowd(post, PEOPLE)
    kinds: list[tuple[What, Stored]] = [
        (what, stored)
        for what in ("drop", "reset", "cut", "http", "hang")
        for stored in ("never", "before")
    ]
    chances = [Chance(0.03, Fault(w, POST, s, seconds=60)) for w, s in kinds]
    chances += [Chance(0.1, Fault("http", "conversations.history"))]
    chances += [Chance(0.1, Fault("rate_limit", "conversations.history", retry_after=2))]
    chances += [Chance(0.1, Fault("drop", "conversations.open"))]
    post.slack.faults.storm(3, chances)
    for n in range(4):
        for person in people:
            post.put(NOTE, f"{person}-{n}", to=person)
    live_on(post, clock, hours=12)
    assert states(post) == {"sent": 4 * PEOPLE}
    assert Counter(m.to for m in post.slack.ledger.after(0)) == Counter(people * 4)


@pytest.mark.parametrize("refusals", [1, 3, 5])
def test_a_letter_slack_does_not_take_is_tried_again_later_and_later(
    post: Post, clock: MovableClock, refusals: int
) -> None:
    post.slack.faults.http(POST, status=503, times=refusals)
    post.put(NOTE, "a")
    begun = clock()
    live_on(post, clock)
    assert post.letter("a").state is LetterState.SENT
    assert post.letter("a").attempt == refusals + 1
    waits = (2, 8, 30, 120, 600)[:refusals]
    assert clock() - begun >= timedelta(seconds=sum(waits))
    assert len(post.read()) == 1


def test_a_letter_slack_never_takes_fails_after_six_times_and_says_so(
    post: Post, clock: MovableClock
) -> None:
    post.slack.faults.http(POST, status=503, times=-1)
    post.put(NOTE, "a")
    live_on(post, clock)
    failed = post.letter("a")
    assert (failed.state, failed.reason) == (
        LetterState.FAILED,
        "Slack did not take it, six times",
    )
    assert post.slack.ledger.calls(POST) == 6


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 30),
        ("", 30),
        ("soon", 30),
        ("Tue, 24 Nov 2026 12:00:00 GMT", 30),
        ("nan", 30),
        ("inf", 30),
        ("1.5", 1),
        ("0", 1),
        ("-5", 1),
        ("7", 7),
        ("86400", 900),
        ("9" * 400, 30),
        ("9" * 20, 900),
    ],
)
def test_a_retry_after_that_makes_no_sense_is_survived(
    post: Post, clock: MovableClock, header: str | None, seconds: int
) -> None:
    post.slack.faults.rate_limit(POST, retry_after=header)
    post.put(NOTE, "a")
    begun = clock()
    live_on(post, clock)
    waited = clock() - begun
    assert post.letter("a").state is LetterState.SENT
    assert timedelta(seconds=seconds) <= waited <= timedelta(seconds=seconds + 3)
    assert post.slack.ledger.calls(POST) == 2


def test_a_message_stored_after_its_caller_gave_up_is_found_and_not_sent_again(
    post: Post, clock: MovableClock
) -> None:
    """Slack may still be at it when our time is up: a look at once would find nothing."""
    post.sender = Sender(post.db, post.slack.client(), clock, post.program)
    post.slack.faults.hang(POST, seconds=12, stored="after")
    post.put(NOTE, "a")
    post.sender.drain()
    post.sender.drain()
    post.slack.arrive()
    clock.move(seconds=5)
    live_on(post, clock)
    assert post.letter("a").state is LetterState.SENT
    assert len(post.read()) == 1


def test_where_nobody_may_look_an_unclear_letter_stays_unknown_and_the_others_go(
    post: Post, clock: MovableClock
) -> None:
    people = crowd(post, 10)
    post.slack.faults.deny("conversations.history")
    post.slack.faults.drop(POST, after_storing=True, times=2)
    for person in people:
        post.put(NOTE, person, to=person)
    live_on(post, clock)
    assert states(post) == {"sent": 8, "unknown": 2}
    assert Counter(m.to for m in post.slack.ledger.after(0)) == Counter(people)


def test_a_history_that_is_asked_too_often_is_asked_later_and_nothing_is_sent_again(
    post: Post, clock: MovableClock
) -> None:
    post.slack.faults.drop(POST, after_storing=True)
    post.slack.faults.rate_limit("conversations.history", times=5, retry_after=30)
    post.put(NOTE, "a")
    begun = clock()
    live_on(post, clock)
    assert clock() - begun >= timedelta(seconds=5 * 30)
    assert post.letter("a").state is LetterState.SENT
    assert (len(post.read()), post.slack.ledger.calls(POST)) == (1, 1)


@pytest.mark.parametrize("broken", [sa.exc.OperationalError, RuntimeError])
def test_what_a_broken_round_left_behind_is_not_kept_alive(
    post: Post, monkeypatch: pytest.MonkeyPatch, broken: type[Exception]
) -> None:
    """The heart of a worker beats for the letters it works on, and for no others: they would
    wait as long as it lives."""
    post.put(NOTE, "a")
    sender = Sender(post.db, post.slack.client(), post.clock, post.program)
    claim: Callable[[], Any] = sender.claiming.claim

    def claim_and_break() -> Any:
        claim()
        raise broken("SELECT", {}, OSError()) if broken is not RuntimeError else broken

    monkeypatch.setattr(sender.claiming, "claim", claim_and_break)
    with pytest.raises(broken):
        sender.drain()
    monkeypatch.undo()
    assert post.letter("a").state is LetterState.CLAIMED
    held_until = post.letter("a").lease_until
    sender.keep_alive()
    assert post.letter("a").lease_until == held_until
