"""From a profile to an introduction, through the real app: who reads what, and when."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot import limits
from bot.cohort.model import Cohort
from bot.outbox.budget import SPREAD, spread
from bot.pairing.model import Offer, OfferState, Pairing, PairingState, Request, RequestState
from tests.support import people
from tests.support.town import Town

NINE_IN_LISBON = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def cohort(town: Town) -> Cohort:
    """Ana and Cho look for a mentor; Ben and Mia have said what they can help with."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort, "Priya Nair")
        people.an_intern(session, cohort, "Ana Silva", profile=False)
        people.an_intern(session, cohort, "Cho Park", profile=False, zone="America/New_York")
        people.a_mentor(session, cohort, "Ben Ito", title="Platform")
        people.a_mentor(session, cohort, "Mia Chen", skills=["sql"], title="Design")
    return cohort


def modal_text(seat: Any) -> str:
    return str(seat.read_aloud(seat.modal)).replace("*", "")


def write_profile(ana: Any) -> None:
    assert ana.command("/mentor", "profile").ok
    assert ana.submit({"goal_1": "Present my work without notes", "skills_1": ["presenting"]}).ok
    assert ana.submit({"style_2": "1", "values": ["craft", "learning"]}).ok
    assert ana.submit({"languages": ["en", "de"], "note": "I am new to data."}).ok


def ask(ana: Any, *mentors: str, line: str = "") -> None:
    """Ask these mentors, in this order."""
    assert ana.command("/mentor-request").ok
    assert ana.submit({"goal_1": "Present my work without notes"}).result == "updated"
    for name in mentors:
        button = next(
            block["accessory"]
            for block in ana.modal["blocks"]
            if name in block.get("text", {}).get("text", "") and "accessory" in block
        )
        assert ana.click(ana.modal, "choice.add", button["value"]).ok
    assert ana.submit({"line": line} if line else {}).result == "updated"


def channel(town: Town) -> str:
    return "\n".join(message.texts() for message in town.channel_messages())


def one(town: Town, model: Any) -> Any:
    with town.db.read() as session:
        return session.scalars(sa.select(model)).one()


def test_an_intern_writes_a_profile_asks_and_is_introduced(town: Town, cohort: Cohort) -> None:
    ana, ben = town.seat("U0ANA"), town.seat("U0BEN")
    write_profile(ana)
    assert "Saved." in modal_text(ana)

    ana.click(ana.modal, "request.open")
    assert "What should a mentor help you with?" in modal_text(ana)
    assert ana.submit().result == "updated"
    said = modal_text(ana)
    assert "Ben Ito, Platform, Lisbon" in said
    assert "Can help with presenting, your goal 1" in said
    assert "You both value craft and learning, and like written notes" in said

    ana.click(ana.modal, "choice.add", str(member(town, "U0BEN")))
    assert "1st choice: Ben Ito" in modal_text(ana)
    ana.click(ana.modal, "choice.add", str(member(town, "U0MIA")))
    assert ana.submit({"line": "I liked your talk on testing."}).result == "updated"
    assert "I am asking Ben first. You hear by Thu 4 June, 10:00 (Berlin), or I ask Mia." in (
        modal_text(ana)
    )

    assert ben.dm == []  # 8:00 in Lisbon: not yet
    town.live(until=NINE_IN_LISBON + SPREAD)
    letter = ben.dm[-1]
    came = (NINE_IN_LISBON + spread("U0BEN")).astimezone(ZoneInfo("Europe/Lisbon"))
    assert letter.text == (
        "Ana Silva would like you as a mentor. Goals: 1. Present my work without notes. Why you: "
        "you can help with presenting, you both value craft and learning, and like written "
        "notes, 35 hours a week in common. I liked your talk on testing. Until Thu 4 June, "
        f"{came:%H:%M} (Lisbon). You can: accept, decline."
    )
    assert f"Until Thu 4 June, {came:%H:%M} (Lisbon)" in letter.texts()
    assert limits.check_message({"text": letter.text, "blocks": letter.blocks}) == []

    assert ben.click(letter, "offer.accept").ok
    town.settle()
    assert "You are Ana Silva's mentor" in ben.dm[-1].texts()
    assert ben.dm[-1].button_labels == []
    [group] = ana.groups
    assert set(group.members) >= {"U0ANA", "U0BEN"}
    hello = ana.messages(group)[-1]
    assert ":wave: Ana, meet Ben. Ben, meet Ana!" in hello.texts()
    assert "Plan our first meeting" in hello.button_labels
    assert "● New pair: Ana Silva and Ben Ito. 1 of 2 interns have a mentor." in channel(town)
    assert one(town, Pairing).state is PairingState.ACTIVE
    assert one(town, Request).state is RequestState.PAIRED

    # A second click and a second request change nothing.
    assert ben.forge(ben.dm[-1], "offer.accept", str(one(town, Offer).id)).ok
    answer = ana.command("/mentor-request")
    assert answer.message is not None
    assert "Ben is your mentor. To change that, talk to" in answer.message.text
    with town.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Pairing)) == 1


def member(town: Town, slack_id: str) -> int:
    with town.db.read() as session:
        return session.scalars(
            sa.text(
                "SELECT m.id FROM membership m JOIN person p ON p.id = m.person_id "
                "WHERE p.slack_id = :who"
            ).bindparams(who=slack_id)  # type: ignore[arg-type]
        ).one()


def test_a_no_and_silence_move_the_request_on_and_read_the_same(town: Town, cohort: Cohort) -> None:
    ana, ben, mia = town.seat("U0ANA"), town.seat("U0BEN"), town.seat("U0MIA")
    ask(ana, "Ben", "Mia")
    town.live(hours=2)
    assert ben.click(ben.dm[-1], "offer.decline").ok
    assert "Ana hears that you are not available this time" in ben.read_aloud(ben.modal)
    assert ben.submit({"reason": "skills"}).result == "closed"
    town.settle()
    assert "You declined this request" in ben.dm[-1].texts()
    assert ana.dm == []  # moving on sends the intern nothing
    ana.command("/mentor-request")
    assert "Ben is not available this time. Waiting for Mia, your 2nd choice, until" in (
        modal_text(ana)
    )
    town.live(days=8)
    assert [m for m in mia.dm if "A reminder" in m.text or "moved on" in m.texts()]
    assert all("This request has moved on" in m.texts() for m in mia.dm)
    assert "You are on the waitlist now" in ana.dm[-1].texts()
    assert "○ Ana Silva is waiting for a mentor, and nobody is being asked." in channel(town)
    assert "declin" not in " ".join(m.text for m in ana.dm)
    assert "Ben" not in channel(town)


def test_the_last_place_goes_once_and_the_other_request_moves_on(
    town: Town, cohort: Cohort
) -> None:
    ana, cho, ben = town.seat("U0ANA"), town.seat("U0CHO"), town.seat("U0BEN")
    ask(ana, "Ben")
    ask(cho, "Ben", "Mia")
    town.live(hours=7)
    first, second = ben.dm
    assert ben.click(first, "offer.accept").ok
    town.settle()
    assert "This request has moved on" in ben.dm[1].texts()
    assert ben.forge(second, "offer.accept", str(2)).ok
    assert "This request has moved on" in ben.ephemerals[-1].text
    with town.db.read() as session:
        states = [offer.state for offer in session.scalars(sa.select(Offer).order_by(Offer.id))]
    assert states == [OfferState.ACCEPTED, OfferState.FILLED, OfferState.OPEN]


def test_an_intern_withdraws_and_the_mentor_reads_it(town: Town, cohort: Cohort) -> None:
    ana, ben = town.seat("U0ANA"), town.seat("U0BEN")
    ask(ana, "Ben")
    town.live(hours=2)
    ana.command("/mentor-request")
    assert ana.click(ana.modal, "request.withdraw").ok
    assert "Withdrawn. Nobody is asked any more." in modal_text(ana)
    town.settle()
    assert "Ana does not need this any more" in ben.dm[-1].texts()
    assert ben.forge(ben.dm[-1], "offer.accept", str(one(town, Offer).id)).ok
    assert "This request has moved on. Nothing to do." in ben.ephemerals[-1].text
