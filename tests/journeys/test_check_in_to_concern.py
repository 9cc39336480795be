"""From a frank answer to a coordinator's care, and back to green, as three people live it."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.concern.model import Concern, Ending, PairLevel
from bot.meeting.model import Meeting, MeetingState
from tests.support import people

LOW = {"open_with": "2", "agree": "2", "moved_forward": "2"}
GOOD = {"open_with": "4", "agree": "5", "moved_forward": "4"}
# The first round opens on Wednesday of week 2, 10:00 in Berlin.
OPENS = datetime(2026, 6, 17, 8, 0, tzinfo=UTC)


@pytest.fixture
def paired(town: Any) -> Any:
    """Ana and Ben are a pair and have met on the first day; Priya coordinates."""
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        pairing = people.a_pairing(session, ana, ben)
        people.a_coordinator(session, cohort)
        people.a_coordinator(session, cohort, "Tom Okafor")
        met_on(session, pairing, datetime(2026, 6, 8, 8, 0, tzinfo=UTC))
    for user in (town.slack.bot_user_id, "U0TOM"):
        town.slack.join(town.channel.id, user)
    town.live(until=OPENS)
    return town


def met_on(session: Any, pairing: Any, at: datetime) -> None:
    """A held meeting, as both remember it."""
    session.add(
        Meeting(
            workspace_id=pairing.workspace_id,
            pairing_id=pairing.id,
            state=MeetingState.HELD,
            starts_at=at,
            ends_at=at,
            minutes=30,
            planned_by=pairing.intern.person_id,
            created_at=at,
        )
    )


def answer(seat: Any, values: dict[str, str]) -> None:
    seat.click(seat.dm[-1], "check_in.answer")
    seat.submit(values)


def concerns(town: Any) -> list[Any]:
    """The messages of concerns in the coordinators' channel, as they read now."""
    sent = {letter.sent_ts for letter in town.letters("concern")}
    return [message for message in town.channel_messages() if message.ts in sent]


def channel(town: Any) -> list[str]:
    return [message.text for message in concerns(town)]


def test_a_low_answer_stays_private_until_its_author_has_chosen(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    answer(ana, LOW)
    assert ana.modal["title"]["text"] == "Thanks for being frank"
    paired.live(minutes=1)
    assert channel(paired) == []
    ana.submit({"who": "me"})
    assert "A coordinator writes to you soon" in ana.read_aloud(ana.modal)
    paired.live(minutes=1)
    (told,) = channel(paired)
    assert told.startswith("Red: Ana Silva and Ben Ito. A check-in suggests a talk (S).")
    assert "Ana Silva asks to talk with a coordinator, alone. Ben does not know." in told
    assert "2" not in told.replace("2 July", "")  # no score anywhere
    assert not any("Ana" in m.text and "talk" in m.text for m in paired.seat("U0BEN").dm)


def test_without_a_choice_coordinators_hear_after_a_day_and_never_which_side(paired: Any) -> None:
    answer(paired.seat("U0ANA"), LOW)
    paired.live(hours=23)
    assert channel(paired) == []
    paired.live(hours=2)
    (told,) = channel(paired)
    assert "a routine call with both, never saying which side" in told
    assert "asks" not in told


def test_a_concern_is_taken_talked_about_and_cleared_by_a_good_answer(paired: Any) -> None:
    ana, priya, tom = paired.seat("U0ANA"), paired.seat("U0PRIYA"), paired.seat("U0TOM")
    answer(ana, LOW)
    ana.submit({"who": "nobody"})
    paired.live(minutes=1)
    message = concerns(paired)[0]
    priya.click(message, "concern.take")
    paired.settle()
    message = concerns(paired)[0]
    assert "Priya is contacting them (since Wed 17 June)." in message.texts()
    tom.forge(message, "concern.take", value_of(paired))
    assert "Priya did this at 04:01." in tom.ephemerals[-1].text
    priya.click(message, "concern.talked")
    paired.settle()
    assert "Priya talked with them on Wed 17 June." in concerns(paired)[0].texts()
    with paired.db.begin() as session:
        pairing = session.scalars(sa.select(Concern)).one().pairing
        met_on(session, pairing, datetime(2026, 6, 25, 8, 0, tzinfo=UTC))
    paired.live(until=datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    answer(ana, GOOD)
    paired.live(minutes=1)
    (message,) = concerns(paired)
    assert message.blocks[0]["text"]["text"] == "*● Green: Ana Silva and Ben Ito*"
    with paired.db.read() as session:
        assert session.scalars(sa.select(Concern)).one().ending is Ending.PASSED
        levels = session.scalars(sa.select(PairLevel.level).order_by(PairLevel.id)).all()
    # While red, a reason more or less begins a row of its own.
    assert [level for level, _rows in itertools.groupby(levels)] == ["green", "red", "green"]


def value_of(town: Any) -> str:
    with town.db.read() as session:
        return str(session.scalars(sa.select(Concern.id)).one())
