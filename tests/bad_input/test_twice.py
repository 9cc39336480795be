"""Second clicks, many at once, stale forms, and moments that have passed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort.model import Cohort, Leave
from bot.meeting.model import Meeting
from bot.pairing.model import Offer, OfferState, Pairing, Request
from bot.sandbox import payloads
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town


@pytest.fixture
def asked(town: Town) -> Town:
    """Ana and Cho have asked Ben, who has one place."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_mentor(session, cohort)
        scene.asking(session, cohort, "Ana Silva", "Ben")
        scene.asking(session, cohort, "Cho Park", "Ben")
    town.live(hours=2)
    return town


def count(town: Town, model: Any) -> int:
    with town.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def offers(town: Town) -> list[Offer]:
    with town.db.read() as session:
        return list(session.scalars(sa.select(Offer).order_by(Offer.id)))


def test_twenty_yeses_at_once_are_one(asked: Town) -> None:
    ben = asked.seat("U0BEN")
    letter, first = ben.dm[0], offers(asked)[0]
    with ThreadPoolExecutor(8) as threads:
        done = list(
            threads.map(lambda _n: ben.forge(letter, "offer.accept", str(first.id)).ok, range(20))
        )
    assert all(done)
    asked.live(hours=1)
    assert count(asked, Pairing) == 1
    assert len(asked.seat("U0ANA").groups) == 1
    assert len([m for m in asked.channel_messages() if "New pair" in m.texts()]) == 1


def test_one_place_and_two_yeses_at_once(asked: Town) -> None:
    ben = asked.seat("U0BEN")
    letter, (first, second) = ben.dm[0], offers(asked)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda o: ben.forge(letter, "offer.accept", str(o.id)), (first, second)))
    states = sorted(offer.state for offer in offers(asked))
    assert states == [OfferState.ACCEPTED, OfferState.FILLED]
    assert count(asked, Pairing) == 1
    assert "This request has moved on" in ben.ephemerals[-1].text or (
        "of 1 interns" in ben.ephemerals[-1].text
    )


def test_a_lapsed_offer_is_refused_and_its_form_too(asked: Town) -> None:
    ben = asked.seat("U0BEN")
    letter, first = ben.dm[0], offers(asked)[0]
    assert ben.click(letter, "offer.decline").ok
    asked.live(days=7)
    assert ben.submit({}).result == "updated"
    assert "This request has moved on" in ben.read_aloud(ben.modal)
    ben.forge(letter, "offer.accept", str(first.id))
    assert "This request has moved on" in ben.ephemerals[-1].text
    assert count(asked, Pairing) == 0
    assert offers(asked)[0].state is OfferState.LAPSED


def test_two_requests_at_once_are_one(town: Town) -> None:
    with town.db.begin() as session:
        cohort = people.a_cohort(session)
        people.an_intern(session, cohort)
        people.a_mentor(session, cohort)
    ana = town.seat("U0ANA")
    ana.command("/mentor-request")
    view = ana.modal
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _n: (
                    town.slack.send(
                        "interactive",
                        "request",
                        payloads.view_submission(town.slack, ana.person, view),
                    ).status
                ),
                range(8),
            )
        )
    assert answers == [200] * 8
    assert count(town, Request) == 1


@pytest.mark.parametrize(
    ("first", "back", "field"),
    [
        ("2026-06-15", "2026-09-14", "back"),  # thirteen weeks
        ("2026-05-29", "2026-06-10", "first"),
        ("2026-06-15", "2026-06-15", "back"),
        ("2026-08-24", "2026-09-10", "back"),
    ],
)
def test_a_leave_that_cannot_be_is_refused_beside_its_day(
    small_town: Town, first: str, back: str, field: str
) -> None:
    with small_town.db.begin() as session:
        people.an_intern(session, people.a_cohort(session))
    ana = small_town.seat("U0ANA")
    ana.command("/mentor", "leave")
    outcome = ana.submit({"first": first, "back": back})
    assert list(outcome.errors) == [field]
    assert count(small_town, Leave) == 0


@pytest.mark.parametrize(
    ("day", "field"), [("2026-05-29", "date"), ("2026-06-01", "time"), ("2027-06-01", "date")]
)
def test_a_meeting_in_the_past_or_after_the_end_is_refused(
    small_town: Town, day: str, field: str
) -> None:
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session)
        intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, intern, mentor)
    ana = small_town.seat("U0ANA")
    ana.command("/mentor", "meet")
    outcome = ana.submit({"date": day, "time": "06:00", "minutes": "30"})
    assert set(outcome.errors) & {"date", "time"}, field
    assert count(small_town, Meeting) == 0


@pytest.mark.parametrize("weeks", ["5", "17", "0", "-3", "twelve", "1e9", "12.5", ""])
def test_a_cohort_of_impossible_length_is_refused(small_town: Town, weeks: str) -> None:
    town = small_town
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "new")
    priya.fill({"name": "Summer", "starts_on": "2026-06-08", "channel": town.channel.id})
    priya.fill({"coordinators": ["U0PRIYA"]})
    payload = payloads.view_submission(town.slack, priya.person, priya.modal)
    entry = payload["view"]["state"]["values"]["weeks"]
    for element in entry.values():
        for key in ("value", "selected_option"):
            if key in element:
                element[key] = weeks if key == "value" else {"value": weeks}
    answer = town.slack.send("interactive", "cohort.new.form", payload)
    assert list(answer.json()["errors"]) == ["weeks"]
    assert count(town, Cohort) == 0


def test_two_coordinators_save_at_once_and_one_is_told(town: Town) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_coordinator(session, cohort, "Tom Okafor")
    requests = []
    for slack_id in ("U0PRIYA", "U0TOM"):
        seat = town.seat(slack_id)
        seat.command("/cohort", "settings")
        seat.fill({"contacts": f"By {slack_id}"})
        requests.append(payloads.view_submission(town.slack, seat.person, seat.modal))
    with ThreadPoolExecutor(2) as threads:
        answers = list(
            threads.map(lambda p: town.slack.send("interactive", "settings", p).body, requests)
        )
    assert sum("changed meanwhile" in said for said in answers) == 1
    saved = "U0TOM" if "changed meanwhile" in answers[0] else "U0PRIYA"
    assert town.cohort().contacts == f"By {saved}"


def test_twenty_clicks_of_one_gesture_are_one(asked: Town) -> None:
    ben = asked.seat("U0BEN")
    payload = payloads.block_actions(
        asked.slack,
        ben.person,
        payloads.in_message(asked.slack, ben.person, ben.dm[0]),
        {
            "type": "button",
            "action_id": "offer.accept",
            "block_id": "b",
            "action_ts": "1.1",
            "value": str(offers(asked)[0].id),
        },
    )
    with ThreadPoolExecutor(8) as threads:
        done = {
            (answer.status, answer.body)
            for answer in threads.map(
                lambda _n: asked.slack.send("interactive", "offer.accept", payload), range(20)
            )
        }
    assert done == {(200, "")}
    assert ben.ephemerals == []
    assert count(asked, Pairing) == 1


def test_settings_saved_by_somebody_else_meanwhile_are_not_overwritten(town: Town) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_coordinator(session, cohort, "Tom Okafor")
    priya, tom = town.seat("U0PRIYA"), town.seat("U0TOM")
    priya.command("/cohort", "settings")
    tom.command("/cohort", "settings")
    assert tom.submit({"contacts": "By Tom"}).ok
    priya.submit({"contacts": "By Priya"})
    assert town.cohort().contacts == "By Tom"
    assert "changed meanwhile" in priya.read_aloud(priya.modal)
