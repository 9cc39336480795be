"""Adding people, what they read first, removing them, and "not this time"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import outbox
from bot.cohort import dates, members, people
from bot.cohort.model import Cohort, Membership, MembershipState, Person, Role
from bot.database import Database
from bot.outbox.budget import spread
from bot.outbox.model import Letter, LetterState
from tests.support.people import (
    START,
    a_cohort,
    a_coordinator,
    a_mentor,
    a_pairing,
    a_person,
    an_intern,
)
from tests.support.screens import texts


@pytest.fixture
def cohort_town(town: Any) -> Any:
    """A town with an empty cohort that Priya coordinates, on both databases."""
    return with_cohort(town)


@pytest.fixture
def small(small_town: Any) -> Any:
    """The same on SQLite."""
    return with_cohort(small_town)


def with_cohort(town: Any) -> Any:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
    return town


def add(town: Any, interns: list[str] = (), mentors: list[str] = ()) -> str:
    """Priya adds people; what the form says afterwards."""
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "people")
    result = priya.submit({"interns": list(interns), "mentors": list(mentors)})
    assert result.result == "updated", result
    return texts(priya.modal)


def member(town: Any, slack_id: str) -> Membership:
    with town.db.read() as session:
        return session.scalars(
            sa.select(Membership)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.slack_id == slack_id)
        ).one()


# ---- adding


def test_an_intern_gets_one_welcome_with_one_next_step(cohort_town: Any) -> None:
    town = cohort_town
    assert "● 1 added." in add(town, ["U0ANA"])
    town.live(hours=8)
    (letter,) = town.seat("U0ANA").dm
    assert letter.blocks[0]["text"]["text"] == (
        "*Welcome to Summer interns, Ana*\n"
        "I am the mentorship bot. Priya added you: 12 weeks with a mentor who is not your boss.\n"
        "First step: a profile, 4 minutes. Then you choose whom to ask."
    )
    assert letter.button_labels == ["Write my profile"]
    assert letter.blocks[-1]["elements"][0]["text"] == (
        "Priya added you on Mon 1 June. Only you see this. The menu pauses letters."
    )
    assert letter.text.startswith("Welcome to Summer interns, Ana. I am the mentorship bot.")
    town.live(days=7)
    assert len(town.letters("welcome.intern")) == 1


def test_a_mentor_is_asked_and_a_no_is_in_plain_sight(small: Any) -> None:
    add(small, mentors=["U0BEN"])
    small.live(hours=8)
    (letter,) = small.seat("U0BEN").dm
    assert letter.texts().startswith("*Priya suggests you as a mentor in Summer interns*")
    assert letter.button_labels == ["Write my profile", "Not this time"]


def test_the_welcome_comes_in_the_working_hours_of_its_reader(small: Any) -> None:
    add(small, ["U0CHO"])  # 9:00 in Berlin is 3:00 in New York
    small.settle()
    assert small.seat("U0CHO").dm == []
    small.live(hours=7)
    (letter,) = small.seat("U0CHO").dm
    assert letter.at == datetime(2026, 6, 1, 13, tzinfo=UTC) + spread("U0CHO")


def test_people_who_cannot_be_added_are_left_out_with_a_sentence(small: Any) -> None:
    small.slack.add_person("U0ROBO", name="robo", real_name="Robo", is_bot=True)
    small.slack.deactivate("U0DEV")
    add(small, ["U0ANA"], ["U0BEN"])
    said = add(small, ["U0ANA", "U0BEN", "U0DEV", "U0ROBO", "U0PRIYA", "U0CHO"], ["U0ANA"])
    assert "● 1 added. 6 left out:" in said
    assert "Ana Silva is in Summer interns already." in said
    assert "Ben Ito is a mentor here already." in said
    assert "Dev Rao is no longer in this workspace." in said
    assert "Robo is a bot." in said
    assert "Priya Nair coordinates this cohort." in said
    assert "And 1 other." in said


def test_somebody_slack_has_not_told_about_yet_is_asked_about_first(small: Any) -> None:
    small.slack.add_person("U0NEW", name="new", real_name="New Person", tz="Asia/Tokyo")
    small.slack.add_person("U0BOT2", name="bot2", real_name="Second Bot", is_bot=True)
    said = add(small, ["U0NEW", "U0BOT2"])
    assert "● 1 added. 1 left out: Second Bot is a bot." in said
    assert "*New Person*, intern, no profile yet" in said


def test_nobody_chosen_is_said_beside_the_field(small: Any) -> None:
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "people")
    assert "Nobody yet. Everybody you add gets one welcome letter." in texts(priya.modal)
    assert priya.submit().errors == {"interns": "Choose at least one person."}


def test_the_form_comes_back_empty_for_the_next_people(small: Any) -> None:
    add(small, ["U0ANA"])
    priya = small.seat("U0PRIYA")
    assert priya.submit().errors == {"interns~2": "Choose at least one person."}
    assert priya.submit({"interns~2": ["U0CHO"]}).result == "updated"
    assert "● 1 added." in texts(priya.modal)


def test_a_coordinator_may_also_mentor(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        a_coordinator(session, cohort)
        done = people.enrol(session, cohort, ["U0PRIYA"], Role.MENTOR, by=None, now=START)
        assert [person.name for person in done.added] == ["Priya Nair"]


def test_adding_somebody_twice_writes_one_letter(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        a_person(session, "Ana Silva")
        for _ in range(2):
            people.enrol(session, cohort, ["U0ANA", "U0ANA"], Role.INTERN, by=None, now=START)
        assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 1


def test_adding_a_hundred_people_takes_few_questions_a_person(
    sqlite_db: Database,
) -> None:
    with sqlite_db.begin() as session:
        cohort = a_cohort(session)
        counted = []

        @sa.event.listens_for(sqlite_db.engine, "before_cursor_execute")
        def count(*_args: Any) -> None:
            counted.append(1)

        people.enrol(
            session, cohort, [f"U{n:04}" for n in range(100)], Role.INTERN, by=None, now=START
        )
    assert len(counted) < 100 * 4


# ---- the list


def test_the_list_pages_by_ten_and_keeps_what_is_chosen(small: Any) -> None:
    with small.db.begin() as session:
        cohort = session.get_one(type(small.cohort()), small.cohort().id)
        for number in range(23):
            an_intern(session, cohort, f"Person{number:02} Last")
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "people")
    assert "1 to 10 of 23" in texts(priya.modal)
    priya.fill(interns=["U0ANA"])
    priya.click(priya.modal, "people.next")
    assert "11 to 20 of 23" in texts(priya.modal)
    priya.click(priya.modal, "people.next")
    assert "21 to 23 of 23" in texts(priya.modal)
    assert priya.submit().result == "updated"
    assert "● 1 added." in texts(priya.modal)


def test_a_page_that_has_vanished_shows_the_last_one(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        assert members.page_of(session, cohort, 7) == ([], 1, 0)
        an_intern(session, cohort)
        rows, page, total = members.page_of(session, cohort, 99)
        assert ([row.person.name for row in rows], page, total) == (["Ana Silva"], 1, 1)


def test_reminding_of_the_profile_happens_once_a_week(small: Any) -> None:
    add(small, ["U0ANA"])
    small.live(days=2)
    priya = small.seat("U0PRIYA")
    place = member(small, "U0ANA")
    row = {"block_id": f"member.{place.id}"}
    priya.command("/cohort", "people")
    priya.click(priya.modal, "people.row", f"remind.{place.id}", **row)
    assert "● I remind Ana Silva of the profile." in texts(priya.modal)
    priya.click(priya.modal, "people.row", f"remind.{place.id}", **row)
    assert "was reminded in the last seven days" in texts(priya.modal)
    small.live(days=1)
    letter = small.seat("U0ANA").dm[-1]
    assert letter.texts().startswith("*Your profile for Summer interns is still empty*")
    assert len(small.letters("profile.reminder")) == 1


def test_all_without_a_profile_are_reminded_with_one_button(small: Any) -> None:
    add(small, ["U0ANA", "U0CHO"], ["U0BEN"])
    with small.db.begin() as session:
        session.get_one(Person, member(small, "U0CHO").person_id).profile_saved_at = START
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "people")
    priya.click(priya.modal, "people.remind")
    assert "● I remind 2 people." in texts(priya.modal)
    assert len(small.letters("profile.reminder")) == 2


def test_the_welcome_rests_once_the_profile_is_written(small: Any) -> None:
    add(small, ["U0ANA"])
    small.live(hours=8)
    with small.db.begin() as session:
        person = session.get_one(Person, member(small, "U0ANA").person_id)
        person.profile_saved_at = small.clock()
        people.profile_saved(session, person, now=small.clock())
    small.settle()
    letter = small.seat("U0ANA").dm[0]
    assert letter.button_labels == []
    assert letter.texts().startswith("*You joined Summer interns*\n● Profile saved on Mon 1 June.")


def test_a_reminder_not_sent_yet_is_taken_back_when_the_profile_is_written(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        place = an_intern(session, cohort, profile=False)
        people.remind_of_profile(session, place, now=START)
        place.person.profile_saved_at = START + timedelta(hours=1)
        people.profile_saved(session, place.person, now=START + timedelta(hours=1))
        (letter,) = session.scalars(sa.select(Letter))
        session.refresh(letter)
        assert letter.state is LetterState.CANCELLED
        assert not people.remind_of_profile(session, place, now=START + timedelta(days=30))


# ---- removing


def test_a_removed_person_gets_no_more_letters_and_reads_why_not(small: Any) -> None:
    add(small, ["U0ANA"])
    small.live(hours=8)
    priya, ana = small.seat("U0PRIYA"), small.seat("U0ANA")
    place = member(small, "U0ANA")
    priya.command("/cohort", "people")
    priya.click(priya.modal, "people.row", f"remove.{place.id}", block_id=f"member.{place.id}")
    assert "*Remove Ana Silva?*" in texts(priya.modal)
    assert member(small, "U0ANA").state is MembershipState.ACTIVE
    assert priya.submit().result == "updated"
    assert "● Ana Silva was removed." in texts(priya.modal)
    small.settle()
    assert ana.dm[-1].texts().startswith("*You are no longer in Summer interns*")
    assert ana.dm[-1].button_labels == []
    answer = ana.command("/mentor", "leave")
    assert answer.message.text.startswith("You are no longer in Summer interns.")


def test_keeping_somebody_gives_the_list_back(small: Any) -> None:
    add(small, ["U0ANA"])
    priya, place = small.seat("U0PRIYA"), member(small, "U0ANA")
    priya.command("/cohort", "people")
    priya.click(priya.modal, "people.row", f"remove.{place.id}", block_id=f"member.{place.id}")
    priya.click(priya.modal, "people.back")
    assert "*Ana Silva*, intern, no profile yet" in texts(priya.modal)
    assert member(small, "U0ANA").state is MembershipState.ACTIVE


def test_removing_twice_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        place = an_intern(session, cohort)
        assert people.remove(session, place, now=START)
        assert not people.remove(session, place, now=START + timedelta(days=1))
        assert place.left_at == START


def test_removing_a_mentor_keeps_the_letters_of_their_other_role(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        a_coordinator(session, cohort, "Tom Okafor")
        mentor = a_mentor(session, cohort, "Tom Okafor")
        outbox.post(
            session,
            outbox.Kind("some.letter"),
            key="some",
            workspace_id=cohort.workspace_id,
            person_id=mentor.person_id,
            cohort_id=cohort.id,
            now=START,
        )
        people.remove(session, mentor, now=START)
        (letter,) = session.scalars(sa.select(Letter))
        session.refresh(letter)
        assert letter.state is LetterState.PENDING


def test_the_last_coordinator_cannot_be_removed(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        priya = a_coordinator(session, cohort)
        with pytest.raises(people.LastCoordinator):
            people.remove(session, priya, now=START)
        a_coordinator(session, cohort, "Tom Okafor")
        assert people.remove(session, priya, now=START)


def test_somebody_removed_can_be_added_again_and_is_welcomed_again(small: Any) -> None:
    add(small, ["U0ANA"])
    small.live(days=1)
    with small.db.begin() as session:
        people.remove(
            session, session.get_one(Membership, member(small, "U0ANA").id), now=small.clock()
        )
    small.live(days=1)
    assert "● 1 added." in add(small, ["U0ANA"])
    assert member(small, "U0ANA").state is MembershipState.ACTIVE
    small.live(days=1)
    assert len(small.letters("welcome.intern")) == 2


# ---- not this time


def test_a_mentor_says_not_this_time_and_the_channel_hears_that_not_why(small: Any) -> None:
    add(small, mentors=["U0BEN"])
    small.live(hours=8)
    ben = small.seat("U0BEN")
    letter = ben.dm[-1]
    ben.click(letter, "membership.decline")
    ben.click(letter, "membership.decline")
    small.settle()
    assert member(small, "U0BEN").state is MembershipState.LEFT
    assert ben.dm[-1].texts().startswith("*You are no longer in Summer interns*")
    assert [m.text for m in small.channel_messages()] == [
        "Ben Ito, mentor, takes no part any more. No reason is asked."
    ]


def test_an_intern_is_asked_once_more_before_leaving(small: Any) -> None:
    add(small, ["U0ANA"])
    small.live(hours=8)
    ana, place = small.seat("U0ANA"), member(small, "U0ANA")
    ana.click(ana.dm[-1], "welcome.menu", f"decline.{place.id}")
    assert "*Leave Summer interns?*" in texts(ana.modal)
    assert "Priya hears that, not why." in texts(ana.modal)
    ana.close()
    assert member(small, "U0ANA").state is MembershipState.ACTIVE
    ana.click(ana.dm[-1], "welcome.menu", f"decline.{place.id}")
    ana.submit()
    assert "*You left Summer interns.*" in texts(ana.modal)
    assert member(small, "U0ANA").state is MembershipState.LEFT


def test_nobody_can_leave_for_somebody_else(small: Any) -> None:
    add(small, ["U0ANA"], ["U0BEN"])
    small.live(hours=8)
    ben = small.seat("U0BEN")
    for value in (str(member(small, "U0ANA").id), "999999", "abc", ""):
        ben.forge(ben.dm[-1], "membership.decline", value)
        assert "not for you" in ben.ephemerals[-1].text
    assert member(small, "U0ANA").state is MembershipState.ACTIVE


# ---- who may


@pytest.mark.parametrize("word", ["people", "settings"])
def test_the_console_is_for_coordinators(small: Any, word: str) -> None:
    add(small, ["U0ANA"])
    for slack_id, instead in (
        ("U0ANA", "For your own mentorship: `/mentor`."),
        (
            "U0KEN",  # to whom `/mentor` would only refuse
            "You are in no mentorship cohort yet. If you expected to be, ask a coordinator.",
        ),
    ):
        seat = small.seat(slack_id)
        answer = seat.command("/cohort", word)
        assert seat.modal is None
        assert answer.message.text == f"`/cohort` is for coordinators: <@U0PRIYA>. {instead}"


def test_a_coordinator_of_another_cohort_has_no_say_here(small: Any) -> None:
    add(small, ["U0ANA"])
    with small.db.begin() as session:
        other = a_cohort(session, "Autumn interns", channel=small.channel.id)
        a_coordinator(session, other, "Tom Okafor")
    tom, place = small.seat("U0TOM"), member(small, "U0ANA")
    tom.command("/cohort", "people")
    tom.forge(tom.modal, "people.open", str(small_id(small)))
    assert "not for you" in texts(tom.modal)
    tom.close()
    tom.forge(tom.modal, "people.row", f"remove.{place.id}")
    assert member(small, "U0ANA").state is MembershipState.ACTIVE


def small_id(town: Any) -> int:
    return member(town, "U0ANA").cohort_id


def test_with_several_cohorts_the_form_asks_which(small: Any) -> None:
    add(small, ["U0ANA"])
    first = small.cohort()
    with small.db.begin() as session:
        other = a_cohort(session, "Autumn interns", channel=small.channel.id)
        a_coordinator(session, other)
        an_intern(session, other, "Emma Stone")
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "people")
    assert "Emma Stone" not in texts(priya.modal) or "Ana Silva" not in texts(priya.modal)
    priya.click(priya.modal, "people.cohort", str(first.id))
    assert "Ana Silva" in texts(priya.modal)
    priya.click(priya.modal, "people.cohort", str(other.id))
    assert "Emma Stone" in texts(priya.modal)
    priya.submit({"interns": ["U0CHO"]})
    assert member(small, "U0CHO").cohort_id == other.id


def test_an_ended_cohort_takes_nobody(small: Any) -> None:
    with small.db.begin() as session:
        dates.end(session, small.cohort().id, small.clock())
    answer = small.seat("U0PRIYA").command("/cohort", "people")
    assert answer.message.text.startswith("Summer interns ended on Mon 1 June.")


def test_the_list_says_with_whom_people_are_paired(small: Any) -> None:
    with small.db.begin() as session:
        cohort = session.scalars(sa.select(Membership.cohort_id)).one()
        here = session.get_one(Cohort, cohort)
        ben = a_mentor(session, here, capacity=2)
        a_pairing(session, an_intern(session, here), ben)
        a_pairing(session, an_intern(session, here, "Cho Park"), ben)
        own = a_mentor(session, here, "Priya Nair")
        a_pairing(session, an_intern(session, here, "Dev Rao"), own)
    seat = small.seat("U0PRIYA")
    seat.command("/cohort", "people")
    said = texts(seat.modal)
    assert "*Ana Silva*, intern, paired with Ben Ito" in said
    assert "*Ben Ito*, mentor, paired with Ana Silva and Cho Park" in said
    assert "*Dev Rao*, intern" in said
    assert "paired with Priya" not in said  # her own pair


def test_who_joins_late_reads_of_the_weeks_that_are_left(small: Any) -> None:
    small.clock.set(START + timedelta(days=22))  # week 3 of 12
    add(small, interns=["U0ANA"], mentors=["U0BEN"])
    small.live(days=1)
    assert "10 weeks with a mentor" in small.seat("U0ANA").dm[-1].text
    assert "About an hour a week for 10 weeks." in small.seat("U0BEN").dm[-1].text
