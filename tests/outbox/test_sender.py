"""The send protocol, against a real database and the stand-in Slack."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import Message, bar_chart, button, letter, letter_menu
from bot.clock import MovableClock
from bot.cohort import installed, roster, undelivered
from bot.cohort.model import Person
from bot.database import Database
from bot.digest import backlog
from bot.outbox import Budget, Cancelled, Kind, Letter, LetterState
from bot.outbox.model import Program, Surface
from bot.outbox.sender import Sender
from bot.sandbox.workspace import Workspace

HELLO = Kind("hello", Budget.COUNTED)
NOTE = Kind("note")
MOOT = Kind("moot")
BROKEN = Kind("broken")
SPOILS = Kind("spoils", Budget.COUNTED)
CHART = Kind("chart", Budget.NOW)


def render_hello(_session: Session, one: Letter, _now: datetime) -> Message:
    if one.sent_ts:
        return letter("You said hello")
    return letter(
        f"Hello {one.subject or ''}".strip(),
        "Press when you like.",
        buttons=[button("Say hello", "hello.say", 1, primary=True)],
        menu=letter_menu(one.id),
        footer="Somebody said hello. Only you see this. The menu pauses letters.",
    )


def render_moot(_session: Session, _one: Letter, _now: datetime) -> Cancelled:
    return Cancelled("they have met")


def render_broken(_session: Session, _one: Letter, _now: datetime) -> Message:
    raise RuntimeError("no words")


def render_spoils(session: Session, one: Letter, _now: datetime) -> Message:
    """The database refuses what it does, and PostgreSQL everything after that."""
    session.execute(sa.insert(Letter).values(id=one.id))
    return letter("It did not refuse")


def render_chart(_session: Session, _one: Letter, _now: datetime) -> Message:
    charts = [bar_chart(f"Chart {n}", ["Wk 1"], {"On track": [1]}) for n in range(3)]
    told = letter("Three charts", "are one too many.")
    return Message(told.text, [*told.blocks, *charts])


class Post:
    """An outbox with a few kinds of letters, two people and a channel."""

    def __init__(self, db: Database, clock: MovableClock, slack: Workspace | None = None) -> None:
        self.db, self.clock = db, clock
        self.slack = slack or Workspace(clock)
        if slack is None:
            for slack_id, name in (("U0ANA", "ana"), ("U0BEN", "ben")):
                self.slack.add_person(slack_id, name=name, tz="Europe/Berlin")
        self.channel = self.slack.add_channel("care", private=True, members=["U0ANA"], bot=True).id
        client = self.slack.client()
        renders = {
            "hello": (1, Surface.MESSAGE, render_hello),
            "note": (1, Surface.MESSAGE, render_hello),
            "moot": (1, Surface.MESSAGE, render_moot),
            "broken": (1, Surface.MESSAGE, render_broken),
            "spoils": (1, Surface.MESSAGE, render_spoils),
            "chart": (1, Surface.MESSAGE, render_chart),
        }
        self.program = Program(
            renders,
            roster.readers,
            roster.allowances,
            installed.left_slack,
            installed.workspaces,
            installed.stopped,
            installed.stop,
            backlog.tell,
            undelivered.channel_stopped,
        )
        self.sender = Sender(db, client, clock, self.program, still_coming=timedelta(0))
        self.people: dict[str, int] = {}
        with db.begin() as session:
            found = roster.ensure_workspace(session, client.auth_test().data, clock())  # type: ignore[arg-type]
            self.workspace = found.id
            for slack_id in ("U0ANA", "U0BEN"):
                self._enter(session, slack_id)

    def add(self, *slack_ids: str) -> None:
        """More people, in Slack and in the database."""
        with self.db.begin() as session:
            for slack_id in slack_ids:
                self.slack.add_person(slack_id, name=slack_id.lower(), tz="Europe/Berlin")
                self._enter(session, slack_id)

    def _enter(self, session: Session, slack_id: str) -> None:
        person = Person(
            workspace_id=self.workspace, slack_id=slack_id, name=slack_id, zone="Europe/Berlin"
        )
        session.add(person)
        session.flush()
        self.people[slack_id] = person.id

    def put(self, kind: Kind, key: str, to: str = "U0ANA", **more: Any) -> int | None:
        with self.db.begin() as session:
            if "channel" not in more and "group" not in more:
                more["person_id"] = self.people[to]
            return outbox.post(
                session, kind, key=key, workspace_id=self.workspace, now=self.clock(), **more
            )

    def letter(self, key: str) -> Letter:
        with self.db.read() as session:
            return session.scalars(sa.select(Letter).where(Letter.key == key)).one()

    def states(self) -> dict[LetterState, int]:
        """How many letters are in each state."""
        count = sa.select(Letter.state, sa.func.count()).group_by(Letter.state)
        with self.db.read() as session:
            return dict(session.execute(count).all())  # type: ignore[arg-type]

    def read(self, slack_id: str = "U0ANA") -> list[str]:
        return [message.text for message in self.slack.seat(slack_id).dm]


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def test_a_due_letter_is_sent_once_and_keeps_where_it_stands(post: Post) -> None:
    post.put(NOTE, "a")
    assert post.sender.drain() == 1
    assert post.sender.drain() == 0
    sent = post.letter("a")
    assert (sent.state, bool(sent.sent_channel), bool(sent.sent_ts)) == (
        LetterState.SENT,
        True,
        True,
    )
    assert len(post.read()) == 1


def test_the_same_occasion_is_one_letter(post: Post) -> None:
    assert post.put(NOTE, "a") is not None
    assert post.put(NOTE, "a") is None
    assert post.sender.drain() == 1


def test_many_occasions_put_at_once_are_one_letter_each(post: Post, clock: MovableClock) -> None:
    post.put(NOTE, "a")
    about = {"workspace_id": post.workspace, "person_id": post.people["U0BEN"]}
    for _twice in range(2):
        with post.db.begin() as session:
            letters = [{"key": key, **about} for key in ("a", "b", "c", "c")]
            outbox.post_all(session, NOTE, letters, now=clock())
            outbox.post_all(session, NOTE, [], now=clock())
    assert post.sender.drain() == 3
    assert len(post.slack.seat("U0BEN").dm) == 2


def test_a_letter_waits_for_its_moment(post: Post, clock: MovableClock) -> None:
    post.put(NOTE, "a", due_at=clock() + timedelta(hours=1))
    assert post.sender.drain() == 0
    clock.move(hours=1)
    assert post.sender.drain() == 1


def test_letters_of_one_person_become_one_message_with_one_primary_and_one_footer(
    post: Post,
) -> None:
    for key in ("a", "b"):
        post.put(HELLO, key)
    assert post.sender.drain() == 1
    (message,) = post.slack.seat("U0ANA").dm
    styles = [e.get("style") for b in message.blocks for e in b.get("elements", [])]
    assert message.text.startswith("Two things for today.")
    assert styles.count("primary") == 1
    assert sum(b["type"] == "context" for b in message.blocks) == 1
    assert post.letter("a").sent_ts == post.letter("b").sent_ts


def test_what_would_follow_in_a_few_minutes_comes_with_it(post: Post, clock: MovableClock) -> None:
    post.put(HELLO, "a")
    post.put(HELLO, "b", due_at=clock() + timedelta(minutes=4))
    post.put(HELLO, "c", due_at=clock() + timedelta(hours=4))
    assert post.sender.drain() == 1
    assert post.letter("b").sent_ts == post.letter("a").sent_ts
    assert post.letter("c").state is LetterState.PENDING


def test_a_fourth_letter_waits_for_the_next_working_day(post: Post, clock: MovableClock) -> None:
    for key in "abcd":
        post.put(HELLO, key)
    assert post.sender.drain() == 1
    assert post.letter("d").due_at == clock() + timedelta(days=1)


def test_what_would_come_too_late_is_cancelled_with_its_reason(
    post: Post, clock: MovableClock
) -> None:
    post.put(HELLO, "a")
    post.sender.drain()
    post.put(HELLO, "b", not_after=clock() + timedelta(hours=5))
    post.sender.drain()
    late = post.letter("b")
    assert late.state is LetterState.CANCELLED
    assert late.reason.startswith("no room")


def test_a_letter_that_lost_its_reason_cancels_itself(post: Post) -> None:
    post.put(MOOT, "a")
    assert post.sender.drain() == 0
    assert (post.letter("a").state, post.letter("a").reason) == (
        LetterState.CANCELLED,
        "they have met",
    )


def test_one_letter_that_cannot_be_rendered_stops_no_other(post: Post) -> None:
    post.put(BROKEN, "a")
    post.put(NOTE, "b")
    assert post.sender.drain() == 1
    assert post.letter("a").state is LetterState.FAILED


def test_a_letter_that_spoils_the_transaction_fails_alone_in_its_message(post: Post) -> None:
    for key, kind in (("a", HELLO), ("b", SPOILS), ("c", HELLO)):
        post.put(kind, key)
    assert post.sender.drain() == 1
    states = [post.letter(key).state for key in ("a", "b", "c")]
    assert states == [LetterState.SENT, LetterState.FAILED, LetterState.SENT]
    assert [post.letter(key).attempt for key in ("a", "b", "c")] == [1, 0, 1]
    assert len(post.slack.seat("U0ANA").dm) == 1


def test_a_letter_of_an_unknown_kind_is_parked_and_kept(post: Post) -> None:
    post.put(Kind("from-the-future"), "a")
    post.put(Kind("note", version=9), "b")
    assert post.sender.drain() == 0
    assert post.letter("a").state is LetterState.PARKED
    assert post.letter("b").state is LetterState.PARKED


def test_an_edit_brings_every_part_of_a_merged_message_up_to_date(
    post: Post, clock: MovableClock
) -> None:
    for key in ("a", "b"):
        post.put(HELLO, key, subject=ord(key))
    post.sender.drain()
    with post.db.begin() as session:
        outbox.refresh(session, HELLO, subject=ord("a"), now=clock())
        outbox.refresh(session, HELLO, subject=ord("a"), now=clock())
    assert post.sender.drain() == 1
    (message,) = post.slack.seat("U0ANA").dm
    assert message.texts().count("You said hello") == 2
    assert not any(b["type"] == "actions" for b in message.blocks)


def test_a_refused_chart_goes_out_as_text(post: Post) -> None:
    post.put(CHART, "a", channel=post.channel)
    assert post.sender.drain() == 1
    (message,) = post.slack.seat("U0ANA").messages(post.channel)
    assert [b["type"] for b in message.blocks] == ["section"]


def test_a_group_letter_opens_its_conversation_once(post: Post, clock: MovableClock) -> None:
    group = list(post.people.values())
    post.put(NOTE, "a", group=group)
    post.put(NOTE, "b", group=group)
    assert post.sender.drain() == 2
    opened = [entry for entry in post.slack.log if entry.what == "conversations.open"]
    assert len(opened) == 1
    assert post.letter("a").sent_channel == post.letter("b").sent_channel


def test_a_rate_limit_waits_as_long_as_slack_says_and_loses_nothing(
    post: Post, clock: MovableClock
) -> None:
    post.slack.faults.rate_limit("chat.postMessage", times=1, retry_after=30)
    post.put(NOTE, "a")
    assert post.sender.drain() == 0
    clock.move(seconds=29)
    assert post.sender.drain() == 0
    clock.move(seconds=1)
    assert post.sender.drain() == 1


def test_a_lost_answer_is_looked_up_and_not_repeated(post: Post) -> None:
    post.slack.faults.http("chat.postMessage", status=503, after_storing=True)
    post.put(NOTE, "a")
    post.sender.drain()
    post.sender.drain()
    assert post.letter("a").state is LetterState.SENT
    assert len(post.read()) == 1


def test_a_message_that_never_arrived_is_sent_again(post: Post, clock: MovableClock) -> None:
    post.slack.faults.http("chat.postMessage", status=503, after_storing=False)
    post.put(NOTE, "a")
    post.sender.drain()
    post.sender.drain()
    clock.move(seconds=10)
    post.sender.drain()
    assert post.letter("a").state is LetterState.SENT
    assert len(post.read()) == 1


def test_what_cannot_be_looked_up_stays_unknown_until_a_person_decides(
    post: Post, clock: MovableClock
) -> None:
    post.slack.faults.http("chat.postMessage", status=503, after_storing=True)
    post.slack.faults.error("conversations.history", "missing_scope")
    post.put(NOTE, "a")
    post.sender.drain()
    post.sender.drain()
    assert post.letter("a").state is LetterState.UNKNOWN
    with post.db.begin() as session:
        one = session.get_one(Letter, post.letter("a").id)
        assert outbox.send_again(session, one, now=clock())
    assert post.sender.drain() == 1


def test_a_channel_the_bot_is_not_in_fails_with_slacks_own_code(post: Post) -> None:
    post.slack.leave(post.channel, post.slack.bot_user_id)
    post.put(NOTE, "a", channel=post.channel)
    post.sender.drain()
    failed = post.letter("a")
    assert (failed.state, failed.reason) == (LetterState.FAILED, "channel_not_found")


def test_when_the_app_is_gone_nothing_is_called_and_nothing_is_lost(
    post: Post, clock: MovableClock
) -> None:
    post.slack.uninstall()
    post.put(NOTE, "a")
    post.put(NOTE, "b", to="U0BEN")
    post.sender.drain()
    calls = len([entry for entry in post.slack.log if entry.what == "chat.postMessage"])
    clock.move(days=1)
    post.sender.drain()
    assert calls == 1, "the first refusal speaks for all"
    assert len([e for e in post.slack.log if e.what == "chat.postMessage"]) == calls
    assert {post.letter(key).state for key in "ab"} == {LetterState.PENDING}


def test_somebody_who_left_slack_gets_nothing(post: Post, clock: MovableClock) -> None:
    with post.db.begin() as session:
        installed.left_slack(session, post.people["U0ANA"], clock())
    post.put(NOTE, "a")
    assert post.sender.drain() == 0
    assert post.letter("a").reason == "the person has left Slack"


def test_what_a_dead_sender_claimed_is_sent_by_the_next(
    post: Post, db: Database, clock: MovableClock
) -> None:
    letter_id = post.put(NOTE, "a")
    with db.begin() as session:
        one = session.get_one(Letter, letter_id)
        one.state, one.owner = LetterState.CLAIMED, "somebody who crashed"
        one.lease_until = clock() - timedelta(days=300)
    assert post.sender.drain() == 1


def test_a_sender_that_stops_gives_its_claims_back(post: Post, db: Database) -> None:
    post.put(NOTE, "a")
    post.sender.claiming.claim()
    post.sender.stop()
    post.sender.release()
    assert post.letter("a").state is LetterState.PENDING


def test_sending_thirty_letters_asks_no_question_per_reader(
    post: Post, db: Database, clock: MovableClock
) -> None:
    def questions(count: int) -> int:
        asked: list[str] = []
        for n in range(count):
            post.put(NOTE, f"{count}-{n}")
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listener)
        post.sender.claiming.claim()
        sa.event.remove(db.engine, "before_cursor_execute", listener)
        return len([statement for statement in asked if statement.startswith("SELECT")])

    questions(2)  # the first call of a method makes its bucket
    assert questions(1) == questions(30)
