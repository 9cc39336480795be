"""When a cohort is: moving its dates, and its last day."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot import outbox
from bot.cohort import founding, messages, people
from bot.cohort.messages_console import CohortFacts
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person, Role
from bot.cohort.planning import Occurrence
from bot.outbox import stopped
from bot.outbox.model import Letter
from bot.refusal import Invalid


def move(session: Session, cohort: Cohort, starts_on: date, weeks: int, *, now: datetime) -> bool:
    """Give an open cohort other dates. Everything planned by its calendar and not yet done is
    planned again; what was sent stays. False when nothing changes. Raises Invalid beside
    `starts_on`.
    """
    if (starts_on, weeks) == (cohort.starts_on, cohort.weeks):
        return False
    founding.check_dates(starts_on, weeks, cohort.zone, field="starts_on", now=now)
    cohort.starts_on = starts_on
    cohort.weeks = weeks
    [end] = occurrences(cohort)
    cohort.ends_at = end.at
    plan_again(cohort, now=now)
    return True


def revise(
    session: Session, cohort: Cohort, facts: CohortFacts, *, by: Person, now: datetime
) -> None:
    """Change what the cohort itself is: dates, channel, coordinators, where to turn.

    Raises Invalid beside `starts_on`, or `coordinators` when nobody would be left.
    """
    move(session, cohort, facts.starts_on, facts.weeks, now=now)
    cohort.channel = facts.channel
    stopped.open_again(session, facts.channel)  # it was looked at a moment ago
    cohort.contacts = facts.contacts
    cohort.version += 1
    session.flush()
    _change_coordinators(session, cohort, facts.coordinators, by=by, now=now)


def _change_coordinators(
    session: Session, cohort: Cohort, slack_ids: Sequence[str], *, by: Person, now: datetime
) -> None:
    added = people.enrol(session, cohort, slack_ids, Role.COORDINATOR, by=by, now=now)
    for person, why in added.left_out:
        if why is not people.LeftOut.ALREADY:
            words = f"{person.first_name or 'This person'} cannot coordinate: {why.value}."
            raise Invalid(field="coordinators", words=words)
    places = session.scalars(
        sa.select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.role == Role.COORDINATOR,
            Membership.state == MembershipState.ACTIVE,
            Person.slack_id.not_in(slack_ids),
        )
    ).all()
    for place in places:
        people.remove(session, place, now=now)


def plan_again(cohort: Cohort, *, now: datetime) -> None:
    """Every feature plans this cohort's calendar anew."""
    cohort.calendar_version += 1
    cohort.calendar_set_at = now


def occurrences(cohort: Cohort) -> list[Occurrence]:
    """The last afternoon."""
    at = founding.end_of(cohort.starts_on, cohort.weeks, cohort.zone)
    return [Occurrence(at, messages.CLOSING_LINE.name, cohort.weeks)]


END_DUE = sa.select(Cohort.id, Cohort.ends_at).where(Cohort.state == CohortState.OPEN)


def end(session: Session, cohort_id: int, now: datetime) -> None:
    """The programme is over: letters stop, the channel hears it. Ending twice is harmless."""
    ended = session.execute(
        sa.update(Cohort)
        .where(Cohort.id == cohort_id, Cohort.state == CohortState.OPEN)
        .values(state=CohortState.ENDED, ended_at=now)
        .returning(Cohort.id)
    ).scalar()
    if ended is None:
        return
    cohort = session.get_one(Cohort, cohort_id, populate_existing=True)
    outbox.cancel(session, "the programme has ended", cohort_id=cohort_id, counted_only=True)
    outbox.post(
        session,
        messages.CLOSING_LINE,
        key=f"closing-line:{cohort_id}",
        workspace_id=cohort.workspace_id,
        channel=cohort.channel,
        subject=cohort_id,
        cohort_id=cohort_id,
        now=now,
    )


_other = aliased(Membership)
GOODBYE_DUE = (
    sa.select(Membership.id, Cohort.ended_at)
    .join(Cohort, Cohort.id == Membership.cohort_id)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Cohort.state == CohortState.ENDED,
        Cohort.ended_at.is_not(None),
        Membership.state == MembershipState.ACTIVE,
        Person.left_slack_at.is_(None),
        # Somebody with two roles gets one goodbye, for the place they had first.
        ~sa.exists().where(
            _other.cohort_id == Membership.cohort_id,
            _other.person_id == Membership.person_id,
            _other.state == MembershipState.ACTIVE,
            _other.id < Membership.id,
        ),
        ~sa.exists().where(Letter.kind == messages.CLOSING.name, Letter.subject == Membership.id),
    )
)


def say_goodbye(session: Session, membership_id: int, now: datetime) -> None:
    """One closing letter for each member; nobody gets a second one."""
    membership = session.get_one(Membership, membership_id)
    outbox.post(
        session,
        messages.CLOSING,
        key=f"closing:{membership_id}",
        workspace_id=membership.workspace_id,
        person_id=membership.person_id,
        subject=membership_id,
        cohort_id=membership.cohort_id,
        now=now,
    )
    people.refresh_home(session, membership.person, now=now)
