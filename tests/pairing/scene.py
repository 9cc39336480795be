"""The scene of this room's tests: a cohort with interns who look and mentors who help."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.model import Cohort, Membership
from bot.outbox.model import Letter
from bot.pairing import requests
from bot.pairing.model import Offer, OfferState, Request
from tests.support import people
from tests.support.town import Town

START = people.START


def a_scene(session: Session, *mentors: tuple[str, int]) -> Cohort:
    """A cohort with a coordinator and these mentors, each with a capacity."""
    cohort = people.a_cohort(session)
    people.a_coordinator(session, cohort)
    for name, capacity in mentors:
        people.a_mentor(session, cohort, name, capacity=capacity)
    return cohort


def place(session: Session, first_name: str) -> Membership:
    """Somebody's place in the cohort, by first name."""
    return session.scalars(
        sa.select(Membership).where(
            Membership.person.has(slack_id=f"U0{first_name.upper()}"),
        )
    ).one()


def asking(
    session: Session,
    cohort: Cohort,
    name: str,
    *mentors: str,
    now: datetime = START,
    line: str = "",
) -> Request:
    """An intern who has sent a request to these mentors, in this order."""
    known = session.scalars(
        sa.select(Membership).where(Membership.person.has(name=name))
    ).one_or_none()
    intern = known or people.an_intern(session, cohort, name)
    request = requests.begin(session, intern, now=now)
    for mentor in mentors:
        chosen = place(session, mentor).id
        requests.choose(session, request.id, chosen, by=intern.person, now=now)
    return requests.send(session, request.id, line=line, by=intern.person, now=now)


def offer_to(session: Session, first_name: str, state: OfferState = OfferState.OPEN) -> Offer:
    """The newest offer to a mentor in this state."""
    return session.scalars(
        sa.select(Offer)
        .where(Offer.mentor_id == place(session, first_name).id, Offer.state == state)
        .order_by(Offer.id.desc())
    ).first() or _missing(first_name, state)


def _missing(first_name: str, state: OfferState) -> Offer:
    raise AssertionError(f"no {state} offer to {first_name}")


def letters(session: Session, kind: str) -> Sequence[Letter]:
    """Letters of a kind, oldest first."""
    return session.scalars(sa.select(Letter).where(Letter.kind == kind).order_by(Letter.id)).all()


# ---- in Slack


def read(seat: Any) -> str:
    """The modal on top, without marks."""
    return str(seat.read_aloud(seat.modal)).replace("*", "")


def member_id(town: Town, first_name: str) -> str:
    """What a button about this person carries."""
    with town.db.read() as session:
        return str(place(session, first_name).id)


def request_from(town: Town, slack_id: str, *mentors: str) -> Any:
    """Ask these mentors; the modal shows what came of it."""
    seat = town.seat(slack_id)
    seat.command("/mentor-request")
    seat.submit({"goal_1": "Present my work without notes", "skills_1": ["presenting"]})
    for name in mentors:
        seat.click(seat.modal, "choice.add", member_id(town, name))
    seat.submit()
    return seat
