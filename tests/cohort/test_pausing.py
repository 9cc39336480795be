"""The menu below every letter: pausing, resuming, and why it came."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort import pausing, people
from bot.cohort.model import Cohort, Role
from bot.database import Database
from bot.outbox.budget import SPREAD, spread
from tests.support.people import START, a_cohort, a_coordinator, an_intern


@pytest.fixture
def small(small_town: Any) -> Any:
    """Ana and Ben have their welcome letters."""
    town = small_town
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        priya = a_coordinator(session, cohort).person
        people.enrol(session, cohort, ["U0ANA"], Role.INTERN, by=priya, now=town.clock())
        people.enrol(session, cohort, ["U0BEN"], Role.MENTOR, by=priya, now=town.clock())
    town.live(hours=3)
    return town


def option(town: Any, slack_id: str, wish: str) -> str:
    kind = "welcome.intern" if slack_id == "U0ANA" else "welcome.mentor"
    return f"{wish}.{town.letters(kind)[0].id}"


def test_pausing_says_until_when_and_offers_the_way_back(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.click(ana.dm[0], "welcome.menu", option(small, "U0ANA", "pause"))
    small.settle()
    answer = ana.ephemerals[-1]
    assert answer.texts().startswith(
        "● Paused until Mon 8 June. What you planned or asked for still comes."
    )
    assert small.person("U0ANA").paused_until.isoformat() == "2026-06-07T22:00:00+00:00"
    ana.click(answer, "letters.resume")
    small.settle()
    assert ana.ephemerals[-1].texts().startswith("● Letters come again.")
    assert small.person("U0ANA").paused_until is None


def test_the_length_of_a_pause_is_a_setting(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session, settings={"pause_days": 3})
        ana = an_intern(session, cohort).person
        until = pausing.pause(session, ana, now=START)
        assert until.isoformat() == "2026-06-03T22:00:00+00:00"
        assert pausing.is_paused(ana, START + timedelta(days=2))
        assert not pausing.is_paused(ana, START + timedelta(days=3))


def test_a_paused_person_gets_no_counted_letter_until_the_pause_is_over(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.click(ana.dm[0], "welcome.menu", option(small, "U0ANA", "pause"))
    with small.db.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        people.remind_everybody(session, cohort, now=small.clock())
    small.live(days=6)
    assert not [m for m in ana.dm if "still empty" in m.text]
    small.live(until=small.clock() + timedelta(days=1) + SPREAD)
    (reminder,) = [m for m in ana.dm if "still empty" in m.text]
    assert reminder.at == START + timedelta(days=7) + spread("U0ANA")


def test_why_names_the_reason_and_the_budget(small: Any) -> None:
    ben = small.seat("U0BEN")
    ben.click(ben.dm[0], "letter.menu", option(small, "U0BEN", "why"))
    small.settle()
    answer = ben.ephemerals[-1]
    assert answer.texts().startswith(
        "You were added to a mentorship cohort. At most 1 letter a day and 3 a week, in your "
        "working hours."
    )
    ben.click(answer, "letters.pause")
    small.settle()
    assert ben.ephemerals[-1].texts().startswith("● Paused until Mon 8 June.")


def test_pausing_twice_on_one_day_keeps_the_date(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.click(ana.dm[0], "welcome.menu", option(small, "U0ANA", "pause"))
    ana.click(ana.dm[0], "welcome.menu", option(small, "U0ANA", "pause"))
    small.settle()
    assert len([m for m in ana.ephemerals if "Paused" in m.text]) == 2
    assert small.person("U0ANA").paused_until.isoformat() == "2026-06-07T22:00:00+00:00"


def test_nobody_learns_of_somebody_elses_letter(small: Any) -> None:
    ben = small.seat("U0BEN")
    mine = small.letters("welcome.intern")[0].id
    for value in (f"why.{mine}", f"pause.{mine}", "why.99999", "why.", "why.x", ""):
        ben.forge(ben.dm[0], "letter.menu", value)
        small.settle()
    assert not [m for m in ben.ephemerals if "At most" in m.text]


# ---- free text


def test_free_text_is_answered_with_what_the_bot_can_do(small: Any) -> None:
    ana = small.seat("U0ANA")
    ana.write("Hello, my mentor is <!channel> mean")
    small.settle()
    answer = ana.dm[-1]
    assert answer.texts().startswith(
        "I cannot read messages, and nobody else received yours. I can do this:"
    )
    assert answer.button_labels == ["My mentorship", "Say thanks", "Help"]


def test_somebody_in_no_cohort_is_offered_only_what_works_for_them(small: Any) -> None:
    ken = small.seat("U0KEN")
    ken.write("hello?")
    small.settle()
    assert ken.dm[-1].button_labels == []
    assert ken.dm[-1].texts() == (
        "I cannot read messages, and nobody else received yours. You are not in a mentorship "
        "cohort yet. If you expected to be, ask <@U0PRIYA>."
    )
    small.slack.change_person("U0KEN", is_admin=True)
    small.live(minutes=1)
    ken.write("and now?")
    small.settle()
    assert ken.dm[-1].button_labels == ["My mentorship", "Help"]


def test_a_flood_of_words_is_answered_once_a_minute(small: Any) -> None:
    ken = small.seat("U0KEN")
    for _ in range(5):
        ken.write("hello?")
    small.settle()
    assert len([m for m in ken.dm if m.text.startswith("I cannot read")]) == 1
    small.live(minutes=1)
    ken.write("still there?")
    small.settle()
    assert len([m for m in ken.dm if m.text.startswith("I cannot read")]) == 2


def test_the_bot_does_not_answer_itself_or_edits(small: Any) -> None:
    team, bot = small.slack.team_id, small.slack.bot_user_id
    for extra in (
        {"bot_id": "B0SANDBOX", "user": bot},
        {"subtype": "message_changed", "user": "U0ANA"},
        {"subtype": "channel_join", "user": "U0ANA"},
        {"subtype": "message_deleted"},
    ):
        event = {"type": "message", "channel_type": "im", "channel": "D1", "ts": "1.1", **extra}
        payload = {"type": "event_callback", "team_id": team, "event_id": "E1", "event": event}
        answer = small.slack.send("events_api", "message", payload)
        assert answer.status == 200
    assert small.letters("words.unread") == []
