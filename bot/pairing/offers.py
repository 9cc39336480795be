"""Offers: a request put to one mentor, until a yes, a no, or a date."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import roster
from bot.cohort.model import Membership, MembershipState, Person
from bot.pairing import asking, candidates, locks, pairings
from bot.pairing import messages as m
from bot.pairing.model import (
    MovedOn,
    NoRoom,
    Offer,
    OfferState,
    Pairing,
    PairingState,
    RequestState,
    Taken,
)
from bot.refusal import NotYours

REASONS = ("time", "skills", "too_close", "other")


def owned(session: Session, offer_id: int, person: Person) -> Offer:
    """The offer, if it was put to this person. Raises NotYours, and for somebody who is no longer
    in the cohort what they are told everywhere."""
    offer = session.scalars(
        sa.select(Offer).where(Offer.id == offer_id, Offer.workspace_id == person.workspace_id)
    ).one_or_none()
    if offer is None or offer.mentor.person_id != person.id:
        raise NotYours
    if offer.mentor.state is not MembershipState.ACTIVE:
        raise roster.no_longer(session, person)
    return offer


def open_for(session: Session, person: Person) -> Sequence[Offer]:
    """Offers this mentor can still answer, the oldest first."""
    return session.scalars(
        sa.select(Offer)
        .join(Membership, Membership.id == Offer.mentor_id)
        .where(Membership.person_id == person.id, Offer.state == OfferState.OPEN)
        .order_by(Offer.created_at, Offer.id)
    ).all()


def open_of(session: Session, request_id: int) -> Offer | None:
    """The offer a request is waiting for."""
    return session.scalars(
        sa.select(Offer).where(Offer.request_id == request_id, Offer.state == OfferState.OPEN)
    ).one_or_none()


def still_open(session: Session, offer_id: int, *, by: Person) -> Offer:
    """The offer, before a form about it opens. Raises NotYours, MovedOn."""
    offer = owned(session, offer_id, by)
    if offer.state is not OfferState.OPEN:
        raise MovedOn
    return offer


def accept(session: Session, offer_id: int, *, by: Person, now: datetime) -> int:
    """Pair the two; returns the pairing's id. Accepting twice is harmless.

    Room and "one active mentor" are looked at here, under locks, whoever clicks at once: an
    offer that has moved on raises MovedOn, an intern who found somebody else Taken, a mentor
    without room NoRoom.
    """
    offer = owned(session, offer_id, by)
    mentor = locks.mentor(session, by.id)
    intern = locks.intern(session, offer.request.intern_id)
    session.refresh(offer, attribute_names=["state"])
    own = _pairing_of(session, offer)
    if offer.state is OfferState.ACCEPTED and own is not None:
        return own
    if pairings.main_of(session, intern) is not None:
        raise Taken(intern=m.called(intern.person))
    if offer.state is not OfferState.OPEN:
        raise MovedOn
    room = candidates.room_of(session, mentor)
    if room <= 0:
        raise NoRoom(taken=mentor.capacity - room, capacity=mentor.capacity)
    if not asking.settle(session, offer.id, OfferState.ACCEPTED, now=now):
        raise MovedOn
    request = locks.request(session, offer.request_id)
    request.state = RequestState.PAIRED
    request.closed_at = now
    return pairings.make(session, intern, offer.mentor, request=request, by=None, now=now)


def tell_no_room(
    session: Session, offer_id: int, *, by: Person, channel: str, click: str, now: datetime
) -> None:
    """Tell only this mentor, below the offer, that there is no room, with the way to make some.
    `click` names the click: delivered twice, it is answered once."""
    offer = owned(session, offer_id, by)
    outbox.post(
        session,
        m.OFFER_FULL,
        key=f"offer.full:{offer.id}:{click}",
        workspace_id=offer.workspace_id,
        cohort_id=offer.request.cohort_id,
        person_id=by.id,
        subject=offer.id,
        data={"channel": channel},
        now=now,
    )


def decline(
    session: Session, offer_id: int, *, by: Person, reason: str | None, now: datetime
) -> None:
    """A no, and the next choice is asked. The reason is kept and read by nobody.

    Declining twice is harmless; an offer that went another way raises MovedOn.
    """
    offer = owned(session, offer_id, by)
    if not asking.settle(session, offer.id, OfferState.DECLINED, now=now):
        session.refresh(offer, attribute_names=["state"])
        if offer.state is OfferState.DECLINED:
            return
        raise MovedOn
    offer.reason = reason if reason in REASONS else ""
    outbox.refresh_home(session, offer.workspace_id, by.id, now=now)
    asking.move_on(session, offer.request_id, now=now)


def sent(session: Session, offer: Offer, *, now: datetime) -> None:
    """The offer's letter goes out: its time runs from here."""
    offer.sent_at = now
    offer.lapses_at = asking.lapse_of(session, offer.mentor, since=now)
    offer.remind_at = asking.reminder_of(session, offer.mentor, since=now)


def to_lapse() -> sa.Select[int, datetime]:
    """(offer id, when it lapses)."""
    return _due(Offer.lapses_at)


def lapse(session: Session, offer_id: int, now: datetime) -> None:
    """Silence moves a request on. Leave taken meanwhile is added to the mentor's time."""
    offer = session.get_one(Offer, offer_id)
    until = asking.lapse_of(session, offer.mentor, since=offer.sent_at or offer.created_at)
    if until > now:
        offer.lapses_at = until
        return
    if asking.settle(session, offer_id, OfferState.LAPSED, now=now):
        outbox.refresh_home(session, offer.workspace_id, offer.mentor.person_id, now=now)
        asking.move_on(session, offer.request_id, now=now)


def plan_again(session: Session, person: Person, now: datetime) -> None:
    """A mentor is in another zone: reminders that have not come are counted in working days
    there. The date by which to answer stays: mentor and intern have read it."""
    for offer in open_for(session, person):
        if offer.remind_at is not None and offer.sent_at is not None:
            offer.remind_at = asking.reminder_of(session, offer.mentor, since=offer.sent_at)


def to_remind() -> sa.Select[int, datetime]:
    """(offer id, when its one reminder is due)."""
    return _due(Offer.remind_at)


def remind(session: Session, offer_id: int, now: datetime) -> None:
    """The one reminder, then silence."""
    offer = session.get_one(Offer, offer_id)
    due = asking.reminder_of(session, offer.mentor, since=offer.sent_at or offer.created_at)
    if due is not None and due > now:
        offer.remind_at = due
        return
    offer.remind_at = None
    outbox.post(
        session,
        m.OFFER_REMINDER,
        key=f"offer.reminder:{offer.id}",
        workspace_id=offer.workspace_id,
        cohort_id=offer.request.cohort_id,
        person_id=offer.mentor.person_id,
        subject=offer.id,
        now=now,
    )


def _due(at: sa.orm.InstrumentedAttribute[datetime | None]) -> sa.Select[int, datetime]:
    return sa.select(Offer.id, at).where(  # type: ignore[return-value]  # no None is left
        Offer.state == OfferState.OPEN, at.is_not(None)
    )


def _pairing_of(session: Session, offer: Offer) -> int | None:
    return session.scalar(
        sa.select(Pairing.id).where(
            Pairing.request_id == offer.request_id,
            Pairing.mentor_id == offer.mentor_id,
            Pairing.state == PairingState.ACTIVE,
        )
    )
