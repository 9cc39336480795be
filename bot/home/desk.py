"""What lies on a person's desk today, in every cohort and role: the facts behind the Home tab and
`/mentor`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import mention
from bot.cohort import leave, pausing, roster
from bot.cohort.model import (
    Cohort,
    CohortState,
    Leave,
    Membership,
    MembershipState,
    Person,
    Role,
)
from bot.digest import standing
from bot.digest.standing import Standing
from bot.home import pairs
from bot.home.pairs import NextRound, Pair, Todo
from bot.pairing import asking, candidates, offers, places, requests
from bot.pairing.model import Offer, Place, Request, RequestState

_REMEMBERED = timedelta(days=30)  # how long an ended programme stays on the page


@dataclass(frozen=True)
class Asking:
    """An intern's open request: who is asked, until when, and who is next."""

    request: Request
    offer: Offer | None
    then: Person | None
    places: Sequence[Place]  # room that is offered while they wait


@dataclass(frozen=True)
class InternPlace:
    """An intern's place in a cohort. `asking` is None without an open request."""

    membership: Membership
    has_mentor: bool
    asking: Asking | None


@dataclass(frozen=True)
class MentorPlace:
    """A mentor's place in a cohort, with the offers they can still answer there."""

    membership: Membership
    offers: Sequence[Offer]


@dataclass(frozen=True)
class CoordinatorPlace:
    """A cohort this person coordinates, as coordinators may see it."""

    membership: Membership
    standing: Standing


Place_ = InternPlace | MentorPlace | CoordinatorPlace


@dataclass(frozen=True)
class Past:
    """A place in a programme that has ended lately."""

    membership: Membership
    meetings: int
    actions: int


@dataclass(frozen=True)
class Desk:
    """Everything about one person, read at one moment."""

    person: Person
    now: datetime
    zone: str
    places: tuple[Place_, ...]
    pairs: tuple[Pair, ...]
    todos: tuple[Todo, ...]
    rounds: dict[int, NextRound]  # by cohort
    room: int  # for more interns, over all cohorts
    leave: Leave | None
    paused: bool
    past: tuple[Past, ...]
    left: Cohort | None  # the newest cohort they are no longer in, when they are in none
    contact: str  # whom to ask, in mrkdwn; empty when there is nobody
    coordinators: frozenset[int]  # cohorts they coordinate
    may_create: bool
    weeks: dict[int, int]  # the cohort's present week, by cohort


def of(session: Session, person: Person, *, now: datetime, named: Collection[str] = ()) -> Desk:
    """The person's desk. `named`: Slack ids that may create cohorts, beside admins.

    The number of queries grows with the person's cohorts, never with their pairs or with the
    pairs they coordinate.
    """
    everything = _memberships(session, person)
    here = [
        m
        for m in everything
        if m.state is MembershipState.ACTIVE and m.cohort.state is CohortState.OPEN
    ]
    cohorts = {m.cohort_id: m.cohort for m in here}
    zone = roster.zone_of(person, here[0].cohort if here else None)
    mine = pairs.of(session, person, now) if here else ()
    mentoring = any(m.role is Role.MENTOR for m in here)
    return Desk(
        person=person,
        now=now,
        zone=zone,
        places=tuple(_place(session, m, mine, now) for m in here),
        pairs=mine,
        todos=pairs.todos(session, person) if mine else (),
        rounds=pairs.next_rounds(session, {p.cohort.id for p in mine}, now) if mine else {},
        room=candidates.room_of(session, person) if mentoring else 0,
        leave=leave.current(session, [person.id], now).get(person.id) if here else None,
        paused=pausing.is_paused(person, now),
        past=_past(session, everything, now),
        left=None if here else _left(everything),
        contact=_contact(session, here, everything, person),
        coordinators=frozenset(m.cohort_id for m in here if m.role is Role.COORDINATOR),
        may_create=roster.may_create(person, named),
        weeks={i: standing.week_now(cohort, now) for i, cohort in cohorts.items()},
    )


@dataclass(frozen=True)
class HelpFacts:
    """What help depends on."""

    coordinates: bool
    contact: str


def of_help(session: Session, person: Person) -> HelpFacts:
    """Whether this person coordinates, and whom they ask."""
    everything = _memberships(session, person)
    here = [m for m in everything if m.state is MembershipState.ACTIVE]
    coordinates = any(m.role is Role.COORDINATOR for m in here)
    return HelpFacts(coordinates, _contact(session, here, everything, person))


def _memberships(session: Session, person: Person) -> Sequence[Membership]:
    return session.scalars(
        sa.select(Membership)
        .join(Membership.cohort)
        .where(Membership.person_id == person.id)
        .order_by(Cohort.starts_on.desc(), Membership.id)
    ).all()


def _place(session: Session, member: Membership, mine: Sequence[Pair], now: datetime) -> Place_:
    if member.role is Role.COORDINATOR:
        return CoordinatorPlace(
            member, standing.of(session, member.cohort, viewer=member.person, now=now)
        )
    if member.role is Role.MENTOR:
        waiting = offers.open_for(session, member.person)
        return MentorPlace(member, [o for o in waiting if o.mentor_id == member.id])
    has_mentor = any(p.cohort.id == member.cohort_id and not p.as_mentor for p in mine)
    return InternPlace(member, has_mentor, None if has_mentor else _asking(session, member))


def _asking(session: Session, intern: Membership) -> Asking | None:
    request = requests.current(session, intern)
    if request is None or request.state is RequestState.DRAFT:
        return None
    offer = offers.open_of(session, request.id)
    chosen = asking.next_choice(session, request) if offer else None
    return Asking(
        request=request,
        offer=offer,
        then=chosen.mentor.person if chosen else None,
        places=() if offer else places.open_of(session, request.id),
    )


def _past(session: Session, everything: Sequence[Membership], now: datetime) -> tuple[Past, ...]:
    return tuple(
        Past(m, *pairs.tally(session, m))
        for m in everything
        if m.state is MembershipState.ACTIVE
        and m.role is not Role.COORDINATOR
        and m.cohort.ended_at is not None
        and m.cohort.ended_at > now - _REMEMBERED
    )


def _left(everything: Sequence[Membership]) -> Cohort | None:
    gone = [m for m in everything if m.state is MembershipState.LEFT and m.left_at]
    newest = max(gone, key=lambda m: (m.left_at, m.id), default=None)
    return newest.cohort if newest else None


def _contact(
    session: Session,
    here: Sequence[Membership],
    everything: Sequence[Membership],
    person: Person,
) -> str:
    """Somebody who coordinates the newest cohort that concerns them, and is not themselves."""
    known = [*here, *everything]
    cohort = (
        known[0].cohort
        if known
        else session.scalars(
            sa.select(Cohort)
            .where(Cohort.workspace_id == person.workspace_id, Cohort.state == CohortState.OPEN)
            .order_by(Cohort.id.desc())
            .limit(1)
        ).first()
    )
    if cohort is None:
        return ""
    others = [p for p in roster.coordinators(session, cohort) if p.id != person.id]
    return mention(others[0].slack_id) if others else ""
