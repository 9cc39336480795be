"""The cohort's figures: every number with its limits, changed by coordinators."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort import figures
from bot.cohort.messages_console import ALL_TOPICS
from bot.cohort.model import Cohort
from bot.cohort.settings import SETTINGS, TOPICS, setting
from bot.database import Database
from bot.refusal import FormChanged, Invalid
from tests.support.people import START, a_cohort, a_coordinator, an_intern
from tests.support.screens import texts


@pytest.fixture
def small(small_town: Any) -> Any:
    """Priya coordinates; the bot is in the channel."""
    town = small_town
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        an_intern(session, cohort)
    return town


def at_topic(town: Any, name: str) -> Any:
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    priya.click(priya.modal, "settings.topic", str(ALL_TOPICS.index(name)))
    return priya


def test_a_figure_is_changed_and_stays(small: Any) -> None:
    priya = at_topic(small, "Offers")
    assert "Default 3 days, our own figure." in texts(priya.modal)
    assert priya.submit({"offer_days": "5"}).result == "updated"
    assert "● *Saved.*" in texts(priya.modal)
    assert small.cohort().settings == {"offer_days": 5}
    assert priya.submit({"offer_days": "3"}).result == "updated"
    assert small.cohort().settings == {}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_can_be_opened_and_saved_as_it_is(small: Any, topic: str) -> None:
    priya = at_topic(small, topic)
    assert len([b for b in priya.modal["blocks"] if b["type"] == "input"]) <= 5
    assert priya.submit().result == "updated"
    assert small.cohort().version == 1


@pytest.mark.parametrize("known", SETTINGS.values(), ids=lambda known: known.name)
def test_a_figure_outside_its_limits_is_refused_beside_the_field(
    sqlite_db: Database, known: Any
) -> None:
    assert known.least <= known.default <= known.most
    with sqlite_db.begin() as session:
        cohort = a_cohort(session)
        for value in (known.least - 0.1, known.most + 1, -1.0):
            if known.least <= value <= known.most:
                continue
            with pytest.raises(Invalid) as refused:
                figures.save(session, cohort, {known.name: value}, now=START)
            assert refused.value.field == known.name
            assert (
                refused.value.words == f"Between {known.least:g} and {known.measured(known.most)}."
            )


def test_a_figure_is_said_with_its_unit() -> None:
    said = {name: known.measured(known.default) for name, known in SETTINGS.items()}
    assert said["offer_days"] == "3 days"
    assert said["letters_per_day"] == "1 letter"
    assert said["minimum_score"] == "35 %"
    assert said["thanks_first"] == "3 of 12 weeks"
    assert said["check_in_hour"] == "10 o'clock"
    assert said["mean_red"] == "2.3 points"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"offer_reminder_days": 5.0, "offer_days": 3.0}, "offer_reminder_days"),
        ({"offer_days": 2.0}, "offer_days"),
        ({"gap_amber": 21.0, "gap_red": 14.0}, "gap_amber"),
        ({"interval_red": 4.0}, "interval_red"),
        ({"ask_stop_hours": 48.0}, "ask_stop_hours"),
        ({"thanks_first": 7.0}, "thanks_first"),
        ({"thanks_last": 5.0}, "thanks_last"),
        ({"mean_red": 3.5}, "mean_red"),
        ({"clear_mean": 2.5}, "clear_mean"),
        ({"letters_per_day": 3.0, "letters_per_week": 2.0}, "letters_per_week"),
        (
            dict.fromkeys(
                ("weight_goals", "weight_values", "weight_style", "weight_logistics"), 0.0
            ),
            "weight_goals",
        ),
        ({"offer_days": 2.5}, "offer_days"),
    ],
)
def test_figures_that_do_not_fit_together_are_refused(
    db: Database, given: dict[str, float], field: str
) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        with pytest.raises(Invalid) as refused:
            figures.save(session, cohort, given, now=START)
        assert refused.value.field == field
        assert cohort.settings == {}


def test_figures_of_the_calendar_plan_it_anew_and_others_do_not(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        figures.save(session, cohort, {"offer_days": 5}, now=START)
        assert cohort.calendar_version == 1
        figures.save(session, cohort, {"check_in_hour": 11}, now=START)
        assert cohort.calendar_version == 2
        assert setting(cohort, "check_in_hour") == 11


def test_a_form_older_than_the_last_change_is_refused(small: Any) -> None:
    priya = at_topic(small, "Offers")
    with small.db.begin() as session:
        session.execute(sa.update(Cohort).values(version=2))
    result = priya.submit({"offer_days": "5"})
    assert result.result == "updated"
    assert "This changed meanwhile: somebody else saved these settings." in texts(priya.modal)
    assert small.cohort().settings == {}
    with small.db.begin() as session, pytest.raises(FormChanged):
        figures.lock(session, small.cohort().id, 1)


def test_the_first_day_can_be_moved(small: Any) -> None:
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    assert priya.submit({"starts_on": "2026-06-15"}).result == "updated"
    cohort = small.cohort()
    assert (cohort.starts_on.isoformat(), cohort.calendar_version) == ("2026-06-15", 2)
    assert cohort.ends_at.isoformat() == "2026-09-04T14:00:00+00:00"
    refused = priya.submit({"starts_on": "2026-01-05"})
    assert "over already" in refused.errors["starts_on"]


def test_where_to_turn_is_kept_as_it_was_written(small: Any) -> None:
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    words = "Works council: room 2.14\nعربي <!channel> 🌊"
    assert priya.submit({"contacts": words}).result == "updated"
    assert small.cohort().contacts == words


def test_another_channel_is_checked_like_the_first(small: Any) -> None:
    public = small.slack.add_channel("general", members=["U0PRIYA"], bot=True)
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    refused = priya.submit({"channel": public.id})
    assert refused.errors["channel"].startswith("Everybody can read #general")
    private = small.slack.add_channel("leads", private=True, members=["U0PRIYA"], bot=True)
    assert priya.submit({"channel": private.id}).result == "updated"
    assert small.cohort().channel == private.id


def test_an_intern_cannot_become_coordinator(small: Any) -> None:
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    refused = priya.submit({"coordinators": ["U0PRIYA", "U0ANA"]})
    assert refused.errors == {"coordinators": "Ana cannot coordinate: intern here."}


def test_forged_topics_and_cohorts_are_refused(small: Any) -> None:
    priya = small.seat("U0PRIYA")
    priya.command("/cohort", "settings")
    for action, value in (
        ("settings.topic", "99"),
        ("settings.topic", "x"),
        ("settings.cohort", "9999"),
    ):
        priya.forge(priya.modal, action, value)
        assert "not for you" in texts(priya.modal)
        priya.close()
