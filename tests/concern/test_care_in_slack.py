"""Coordinators at work on a concern: one living message, whoever presses what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.concern import concerns, watch
from bot.concern.model import Concern, ConcernState, Ending, Watch
from bot.meeting.model import Meeting, MeetingState
from bot.pairing.model import Pairing
from tests.support import people

# Monday 8 June 2026, 9:00 in Berlin; ten days without a first meeting are red.
FIRST = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
RED = FIRST + timedelta(days=10)


def settle_in(town: Any, at: datetime) -> Any:
    """Ana and Ben have not met by `at`; Priya and Tom coordinate."""
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
        people.a_coordinator(session, cohort)
        people.a_coordinator(session, cohort, "Tom Okafor", zone="America/New_York")
        people.a_person(session, "Ken Abe")
    for user in (town.slack.bot_user_id, "U0TOM"):
        town.slack.join(town.channel.id, user)
    town.clock.set(at - timedelta(minutes=1))
    town.settle()
    look(town, at)
    return town


def look(town: Any, at: datetime) -> None:
    """The daily look at this moment, and everything that comes of it."""
    town.clock.set(at)
    with town.db.begin() as session:
        row = session.scalars(sa.select(Watch)).one()
        watch.look(session, row.id, at)
    town.settle()


@pytest.fixture
def red(town: Any) -> Any:
    return settle_in(town, RED)


@pytest.fixture
def small_red(small_town: Any) -> Any:
    return settle_in(small_town, RED)


@pytest.fixture
def amber(small_town: Any) -> Any:
    return settle_in(small_town, FIRST + timedelta(days=7))


def living(town: Any) -> Any:
    """The concern's message as it reads now."""
    sent = [letter.sent_ts for letter in town.letters("concern")]
    return next(m for m in town.channel_messages() if m.ts == sent[-1])


def concern(town: Any) -> Concern:
    with town.db.read() as session:
        return session.scalars(sa.select(Concern)).one()


def footer(town: Any) -> str:
    return str(living(town).blocks[-1]["elements"][0]["text"])


def press(town: Any, who: str, action: str, value: Any = None) -> None:
    town.seat(who).click(living(town), action, value)
    town.settle()


def test_a_red_concern_stands_in_the_channel(red: Any) -> None:
    assert living(red).text.startswith(
        "Red: Ana Silva and Ben Ito. No first meeting for 10 days (B1)."
    )


def test_taken_talked_and_cleared_edit_the_one_message(red: Any) -> None:
    before = len(red.channel_messages())
    press(red, "U0PRIYA", "concern.take")
    assert footer(red) == "Priya is contacting them (since Thu 18 June)."
    press(red, "U0PRIYA", "concern.talked")
    assert footer(red).startswith("Priya talked with them on Thu 18 June.")
    priya = red.seat("U0PRIYA")
    priya.click(living(red), "concern.clear")
    priya.submit({"note": "Both were ill. They meet tomorrow."})
    red.settle()
    assert footer(red) == "● Cleared by Priya on Thu 18 June."
    assert "> Both were ill." in living(red).blocks[0]["text"]["text"]
    assert concern(red).ending is Ending.COORDINATOR
    assert len(red.channel_messages()) == before


def test_handed_back_anybody_may_take_it(red: Any) -> None:
    press(red, "U0PRIYA", "concern.take")
    press(red, "U0PRIYA", "concern.hand_back")
    assert footer(red).startswith("Open since Thu 18 June.")
    press(red, "U0TOM", "concern.take")
    assert footer(red).startswith("Tom is contacting them")


def test_a_second_click_of_the_same_person_changes_nothing(red: Any) -> None:
    message = living(red)
    priya = red.seat("U0PRIYA")
    priya.click(message, "concern.take")
    taken = concern(red).taken_at
    red.clock.set(red.clock() + timedelta(minutes=5))
    priya.forge(message, "concern.take", str(concern(red).id))
    assert concern(red).taken_at == taken
    assert priya.ephemerals == []


def test_a_second_person_reads_who_was_first_and_when(red: Any) -> None:
    number = str(concern(red).id)
    press(red, "U0PRIYA", "concern.take")
    tom = red.seat("U0TOM")
    tom.forge(living(red), "concern.take", number)
    assert tom.ephemerals[-1].text == "Priya did this at 03:00."  # Tom's clock, New York
    red.clock.set(red.clock() + timedelta(days=1))
    tom.forge(living(red), "concern.take", number)
    assert tom.ephemerals[-1].text == "Priya did this on Thu 18 June, 03:00."


def test_snoozed_it_sleeps_until_nine_and_then_is_heard_again(red: Any) -> None:
    press(red, "U0PRIYA", "concern.snooze", f"3.{concern(red).id}")
    assert footer(red) == "Snoozed by Priya until Sun 21 June. A new reason wakes it."
    assert concern(red).snoozed_until == RED + timedelta(days=3)
    red.live(days=3)
    assert concern(red).state is ConcernState.OPEN
    (heard,) = [m for m in red.channel_messages() if m.text.startswith("Awake again")]
    assert heard.thread_ts == living(red).ts


def test_a_snooze_can_be_ended_by_hand(small_red: Any) -> None:
    press(small_red, "U0PRIYA", "concern.snooze", f"7.{concern(small_red).id}")
    press(small_red, "U0TOM", "concern.wake")
    assert footer(small_red).startswith("Open since")
    assert not [m for m in small_red.channel_messages() if m.text.startswith("Awake")]


def test_an_amber_concern_is_not_in_the_channel_but_can_be_taken_from_elsewhere(
    amber: Any,
) -> None:
    assert amber.letters("concern") == []
    priya = amber.seat("U0PRIYA")
    priya.write("hello")
    priya.forge(priya.dm[0], "concern.take", str(concern(amber).id))
    amber.settle()
    assert footer(amber).startswith("Priya is contacting them")
    assert priya.ephemerals[-1].text == (
        "You are contacting Ana Silva and Ben Ito. Their message has your next steps."
    )


def test_amber_that_turns_red_is_edited_and_said_aloud_in_the_thread(amber: Any) -> None:
    with amber.db.begin() as session:
        concerns.announce(session, session.scalars(sa.select(Concern)).one(), now=amber.clock())
    amber.settle()
    assert living(amber).text.startswith("Amber")
    look(amber, RED)
    assert living(amber).text.startswith("Red")
    (reply,) = [m for m in amber.channel_messages() if m.text.startswith("Now red")]
    assert reply.thread_ts == living(amber).ts
    assert reply.text == "Now red: No first meeting for 10 days (B1)"


def test_a_snoozed_amber_wakes_when_it_turns_red(amber: Any) -> None:
    with amber.db.begin() as session:
        concerns.announce(session, session.scalars(sa.select(Concern)).one(), now=amber.clock())
    amber.settle()
    press(amber, "U0PRIYA", "concern.snooze", f"7.{concern(amber).id}")
    look(amber, RED)
    assert concern(amber).state is ConcernState.OPEN


def test_a_held_meeting_clears_the_message_within_a_tick(red: Any) -> None:
    with red.db.begin() as session:
        pairing = session.scalars(sa.select(Pairing)).one()
        session.add(
            Meeting(
                workspace_id=pairing.workspace_id,
                pairing_id=pairing.id,
                state=MeetingState.HELD,
                starts_at=RED - timedelta(days=1),
                ends_at=RED - timedelta(days=1),
                minutes=30,
                planned_by=pairing.intern.person_id,
                created_at=RED,
            )
        )
    red.settle()
    assert living(red).blocks[0]["text"]["text"] == "*● Green: Ana Silva and Ben Ito*"
    assert footer(red) == "● Cleared on Thu 18 June: they have met."


def test_what_is_over_stays_over(red: Any) -> None:
    number = str(concern(red).id)
    priya, tom = red.seat("U0PRIYA"), red.seat("U0TOM")
    message = living(red)
    priya.click(message, "concern.clear")
    tom.click(message, "concern.clear")
    priya.submit({"note": "Done."})
    tom.submit({"note": "Mine."})
    assert "Priya did this at 03:00." in tom.read_aloud(tom.modal)
    assert concern(red).note == "Done."
    priya.forge(message, "concern.take", number)
    assert priya.ephemerals[-1].text == "This concern is over already. Nothing to do."


@pytest.mark.parametrize("who", ["U0ANA", "U0BEN", "U0KEN", "U0MIA"])
@pytest.mark.parametrize("action", ["take", "talked", "hand_back", "wake", "clear", "snooze"])
def test_nobody_but_a_coordinator_acts_on_a_concern(small_red: Any, who: str, action: str) -> None:
    seat = small_red.seat(who)
    seat.write("hello")
    seat.forge(seat.dm[0], f"concern.{action}", str(concern(small_red).id))
    assert "not for you" in seat.ephemerals[-1].text
    assert seat.modal is None
    assert concern(small_red).state is ConcernState.OPEN


def test_a_coordinator_of_the_pair_itself_does_not_act_on_it(small_red: Any) -> None:
    with small_red.db.begin() as session:
        cohort = session.scalars(sa.select(Pairing)).one().cohort
        people.a_coordinator(session, cohort, "Ben Ito")
    ben = small_red.seat("U0BEN")
    ben.write("hello")
    ben.forge(ben.dm[0], "concern.take", str(concern(small_red).id))
    assert "not for you" in ben.ephemerals[-1].text


@pytest.mark.parametrize("value", ["", "0", "x", "2.x", "99999"])
def test_a_forged_value_is_refused(small_red: Any, value: str) -> None:
    priya = small_red.seat("U0PRIYA")
    for action in ("concern.take", "concern.snooze", "concern.clear"):
        priya.forge(living(small_red), action, value)
        assert "not for you" in priya.ephemerals[-1].text


def test_the_pair_is_nudged_in_their_hours_and_the_letter_turns_when_they_choose(
    amber: Any,
) -> None:
    amber.live(hours=4)
    ana = amber.seat("U0ANA")
    letter = next(m for m in ana.dm if "no first meeting yet" in m.text)
    assert any("no first meeting yet" in m.text for m in amber.seat("U0BEN").dm)
    ana.click(letter, "rhythm.skip")
    amber.settle()
    letter = next(m for m in ana.dm if m.ts == letter.ts)
    assert "You skip this week, on purpose" in letter.texts()
