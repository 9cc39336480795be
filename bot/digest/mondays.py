"""When a cohort's coordinators hear from the bot: Mondays at 9:00 of the cohort, from its first
Monday to the one of its last week."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import calendar, planning, roster
from bot.cohort.model import Cohort
from bot.database import insert_once
from bot.digest.messages import DIGEST
from bot.digest.model import DigestPlan

PLAN = "digest"
_AT = time(9)


def plan(session: Session, cohort_id: int, now: datetime) -> None:
    """Set the next Monday by the cohort's present dates."""
    cohort = session.get_one(Cohort, cohort_id)
    at = next_monday(cohort, now, or_now=True)
    insert_once(
        session,
        DigestPlan,
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        next_at=at,
    )
    session.execute(
        sa.update(DigestPlan).where(DigestPlan.cohort_id == cohort.id).values(next_at=at)
    )
    planning.mark_planned(session, cohort, PLAN)


def send(session: Session, plan_id: int, now: datetime) -> None:
    """Post this Monday's digest, once, and look ahead to the next."""
    row = session.get_one(DigestPlan, plan_id)
    cohort = row.cohort
    day = roster.local_date(now, _zone(cohort))
    outbox.post(
        session,
        DIGEST,
        key=f"digest:{cohort.id}:{day.isoformat()}",
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        channel=cohort.channel,
        subject=cohort.id,
        now=now,
    )
    row.next_at = next_monday(cohort, now, or_now=False)


def next_monday(cohort: Cohort, now: datetime, *, or_now: bool) -> datetime | None:
    """The next Monday 9:00 of the programme, in UTC; None after the last one. A programme that
    starts later in a week first reports on the Monday after."""
    last = calendar.monday_of_week(cohort.weeks, cohort.starts_on)
    first = roster.moment(cohort, cohort.starts_on, 0)
    start = max(now, first)
    at = calendar.next_local(
        start - timedelta(seconds=1) if start == first else start,
        _AT,
        _zone(cohort),
        weekday=calendar.MONDAY,
        after_equal=or_now,
    )
    return at if roster.local_date(at, _zone(cohort)) <= last else None


def _zone(cohort: Cohort) -> str:
    return calendar.zone_or(cohort.zone, roster.FALLBACK_ZONE)
