"""New room with a mentor: offered to the intern who has waited longest and fits."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import hours as working
from bot.cohort import planning, roster
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person, Role
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.pairing import asking, candidates, locks
from bot.pairing import messages as m
from bot.pairing.model import (
    Place,
    PlaceGone,
    PlaceState,
    Request,
    RequestState,
)
from bot.refusal import NotYours


def offer_room(session: Session, mentor: Person, *, now: datetime) -> None:
    """Offer every place this mentor has and nobody was offered yet, longest wait first."""
    memberships = _memberships(session, mentor)
    if not memberships or mentor.profile_saved_at is None or mentor.left_slack_at is not None:
        return
    by_cohort = {place.cohort_id: place for place in memberships}
    offered = session.scalars(
        sa.select(Place.request_id).where(
            Place.mentor_id.in_([place.id for place in memberships]),
            Place.state == PlaceState.OFFERED,
        )
    ).all()
    free = candidates.room_of(session, mentor) - len(offered)
    for request in _waiting(session, set(by_cohort)):
        if free <= 0:
            return
        free -= _offer(session, request, by_cohort[request.cohort_id], now=now)


def _offer(session: Session, request: Request, place: Membership, *, now: datetime) -> bool:
    """Offer this place to one waiting intern; False when it does not fit or was passed on."""
    fitting = candidates.of(session, request.intern, now=now).ranked()
    if place.id not in {membership.id for membership, _suggestion in fitting}:
        return False
    until = _kept_until(session, request, since=now)
    known = session.scalars(
        sa.select(Place).where(Place.request_id == request.id, Place.mentor_id == place.id)
    ).one_or_none()
    if known is not None and known.state is not PlaceState.GONE:
        return False
    if known is not None:
        known.state, known.offered_at, known.lapses_at = PlaceState.OFFERED, now, until
        place_id: int | None = known.id
    else:
        place_id = insert_once(
            session,
            Place,
            workspace_id=request.workspace_id,
            request_id=request.id,
            mentor_id=place.id,
            state=PlaceState.OFFERED,
            offered_at=now,
            lapses_at=until,
        )
    outbox.post(
        session,
        m.PLACE,
        key=f"place:{place_id}:{int(now.timestamp())}",
        workspace_id=request.workspace_id,
        cohort_id=request.cohort_id,
        person_id=request.intern.person_id,
        subject=place_id,
        now=now,
    )
    outbox.refresh_home(session, request.workspace_id, request.intern.person_id, now=now)
    return True


def _kept_until(session: Session, request: Request, *, since: datetime) -> datetime:
    """How long a place offered at `since` is kept: so many of the intern's working days."""
    hours, away = asking.hours_and_leave(session, request.intern)
    return working.add_working_days(hours, since, whole(request.cohort, "place_days"), away)


def owned(session: Session, place_id: int, person: Person) -> Place:
    """The place, if it was offered to this intern. Raises NotYours, and for somebody who is no
    longer in the cohort what they are told everywhere."""
    place = session.scalars(
        sa.select(Place).where(Place.id == place_id, Place.workspace_id == person.workspace_id)
    ).one_or_none()
    if place is None or place.request.intern.person_id != person.id:
        raise NotYours
    if place.request.intern.state is not MembershipState.ACTIVE:
        raise roster.no_longer(session, person)
    return place


def open_of(session: Session, request_id: int) -> Sequence[Place]:
    """The places a waiting intern can take, the oldest first."""
    return session.scalars(
        sa.select(Place)
        .where(Place.request_id == request_id, Place.state == PlaceState.OFFERED)
        .order_by(Place.offered_at, Place.id)
    ).all()


def take(session: Session, place_id: int, *, by: Person, now: datetime) -> None:
    """Ask the mentor whose place this is. Twice is harmless; a place that is gone raises
    PlaceGone."""
    place = owned(session, place_id, by)
    request = locks.request(session, place.request_id)
    session.refresh(place, attribute_names=["state"])
    if place.state is PlaceState.TAKEN:
        return
    room = candidates.room_of(session, place.mentor.person)
    gone = place.state is not PlaceState.OFFERED or request.state is not RequestState.WAITING
    if gone or room <= 0:
        raise PlaceGone(mentor=m.called(place.mentor.person))
    place.state = PlaceState.TAKEN
    if asking.ask(session, request, place.mentor, now=now) is None:
        raise PlaceGone(mentor=m.called(place.mentor.person))
    outbox.refresh(session, m.PLACE, subject=place.id, now=now)
    release(session, request.id, now=now)


def release(session: Session, request_id: int, *, now: datetime) -> None:
    """This request needs no place any more: each goes to the next who waits."""
    for mentor in asking.drop_places(session, Place.request_id == request_id, now=now):
        offer_room(session, mentor.person, now=now)


def keep_waiting(session: Session, place_id: int, *, by: Person, now: datetime) -> None:
    """The intern would rather wait; the place goes to the next. Twice is harmless."""
    _pass_on(session, owned(session, place_id, by), now=now)


def to_lapse() -> sa.Select[int, datetime]:
    """(place id, until when it is kept)."""
    return sa.select(Place.id, Place.lapses_at).where(Place.state == PlaceState.OFFERED)


def lapse(session: Session, place_id: int, now: datetime) -> None:
    """Silence means: rather wait. Leave taken meanwhile is added to the intern's time."""
    place = session.get_one(Place, place_id)
    until = _kept_until(session, place.request, since=place.offered_at)
    if until > now:
        place.lapses_at = until
        return
    _pass_on(session, place, now=now)


def _pass_on(session: Session, place: Place, *, now: datetime) -> None:
    done = session.execute(
        sa.update(Place)
        .where(Place.id == place.id, Place.state == PlaceState.OFFERED)
        .values(state=PlaceState.PASSED)
    )
    if not locks.changed(done):
        return
    outbox.refresh(session, m.PLACE, subject=place.id, now=now)
    outbox.refresh_home(session, place.workspace_id, place.request.intern.person_id, now=now)
    offer_room(session, place.mentor.person, now=now)


def look_again(session: Session, cohort_id: int, now: datetime) -> None:
    """A mentor is back in Slack, or the cohort's matching has changed: everybody who waits is
    looked at again, each by itself."""
    session.execute(
        sa.update(Request)
        .where(Request.cohort_id == cohort_id, Request.state == RequestState.WAITING)
        .values(looked_at=None)
    )
    planning.mark_planned(session, session.get_one(Cohort, cohort_id), planning.ROOM)


def to_look() -> sa.Select[int, datetime]:
    """(request id, since when): waiting, and to be looked at again, or a mentor whose profile is
    there joined meanwhile."""
    return (
        sa.select(
            Request.id,
            sa.case(
                (Request.looked_at.is_(None), Request.waiting_since),
                else_=sa.func.max(Membership.joined_at),
            ),
        )
        .join(Membership, Membership.cohort_id == Request.cohort_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Request.state == RequestState.WAITING,
            Membership.role == Role.MENTOR,
            Membership.state == MembershipState.ACTIVE,
            sa.or_(Request.looked_at.is_(None), Membership.joined_at > Request.looked_at),
            Person.profile_saved_at.is_not(None),
        )
        .group_by(Request.id)
    )


def look(session: Session, request_id: int, now: datetime) -> None:
    """Room that no new profile offers: of a mentor whose profile is from an earlier programme, or
    who is back; and, where everybody is looked at again, of all who fit this intern."""
    request = locks.request(session, request_id)
    since, request.looked_at = request.looked_at, now
    if since is None:
        fitting = candidates.of(session, request.intern, now=now).ranked()
        mentors = [place for place, _suggestion in fitting]
    else:
        mentors = _joined(session, request.cohort_id, since)
    for place in mentors:
        offer_room(session, place.person, now=now)


def _joined(session: Session, cohort_id: int, since: datetime) -> list[Membership]:
    return list(
        session.scalars(
            sa.select(Membership)
            .where(
                Membership.cohort_id == cohort_id,
                Membership.role == Role.MENTOR,
                Membership.state == MembershipState.ACTIVE,
                Membership.joined_at > since,
            )
            .order_by(Membership.id)
        )
    )


def _memberships(session: Session, mentor: Person) -> Sequence[Membership]:
    return session.scalars(
        sa.select(Membership)
        .join(Cohort, Cohort.id == Membership.cohort_id)
        .where(
            Membership.person_id == mentor.id,
            Membership.role == Role.MENTOR,
            Membership.state == MembershipState.ACTIVE,
            Cohort.state == CohortState.OPEN,
        )
    ).all()


def _waiting(session: Session, cohorts: set[int]) -> Sequence[Request]:
    return session.scalars(
        sa.select(Request)
        .where(Request.cohort_id.in_(cohorts), Request.state == RequestState.WAITING)
        .order_by(Request.waiting_since, Request.id)
    ).all()
