"""The room through the real app: forms, taps, refusals, forged clicks, coordinators."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.cohort.model import Leave, Membership, Person
from bot.outbox.budget import SPREAD
from bot.pairing.model import Offer, OfferState, Pairing, PairingState, Request, RequestState
from tests.pairing import scene
from tests.pairing.scene import member_id, read, request_from
from tests.support import people
from tests.support.town import Town


def paired(town: Town) -> Pairing:
    """Ana and Ben are a pair."""
    request_from(town, "U0ANA", "Ben")
    town.live(hours=2)
    ben = town.seat("U0BEN")
    assert ben.click(ben.dm[-1], "offer.accept").ok
    town.settle()
    with town.db.read() as session:
        return session.scalars(sa.select(Pairing)).one()


# ---- the request


def test_taps_count_up_and_two_in_a_row_both_count(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    ana.submit()
    before = ana.modal
    ana.fill({"line": "Hello"})
    ana.click(before, "choice.add", member_id(summer, "Mia"))
    # The second tap was made before the first one was drawn: it carries the old hash.
    ana.click(before, "choice.add", member_id(summer, "Ben"))
    assert "1st choice: Mia Chen" in read(ana)
    assert "2nd choice: Ben Ito" in read(ana)
    ana.click(ana.modal, "choice.drop", member_id(summer, "Mia"))
    assert "1st choice: Ben Ito" in read(ana)
    ana.click(ana.modal, "choice.back")
    ana.submit()
    assert "1st choice: Ben Ito" in read(ana)
    ana.submit()
    with summer.db.read() as session:
        request = session.scalars(sa.select(Request)).one()
        assert (request.line, request.state) == ("Hello", RequestState.ASKING)


def test_nothing_is_sent_without_a_choice_and_the_line_is_kept(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    ana.submit()
    ana.submit({"line": "Hello"})
    assert "Choose at least one mentor. Nothing has been sent." in read(ana)
    ana.click(ana.modal, "choice.add", member_id(summer, "Ben"))
    ana.submit()
    with summer.db.read() as session:
        assert session.scalars(sa.select(Request.line)).one() == "Hello"


def test_who_filled_up_meanwhile_is_named_and_the_form_comes_back(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    ana.submit()
    ana.click(ana.modal, "choice.add", member_id(summer, "Ben"))
    with summer.db.begin() as session:
        people.a_pairing(session, scene.place(session, "Cho"), scene.place(session, "Ben"))
    ana.submit({"line": "Hello"})
    assert "Ben has no room any more. Choose again; your line is kept." in read(ana)
    assert "1st choice" not in read(ana)
    ana.click(ana.modal, "choice.add", member_id(summer, "Mia"))
    ana.submit()
    assert "I am asking Mia first." in read(ana)


def test_when_nobody_fits_the_waitlist_is_one_click_and_a_new_place_finds_it(
    summer: Town,
) -> None:
    with summer.db.begin() as session:
        for name in ("Ben", "Mia"):
            scene.place(session, name).person.capacity = 0
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    ana.submit()
    assert "No mentor fits all of this today" in read(ana)
    assert "Everyone who can help with presenting is full." in read(ana)
    assert "Priya sees that you wait, nothing else." in read(ana)
    ana.submit()
    assert "You are on the waitlist." in read(ana)
    summer.settle()
    assert "○ Ana Silva is waiting" in summer.channel_messages()[-1].texts()

    mia = summer.seat("U0MIA")
    mia.command("/mentor", "profile")
    mia.submit({"capacity": "1"})
    summer.settle()
    letter = ana.dm[-1]
    assert "There is room again: Mia Chen can help with presenting" in letter.texts()
    assert ana.click(letter, "place.take").ok
    summer.settle()
    assert "You asked Mia" in ana.dm[-1].texts()
    assert summer.channel_messages()[-1].texts() == "● Ana Silva does not wait any more."
    summer.live(hours=2)
    assert "Ana Silva would like you as a mentor" in mia.dm[-1].texts()


def test_the_waitlist_letter_leads_back_to_choosing(summer: Town) -> None:
    ana = request_from(summer, "U0ANA", "Ben")
    summer.live(hours=2)
    ben = summer.seat("U0BEN")
    ben.click(ben.dm[-1], "offer.decline")
    ben.submit()
    summer.settle()
    letter = ana.dm[-1]
    assert "You are on the waitlist now" in letter.texts()
    assert ana.click(letter, "request.help").ok
    assert "Priya knows that you would like to talk." in read(ana)
    assert ana.click(letter, "request.choose").ok
    assert "Ben" not in read(ana)
    ana.click(ana.modal, "choice.add", member_id(summer, "Mia"))
    ana.submit()
    assert "I am asking Mia first." in read(ana)
    summer.settle()
    assert "would like to talk" in summer.channel_messages()[-1].texts()
    assert ana.dm[-1].texts() == "*You were on the waitlist*\n● That wait is over."


def test_an_offer_that_a_long_leave_keeps_back_goes_to_the_next_choice(summer: Town) -> None:
    with summer.db.begin() as session:
        ben = scene.place(session, "Ben").person
        session.add(
            Leave(
                workspace_id=ben.workspace_id,
                person_id=ben.id,
                first_on=date(2026, 6, 1),
                back_on=date(2026, 6, 15),
                back_at=datetime(2026, 6, 15, 8, 0, tzinfo=UTC),
                created_at=scene.START,
            )
        )
    request_from(summer, "U0ANA", "Ben", "Mia")
    summer.live(hours=2)
    assert "Ana Silva would like you as a mentor" in summer.seat("U0MIA").dm[-1].texts()
    assert summer.seat("U0BEN").dm == []


def test_mentors_and_coordinators_are_told_why_they_do_not_ask(summer: Town) -> None:
    for slack_id, words in (
        ("U0BEN", "You are a mentor here. Requests reach you."),
        ("U0PRIYA", "You coordinate Summer interns."),
    ):
        answer = summer.seat(slack_id).command("/mentor-request").message
        assert answer is not None
        assert words in answer.text


def test_the_shortcut_opens_the_same_form(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    assert ana.shortcut("request.shortcut").ok
    assert "What should a mentor help you with?" in read(ana)


def test_an_intern_in_two_cohorts_is_asked_in_which(summer: Town) -> None:
    with summer.db.begin() as session:
        winter = people.a_cohort(session, "Winter interns", channel=summer.channel.id)
        second = people.an_intern(session, winter, "Ana Silva").id
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    assert "In which cohort do you look for a mentor?" in read(ana)
    ana.submit({"cohort": str(second)})
    ana.submit()
    assert "Nobody with room fits all of it." in read(ana)


def test_a_yes_without_room_says_so_with_the_way_to_make_some(summer: Town) -> None:
    request_from(summer, "U0ANA", "Ben")
    summer.live(hours=2)
    with summer.db.begin() as session:
        people.a_pairing(session, scene.place(session, "Cho"), scene.place(session, "Ben"))
    ben = summer.seat("U0BEN")
    ben.click(ben.dm[-1], "offer.accept")
    summer.settle()
    answer = ben.ephemerals[-1]
    assert "You have 1 of 1 interns." in answer.texts()
    assert ben.click(answer, "profile.open").ok
    assert "Interns at a time" in read(ben)


# ---- forged


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("offer.accept", "1"),
        ("offer.accept", "x"),
        ("offer.decline", "1"),
        ("offer.see", "1"),
        ("request.withdraw", "1"),
        ("request.choose", "1"),
        ("request.help", "1"),
        ("place.take", "1"),
        ("place.pass", "99"),
        ("choice.back", "1"),
        ("pairing.kit", "1"),
        ("pairing.end", "1"),
        ("pairing.undo", "1"),
        ("pairing.byhand", "1"),
        ("profile.open", "1"),
    ],
)
def test_a_forged_click_is_refused_in_words_and_changes_nothing(
    summer: Town, action: str, value: str
) -> None:
    request_from(summer, "U0ANA", "Ben")
    summer.live(hours=2)
    letter = summer.seat("U0BEN").dm[-1]
    cho = summer.seat("U0CHO")
    cho.forge(letter, action, value)
    assert "This button is not for you, or no longer there." in cho.ephemerals[-1].text
    assert cho.modal is None
    with summer.db.read() as session:
        assert session.scalars(sa.select(Offer.state)).all() == ["open"]
        assert session.scalars(sa.select(Request.state)).all() == ["asking"]


# ---- the pair, and coordinators


def test_the_kit_shows_both_styles_to_the_two_only(summer: Town) -> None:
    paired(summer)
    ana = summer.seat("U0ANA")
    [group] = ana.groups
    hello = ana.messages(group)[-1]
    assert ana.click(hello, "pairing.kit").ok
    assert "Feedback: both of you mostly straight" in read(ana)


def test_a_coordinator_ends_a_pairing_and_both_read_it_kindly(summer: Town) -> None:
    paired(summer)
    priya = summer.seat("U0PRIYA")
    line = summer.channel_messages()[-1]
    assert priya.click(line, "pairing.menu", "end.1").ok
    assert "Both hear that it changes for programme reasons, not why." in read(priya)
    priya.submit({"reason": "time"})
    assert read(priya).startswith("Ended.")
    summer.settle()
    ana, ben = summer.seat("U0ANA"), summer.seat("U0BEN")
    assert "Your mentor changes for programme reasons" in ana.dm[-1].texts()
    assert "Your intern changes for programme reasons" in ben.dm[-1].texts()
    assert "time" not in ana.dm[-1].text.lower()
    ended = summer.channel_messages()[-1].texts()
    assert ended == "○ Ana Silva and Ben Ito: ended on Mon 1 June, no time."
    assert ana.click(ana.dm[-1], "request.open").ok
    assert "What should a mentor help you with?" in read(ana)
    priya.forge(line, "pairing.end", "1")
    assert "This pairing has ended already." in priya.ephemerals[-1].text


def test_a_coordinator_undoes_an_acceptance_within_a_day(summer: Town) -> None:
    paired(summer)
    priya = summer.seat("U0PRIYA")
    line = summer.channel_messages()[-1]
    priya.click(line, "pairing.menu", "undo.1")
    priya.submit()
    assert read(priya).startswith("Undone.")
    summer.settle()
    assert "Your mentor changes for programme reasons" in " ".join(
        message.texts() for message in summer.seat("U0ANA").dm
    )
    with summer.db.read() as session:
        assert session.scalars(sa.select(Pairing.state)).one() == "ended"
        assert session.scalars(sa.select(Request.state)).one() == "waiting"


def test_after_a_day_undoing_is_refused_before_a_form_opens(summer: Town) -> None:
    paired(summer)
    summer.live(hours=25)
    priya = summer.seat("U0PRIYA")
    line = next(m for m in summer.channel_messages() if "New pair" in m.texts())
    priya.click(line, "pairing.menu", "undo.1")
    assert "An acceptance can be undone for a day." in priya.ephemerals[-1].text
    assert priya.modal is None


def test_a_coordinator_pairs_two_people_by_hand(summer: Town) -> None:
    priya = summer.seat("U0PRIYA")
    with summer.db.read() as session:
        cohort_id = scene.place(session, "Ana").cohort_id
    summer.settle()
    message = summer.slack.store(summer.channel.id, summer.slack.bot_user_id, "hello")
    priya.forge(message, "pairing.byhand", str(cohort_id))
    assert "Who should be a pair in Summer interns?" in read(priya)
    result = priya.submit({"intern": "U0KEN", "mentor": "U0BEN"})
    assert result.errors == {"intern": "Choose somebody who is an intern in Summer interns."}
    priya.submit({"intern": "U0ANA", "mentor": "U0BEN"})
    assert read(priya).startswith("● Ana Silva and Ben Ito are a pair.")
    summer.live(until=summer.clock() + timedelta(hours=1) + SPREAD)
    assert len(summer.seat("U0BEN").groups) == 1


def test_a_mentor_deactivated_in_slack_leaves_the_intern_a_way_on(summer: Town) -> None:
    pairing = paired(summer)
    with summer.db.begin() as session:
        ben = session.get_one(Person, pairing.mentor.person_id)
        ben.left_slack_at = summer.clock()
    summer.live(days=1)
    ana = summer.seat("U0ANA")
    gone = next(m for m in ana.dm if "Ben is no longer your mentor" in m.texts())
    assert gone.button_labels == ["Find a mentor"]
    with summer.db.read() as session:
        assert session.scalars(sa.select(Pairing)).one().state is PairingState.ENDED


def test_an_offer_seen_from_elsewhere_is_answered_there(summer: Town) -> None:
    request_from(summer, "U0ANA", "Ben")
    summer.live(hours=2)
    ben = summer.seat("U0BEN")
    ben.forge(ben.dm[-1], "offer.see", "1")
    assert "Ana Silva would like you as a mentor" in read(ben)
    ben.click(ben.modal, "offer.accept")
    assert "You are Ana's mentor. Next, I introduce you both." in read(ben)
    ben.forge(ben.dm[-1], "offer.see", "1")
    assert "This request has moved on." in read(ben)


def test_a_name_slack_has_not_told_yet_is_shown_as_a_mention(summer: Town) -> None:
    with summer.db.begin() as session:
        scene.place(session, "Ana").person.name = ""
    request_from(summer, "U0ANA", "Ben")
    summer.live(hours=2)
    letter = summer.seat("U0BEN").dm[-1]
    assert letter.blocks[0]["text"]["text"].startswith("*<@U0ANA> would like you as a mentor*")
    assert letter.button_labels == ["Accept this intern", "Decline…"]


def test_silence_of_five_working_days_is_one_line_for_coordinators(summer: Town) -> None:
    request_from(summer, "U0ANA", "Ben", "Mia")
    summer.live(days=21)
    lines = [m.texts() for m in summer.channel_messages() if "5 working days ago" in m.texts()]
    assert len(lines) == 1
    assert lines[0].startswith("○ Ana Silva asked 5 working days ago and has no mentor yet.")
    with summer.db.read() as session:
        assert session.scalars(sa.select(Offer.state)).all() == [OfferState.LAPSED] * 2
        assert session.scalars(sa.select(Membership)).first() is not None
    assert summer.clock() >= scene.START + timedelta(days=21)
