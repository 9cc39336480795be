"""What is open between a person and each of their partners: the same few queries for one pair
and for many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin.model import CheckIn, Round, RoundKind
from bot.cohort import leave
from bot.cohort.model import Cohort, CohortState, Leave, Membership, Person
from bot.meeting import facts
from bot.meeting.model import Action, ActionState, Meeting, MeetingState, Smaller
from bot.pairing import pairings
from bot.pairing.model import Pairing, PairingState

_LEAVE_AHEAD = 28  # days in which a partner's planned leave is worth knowing


@dataclass(frozen=True)
class NextMeeting:
    """A planned meeting that is not over."""

    starts_at: datetime
    minutes: int
    place: str  # a person's words


@dataclass(frozen=True)
class OpenCheckIn:
    """A check-in of this person in a round that is still open."""

    id: int
    closes_at: datetime
    answered: bool


@dataclass(frozen=True)
class Pair:
    """One pairing as one of the two sees it."""

    id: int
    cohort: Cohort
    partner: Person
    as_mentor: bool
    meeting: NextMeeting | None
    has_met: bool
    skips_week: bool  # the two chose not to meet this week
    check_in: OpenCheckIn | None
    leave: Leave | None = None  # the partner's, now or soon


@dataclass(frozen=True)
class Todo:
    """An action this person has taken on."""

    id: int
    pairing_id: int
    text: str  # a person's words
    due_on: date


@dataclass(frozen=True)
class NextRound:
    """The round that opens next."""

    opens_at: datetime
    halfway: bool


def of(session: Session, person: Person, now: datetime) -> tuple[Pair, ...]:
    """The person's pairs in programmes that run, the oldest first."""
    rows = [p for p in pairings.of_person(session, person) if p.cohort.state is CohortState.OPEN]
    if not rows:
        return ()
    ids = [row.id for row in rows]
    meetings = _next_meetings(session, ids, now)
    known = facts.of_pairings(session, ids, now)
    check_ins = _open_check_ins(session, person, ids, now)
    partners = {row.id: pairings.partner(row, person) for row in rows}
    away = leave.current(session, [p.id for p in partners.values()], now, ahead=_LEAVE_AHEAD)
    return tuple(
        Pair(
            id=row.id,
            cohort=row.cohort,
            partner=partners[row.id],
            as_mentor=row.mentor.person_id == person.id,
            meeting=meetings.get(row.id),
            has_met=bool(known[row.id].held),
            skips_week=known[row.id].chosen is Smaller.SKIP,
            check_in=check_ins.get(row.id),
            leave=away.get(partners[row.id].id),
        )
        for row in rows
    )


def todos(session: Session, person: Person) -> tuple[Todo, ...]:
    """The person's open actions, the earliest due first."""
    rows = session.execute(
        sa.select(Action.id, Action.pairing_id, Action.text, Action.due_on)
        .join(Pairing, Pairing.id == Action.pairing_id)
        .where(
            Action.owner_id == person.id,
            Action.state == ActionState.OPEN,
            Pairing.state == PairingState.ACTIVE,
        )
        .order_by(Action.due_on, Action.id)
    )
    return tuple(Todo(*row) for row in rows)


def next_rounds(session: Session, cohorts: Iterable[int], now: datetime) -> dict[int, NextRound]:
    """The round that opens next in each of these cohorts."""
    rows = session.execute(
        sa.select(Round.cohort_id, Round.opens_at, Round.kind)
        .where(
            Round.cohort_id.in_(set(cohorts)),
            Round.opened_at.is_(None),
            Round.closed_at.is_(None),
            Round.opens_at > now,
        )
        .order_by(Round.opens_at.desc())
    )
    return {cohort: NextRound(at, kind is RoundKind.MID) for cohort, at, kind in rows}


def tally(session: Session, membership: Membership) -> tuple[int, int]:
    """(meetings held, actions done) in this place: what an ended programme leaves."""
    mine = session.scalars(
        sa.select(Pairing.id).where(
            sa.or_(Pairing.intern_id == membership.id, Pairing.mentor_id == membership.id)
        )
    ).all()
    return facts.totals(session, mine)


def _next_meetings(session: Session, ids: Sequence[int], now: datetime) -> dict[int, NextMeeting]:
    rows = session.execute(
        sa.select(Meeting.pairing_id, Meeting.starts_at, Meeting.minutes, Meeting.place)
        .where(
            Meeting.pairing_id.in_(ids),
            Meeting.state == MeetingState.PLANNED,
            Meeting.ends_at > now,
        )
        .order_by(Meeting.starts_at.desc())
    )
    return {pairing: NextMeeting(at, minutes, place) for pairing, at, minutes, place in rows}


def _open_check_ins(
    session: Session, person: Person, ids: Sequence[int], now: datetime
) -> dict[int, OpenCheckIn]:
    rows = session.execute(
        sa.select(CheckIn.pairing_id, CheckIn.id, Round.closes_at, CheckIn.answered_at)
        .join(Round, Round.id == CheckIn.round_id)
        .join(Membership, Membership.id == CheckIn.membership_id)
        .where(
            CheckIn.pairing_id.in_(ids),
            Membership.person_id == person.id,
            Round.opened_at.is_not(None),
            Round.closed_at.is_(None),
            Round.closes_at > now,
        )
        .order_by(Round.closes_at)
    )
    return {
        pairing: OpenCheckIn(check_in, closes_at, answered_at is not None)
        for pairing, check_in, closes_at, answered_at in rows
    }
