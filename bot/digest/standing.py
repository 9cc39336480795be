"""How a cohort stands at one moment, as coordinators may know it: names of pairs, facts and
counts, never an answer. The number of queries is the same for one pair and for thirty."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot.cohort import members, roster, undelivered
from bot.cohort.calendar import week_of, zone_or
from bot.cohort.members import Counts
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person, Role
from bot.concern import concerns, watch
from bot.concern.messages import Shown
from bot.concern.model import ConcernState, Level
from bot.pairing.model import Pairing, PairingKind, PairingState, Request, RequestState
from bot.times import spoken_date


@dataclass(frozen=True)
class Standing:
    """One cohort at one moment."""

    cohort_id: int
    name: str
    week: int  # 0 before the first day
    starts: str  # the first day in words
    weeks: int
    levels: Mapping[Level, int]
    hidden: int  # pairs left out, because a coordinator who reads this is one of the two
    concerns: tuple[Shown, ...]  # not cleared, red first
    people: Counts
    paired: int  # interns with an active mentor
    waiting: int  # interns on the waitlist
    room: int  # places with mentors that nobody has
    undelivered: int

    @property
    def pairs(self) -> int:
        """Pairs that are counted."""
        return sum(self.levels.values())

    @property
    def urgent(self) -> tuple[Shown, ...]:
        """Concerns that wait for a coordinator: nobody has taken them, nobody put them aside."""
        return tuple(shown for shown in self.concerns if shown.state is ConcernState.OPEN)


def of(
    session: Session, cohort: Cohort, *, now: datetime, viewer: Person | None = None
) -> Standing:
    """The cohort's standing for one coordinator, or (`viewer` None) for their channel.

    A coordinator's own pair is left out: for its own eyes, and in the channel for all.
    """
    zone = zone_or(cohort.zone, roster.FALLBACK_ZONE)
    reader = roster.zone_of(viewer, cohort) if viewer else zone
    levels = watch.levels_now(session, cohort.id)
    hidden = own_pairs(session, cohort, viewer) & set(levels)
    return Standing(
        cohort_id=cohort.id,
        name=cohort.name,
        week=week_now(cohort, now),
        starts=spoken_date(cohort.starts_on),
        weeks=cohort.weeks,
        levels=Counter(level for pairing, level in levels.items() if pairing not in hidden),
        hidden=len(hidden),
        concerns=tuple(concerns.shown_in(session, cohort, now=now, zone=reader, viewer=viewer)),
        people=members.counts(session, cohort),
        paired=_paired(session, cohort),
        waiting=_waiting(session, cohort),
        room=_room(session, cohort),
        undelivered=undelivered.count(session, cohort),
    )


def week_now(cohort: Cohort, now: datetime) -> int:
    """The cohort's week today, in its own zone: 0 before the first day, the last at most."""
    today = roster.local_date(now, zone_or(cohort.zone, roster.FALLBACK_ZONE))
    if today < cohort.starts_on:
        return 0
    return min(week_of(today, cohort.starts_on), cohort.weeks)


def own_pairs(session: Session, cohort: Cohort, viewer: Person | None) -> set[int]:
    """Active pairings of this coordinator, or of any coordinator of the cohort."""
    side, reader = aliased(Membership), aliased(Membership)
    wanted = (
        sa.select(Pairing.id)
        .join(side, sa.or_(side.id == Pairing.intern_id, side.id == Pairing.mentor_id))
        .join(reader, reader.person_id == side.person_id)
        .where(
            Pairing.cohort_id == cohort.id,
            Pairing.state == PairingState.ACTIVE,
            reader.cohort_id == cohort.id,
            reader.role == Role.COORDINATOR,
            reader.state == MembershipState.ACTIVE,
        )
    )
    if viewer is not None:
        wanted = wanted.where(reader.person_id == viewer.id)
    return set(session.scalars(wanted))


def _paired(session: Session, cohort: Cohort) -> int:
    found = session.scalar(
        sa.select(sa.func.count(sa.distinct(Pairing.intern_id))).where(
            Pairing.cohort_id == cohort.id,
            Pairing.state == PairingState.ACTIVE,
            Pairing.kind == PairingKind.MAIN,
        )
    )
    return found or 0


def _waiting(session: Session, cohort: Cohort) -> int:
    found = session.scalar(
        sa.select(sa.func.count()).where(
            Request.cohort_id == cohort.id, Request.state == RequestState.WAITING
        )
    )
    return found or 0


def _room(session: Session, cohort: Cohort) -> int:
    """Free places with the cohort's mentors: capacity less interns, over all cohorts."""
    if cohort.state is not CohortState.OPEN:
        return 0
    place = aliased(Membership)
    taken = (
        sa.select(sa.func.count())
        .select_from(Pairing)
        .join(place, place.id == Pairing.mentor_id)
        .where(place.person_id == Person.id, Pairing.state == PairingState.ACTIVE)
        .correlate(Person)
        .scalar_subquery()
    )
    rows = session.scalars(
        sa.select(Person.capacity - taken)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.role == Role.MENTOR,
            Membership.state == MembershipState.ACTIVE,
            Person.left_slack_at.is_(None),
        )
    )
    return sum(free for free in rows if free > 0)
