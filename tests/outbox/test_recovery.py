"""What a dead sender or a lost answer left behind is taken up, whatever the others are at."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.database import Database
from bot.outbox import LetterState
from bot.outbox.model import Reader
from bot.outbox.sender import Sender
from tests.outbox.test_sender import NOTE, Post

POST = "chat.postMessage"


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


@pytest.fixture
def impatient(database_url: str) -> Iterator[Database]:
    """The same database, for somebody who does not wait for a lock."""
    made = Database(database_url, role="web")
    yield made
    made.close()


def test_who_looks_a_letter_up_does_not_wait_for_who_claims(
    post: Post, impatient: Database
) -> None:
    """Who claims may stand still in the middle of it: a machine asleep, a process frozen."""
    if post.db.sqlite:
        pytest.skip("one writer at a time: SQLite cannot let two in")
    post.slack.faults.drop(POST, after_storing=True)
    post.put(NOTE, "unclear")
    post.sender.drain()
    assert post.letter("unclear").state is LetterState.SENDING
    post.put(NOTE, "next", to="U0BEN")
    other = Sender(impatient, post.slack.client(), post.clock, post.program)

    def standing_still(session: Session, people: set[int]) -> Mapping[int, Reader]:
        other.recover()
        return post.program.readers(session, people)

    program = replace(post.program, readers=standing_still)
    claims = Sender(post.db, post.slack.client(), post.clock, program).claiming
    assert [parcel.ids for parcel in claims.claim().parcels] == [[post.letter("next").id]]
    assert post.letter("unclear").state is LetterState.SENT


def test_a_letter_that_slack_does_not_let_us_look_up_waits_in_nobodys_hands(
    post: Post,
) -> None:
    """Whoever looked may be gone by then, and holds nothing."""
    post.slack.faults.drop(POST, after_storing=True)
    post.slack.faults.http("conversations.history", status=503, times=1)
    post.put(NOTE, "a")
    post.sender.drain()
    post.sender.recover()
    waiting = post.letter("a")
    assert (waiting.state, waiting.owner) == (LetterState.SENDING, None)
    with post.db.begin() as session:
        one = session.merge(waiting)
        assert one.lease_until is not None
        one.lease_until -= timedelta(seconds=10)
    Sender(post.db, post.slack.client(), post.clock, post.program).recover()
    assert post.letter("a").state is LetterState.SENT
    assert len(post.read()) == 1
