"""When people leave or the programme ends: requests close, offers move on, pairings end."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person
from bot.outbox.model import Letter, LetterState
from bot.pairing import asking, pairings, places
from bot.pairing.messages import OFFER
from bot.pairing.model import (
    OPEN_REQUEST,
    EndReason,
    Offer,
    OfferState,
    Pairing,
    PairingState,
    Place,
    PlaceState,
    Request,
    RequestState,
)

_Person = sa.orm.aliased(Person)
_Place = sa.orm.aliased(Membership)


def _left(place: type[Membership], person: type[Person]) -> sa.ColumnElement[bool]:
    return sa.or_(place.state == MembershipState.LEFT, person.left_slack_at.is_not(None))


def requests_to_close() -> sa.Select[int, datetime]:
    """(request id, since when): open, but the intern has left or the programme has ended."""
    return (
        sa.select(
            Request.id, sa.func.coalesce(Cohort.ended_at, _Place.left_at, _Person.left_slack_at)
        )
        .join(_Place, _Place.id == Request.intern_id)
        .join(_Person, _Person.id == _Place.person_id)
        .join(Cohort, Cohort.id == Request.cohort_id)
        .where(
            Request.state.in_(OPEN_REQUEST),
            sa.or_(Cohort.state == CohortState.ENDED, _left(_Place, _Person)),
        )
    )


def close_request(session: Session, request_id: int, now: datetime) -> None:
    """Whoever was asked hears that it is not needed any more."""
    asking.take_back(session, request_id, now=now)
    request = session.get_one(Request, request_id)
    request.state = RequestState.CLOSED
    request.closed_at = now
    asking.tell_change(session, request, now=now)
    outbox.refresh_home(session, request.workspace_id, request.intern.person_id, now=now)
    if request.cohort.state is CohortState.OPEN:
        places.release(session, request_id, now=now)
    else:
        asking.drop_places(session, Place.request_id == request_id, now=now)


def offers_to_move_on() -> sa.Select[int, datetime]:
    """(offer id, since when): open, but the mentor has left."""
    return (
        sa.select(Offer.id, sa.func.coalesce(_Place.left_at, _Person.left_slack_at))
        .join(_Place, _Place.id == Offer.mentor_id)
        .join(_Person, _Person.id == _Place.person_id)
        .where(Offer.state == OfferState.OPEN, _left(_Place, _Person))
    )


def move_offer_on(session: Session, offer_id: int, now: datetime) -> None:
    """The next choice is asked; to the intern it reads like any other no."""
    offer = session.get_one(Offer, offer_id)
    if asking.settle(session, offer_id, OfferState.LAPSED, now=now):
        asking.move_on(session, offer.request_id, now=now)


def offers_nobody_read() -> sa.Select[int, datetime]:
    """(offer id, since when): open, but its letter could not go, or not soon enough."""
    return (
        sa.select(Offer.id, Letter.due_at)
        .join(Letter, sa.and_(Letter.kind == OFFER.name, Letter.subject == Offer.id))
        .where(
            Offer.state == OfferState.OPEN,
            Letter.state.in_((LetterState.CANCELLED, LetterState.FAILED)),
        )
    )


def places_to_drop() -> sa.Select[int, datetime]:
    """(place id, since when): offered, but the mentor has left."""
    return (
        sa.select(Place.id, sa.func.coalesce(_Place.left_at, _Person.left_slack_at))
        .join(_Place, _Place.id == Place.mentor_id)
        .join(_Person, _Person.id == _Place.person_id)
        .where(Place.state == PlaceState.OFFERED, _left(_Place, _Person))
    )


def drop_place(session: Session, place_id: int, now: datetime) -> None:
    """The place is not there any more."""
    asking.drop_places(session, Place.id == place_id, now=now)


def pairings_to_end() -> sa.Select[int, datetime]:
    """(pairing id, since when): active, but one of the two has left or the programme has
    ended."""
    mentor = sa.orm.aliased(Membership)
    helper = sa.orm.aliased(Person)
    return (
        sa.select(
            Pairing.id,
            sa.func.coalesce(
                Cohort.ended_at,
                _Place.left_at,
                mentor.left_at,
                _Person.left_slack_at,
                helper.left_slack_at,
            ),
        )
        .join(_Place, _Place.id == Pairing.intern_id)
        .join(_Person, _Person.id == _Place.person_id)
        .join(mentor, mentor.id == Pairing.mentor_id)
        .join(helper, helper.id == mentor.person_id)
        .join(Cohort, Cohort.id == Pairing.cohort_id)
        .where(
            Pairing.state == PairingState.ACTIVE,
            sa.or_(
                Cohort.state == CohortState.ENDED, _left(_Place, _Person), _left(mentor, helper)
            ),
        )
    )


def end_pairing(session: Session, pairing_id: int, now: datetime) -> None:
    """The other side hears that, not why; at the programme's end the closing letter does."""
    pairing = session.get_one(Pairing, pairing_id)
    ended = pairing.cohort.state is CohortState.ENDED
    reason = EndReason.PROGRAMME_END if ended else EndReason.LEFT
    pairings.end(session, pairing_id, reason, now=now)
