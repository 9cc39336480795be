"""How fast Slack is called: one bucket a method for all workers, a pace for each conversation."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot import outbox
from bot.clock import MovableClock
from bot.database import Database
from bot.outbox import Budget, Kind, Letter, LetterState, Priority, figures
from bot.outbox.claiming import FEWEST
from bot.outbox.limiter import LIMITS, PACE, PACE_WINDOW, Buckets, opens_at
from bot.outbox.model import Bucket
from bot.outbox.sender import Sender
from tests.outbox.test_sender import HELLO, NOTE, Post

POST = "chat.postMessage"
BURST = int(LIMITS[POST].burst)
EDIT = "chat.update"
EDITS = int(LIMITS[EDIT].burst)
AN_ANSWER = Kind("note", Budget.NOW, Priority.ANSWER)
A_DIGEST = Kind("hello", Budget.NOW, Priority.DIGEST)


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def crowd(post: Post, count: int) -> list[str]:
    """So many more people; their Slack ids."""
    names = [f"U0N{n:04}" for n in range(count)]
    post.add(*names)
    return names


def taken(post: Post, times: int, method: str = POST) -> int:
    """How many of so many calls the bucket lets through now."""
    with post.db.begin() as session:
        buckets = Buckets(session, post.clock())
        return sum(buckets.take(post.workspace, method) for _ in range(times))


def bucket(post: Post, method: str = POST) -> Bucket:
    with post.db.read() as session:
        return session.scalars(sa.select(Bucket).where(Bucket.method == method)).one()


def refused(post: Post, seconds: int) -> None:
    with post.db.begin() as session:
        Buckets(session, post.clock()).close(post.workspace, POST, seconds)


def test_a_rested_bucket_gives_its_burst_and_then_its_rate(post: Post) -> None:
    assert taken(post, 100) == BURST
    assert taken(post, 100) == 0
    post.clock.move(seconds=1)
    assert taken(post, 100) == LIMITS[POST].start / 60


def test_two_workers_take_from_one_bucket(post: Post) -> None:
    people = crowd(post, BURST + 10)
    for name in people:
        post.put(NOTE, name, to=name)
    another = Sender(
        post.db, post.slack.client(), post.clock, post.program, still_coming=timedelta(0)
    )
    assert post.sender.drain() + another.drain() == BURST


def test_a_429_closes_the_bucket_for_everybody_as_long_as_slack_says(post: Post) -> None:
    for name in crowd(post, 10):
        post.put(NOTE, name, to=name)
    post.slack.faults.rate_limit(POST, times=1, retry_after=30)
    another = Sender(
        post.db, post.slack.client(), post.clock, post.program, still_coming=timedelta(0)
    )
    sent = post.sender.drain()
    calls = len(post.slack.log)
    post.clock.move(seconds=29)
    assert post.sender.drain() + another.drain() == 0
    assert len(post.slack.log) == calls, "nobody asks while Slack wants to be left alone"
    post.clock.move(seconds=1)
    while post.clock.move(seconds=1) and post.sender.drain():
        pass
    assert sent + len(post.slack.log) - calls >= 10
    assert post.states() == {LetterState.SENT: 10}


def test_a_429_is_no_attempt(post: Post) -> None:
    post.slack.faults.rate_limit(POST, times=8, retry_after=1)
    post.put(NOTE, "a")
    for _ in range(9):
        post.sender.drain()
        post.clock.move(seconds=1)
    assert (post.letter("a").state, post.letter("a").attempt) == (LetterState.SENT, 1)


def test_the_rate_grows_while_the_bucket_is_emptied_and_stays_at_its_most(post: Post) -> None:
    for _ in range(60 * 40):
        taken(post, 20)
        post.clock.move(seconds=1)
    assert bucket(post).rate == LIMITS[POST].most


def test_the_rate_does_not_grow_while_nobody_needs_it(post: Post) -> None:
    taken(post, 1)
    for _ in range(10):
        post.clock.move(minutes=5)
        taken(post, 1)
    assert bucket(post).rate == LIMITS[POST].start


def test_a_complaint_heard_on_four_lanes_slows_down_once(post: Post) -> None:
    taken(post, 1)
    for _ in range(4):
        refused(post, 30)
    assert bucket(post).rate == pytest.approx(LIMITS[POST].start * 0.7)


def test_the_learned_rate_is_kept_for_the_next_worker(post: Post) -> None:
    taken(post, 1)
    refused(post, 1)
    post.clock.move(days=3)
    taken(post, 1)
    assert bucket(post).rate == pytest.approx(LIMITS[POST].start * 0.7 * 1.05)


def test_however_often_slack_complains_the_bucket_opens_again(post: Post) -> None:
    taken(post, 1)
    for _ in range(50):
        refused(post, 1)
        post.clock.move(seconds=1)
    assert taken(post, 1) == 1
    post.clock.move(seconds=15)
    assert taken(post, 1) == 1


def test_a_clock_that_steps_back_opens_nothing_and_locks_nothing(post: Post) -> None:
    taken(post, 100)
    post.clock.move(hours=-1)
    assert taken(post, 1) == 0
    post.clock.move(seconds=1)
    assert taken(post, 100) == LIMITS[POST].start / 60


def test_time_says_when_the_next_call_can_be_made(post: Post) -> None:
    taken(post, 100)
    with post.db.read() as session:
        at = opens_at(session, post.clock(), {POST: 0})
    assert at == post.clock() + timedelta(seconds=60 / LIMITS[POST].start)
    post.clock.set(at)
    assert taken(post, 2) == 1


def test_who_waits_for_a_conversation_to_rest_waits_a_second_whatever_else_is_closed(
    post: Post,
) -> None:
    taken(post, 1)
    with post.db.begin() as session:
        Buckets(session, post.clock()).close(post.workspace, "users.info", 900)
    for n in range(PACE + 1):
        post.put(AN_ANSWER, str(n))
    assert post.sender.drain() == PACE
    with post.db.read() as session:
        at = post.sender.next_due(session, post.clock())
    assert at == post.clock() + timedelta(seconds=1)


def test_what_many_messages_wait_behind_does_not_wait_for_them(post: Post) -> None:
    """A round looks at few letters of a method that takes few now, and at all of another's."""
    people = crowd(post, 150)
    for name in people:
        post.put(AN_ANSWER, name, to=name)
    post.clock.move(seconds=1)
    taken(post, BURST - 2)
    post.sender.drain()
    sent = post.states()[LetterState.SENT]
    assert sent == 2
    with post.db.begin() as session:
        outbox.refresh_home(session, post.workspace, post.people["U0BEN"], now=post.clock())
    post.sender.drain()
    # Ben has no Home tab in this program: whoever looked at it could not write it.
    assert post.states()[LetterState.PARKED] == 1


@pytest.mark.parametrize("waiting", [30, 300])
def test_a_round_loads_no_more_letters_than_can_go_however_many_wait(
    post: Post, waiting: int
) -> None:
    """While it looks at them nobody else may write: a click would wait for all of them."""
    for name in crowd(post, waiting):
        post.put(AN_ANSWER, name, to=name)
    post.clock.move(seconds=1)
    taken(post, BURST - 2)
    loaded = []

    def note(letter: Letter, _context: object) -> None:
        loaded.append(letter.id)

    sa.event.listen(Letter, "load", note)
    try:
        claimed = post.sender.claiming.claim()
    finally:
        sa.event.remove(Letter, "load", note)
    assert len(claimed.parcels) == 2
    assert len(loaded) == FEWEST


def test_what_answers_a_click_goes_before_what_has_waited_longer(post: Post) -> None:
    people = crowd(post, BURST + 5)
    for name in people:
        post.put(A_DIGEST, name, to=name)
    post.clock.move(minutes=10)
    post.put(AN_ANSWER, "answer")
    post.sender.drain()
    assert post.letter("answer").state is LetterState.SENT
    assert post.states()[LetterState.PENDING] == 6


def sent_letters(post: Post, count: int) -> list[int]:
    """So many letters that stand in Slack, each with a subject of its own, after a rest."""
    for n, name in enumerate(crowd(post, count), start=1):
        post.put(AN_ANSWER, name, to=name, subject=n)
    while post.sender.drain():
        post.clock.move(seconds=20)
    post.clock.move(minutes=5)
    return list(range(1, count + 1))


def edits(post: Post, state: LetterState) -> list[Letter]:
    with post.db.read() as session:
        wanted = sa.select(Letter).where(Letter.kind == outbox.EDIT.name, Letter.state == state)
        return list(session.scalars(wanted.order_by(Letter.id)))


def tidied(post: Post, subjects: list[int]) -> None:
    with post.db.begin() as session:
        outbox.tidy(session, NOTE, subjects=subjects, now=post.clock())


def clicked(post: Post, subject: int) -> None:
    with post.db.begin() as session:
        outbox.refresh(session, NOTE, subject=subject, now=post.clock())


def test_edits_nobody_waits_for_leave_half_a_burst_to_clicks(post: Post) -> None:
    subjects = sent_letters(post, EDITS + 4)
    tidied(post, subjects[2:])
    post.sender.drain()
    assert len(edits(post, LetterState.SENT)) == EDITS / 2
    for subject in subjects[:2]:
        clicked(post, subject)
    assert post.sender.drain() == 2, "whoever clicks does not wait for them"
    post.clock.move(seconds=1)
    assert post.sender.drain() == 0, "the room that clicks took is made good first"


def until_nothing_waits(post: Post) -> int:
    """Send, from one moment the sender waits for to the next; how often it looked again."""
    looks = 0
    while True:
        post.sender.drain()
        with post.db.read() as session:
            at = post.sender.next_due(session, post.clock())
        if at is None:
            return looks
        looks += 1
        post.clock.set(at)


def test_edits_nobody_waits_for_all_go_as_time_goes_on_and_slack_is_never_asked_too_often(
    post: Post,
) -> None:
    tidied(post, sent_letters(post, EDITS + 4))
    began = post.clock()
    looks = until_nothing_waits(post)
    assert edits(post, LetterState.PENDING) == []
    assert len(edits(post, LetterState.SENT)) == EDITS + 4
    # One each time a call comes back; nobody looks in between.
    assert looks == EDITS / 2 + 4
    assert post.clock() - began == timedelta(seconds=looks * 60 / LIMITS[EDIT].start)
    assert bucket(post, EDIT).rate == LIMITS[EDIT].start, "what nobody waits for asks for no more"


def test_a_click_on_a_letter_whose_edit_waits_behind_others_makes_it_go_at_once(
    post: Post,
) -> None:
    subjects = sent_letters(post, EDITS)
    tidied(post, subjects)
    post.sender.drain()
    last = edits(post, LetterState.PENDING)[-1]
    with post.db.read() as session:
        subject = session.get_one(Letter, last.subject).subject
    assert subject is not None
    waiting = len(edits(post, LetterState.PENDING))
    clicked(post, subject)
    assert len(edits(post, LetterState.PENDING)) == waiting, "it is still one edit"
    assert post.sender.drain() == 1
    assert post.letter(last.key).state is LetterState.SENT


def test_letters_that_went_as_one_message_are_tidied_as_one(post: Post) -> None:
    for n in (1, 2, 3):
        post.put(HELLO, str(n), subject=n)
    post.put(HELLO, "ben", to="U0BEN", subject=4)
    assert post.sender.drain() == 2
    with post.db.begin() as session:
        outbox.tidy(session, HELLO, subjects=[1, 2, 3, 4], now=post.clock())
    assert len(edits(post, LetterState.PENDING)) == 2
    assert post.sender.drain() == 2
    (read,) = post.read()
    assert read.count("You said hello") == 3


def test_a_letter_on_its_way_is_tidied_behind_it_and_one_that_waits_is_left_alone(
    post: Post,
) -> None:
    post.put(NOTE, "waits", subject=1)
    post.put(NOTE, "on its way", to="U0BEN", subject=2)
    with post.db.begin() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.key == "on its way")
            .values(state=LetterState.SENDING, marker="m")
        )
    tidied(post, [1, 2])
    with post.db.read() as session:
        way = post.letter("on its way")
        wanted = sa.select(Letter.subject).where(Letter.kind == outbox.EDIT.name)
        assert session.scalars(wanted).all() == [way.id]


def test_what_nobody_waits_for_counts_as_no_backlog_and_as_never_late(post: Post) -> None:
    tidied(post, sent_letters(post, EDITS))
    post.clock.move(hours=2)
    post.sender.drain()
    assert edits(post, LetterState.SENT)
    assert edits(post, LetterState.PENDING)
    with post.db.read() as session:
        assert figures.vitals(session, post.clock()).backlog == 0
        seen = figures.gather(session, post.clock())
    assert (seen.due, seen.lateness) == (0, {})


def test_a_method_that_must_wait_holds_up_no_other(post: Post) -> None:
    with post.db.begin() as session:
        Buckets(session, post.clock()).close(post.workspace, "chat.update", 600)
    post.put(NOTE, "a")
    assert post.sender.drain() == 1


def test_one_conversation_gets_a_short_burst_and_then_one_a_second(post: Post) -> None:
    for n in range(PACE + 4):
        post.put(NOTE, f"n{n}", channel=post.channel)
    assert post.sender.drain() == PACE
    start = post.clock()
    sent = PACE
    while sent < PACE + 4:
        post.clock.move(seconds=1)
        sent += post.sender.drain()
    assert post.clock() - start <= PACE_WINDOW + timedelta(seconds=1)


def test_a_conversation_that_rests_holds_up_no_other(post: Post) -> None:
    for n in range(150):
        post.put(NOTE, f"n{n}", channel=post.channel)
    post.put(NOTE, "ben", to="U0BEN")
    post.sender.drain()
    assert post.letter("ben").state is LetterState.SENT


def test_a_busy_morning_goes_out_by_itself_as_time_goes_on(post: Post) -> None:
    for name in crowd(post, 200):
        post.put(NOTE, name, to=name)
    start = post.clock()
    until_nothing_waits(post)
    assert post.states() == {LetterState.SENT: 200}
    assert [e for e in post.slack.log if e.what == POST and e.status == 429] == []
    assert post.clock() - start < timedelta(minutes=1)
