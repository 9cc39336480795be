"""Somebody's zone has changed: what was planned by their own hours is planned again.

What moves: letters that wait for their hours, the morning they are back from leave, the day
their pause ends, and what later features plan by a person's hours (they say so themselves).
What stays: a moment that somebody was told in writing, such as a meeting or the date by which
an offer is answered, and everything planned by the cohort's zone.
"""

from collections.abc import Callable
from datetime import datetime, time
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import calendar, roster
from bot.cohort.model import Cohort, Leave, Membership, MembershipState, Person

Replan = Callable[[Session, Person, datetime], None]

BACK_IN_THE_MORNING = time(6)  # the letter still waits for the person's own hours

_features: dict[Replan, None] = {}


def know(*replans: Replan) -> None:
    """Features that plan by a person's hours; the programme names them once, in its order."""
    _features.update(dict.fromkeys(replans))


def moved(session: Session, person: Person, was: str | None, *, now: datetime) -> None:
    """Plan again for somebody who was in the zone `was`. Nothing is sent here, and nothing
    that was sent or told changes; the same zone under another name changes nothing either."""
    cohort = _cohort(session, person)
    standing_in = calendar.zone_or(cohort.zone if cohort else None, roster.FALLBACK_ZONE)
    before, after = calendar.zone_or(was, standing_in), calendar.zone_or(person.zone, standing_in)
    if before == after:
        return
    if person.paused_until is not None and person.paused_until > now:
        # They were told the day.
        day = roster.local_date(person.paused_until, before)
        person.paused_until = calendar.local(day, time(0), after)
    for leave in session.scalars(
        sa.select(Leave).where(Leave.person_id == person.id, Leave.told_back_at.is_(None))
    ):
        leave.back_at = calendar.local(leave.back_on, BACK_IN_THE_MORNING, after)
    session.flush()
    for replan in chain((_wait_anew,), _features):
        replan(session, person, now)


def _wait_anew(session: Session, person: Person, now: datetime) -> None:
    outbox.look_again(session, person.id, now=now)


def _cohort(session: Session, person: Person) -> Cohort | None:
    """The cohort whose zone stands in for a person without one: their newest."""
    return session.scalars(
        sa.select(Cohort)
        .join(Membership, Membership.cohort_id == Cohort.id)
        .where(Membership.person_id == person.id, Membership.state == MembershipState.ACTIVE)
        .order_by(Cohort.id.desc())
        .limit(1)
    ).first()
