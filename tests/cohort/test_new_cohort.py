"""Starting a cohort: /cohort new, the channel's checks, and who hears of it."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort import messages_console
from bot.cohort.model import Cohort, Membership, Role
from tests.support.screens import texts


def filled(town: Any, **changes: Any) -> dict[str, Any]:
    """The form as Priya would fill it in."""
    answers = {
        "name": "Summer interns",
        "starts_on": "2026-06-08",
        "weeks": "12",
        "channel": town.channel.id,
        "coordinators": ["U0PRIYA"],
    }
    return answers | changes


@pytest.fixture
def priya(town: Any) -> Any:
    """Priya, with the bot inside the coordinators' channel."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    return town.seat("U0PRIYA")


@pytest.fixture
def small_priya(small_town: Any) -> Any:
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    return small_town.seat("U0PRIYA")


def test_a_workspace_admin_starts_a_cohort(town: Any, priya: Any) -> None:
    priya.command("/cohort", "new")
    assert priya.modal["title"]["text"] == "New cohort"
    result = priya.submit(filled(town))
    assert result.result == "updated", result
    assert texts(priya.modal).startswith("*Summer interns is ready.* Next, people.")
    cohort = town.cohort()
    assert (cohort.starts_on, cohort.weeks, cohort.zone) == (date(2026, 6, 8), 12, "Europe/Berlin")
    assert cohort.ends_at.isoformat() == "2026-08-28T14:00:00+00:00"
    priya.click(priya.modal, "people.open")
    assert priya.modal["title"]["text"] == "People"


def test_the_founder_gets_no_letter_and_a_second_coordinator_gets_one(
    town: Any, priya: Any
) -> None:
    priya.command("/cohort", "new")
    priya.submit(filled(town, coordinators=["U0PRIYA", "U0TOM"]))
    town.live(hours=12)
    assert priya.dm == []
    letter = town.seat("U0TOM").dm[-1]
    assert letter.blocks[0]["text"]["text"].startswith("*You coordinate Summer interns*")
    assert "It starts on Mon 8 June. First, add people." in letter.texts()
    assert letter.button_labels == ["Add people", "Open the console"]


def test_somebody_without_the_right_reads_whom_to_ask(small_town: Any) -> None:
    ana = small_town.seat("U0ANA")
    answer = ana.command("/cohort", "new")
    assert ana.modal is None
    assert "Only workspace owners, admins" in answer.message.text


def test_the_operator_can_name_who_starts_cohorts(small_town: Any, small_priya: Any) -> None:
    from dataclasses import replace

    small_town.settings = replace(small_town.settings, coordinators=("U0ANA",))
    from bot.app import build_app
    from bot.sandbox.delivery import to_bolt_app

    app = build_app(small_town.settings, small_town.db, small_town.clock, small_town.client)
    small_town.slack.connect(to_bolt_app(app))
    ana = small_town.seat("U0ANA")
    ana.command("/cohort", "new")
    assert ana.modal["title"]["text"] == "New cohort"


def test_a_right_taken_away_while_the_form_was_open_stops_it(
    small_town: Any, small_priya: Any
) -> None:
    small_priya.command("/cohort", "new")
    small_town.slack.change_person("U0PRIYA", is_admin=False)
    result = small_priya.submit(filled(small_town))
    assert result.result == "updated"
    assert "Only workspace owners, admins" in texts(small_priya.modal)
    with small_town.db.read() as session:
        assert session.scalars(sa.select(Cohort)).all() == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "   "}, "name", "Write a name, for example: Summer interns."),
        ({"starts_on": "2026-01-05"}, "starts_on", "over already"),
        ({"starts_on": "2027-09-01"}, "starts_on", "within the next year"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    small_town: Any, small_priya: Any, change: dict[str, str], field: str, words: str
) -> None:
    small_priya.command("/cohort", "new")
    result = small_priya.submit(filled(small_town, **change))
    assert words in result.errors[field]


def test_a_channel_without_the_bot_is_refused_and_works_after_the_invitation(
    small_town: Any,
) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "new")
    result = priya.submit(filled(small_town))
    assert result.errors["channel"].startswith("I am not in that channel. Type /invite")
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    assert priya.submit().result == "updated"


def test_a_public_channel_is_refused_because_concerns_name_pairs(
    small_town: Any, small_priya: Any
) -> None:
    public = small_town.slack.add_channel("general", members=["U0PRIYA"], bot=True)
    small_priya.command("/cohort", "new")
    result = small_priya.submit(filled(small_town, channel=public.id))
    assert result.errors["channel"] == (
        "Everybody can read #general, and concerns name pairs. Choose a private channel."
    )


def test_an_archived_channel_is_refused(small_town: Any, small_priya: Any) -> None:
    small_town.slack.archive(small_town.channel.id)
    small_priya.command("/cohort", "new")
    result = small_priya.submit(filled(small_town))
    assert "is archived" in result.errors["channel"]


def test_who_reads_along_without_coordinating_is_named(small_town: Any, small_priya: Any) -> None:
    small_town.slack.join(small_town.channel.id, "U0KEN")
    small_priya.command("/cohort", "new")
    small_priya.submit(filled(small_town))
    assert "but not coordinators: Ken Abe." in texts(small_priya.modal)


def test_the_same_name_twice_is_refused(small_town: Any, small_priya: Any) -> None:
    for expected in ("updated", "errors"):
        small_priya.command("/cohort", "new")
        result = small_priya.submit(filled(small_town))
        assert result.result == expected
    assert "this name already" in result.errors["name"]
    with small_town.db.read() as session:
        assert len(session.scalars(sa.select(Membership)).all()) == 1


def test_a_cohort_needs_a_coordinator_who_is_there(small_town: Any, small_priya: Any) -> None:
    small_town.slack.deactivate("U0TOM")
    small_priya.command("/cohort", "new")
    result = small_priya.submit(filled(small_town, coordinators=["U0TOM"]))
    assert result.errors["coordinators"] == "Choose somebody who is active in this Slack."
    with small_town.db.read() as session:
        assert session.scalars(sa.select(Cohort)).all() == []


def test_zones_are_found_by_city_while_typing(small_town: Any, small_priya: Any) -> None:
    small_priya.command("/cohort", "new")
    found = small_priya.suggest(small_priya.modal, "cohort.zone", "new y").options
    assert found[0]["value"] == "America/New_York"
    assert found[0]["text"]["text"] == "New York (America/New_York)"
    small_priya.submit(filled(small_town, zone="America/New_York"))
    assert small_town.cohort().zone == "America/New_York"


@pytest.mark.parametrize("typed", ["", "zzzz", "*", "\x00", "Köln", "<!channel>", "a" * 500])
def test_any_text_can_be_typed_into_the_zones(typed: str) -> None:
    assert len(messages_console.zones_like(typed)) <= 50


def test_names_cannot_smuggle_a_broadcast(small_town: Any, small_priya: Any) -> None:
    small_priya.command("/cohort", "new")
    small_priya.submit(filled(small_town, name="<!channel> & <@U0ANA>", coordinators=["U0TOM"]))
    assert "<!channel>" not in texts(small_priya.modal)
    small_town.live(hours=12)
    assert "<!channel>" not in small_town.seat("U0TOM").dm[-1].texts()


def test_a_coordinator_is_a_member_with_that_role(small_town: Any, small_priya: Any) -> None:
    small_priya.command("/cohort", "new")
    small_priya.submit(filled(small_town))
    with small_town.db.read() as session:
        place = session.scalars(sa.select(Membership)).one()
    assert place.role is Role.COORDINATOR
