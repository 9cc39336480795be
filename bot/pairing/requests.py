"""Requests: an intern writes goals, chooses mentors in order, sends, waits or withdraws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import escape
from bot.cohort import hours as working
from bot.cohort import roster
from bot.cohort.calendar import zone_or
from bot.cohort.hours import Hours
from bot.cohort.model import Membership, MembershipState, Person, Role
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.pairing import asking, candidates, locks, pairings, places
from bot.pairing import messages as m
from bot.pairing.candidates import Candidates
from bot.pairing.matching import Suggestion
from bot.pairing.model import (
    OPEN_REQUEST,
    Choice,
    CoordinatorsDoNotAsk,
    FiveChosen,
    HasMentor,
    MentorsDoNotAsk,
    NobodyChosen,
    NoLongerFree,
    NotAsking,
    Offer,
    OfferState,
    Request,
    RequestState,
)
from bot.refusal import NotYours, Refusal

MOST_CHOICES = 5


def places_of(session: Session, person: Person) -> Sequence[Membership]:
    """The cohorts in which this person may ask for a mentor, the newest first.

    Raises a sentence for everybody else: mentors, coordinators, people of an ended cohort, and
    strangers.
    """
    found = roster.memberships(session, person, Role.INTERN)
    if found:
        return found
    raise _why_not(session, person)


def _why_not(session: Session, person: Person) -> Refusal:
    others = roster.memberships(session, person)
    if any(place.role is Role.MENTOR for place in others):
        return MentorsDoNotAsk()
    if others:
        return CoordinatorsDoNotAsk(cohort=escape(others[0].cohort.name))
    return roster.why_outside(session, person)


def place(session: Session, person: Person, membership_id: int) -> Membership:
    """The intern's own place in an open cohort. Raises NotYours, or why they cannot ask."""
    found = {m.id: m for m in places_of(session, person)}
    if membership_id not in found:
        raise NotYours
    return found[membership_id]


def without_mentor(session: Session, intern: Membership) -> None:
    """Raises HasMentor for an intern who is paired."""
    main = pairings.main_of(session, intern)
    if main is not None:
        raise HasMentor(
            mentor=m.called(main.mentor.person), whom=roster.contact(session, intern.cohort)
        )


def current(session: Session, intern: Membership) -> Request | None:
    """The intern's open request."""
    return session.scalars(
        sa.select(Request).where(Request.intern_id == intern.id, Request.state.in_(OPEN_REQUEST))
    ).one_or_none()


def owned(session: Session, request_id: int, person: Person) -> Request:
    """The request, if it is this intern's. Raises NotYours, and for somebody who is no longer in
    the cohort what they are told everywhere."""
    request = session.scalars(
        sa.select(Request).where(
            Request.id == request_id, Request.workspace_id == person.workspace_id
        )
    ).one_or_none()
    if request is None or request.intern.person_id != person.id:
        raise NotYours
    if request.intern.state is not MembershipState.ACTIVE:
        raise roster.no_longer(session, person)
    return request


def begin(session: Session, intern: Membership, *, now: datetime) -> Request:
    """The request to choose mentors for: the open one, or a new draft.

    Who was asked before leaves the list of choices. Raises HasMentor, and NotAsking while a
    mentor is being asked.
    """
    without_mentor(session, intern)
    insert_once(
        session,
        Request,
        workspace_id=intern.workspace_id,
        cohort_id=intern.cohort_id,
        intern_id=intern.id,
        state=RequestState.DRAFT,
        created_at=now,
    )
    request = current(session, intern)
    if request is None or request.state is RequestState.ASKING:
        raise NotAsking
    asked = session.scalars(sa.select(Offer.mentor_id).where(Offer.request_id == request.id)).all()
    if any(choice.mentor_id in asked for choice in request.choices):
        _rank(session, request, [c for c in request.choices if c.mentor_id not in asked])
    return request


@dataclass(frozen=True)
class Options:
    """What an intern can choose from: the suggestions, closest first, and what is chosen."""

    request: Request
    candidates: Candidates
    suggested: tuple[tuple[Membership, Suggestion], ...]
    ranks: dict[int, int]  # mentor's membership id -> rank
    gone: tuple[Membership, ...]  # chosen, but without room by now


def options(session: Session, request: Request, *, now: datetime) -> Options:
    """Up to five suggestions, and whoever is chosen already."""
    found = candidates.of(session, request.intern, now=now)
    ranked = found.ranked()
    ranks = {choice.mentor_id: choice.rank for choice in request.choices}
    most = candidates.suggestions_at_most(request.cohort)
    shown = tuple(
        row for position, row in enumerate(ranked) if position < most or row[0].id in ranks
    )
    fitting = {mentor.id for mentor, _suggestion in ranked}
    gone = tuple(c.mentor for c in request.choices if c.mentor_id not in fitting)
    return Options(request, found, shown, ranks, gone)


def choose(
    session: Session, request_id: int, mentor_id: int, *, by: Person, now: datetime
) -> Request:
    """Put a suggested mentor at the end of the list. Choosing twice is harmless.

    Raises NotAsking when the request was sent meanwhile, NotYours for a mentor who is not
    suggested, FiveChosen.
    """
    request = _choosing(session, request_id, by)
    if any(choice.mentor_id == mentor_id for choice in request.choices):
        return request
    fitting = options(session, request, now=now).candidates.ranked()
    mentor = next((place for place, _suggestion in fitting if place.id == mentor_id), None)
    if mentor is None:
        raise NotYours
    if len(request.choices) >= MOST_CHOICES:
        raise FiveChosen
    request.choices.append(
        Choice(
            workspace_id=request.workspace_id,
            mentor_id=mentor.id,
            mentor=mentor,
            rank=len(request.choices) + 1,
        )
    )
    session.flush()
    return request


def drop(session: Session, request_id: int, mentor_id: int, *, by: Person) -> Request:
    """Take a mentor off the list; the others move up. Dropping twice is harmless."""
    request = _choosing(session, request_id, by)
    _rank(session, request, [c for c in request.choices if c.mentor_id != mentor_id])
    return request


def keep_line(session: Session, request_id: int, line: str, *, by: Person) -> None:
    """Save what was typed to the mentor, while choosing goes on elsewhere."""
    _choosing(session, request_id, by).line = line


def send(session: Session, request_id: int, *, line: str, by: Person, now: datetime) -> Request:
    """Ask the first choice. Sending twice is harmless.

    Raises NobodyChosen, HasMentor, and NoLongerFree (the line is kept) when a chosen mentor has
    no room by now.
    """
    request = locks.request(session, owned(session, request_id, by).id)
    if request.state is RequestState.ASKING:
        return request
    if request.state not in OPEN_REQUEST:
        raise NotAsking
    without_mentor(session, request.intern)
    if not request.choices:
        raise NobodyChosen
    gone = options(session, request, now=now).gone
    if gone:
        raise NoLongerFree(mentor=m.called(gone[0].person))
    request.line = line
    _expect_a_yes(session, request, now=now)
    asking.move_on(session, request.id, now=now)
    places.release(session, request.id, now=now)
    return request


def up_to_date(session: Session, request: Request, *, now: datetime) -> Options:
    """The options after chosen mentors without room have left the list; `gone` still names
    them, so that the intern can be told."""
    found = options(session, request, now=now)
    if not found.gone:
        return found
    left = {mentor.id for mentor in found.gone}
    _rank(session, request, [c for c in request.choices if c.mentor_id not in left])
    ranks = {choice.mentor_id: choice.rank for choice in request.choices}
    return replace(found, ranks=ranks)


def join_waitlist(session: Session, request_id: int, *, by: Person, now: datetime) -> Request:
    """Nobody fits today: wait for the next place. Joining twice is harmless."""
    request = locks.request(session, owned(session, request_id, by).id)
    if request.state not in (RequestState.DRAFT, RequestState.WAITING):
        raise NotAsking
    without_mentor(session, request.intern)
    _expect_a_yes(session, request, now=now)
    asking.wait(session, request, now=now)
    return request


def withdraw(session: Session, request_id: int, *, by: Person, now: datetime) -> None:
    """Nobody is asked any more; who was asked hears that it is not needed. Withdrawing twice is
    harmless; a mentor's yes that came first raises HasMentor."""
    owned(session, request_id, by)
    asking.take_back(session, request_id, now=now)
    request = locks.request(session, request_id)
    if request.state is RequestState.WITHDRAWN:
        return
    if request.state not in OPEN_REQUEST:
        without_mentor(session, request.intern)
        raise NotAsking
    request.state = RequestState.WITHDRAWN
    request.closed_at = now
    places.release(session, request_id, now=now)
    outbox.cancel(session, "the request was withdrawn", kind=m.WAITLIST, subject=request.id)
    asking.tell_change(session, request, now=now)
    outbox.refresh_home(session, request.workspace_id, by.id, now=now)


def ask_for_help(session: Session, request_id: int, *, by: Person, now: datetime) -> Request:
    """The coordinators' channel hears, once a day at most, that this intern would like to
    talk."""
    request = owned(session, request_id, by)
    outbox.post(
        session,
        m.HELP_LINE,
        key=f"request.help:{request.id}:{now:%Y-%m-%d}",
        workspace_id=request.workspace_id,
        cohort_id=request.cohort_id,
        channel=request.cohort.channel,
        subject=request.id,
        now=now,
    )
    return request


def last_no(session: Session, request: Request) -> Offer | None:
    """The newest offer that came to nothing; a no, silence and no room read the same."""
    return session.scalars(
        sa.select(Offer)
        .where(
            Offer.request_id == request.id,
            Offer.state.in_((OfferState.DECLINED, OfferState.LAPSED, OfferState.FILLED)),
        )
        .order_by(Offer.decided_at.desc(), Offer.id.desc())
        .limit(1)
    ).first()


def to_report() -> sa.Select[int, datetime]:
    """(request id, when coordinators hear that nobody has said yes)."""
    return sa.select(  # type: ignore[return-value]  # the condition leaves no None
        Request.id, Request.unpaired_at
    ).where(
        Request.state.in_((RequestState.ASKING, RequestState.WAITING)),
        Request.unpaired_at.is_not(None),
    )


def report(session: Session, request_id: int, now: datetime) -> None:
    """Tell the coordinators' channel once that nobody has said yes yet. The days of the intern's
    leave do not count: nobody is to act on it before they are back."""
    request = session.get_one(Request, request_id)
    until = _yes_expected_by(session, request, since=request.sent_at or request.created_at)
    if until > now:
        request.unpaired_at = until
        return
    request.unpaired_at = None
    outbox.post(
        session,
        m.UNPAIRED_LINE,
        key=f"unpaired:{request.id}",
        workspace_id=request.workspace_id,
        cohort_id=request.cohort_id,
        channel=request.cohort.channel,
        subject=request.id,
        now=now,
    )


def _choosing(session: Session, request_id: int, by: Person) -> Request:
    request = locks.request(session, owned(session, request_id, by).id)
    if request.state not in (RequestState.DRAFT, RequestState.WAITING):
        raise NotAsking
    return request


def _rank(session: Session, request: Request, keep: Sequence[Choice]) -> None:
    """Leave these choices, in this order, without gaps."""
    request.choices[:] = list(keep)
    for rank, choice in enumerate(request.choices, start=1):
        choice.rank = rank
    session.flush()


def _expect_a_yes(session: Session, request: Request, *, now: datetime) -> None:
    """The request is sent; from the first time on, coordinators hear when nobody says yes."""
    if request.sent_at is not None:
        return
    request.sent_at = now
    request.unpaired_at = _yes_expected_by(session, request, since=now)


def _yes_expected_by(session: Session, request: Request, *, since: datetime) -> datetime:
    """When coordinators hear of a request sent at `since`: so many of the cohort's working days
    later, without those on which the intern is away."""
    hours = Hours(zone=zone_or(request.cohort.zone, roster.FALLBACK_ZONE))
    _own, away = asking.hours_and_leave(session, request.intern)
    return working.add_working_days(hours, since, whole(request.cohort, "unpaired_days"), away)
