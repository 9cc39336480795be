"""Letters when several work at once: two senders, a click while a letter goes out, a database
that ends a transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import Message, letter
from bot.clock import MovableClock
from bot.cohort.model import Person
from bot.database import Database
from bot.outbox import HOME, HomeView, Letter, LetterState
from bot.outbox.model import Program, Surface
from bot.outbox.sender import Sender
from tests.outbox.test_sender import HELLO, NOTE, Post, render_hello


def render_name(session: Session, one: Letter, _now: datetime) -> Message:
    person = session.get_one(Person, one.person_id)
    return letter(f"Dear {person.name}")


class Between:
    """The stand-in Slack, with something that happens while the first message is on its way."""

    def __init__(self, client: Any, happens: Callable[[], object]) -> None:
        self._client, self._happens = client, happens
        self._happened = False

    def api_call(self, method: str, **arguments: Any) -> Any:
        if method == "chat.postMessage" and not self._happened:
            self._happened = True
            self._happens()
        return self._client.api_call(method, **arguments)


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def sender(post: Post, render: Any = render_hello, client: Any = None) -> Sender:
    """A sender that writes notes with `render`."""
    kinds = dict(post.program.renders) | {
        "note": (1, Surface.MESSAGE, render),
        HOME.name: (1, Surface.HOME, render),
    }
    program = Program(
        kinds,
        post.program.readers,
        post.program.allowances,
        post.program.person_gone,
        post.program.workspaces,
        post.program.stopped,
        post.program.stop,
        post.program.was_away,
        post.program.channel_stopped,
    )
    return Sender(
        post.db, client or post.slack.client(), post.clock, program, still_coming=timedelta(0)
    )


def with_many_writers(db: Database) -> None:
    if db.sqlite:
        pytest.skip("SQLite has one writer at a time")


def rename(session: Session, post: Post, name: str) -> None:
    session.get_one(Person, post.people["U0ANA"]).name = name
    session.flush()


def test_two_senders_share_one_budget(post: Post) -> None:
    def meanwhile() -> None:
        post.put(HELLO, "second", to="U0ANA", subject=2)
        post.sender.drain()

    post.put(HELLO, "other", to="U0BEN")
    post.put(HELLO, "first", to="U0ANA", subject=1)
    sender(post, client=Between(post.slack.client(), meanwhile)).drain()

    assert [text[:7] for text in post.read("U0ANA")] == ["Hello 1"]
    assert post.letter("second").due_at - post.clock() > timedelta(hours=12)


def test_a_letter_waits_for_the_change_it_tells_of(post: Post) -> None:
    with_many_writers(post.db)
    writer = sender(post, render_name)
    post.put(NOTE, "note", subject=7)
    with post.db.begin() as session:
        rename(session, post, "Anna")
        outbox.refresh(session, NOTE, subject=7, now=post.clock())
        writer.drain()
        assert post.read() == []

    writer.drain()

    assert post.read() == ["Dear Anna."]


def test_an_edit_waits_for_the_second_change(post: Post) -> None:
    with_many_writers(post.db)
    writer = sender(post, render_name)
    post.put(NOTE, "note", subject=7)
    writer.drain()
    with post.db.begin() as session:
        outbox.refresh(session, NOTE, subject=7, now=post.clock())
    with post.db.begin() as session:
        rename(session, post, "Anna")
        outbox.refresh(session, NOTE, subject=7, now=post.clock())
        writer.drain()
    writer.drain()

    assert post.read() == ["Dear Anna."]


def test_two_changes_at_once_both_bring_the_message_up_to_date(post: Post) -> None:
    with_many_writers(post.db)
    writer = sender(post, render_name)
    post.put(NOTE, "note", subject=7)
    writer.drain()
    with post.db.begin() as slow:
        rename(slow, post, "Anna")
        outbox.refresh(slow, NOTE, subject=7, now=post.clock())
        with post.db.begin() as quick:
            outbox.refresh(quick, NOTE, subject=7, now=post.clock())
        writer.drain()
        assert post.read() == ["Dear U0ANA."]
    writer.drain()

    assert post.read() == ["Dear Anna."]


def test_two_changes_at_once_both_publish_the_home_tab(post: Post) -> None:
    with_many_writers(post.db)
    shown: list[str] = []

    def render(session: Session, one: Letter, _now: datetime) -> HomeView:
        shown.append(session.get_one(Person, one.person_id).name)
        return HomeView({"type": "home", "blocks": []})

    writer, ana = sender(post, render), post.people["U0ANA"]
    with post.db.begin() as slow:
        rename(slow, post, "Anna")
        outbox.refresh_home(slow, post.workspace, ana, now=post.clock())
        with post.db.begin() as quick:
            outbox.refresh_home(quick, post.workspace, ana, now=post.clock())
        writer.drain()
    writer.drain()

    assert shown == ["U0ANA", "Anna"]


def test_nobody_cancels_a_letter_while_it_is_written(post: Post) -> None:
    with_many_writers(post.db)
    refused: list[str] = []

    def render(_session: Session, one: Letter, _now: datetime) -> Message:
        try:
            with post.db.begin() as other:
                other.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
                outbox.cancel(other, "moot", kind=NOTE, subject=7)
        except sa.exc.OperationalError as error:
            refused.append(type(error.orig).__name__)
        return letter("Dear Ana")

    post.put(NOTE, "note", subject=7)
    sender(post, render).drain()

    assert refused == ["LockNotAvailable"]
    assert post.letter("note").state is LetterState.SENT


def test_a_letter_survives_a_transaction_the_database_ends(post: Post) -> None:
    tried: list[int] = []

    def render(session: Session, one: Letter, now: datetime) -> Message:
        tried.append(one.id)
        if len(tried) == 1:
            raise sa.exc.OperationalError("SELECT 1", {}, Exception("deadlock detected"))
        return render_hello(session, one, now)

    writer = sender(post, render)
    post.put(NOTE, "note")
    with pytest.raises(sa.exc.OperationalError):
        writer.drain()
    assert post.letter("note").state is LetterState.PENDING

    writer.drain()

    assert post.letter("note").state is LetterState.SENT


def test_one_message_that_cannot_be_sent_holds_up_no_other(post: Post) -> None:
    def breaks() -> None:
        raise RuntimeError("nobody expected this")

    post.put(NOTE, "odd", to="U0ANA")
    post.put(NOTE, "even", to="U0BEN")
    sender(post, client=Between(post.slack.client(), breaks)).drain()

    assert post.letter("odd").state is LetterState.SENDING
    assert post.letter("even").state is LetterState.SENT


def test_a_letter_gives_way_to_whoever_holds_what_it_is_about(post: Post) -> None:
    with_many_writers(post.db)

    def render(session: Session, one: Letter, now: datetime) -> Message:
        rename(session, post, "Anna")
        return render_hello(session, one, now)

    writer, meant = sender(post, render), post.clock()
    post.put(NOTE, "note")
    with post.db.begin() as click:
        rename(click, post, "Ana")
        post.put(NOTE, "other", to="U0BEN")
        assert writer.drain() == 0
    waits = post.letter("note")
    assert (waits.state, waits.meant) == (LetterState.PENDING, meant)
    assert waits.due_at > meant

    post.clock.move(seconds=2)
    writer.drain()

    assert post.letter("note").state is LetterState.SENT
