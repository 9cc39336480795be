"""Answering a check-in as people do it: letter, form, change, reminder, and who hears."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.checkin import answers, messages
from bot.checkin.model import CheckIn, Knows, Round
from bot.cohort.model import MembershipState, Person
from bot.pairing.model import Pairing, PairingState
from tests.support import people

OPENS = datetime(2026, 6, 17, 8, 0, tzinfo=UTC)
GOOD = {"open_with": "4", "agree": "5", "moved_forward": "4"}
LOW = {"open_with": "3", "agree": "3", "moved_forward": "3"}


def settle_in(town: Any) -> Any:
    """Ana and Ben are a pair, Priya coordinates, and the first round has just opened."""
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
        people.a_coordinator(session, cohort)
        people.a_person(session, "Ken Abe")
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    # Not every morning until then: only what the rounds need.
    town.clock.set(OPENS - timedelta(minutes=1))
    town.live(until=OPENS)
    return town


@pytest.fixture
def paired(town: Any) -> Any:
    return settle_in(town)


@pytest.fixture
def small(small_town: Any) -> Any:
    return settle_in(small_town)


def letter_of(seat: Any) -> Any:
    """The person's newest letter about the check-in."""
    return next(m for m in reversed(seat.dm) if "heck-in" in m.text or "going with" in m.text)


def rows(town: Any) -> dict[str, CheckIn]:
    with town.db.read() as session:
        return {c.membership.person.slack_id: c for c in session.scalars(sa.select(CheckIn))}


def answer(seat: Any, values: dict[str, str]) -> Any:
    seat.click(letter_of(seat), "check_in.answer")
    return seat.submit(values)


def test_both_sides_get_the_letter_when_the_round_opens(paired: Any) -> None:
    for who, partner in (("U0ANA", "Ben"), ("U0BEN", "Ana")):
        letter = letter_of(paired.seat(who))
        assert letter.text.startswith(f"How is it going with {partner}?")
    # Wednesday 10:00 in Berlin is 9:00 in Lisbon: both are at work.
    assert {row.sent_at for row in rows(paired).values()} == {OPENS}


def test_an_answer_turns_the_letter_and_can_be_changed(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    answer(ana, GOOD)
    assert ana.modal is None
    paired.settle()
    letter = letter_of(ana)
    assert letter.blocks[0]["text"]["text"] == "*Check-in answered, thank you*"
    assert "● You can change it until Wed 24 June." in letter.texts()
    ana.click(letter, "check_in.answer")
    assert ana.modal["blocks"][2]["element"]["initial_option"]["value"] == "5"
    ana.submit({"agree": "4"})
    row = rows(paired)["U0ANA"]
    assert (row.open_with, row.agree, row.moved_forward) == (4, 4, 4)
    assert row.answered_at == OPENS


def test_one_reminder_after_two_days_then_silence(small: Any) -> None:
    answer(small.seat("U0BEN"), GOOD)
    small.live(until=OPENS + timedelta(days=7))
    reminders = small.letters("check_in.reminder")
    assert [letter.person_id for letter in reminders] == [small.person("U0ANA").id]
    assert reminders[0].sent_at == OPENS + timedelta(days=2)


def test_after_the_round_has_closed_the_refusal_names_the_next_one(small: Any) -> None:
    ana = small.seat("U0ANA")
    letter = letter_of(ana)
    small.clock.set(OPENS + timedelta(days=7))
    ana.click(letter, "check_in.answer")
    assert ana.ephemerals[-1].text == (
        "This check-in closed on Wed 24 June. The next comes on Wed 1 July."
    )
    assert ana.modal is None
    small.settle()
    assert any("This check-in closed on Wed 24 June" in m.text for m in ana.dm if not m.ephemeral)


def test_a_round_that_closes_takes_the_button_from_who_did_not_answer(paired: Any) -> None:
    """From both the letter and its reminder, though nobody presses anything."""
    answer(paired.seat("U0BEN"), GOOD)
    ana = paired.seat("U0ANA")
    paired.live(until=OPENS + timedelta(days=7) - timedelta(minutes=1))
    told = [m for m in ana.dm if "going with Ben" in m.text]
    assert len(told) == 2
    assert all(messages.ANSWER in str(m.blocks) for m in told)
    edits = len(paired.letters("edit"))
    paired.live(minutes=2)
    closed = [m for m in ana.dm if m.ts in {m.ts for m in told}]
    assert len(closed) == 2
    for message in closed:
        assert message.text.startswith("This check-in closed on Wed 24 June.")
        assert "Nothing to do. The next one comes." in message.texts()
        assert messages.ANSWER not in str(message.blocks)
    assert len(paired.letters("edit")) == edits + 2, "Ben's letter is not touched"


def test_after_the_last_round_no_other_is_promised(small: Any) -> None:
    with small.db.begin() as session:
        first = session.scalars(sa.select(Round).order_by(Round.number)).first()
        session.execute(sa.delete(Round).where(Round.id != first.id))
    small.live(until=OPENS + timedelta(days=7, minutes=1))
    letter = next(m for m in small.seat("U0ANA").dm if "This check-in closed" in m.text)
    assert "○ Nothing to do. The menu pauses letters." in letter.texts()
    assert "letter.menu" in str(letter.blocks), "who is silent may want to pause them"


def test_a_form_left_open_too_long_is_refused_in_the_form(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.click(letter_of(ana), "check_in.answer")
    small.clock.set(OPENS + timedelta(days=8))
    ana.submit(GOOD)
    assert "This check-in closed on" in ana.read_aloud(ana.modal)
    assert rows(small)["U0ANA"].answered_at is None


def test_when_the_pairing_has_ended_nothing_is_asked(small: Any) -> None:
    ana = small.seat("U0ANA")
    with small.db.begin() as session:
        session.execute(sa.update(Pairing).values(state=PairingState.ENDED, ended_at=small.clock()))
    ana.click(letter_of(ana), "check_in.answer")
    assert ana.ephemerals[-1].text.startswith("This pairing has ended")


@pytest.mark.parametrize("who", ["U0BEN", "U0KEN", "U0PRIYA"])
def test_nobody_opens_somebody_elses_check_in(small: Any, who: str) -> None:
    seat = small.seat(who)
    seat.write("hello")
    for action in ("check_in.answer", "check_in.who", "check_in.where"):
        seat.forge(seat.dm[0], action, str(rows(small)["U0ANA"].id))
        assert seat.modal is None
        assert "not for you" in seat.ephemerals[-1].text


@pytest.mark.parametrize("value", ["", "x", "-1", "99999999", "7.8.9"])
def test_an_unknown_or_broken_id_is_refused(small: Any, value: str) -> None:
    ana = small.seat("U0ANA")
    ana.forge(letter_of(ana), "check_in.answer", value)
    assert "not for you" in ana.ephemerals[-1].text


def test_somebody_who_was_removed_cannot_answer_any_more(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.click(letter_of(ana), "check_in.answer")
    with small.db.begin() as session:
        row = session.scalars(sa.select(CheckIn).order_by(CheckIn.id)).first()
        row.membership.state = MembershipState.LEFT
        row.membership.left_at = small.clock()
    ana.submit(GOOD)
    assert "You are no longer in Summer interns." in ana.read_aloud(ana.modal)
    assert rows(small)["U0ANA"].answered_at is None


def test_a_low_answer_asks_who_should_know_and_shows_where_to_turn(small: Any) -> None:
    ana = small.seat("U0ANA")
    answer(ana, LOW)
    assert ana.modal["title"]["text"] == "Thanks for being frank"
    ana.click(ana.modal, "check_in.where")
    assert ana.modal["title"]["text"] == "Where to turn"
    ana.close()
    ana.submit({"who": "both"})
    assert rows(small)["U0ANA"].knows is Knows.COORDINATOR_BOTH


def test_a_fall_against_ones_own_last_answer_counts_as_low(small: Any) -> None:
    ana = small.seat("U0ANA")
    answer(ana, {"open_with": "5", "agree": "5", "moved_forward": "5"})
    small.live(until=OPENS + timedelta(weeks=2))
    answer(ana, {"open_with": "4", "agree": "4", "moved_forward": "4"})
    assert ana.modal["title"]["text"] == "Thanks for being frank"


def test_not_having_met_counts_the_other_two_answers_only(small: Any) -> None:
    ana = small.seat("U0ANA")
    answer(ana, {"open_with": "3", "agree": "4", "moved_forward": "0"})
    assert ana.modal is None
    assert rows(small)["U0ANA"].mean == 3.5


def test_a_sentence_for_the_partner_reaches_them_and_can_be_taken_back(paired: Any) -> None:
    ana, ben = paired.seat("U0ANA"), paired.seat("U0BEN")
    answer(ana, GOOD | {"wish": "Shorter talks, <!channel>", "wish_for": "pair"})
    paired.settle()
    letter = next(m for m in ben.dm if m.text.startswith("A sentence from Ana."))
    assert "> Shorter talks, &lt;!channel&gt;" in str(letter.blocks)
    assert "Only you and Ana see this." in letter.texts()
    ana.click(letter_of(ana), "check_in.answer")
    ana.submit({"wish_for": "nobody"})
    paired.settle()
    assert not any("Shorter talks" in m.texts() for m in ben.dm)
    assert paired.channel_messages() == []


def test_a_sentence_for_coordinators_reaches_their_channel_without_scores(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    answer(ana, GOOD | {"wish": "A room for us", "wish_for": "coordinator"})
    answer(ana, {"wish": "A quiet room for us"})
    paired.settle()
    (line,) = [m for m in paired.channel_messages() if "Ana Silva writes" in m.text]
    assert "A quiet room for us" in line.texts()
    assert not any(score in line.texts() for score in ("4", "5", "Mostly", "Always"))


def test_a_mentor_who_coordinates_never_reads_their_interns_sentence(small: Any) -> None:
    with small.db.begin() as session:
        pairing = session.scalars(sa.select(Pairing)).one()
        people.a_coordinator(session, pairing.cohort, "Ben Ito")
    ana = small.seat("U0ANA")
    answer(ana, GOOD | {"wish": "I would like to change", "wish_for": "coordinator"})
    small.live(days=1)
    assert not any("I would like to change" in m.texts() for m in small.channel_messages())
    assert not any("I would like to change" in m.texts() for m in small.seat("U0BEN").dm)
    assert any("I would like to change" in m.texts() for m in small.seat("U0PRIYA").dm)


def test_open_check_ins_of_a_person_are_those_still_to_answer(small: Any) -> None:
    with small.db.read() as session:
        ana = session.get_one(Person, small.person("U0ANA").id)
        assert len(answers.open_for(session, ana, small.clock())) == 1
    answer(small.seat("U0ANA"), GOOD)
    with small.db.read() as session:
        assert answers.open_for(session, ana, small.clock()) == []
