"""Three Mondays of a cohort: nothing yet, pairs, a pair in trouble; and Slack without charts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import people
from tests.support.screens import texts

MONDAYS = [datetime(2026, 6, day, 7, 0, tzinfo=UTC) for day in (8, 15, 22)]


@pytest.fixture
def founded(town: Any) -> Any:
    """A cohort of three interns and three mentors, a week before it starts."""
    return found(town)


def found(town: Any) -> Any:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        for name in ("Ana Silva", "Cho Park", "Dev Rao"):
            people.an_intern(session, cohort, name)
        for name in ("Ben Ito", "Mia Chen", "Tom Okafor"):
            people.a_mentor(session, cohort, name)
    return town


def pair(town: Any, *names: tuple[str, str]) -> None:
    """A coordinator has paired them."""
    with town.db.begin() as session:
        places = {
            m.person.name: m for m in session.query(people.Membership) if m.role != "coordinator"
        }
        for intern, mentor in names:
            people.a_pairing(session, places[intern], places[mentor], now=town.clock())


def digests(town: Any) -> list[Any]:
    """The digests in the coordinators' channel."""
    sent = {letter.sent_ts for letter in town.letters("digest")}
    return [message for message in town.channel_messages() if message.ts in sent]


def test_every_monday_at_nine_coordinators_read_how_it_stands(founded: Any) -> None:
    founded.live(until=MONDAYS[0])
    (first,) = digests(founded)
    assert first.at.replace(microsecond=0) == MONDAYS[0]
    assert first.text.startswith(
        "Summer interns, week 1 of 12. No pairs yet: 3 interns, 3 mentors. Nothing needs you today."
    )
    assert not any(b["type"] == "data_visualization" for b in first.blocks)

    founded.live(hours=1)
    pair(founded, ("Ana Silva", "Ben Ito"), ("Cho Park", "Mia Chen"), ("Dev Rao", "Tom Okafor"))
    founded.live(until=MONDAYS[1])
    second = digests(founded)[1]
    assert second.at.replace(microsecond=0) == MONDAYS[1]
    assert "3 pairs: 3 green." in second.text
    chart = next(b for b in second.blocks if b["type"] == "data_visualization")
    assert chart["chart"]["axis_config"]["categories"] == ["Wk 1", "Wk 2"]
    assert "Last seven days: 0 of 3 pairs met." in second.text
    assert "Good news: three new pairs." in second.text

    founded.live(until=MONDAYS[2])
    third = digests(founded)[2]
    assert "3 pairs: 3 red." in third.text
    assert "Red: Ana Silva and Ben Ito. No first meeting for 14 days (B1)" in third.text
    chart = next(b for b in third.blocks if b["type"] == "data_visualization")
    care = next(s for s in chart["chart"]["series"] if s["name"] == "Need care")
    assert [point["value"] for point in care["data"]] == [0, 3, 3]

    priya = founded.seat("U0PRIYA")
    priya.click(third, "concern.take", first_pair(third))
    founded.settle()
    assert priya.ephemerals[-1].text.startswith("You are contacting Ana Silva and Ben Ito.")
    priya.command("/cohort", "status")
    assert "Priya is contacting them." in texts(priya.modal)


def first_pair(message: Any) -> str:
    """What the first [I will contact them] carries."""
    return next(b["accessory"]["value"] for b in message.blocks if "accessory" in b)


def test_without_charts_the_digest_still_goes_out_whole(founded: Any) -> None:
    founded.live(until=MONDAYS[0])
    pair(founded, ("Ana Silva", "Ben Ito"))
    founded.slack.faults.error(
        "chat.postMessage", "invalid_blocks", when=lambda args: "data_visualization" in str(args)
    )
    founded.live(until=MONDAYS[1])
    bare = digests(founded)[1]
    assert not any(b["type"] == "data_visualization" for b in bare.blocks)
    assert "Pairs by week: week 1: 1 on track" in bare.text
    assert len(digests(founded)) == 2


def test_nothing_comes_after_the_end(small_town: Any) -> None:
    founded = found(small_town)
    founded.live(until=datetime(2026, 9, 15, 12, 0, tzinfo=UTC))
    assert len(digests(founded)) == 12
    assert "week 12 of 12" in digests(founded)[-1].text
