"""The operator's view of the outbox: order, reasons, and what may be done with which letter."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import installed, roster
from bot.cohort.model import Workspace
from bot.database import Database
from bot.outbox import ledger
from bot.outbox.model import Bucket, Letter, LetterState, StoppedChannel, Surface
from tests.support import people
from tests.support.letters import a_letter, an_instance
from tests.support.people import START

KNOWN = ledger.Knowledge(
    versions={"a.kind": 1, "a.whisper": 1},
    surfaces={"a.kind": Surface.MESSAGE, "a.whisper": Surface.EPHEMERAL},
    readers=roster.readers,
    stopped=installed.stopped,
)
NOW = START  # Monday, 9:00 in Berlin: Ana reads


def why(session: Session, letter: Letter, now: Any = NOW) -> tuple[str, ...]:
    return ledger.entry(session, letter.id, KNOWN, now=now).why


@pytest.fixture
def awake(db: Database) -> Database:
    """A worker was at work a moment ago."""
    with db.begin() as session:
        an_instance(session, ticked_at=NOW)
    return db


def test_what_needs_somebody_comes_first_then_the_earliest(db: Database) -> None:
    with db.begin() as session:
        a_letter(session, "later", due_at=NOW + timedelta(days=1))
        a_letter(session, "due")
        for state in LetterState:
            a_letter(session, state.value, state=state, due_at=NOW + timedelta(hours=1))
        a_letter(session, "unknown, newer", state=LetterState.UNKNOWN)
        entries, total = ledger.page(session, KNOWN, states=(), limit=50, now=NOW)
        assert [one.letter.key for one in entries] == [
            *("unknown, newer", "unknown", "failed", "parked", "sending", "claimed"),
            *("due", "pending", "later"),
        ]
        assert total == 9
        second, total = ledger.page(session, KNOWN, states=(), limit=4, number=2, now=NOW)
        assert [one.letter.key for one in second] == ["sending", "claimed", "due", "pending"]
        sent, total = ledger.page(session, KNOWN, states=[LetterState.SENT], limit=4, now=NOW)
        assert ([one.letter.key for one in sent], total) == (["sent"], 1)


def test_the_number_of_questions_is_the_same_for_any_number_of_letters(db: Database) -> None:
    asked: list[int] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *_args: asked.append(1))
    counts = []
    for many in (1, 30):
        with db.begin() as session:
            for number in range(many):
                a_letter(session, f"{many}.{number}")
        asked.clear()
        with db.read() as session:
            ledger.page(session, KNOWN, states=(), limit=100, now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_letter_says_to_whom_it_goes(db: Database) -> None:
    with db.begin() as session:
        ana, ben = people.a_person(session), people.a_person(session, "Ben Ito")
        group = a_letter(session, "1", person_id=None, group=[ana.id, ben.id])
        channel = a_letter(session, "2", channel="C0CARE")
        found = [ledger.entry(session, x.id, KNOWN, now=NOW).to for x in (group, channel)]
        assert found == ["U0ANA+U0BEN", "C0CARE"]


def test_a_letter_that_is_due_waits_for_its_turn(awake: Database) -> None:
    with awake.begin() as session:
        assert why(session, a_letter(session, "1")) == ("due now, its turn comes",)
        later = a_letter(session, "2", due_at=NOW + timedelta(hours=1))
        assert why(session, later) == ("not due yet",)
        said = a_letter(session, "3", due_at=NOW + timedelta(hours=1), reason="no room in the day")
        assert why(session, said) == ("no room in the day",)


def test_nobody_at_work_is_a_reason_to_wait(db: Database) -> None:
    with db.begin() as session:
        letter = a_letter(session, "1")
        assert why(session, letter) == ("no worker has been at work",)
        an_instance(session, ticked_at=NOW - timedelta(hours=1))
        said = "no worker has been at work since 2026-06-01 06:00:00"
        assert why(session, letter) == (said,)


def test_a_pause_and_a_stopped_workspace_are_reasons_to_wait(db: Database) -> None:
    with db.begin() as session:
        an_instance(session, ticked_at=NOW, paused_at=NOW, paused_reason="it is a copy")
        session.execute(sa.update(Workspace).values(stopped_reason="token_revoked"))
        letter = a_letter(session, "1")
        session.execute(sa.update(Workspace).values(stopped_reason="token_revoked"))
        assert why(session, letter) == (
            "nothing is sent: it is a copy",
            "nothing is sent: Slack says that the app is gone, install it again",
        )


def test_hours_leave_and_a_readers_pause_are_reasons_to_wait(awake: Database) -> None:
    night = NOW + timedelta(hours=12)
    with awake.begin() as session:
        ana = people.a_person(session)
        letter = a_letter(session, "1", due_at=night)
        [said] = why(session, letter, night)[:1]
        assert said == "outside its reader's hours, or on leave, until 2026-06-02 07:00:00"
        letter.reason = "outside their working hours, or on leave"  # noted when it was put off
        assert [x for x in why(session, letter, night) if "hours" in x] == [said]
        at_once = a_letter(session, "2", budget=outbox.Budget.NOW, due_at=night)
        assert not [x for x in why(session, at_once, night) if "hours" in x]
        ana.paused_until = NOW + timedelta(days=3)
        session.flush()
        counted = a_letter(session, "3", budget=outbox.Budget.COUNTED)
        assert why(session, counted)[0] == "its reader paused letters until 2026-06-04 07:00:00"


def test_a_closed_bucket_and_a_stopped_channel_are_reasons_to_wait(awake: Database) -> None:
    with awake.begin() as session:
        where = people.a_workspace(session).id
        letter = a_letter(session, "1", channel="C0CARE")
        edit = a_letter(session, "2", kind=outbox.EDIT.name)
        whisper = a_letter(session, "3", kind="a.whisper")
        session.add(
            Bucket(
                workspace_id=where,
                method="chat.postMessage",
                tokens=0,
                filled_at=NOW,
                rate=240,
                learned_at=NOW,
                closed_until=NOW + timedelta(seconds=30),
            )
        )
        session.add(
            StoppedChannel(
                workspace_id=where,
                channel="C0CARE",
                code="is_archived",
                since=NOW,
                again_at=NOW + timedelta(days=1),
            )
        )
        session.flush()
        assert why(session, letter) == (
            "its channel is stopped until 2026-06-02 07:00:00 (is_archived)",
            "Slack asked to wait until 2026-06-01 07:00:30 (chat.postMessage)",
        )
        assert why(session, edit) == ("due now, its turn comes",)
        assert why(session, whisper) == ("due now, its turn comes",)


def test_a_letter_in_hand_says_in_whose(db: Database) -> None:
    with db.begin() as session:
        mine = {"owner": "sender-1", "lease_until": NOW, "sending_at": NOW}
        sending = a_letter(session, "1", state=LetterState.SENDING, **mine)
        claimed = a_letter(session, "2", state=LetterState.CLAIMED, **mine)
        assert why(session, sending) == ("being sent by sender-1 since 2026-06-01 07:00:00",)
        sending.owner = None
        lost = "its answer got lost; looked for again at 2026-06-01 07:00:00"
        assert why(session, sending) == (lost,)
        assert why(session, claimed) == ("taken by sender-1 until 2026-06-01 07:00:00",)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"version": 1}, "this version of the bot knows its kind now: it can be sent again"),
        ({"version": 2}, "not known"),
        ({"kind": "of.the.future"}, "not known"),
    ],
)
def test_a_parked_letter_says_whether_it_is_known_now(
    db: Database, columns: dict[str, Any], said: str
) -> None:
    with db.begin() as session:
        parked = {"state": LetterState.PARKED, "reason": "not known"}
        assert why(session, a_letter(session, "1", **parked | columns)) == (said,)


@pytest.mark.parametrize("state", list(LetterState))
def test_only_what_is_stuck_is_sent_again(db: Database, state: LetterState) -> None:
    stuck = (LetterState.UNKNOWN, LetterState.FAILED, LetterState.PARKED)
    later = NOW + timedelta(hours=1)
    with db.begin() as session:
        letter = a_letter(session, "1", state=state, attempt=6, not_after=NOW)
        if state in stuck:
            ledger.send_again(session, letter.id, KNOWN, now=later)
            session.refresh(letter)
            assert (letter.state, letter.due_at) == (LetterState.PENDING, later)
            assert (letter.attempt, letter.not_after) == (0, None)
        else:
            with pytest.raises(ledger.CannotSendAgain, match=f"Letter {letter.id} is {state}"):
                ledger.send_again(session, letter.id, KNOWN, now=later)
            session.refresh(letter)
            assert letter.state is state


def test_a_parked_letter_of_an_unknown_kind_stays_parked(db: Database) -> None:
    with db.begin() as session:
        letter = a_letter(session, "1", "of.the.future", state=LetterState.PARKED)
        with pytest.raises(ledger.KindNotKnown):
            ledger.send_again(session, letter.id, KNOWN, now=NOW)


@pytest.mark.parametrize("state", list(LetterState))
def test_only_what_waits_is_cancelled(db: Database, state: LetterState) -> None:
    can = (LetterState.PENDING, LetterState.PARKED, LetterState.UNKNOWN)
    with db.begin() as session:
        letter = a_letter(session, "1", state=state)
        if state in can:
            ledger.cancel(session, letter.id)
            session.refresh(letter)
            assert (letter.state, letter.reason) == (LetterState.CANCELLED, ledger.CANCELLED)
        else:
            with pytest.raises(ledger.CannotCancel):
                ledger.cancel(session, letter.id)
            session.refresh(letter)
            assert letter.state is state


def test_a_letter_that_never_was_is_said_in_words(db: Database) -> None:
    with db.begin() as session, pytest.raises(ledger.NoSuchLetter, match="no letter 99"):
        ledger.cancel(session, 99)
