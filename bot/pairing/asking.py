"""Putting a request to one mentor after another, and to the waitlist when nobody is left."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import hours as working
from bot.cohort import roster
from bot.cohort.hours import Hours
from bot.cohort.model import Membership, MembershipState, Person
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.pairing import candidates, locks
from bot.pairing import messages as m
from bot.pairing.model import (
    OPEN_REQUEST,
    Choice,
    Offer,
    OfferState,
    Place,
    PlaceState,
    Request,
    RequestState,
)


def ask(session: Session, request: Request, mentor: Membership, *, now: datetime) -> int | None:
    """Put the request to this mentor. None when it is with somebody already.

    The time of the offer is a first guess until its letter goes out.
    """
    offer_id = insert_once(
        session,
        Offer,
        workspace_id=request.workspace_id,
        request_id=request.id,
        mentor_id=mentor.id,
        state=OfferState.OPEN,
        created_at=now,
        lapses_at=lapse_of(session, mentor, since=now),
    )
    if offer_id is None:
        return None
    request.state = RequestState.ASKING
    outbox.post(
        session,
        m.OFFER,
        key=f"offer:{offer_id}",
        workspace_id=request.workspace_id,
        cohort_id=request.cohort_id,
        person_id=mentor.person_id,
        subject=offer_id,
        now=now,
    )
    tell_change(session, request, now=now)
    _homes(session, request, mentor.person_id, now=now)
    return offer_id


def tell_change(session: Session, request: Request, *, now: datetime) -> None:
    """What was said about waiting is brought up to date, everywhere it was said."""
    outbox.refresh(
        session, m.WAITLIST, m.WAITING_LINE, m.UNPAIRED_LINE, subject=request.id, now=now
    )


def move_on(session: Session, request_id: int, *, now: datetime) -> None:
    """Ask the next choice that has room; with none left, the request goes on the waitlist and
    the intern is told. A request that is not open any more stays as it is."""
    request = locks.request(session, request_id)
    if request.state not in OPEN_REQUEST:
        return
    chosen = next_choice(session, request)
    if chosen is not None:
        ask(session, request, chosen.mentor, now=now)
    else:
        wait(session, request, now=now)
        outbox.post(
            session,
            m.WAITLIST,
            key=f"waitlist:{request.id}:{int(now.timestamp())}",
            workspace_id=request.workspace_id,
            cohort_id=request.cohort_id,
            person_id=request.intern.person_id,
            subject=request.id,
            now=now,
        )


def wait(session: Session, request: Request, *, now: datetime) -> None:
    """Put the request on the waitlist; the coordinators' channel hears that somebody waits."""
    request.state = RequestState.WAITING
    request.sent_at = request.sent_at or now
    request.waiting_since = request.waiting_since or now
    request.looked_at = now
    outbox.post(
        session,
        m.WAITING_LINE,
        key=f"waiting:{request.id}:{int(request.waiting_since.timestamp())}",
        workspace_id=request.workspace_id,
        cohort_id=request.cohort_id,
        channel=request.cohort.channel,
        subject=request.id,
        now=now,
    )
    _homes(session, request, now=now)


def next_choice(session: Session, request: Request, *, after: int = 0) -> Choice | None:
    """The first mentor on the intern's list, below rank `after`, who has not been asked, is
    still here and has room."""
    asked = set(
        session.scalars(
            sa.select(Offer.mentor_id).where(
                Offer.request_id == request.id, Offer.state != OfferState.FILLED
            )
        )
    )
    left = [c for c in request.choices if c.rank > after and c.mentor_id not in asked]
    taken = candidates.taken_places(session, {c.mentor.person_id for c in left})
    for choice in left:
        person = choice.mentor.person
        here = choice.mentor.state is MembershipState.ACTIVE and person.left_slack_at is None
        if here and taken.get(person.id, 0) < person.capacity:
            return choice
    return None


def take_back(session: Session, request_id: int, *, now: datetime) -> None:
    """Withdraw what is still put to a mentor for this request."""
    for offer in session.scalars(
        sa.select(Offer).where(Offer.request_id == request_id, Offer.state == OfferState.OPEN)
    ).all():
        settle(session, offer.id, OfferState.WITHDRAWN, now=now)
        outbox.refresh_home(session, offer.workspace_id, offer.mentor.person_id, now=now)


def settle(session: Session, offer_id: int, state: OfferState, *, now: datetime) -> bool:
    """Give an open offer its last word, on all its messages too. False: somebody was faster."""
    done = session.execute(
        sa.update(Offer)
        .where(Offer.id == offer_id, Offer.state == OfferState.OPEN)
        .values(state=state, decided_at=now, remind_at=None)
    )
    if not locks.changed(done):
        return False
    outbox.refresh(session, m.OFFER, m.OFFER_REMINDER, subject=offer_id, now=now)
    return True


def fill_others(session: Session, mentor: Person, *, now: datetime) -> None:
    """The mentor has no room left: other open offers close without blame, each request moves
    on, and no waiting intern is offered a place that is not there."""
    if candidates.room_of(session, mentor) > 0:
        return
    places = sa.select(Membership.id).where(Membership.person_id == mentor.id)
    waiting = session.scalars(
        sa.select(Offer)
        .where(Offer.mentor_id.in_(places), Offer.state == OfferState.OPEN)
        .order_by(Offer.id)
    ).all()
    for offer in waiting:
        if settle(session, offer.id, OfferState.FILLED, now=now):
            move_on(session, offer.request_id, now=now)
    drop_places(session, Place.mentor_id.in_(places), now=now)


def drop_places(
    session: Session, which: sa.ColumnElement[bool], *, now: datetime
) -> list[Membership]:
    """Places that are not there any more; their letters say so. Returns whose they were."""
    found = session.scalars(sa.select(Place).where(which, Place.state == PlaceState.OFFERED)).all()
    for place in found:
        place.state = PlaceState.GONE
        outbox.refresh(session, m.PLACE, subject=place.id, now=now)
    return [place.mentor for place in found]


# ---- time


def hours_and_leave(session: Session, place: Membership) -> tuple[Hours, working.Away]:
    """When this person works, and when they are on leave."""
    zone = roster.zone_of(place.person, place.cohort)
    away = roster.leaves_of(session, {place.person_id}).get(place.person_id, ())
    return roster.hours_of(place.person, zone), away


def lapse_of(session: Session, mentor: Membership, *, since: datetime) -> datetime:
    """When an offer sent at `since` lapses: so many of the mentor's working days later."""
    hours, away = hours_and_leave(session, mentor)
    days = whole(mentor.cohort, "offer_days")
    return working.add_working_days(hours, since, days, away)


def reminder_of(session: Session, mentor: Membership, *, since: datetime) -> datetime | None:
    """When the one reminder is due; None where it would come after the end."""
    days = whole(mentor.cohort, "offer_reminder_days")
    if days >= whole(mentor.cohort, "offer_days"):
        return None
    hours, away = hours_and_leave(session, mentor)
    return working.add_working_days(hours, since, days, away)


def _homes(session: Session, request: Request, *others: int, now: datetime) -> None:
    outbox.refresh_home(session, request.workspace_id, request.intern.person_id, *others, now=now)
