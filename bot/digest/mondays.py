"""When a cohort's coordinators hear from the bot: Mondays at 9:00 of the cohort, from its first
Monday to the one of its last week."""

from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import calendar, planning, roster
from bot.cohort.model import Cohort
from bot.cohort.planning import Occurrence
from bot.database import insert_once
from bot.digest.messages import DIGEST
from bot.digest.model import DigestPlan

PLAN = "digest"
_AT = time(9)


def occurrences(cohort: Cohort) -> list[Occurrence]:
    """Every Monday of the programme at 9:00. One that starts later in a week first reports on
    the Monday after."""
    zone = _zone(cohort)
    mondays = {
        week: calendar.monday_of_week(week, cohort.starts_on) for week in range(1, cohort.weeks + 1)
    }
    return [
        Occurrence(calendar.local(day, _AT, zone), DIGEST.name, week)
        for week, day in mondays.items()
        if day >= cohort.starts_on and calendar.exists(day, zone)
    ]


def plan(session: Session, cohort_id: int, now: datetime) -> None:
    """Set the next Monday by the cohort's present dates. One that is due and has not been sent
    yet stays, unless the calendar does not hold it any more."""
    cohort = session.get_one(Cohort, cohort_id)
    known = session.scalars(
        sa.select(DigestPlan.next_at).where(DigestPlan.cohort_id == cohort.id)
    ).first()
    at = next_monday(cohort, now, or_now=True)
    if known is not None and known in {one.at for one in occurrences(cohort)}:
        # Planned at nine sharp, this Monday's may have been sent a moment ago.
        stays = known <= now or known == next_monday(cohort, now, or_now=False)
        at = known if stays else at
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
    """Post the digest of the Monday that has come, once, and look ahead to the next. After an
    outage each Monday that was missed has its letter, which says that it came too late."""
    row = session.get_one(DigestPlan, plan_id)
    cohort = row.cohort
    at = now if row.next_at is None else min(row.next_at, now)
    day = roster.local_date(at, _zone(cohort))
    outbox.post(
        session,
        DIGEST,
        key=f"digest:{cohort.id}:{day.isoformat()}",
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        channel=cohort.channel,
        subject=cohort.id,
        not_after=at + DIGEST.max_age,
        now=now,
    )
    row.next_at = next_monday(cohort, at, or_now=False)


def next_monday(cohort: Cohort, now: datetime, *, or_now: bool) -> datetime | None:
    """The next Monday 9:00 of the programme, in UTC; None after the last one."""
    moments = (one.at for one in occurrences(cohort))
    return next((at for at in moments if at > now or (or_now and at == now)), None)


def _zone(cohort: Cohort) -> str:
    return calendar.zone_or(cohort.zone, roster.FALLBACK_ZONE)
