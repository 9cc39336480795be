"""`/mentor` alone, [My mentorship] and [Help]."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot import limits, program
from bot.checkin.model import CheckIn, Round, RoundKind
from bot.meeting.model import Meeting
from tests.support import people


@pytest.fixture
def paired(small_town: Any) -> Any:
    """Ana and Ben are a pair in week 4; a check-in is open, and they meet on Tuesday."""
    small_town.clock.move(days=28)
    now = small_town.clock()
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, cohort)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort, capacity=3)
        pairing = people.a_pairing(session, ana, ben)
        session.add(
            Meeting(
                workspace_id=cohort.workspace_id,
                pairing_id=pairing.id,
                starts_at=now + timedelta(days=1, hours=6),
                ends_at=now + timedelta(days=1, hours=6, minutes=30),
                minutes=30,
                planned_by=ana.person_id,
                created_at=now,
            )
        )
        check = Round(
            workspace_id=cohort.workspace_id,
            cohort_id=cohort.id,
            number=2,
            week=4,
            kind=RoundKind.CHECK,
            opens_at=now,
            opened_at=now,
            closes_at=now + timedelta(days=4),
        )
        session.add(check)
        session.flush()
        session.add(
            CheckIn(
                workspace_id=cohort.workspace_id,
                round_id=check.id,
                pairing_id=pairing.id,
                membership_id=ana.id,
                asked_at=now,
            )
        )
        ids = {"cohort": cohort.id, "mentor": ben.id}
    small_town.ids = ids
    return small_town


def test_the_glance_names_the_pair_the_next_meeting_and_the_open_check_in(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    told = ana.command("/mentor").message
    assert told.ephemeral
    assert told.blocks[0]["text"]["text"] == (
        "*You and Ben, week 4 of 12*\n"
        "Next: Tue 30 June, 15:00 (Berlin). Check-in open until Fri 3 July."
    )
    assert told.button_labels == ["Answer check-in", "Plan a meeting", "Say thanks"]
    assert told.text == (
        "You and Ben, week 4 of 12. Next: Tue 30 June, 15:00 (Berlin). "
        "Check-in open until Fri 3 July."
    )
    assert limits.check_message({"text": told.text, "blocks": told.blocks}) == []


def test_a_mentor_of_two_sees_a_row_each_with_its_own_button(paired: Any) -> None:
    with paired.db.begin() as session:
        cohort = session.get_one(people.Cohort, paired.ids["cohort"])
        ben = session.get_one(people.Membership, paired.ids["mentor"])
        people.a_pairing(session, people.an_intern(session, cohort, "Cho Park"), ben)
    told = paired.seat("U0BEN").command("/mentor").message
    assert [b["text"]["text"].splitlines() for b in told.blocks[:2]] == [
        ["*You and Ana, week 4 of 12*", "Next: Tue 30 June, 14:00 (Lisbon)."],
        ["*You and Cho, week 4 of 12*", "No meeting planned."],
    ]
    assert told.button_labels == ["Plan a meeting", "Plan a meeting", "Say thanks"]
    styles = [b["accessory"].get("style") for b in told.blocks[:2]]
    assert styles == [None, "primary"]


def test_the_pair_sees_the_dates_of_a_leave(paired: Any) -> None:
    ana, ben = paired.seat("U0ANA"), paired.seat("U0BEN")
    dates = "Ana is on leave from Mon 6 July, back on Mon 20 July."
    assert "leave from" not in ben.read_aloud(ben.open_home())
    ana.command("/mentor", "leave")
    ana.submit({"first": "2026-07-06", "back": "2026-07-20"})
    ana.close()
    assert dates in ben.read_aloud(ben.open_home())
    assert dates in ben.command("/mentor").message.text
    assert dates not in ana.read_aloud(ana.open_home())
    paired.live(days=21)
    assert "leave from" not in ben.read_aloud(ben.open_home())


def test_the_menu_opens_what_it_says(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    for wish, title in (
        ("profile", "Your profile, 1 of 3"),
        ("leave", "Take leave"),
        ("help", "Help"),
    ):
        told = ana.command("/mentor").message
        ana.click(told, "mentorship.menu", wish)
        assert ana.modal["title"]["text"] == title
        ana.close()


def test_pausing_from_the_glance_is_answered_below_it(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    ana.click(ana.command("/mentor").message, "mentorship.menu", "pause")
    paired.settle()
    assert ana.ephemerals[-1].text.startswith("Paused until Mon 6 July.")


def test_without_a_mentor_the_glance_says_what_the_home_tab_says(paired: Any) -> None:
    with paired.db.begin() as session:
        people.an_intern(session, session.get_one(people.Cohort, paired.ids["cohort"]), "Dev Rao")
    told = paired.seat("U0DEV").command("/mentor").message
    assert told.blocks[0]["text"]["text"] == "*Find a mentor who fits*\nYou choose, I ask."
    assert told.button_labels == ["Request a mentor"]


def test_a_coordinator_is_shown_the_way_to_the_console(paired: Any) -> None:
    told = paired.seat("U0PRIYA").command("/mentor").message
    assert told.blocks[0]["text"]["text"] == "*Nothing needs you today*"
    assert told.button_labels == ["Open the console"]


def test_a_stranger_hears_whom_to_ask(paired: Any) -> None:
    ken = paired.seat("U0KEN")
    ken.command("/mentor")
    assert ken.ephemerals[-1].text == (
        "You are not in a mentorship cohort yet. If you expected to be, ask <@U0PRIYA>."
    )


def test_my_mentorship_below_a_message_is_answered_there(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    ana.write("hello?")
    paired.settle()
    ana.click(ana.dm[-1], "mentorship.open")
    paired.settle()
    assert ana.ephemerals[-1].text.startswith("You and Ben, week 4 of 12.")


ASKING = "`/mentor-request` – find a mentor; later, see or withdraw your request"


def test_help_lists_the_words_there_are_and_the_console_only_for_coordinators(
    paired: Any,
) -> None:
    ana, priya = paired.seat("U0ANA"), paired.seat("U0PRIYA")
    ana.write("help")
    paired.settle()
    ana.click(ana.dm[-1], "help.open")
    asking, everyday, foot = ana.modal["blocks"]
    assert asking["text"]["text"] == ASKING
    assert everyday["text"]["text"].splitlines() == [
        "`/mentor` – your mentorship today",
        "`/mentor profile` – write or change your profile",
        "`/mentor meet` – plan a meeting",
        "`/mentor thanks` – thank somebody",
        "`/mentor leave` – say when you are away",
    ]
    assert foot["elements"][0]["text"] == ("Questions: <@U0PRIYA>. Only you see this.")
    priya.write("help")
    paired.settle()
    priya.click(priya.dm[-1], "help.open")
    assert "`/cohort` – the console" in priya.modal["blocks"][2]["text"]["text"]


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("/mentor-request", "help", ASKING),
        ("/mentor", "meat", "I do not know `meat`. Did you mean `/mentor meet`?"),
    ],
)
def test_help_and_unknown_words_answer_to_that_person_only(
    paired: Any, command: str, words: str, said: str
) -> None:
    told = paired.seat("U0PRIYA").command(command, words).message
    assert told.ephemeral
    assert told.blocks[0]["text"]["text"] == said


def test_outsiders_hear_by_name_whom_to_ask_and_owners_how_to_begin(small_town: Any) -> None:
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session)
        people.a_coordinator(session, cohort)
        people.a_person(session, "Tom Okafor").is_admin = True
    ken, tom = small_town.seat("U0KEN"), small_town.seat("U0TOM")
    ken.command("/mentor", "help")
    assert "Questions: <@U0PRIYA>." in ken.ephemerals[-1].text
    tom.command("/cohort")
    assert tom.ephemerals[-1].text == (
        "`/cohort` is for coordinators: <@U0PRIYA>. To start a cohort of your own: `/cohort new`."
    )


def test_every_word_there_is_has_a_line_that_says_what_it_does() -> None:
    for name, words in program.WORDS.items():
        assert set(program.GLOSSES[name]) == set(words)
        lines = program.help_lines(name).splitlines()
        assert len(lines) == len(words) <= 8
        assert all(re.fullmatch("`[a-z/ -]+` – .+", line) for line in lines)
