"""What coordinators do by hand: pair two people, end a pairing, undo an acceptance."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import desk, roster
from bot.cohort.model import Cohort, Membership, MembershipState, Person, Role
from bot.pairing import candidates, locks, pairings
from bot.pairing import messages as m
from bot.pairing.model import (
    AlreadyPaired,
    EndReason,
    MentorFull,
    MentorSilent,
    OwnPair,
    Pairing,
    PairingState,
)
from bot.refusal import Invalid, NotYours

# What a coordinator may give as the reason; the rest the programme knows by itself.
REASONS = (EndReason.MATCH_CHANGED, EndReason.TIME, EndReason.LEFT, EndReason.OTHER)


def of_coordinator(session: Session, pairing_id: int, coordinator: Person) -> Pairing:
    """The pairing, if this person coordinates its cohort. Raises NotYours; OwnPair when the
    coordinator is one of the two, because nobody decides about their own pair."""
    pairing = pairings.in_workspace(session, pairing_id, coordinator.workspace_id)
    roster.require_coordinator(session, coordinator, pairing.cohort_id)
    if coordinator.id in (pairing.intern.person_id, pairing.mentor.person_id):
        raise OwnPair
    return pairing


def pair(
    session: Session,
    cohort: Cohort,
    *,
    intern_slack_id: str | None,
    mentor_slack_id: str | None,
    by: Person,
    now: datetime,
) -> Pairing:
    """Pair two people of a cohort. What is put to others for this intern is withdrawn.

    Raises Invalid beside the field for somebody who is not an intern or a mentor here, and
    AlreadyPaired, MentorSilent or MentorFull where the two cannot be paired now.
    """
    intern = _place(session, cohort, intern_slack_id, Role.INTERN, "intern")
    mentor = _place(session, cohort, mentor_slack_id, Role.MENTOR, "mentor")
    if by.id == mentor.person_id:
        raise OwnPair(field="mentor")
    person = locks.mentor(session, mentor.person_id)
    intern = locks.intern(session, intern.id)
    main = pairings.main_of(session, intern)
    if main is not None:
        names = {"intern": m.called(intern.person), "mentor": m.named(main.mentor.person)}
        raise AlreadyPaired(field="intern", **names)
    if person.profile_saved_at is None:
        raise MentorSilent(field="mentor", mentor=m.called(person))
    room = candidates.room_of(session, person)
    if room <= 0:
        taken = person.capacity - room
        raise MentorFull(
            field="mentor", mentor=m.called(person), taken=taken, capacity=person.capacity
        )
    made = pairings.make(session, intern, mentor, request=None, by=by, now=now)
    return session.get_one(Pairing, made)


def _place(
    session: Session, cohort: Cohort, slack_id: str | None, role: Role, field: str
) -> Membership:
    found = session.scalars(
        sa.select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.role == role,
            Membership.state == MembershipState.ACTIVE,
            Person.slack_id == (slack_id or ""),
            Person.left_slack_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise Invalid(field=field, words=f"Choose somebody who is {_A[role]} in {cohort.name}.")
    return found


_A = {Role.INTERN: "an intern", Role.MENTOR: "a mentor"}


def end(
    session: Session, pairing_id: int, reason: str | None, *, by: Person, now: datetime
) -> None:
    """End a pairing with a reason code that coordinators see. Raises PairEnded the second
    time."""
    of_coordinator(session, pairing_id, by)
    known = {code.value: code for code in REASONS}
    if reason not in known:
        raise Invalid(field="reason", words="Choose a reason.")
    pairings.end(session, pairing_id, known[reason], now=now)


def undo(session: Session, pairing_id: int, *, by: Person, now: datetime) -> None:
    """Take an acceptance back within a day. Raises TooLateToUndo after that."""
    of_coordinator(session, pairing_id, by)
    pairings.undo(session, pairing_id, now=now)


def unpaired_interns(session: Session, cohort: Cohort) -> Sequence[Membership]:
    """Interns of a cohort without a mentor, in the order they joined."""
    paired = sa.select(Pairing.intern_id).where(
        Pairing.cohort_id == cohort.id, Pairing.state == PairingState.ACTIVE
    )
    return session.scalars(
        sa.select(Membership)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.role == Role.INTERN,
            Membership.state == MembershipState.ACTIVE,
            Membership.id.not_in(paired),
        )
        .order_by(Membership.id)
    ).all()


def coordinated(session: Session, coordinator: Person, cohort_id: int | None) -> Cohort:
    """The cohort in which this coordinator acts; theirs is the newest when none is named. Raises
    CohortEnded for one that is over."""
    cohort = desk.open_cohort(session, coordinator, cohort_id)
    if cohort.workspace_id != coordinator.workspace_id:
        raise NotYours
    return cohort
