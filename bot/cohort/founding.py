"""Starting a cohort: who may, which dates make sense, and who is written to."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import calendar, people, roster
from bot.cohort.messages_console import Plan
from bot.cohort.model import Cohort, CohortState, Person, Role
from bot.database import insert_once
from bot.refusal import Invalid, Refusal

# Early enough on the last Friday that the closing letter still arrives in working hours.
LAST_HOUR = time(16)
FURTHEST_START = timedelta(days=366)


class MayNotCreate(Refusal):
    """Only workspace owners, admins and those the operator named start a cohort. Ask one of them;
    they type `/cohort new`."""


class NameTaken(Refusal):
    """There is a cohort of this name already. Choose another name."""


def end_of(starts_on: date, weeks: int, zone: str) -> datetime:
    """When a cohort ends: the afternoon of its last Friday, in its zone, as UTC."""
    return calendar.local(calendar.ends_on(starts_on, weeks), LAST_HOUR, zone)


def check_dates(starts_on: date, weeks: int, zone: str, *, field: str, now: datetime) -> None:
    """Raises Invalid beside `field` for a programme that is over already or far in the future."""
    if end_of(starts_on, weeks, zone) <= now:
        raise Invalid(
            field=field, words="That programme would be over already. Choose a later first day."
        )
    if starts_on - now.date() > FURTHEST_START:
        raise Invalid(field=field, words="Choose a first day within the next year.")


def require_founder(person: Person, named: Sequence[str]) -> None:
    """Raises MayNotCreate unless this person may start a cohort."""
    if not roster.may_create(person, named):
        raise MayNotCreate


def create(session: Session, plan: Plan, *, by: Person, now: datetime) -> Cohort:
    """A new, empty cohort with its coordinators; everyone but `by` gets a welcome letter.

    The same name twice is refused (NameTaken), so a form sent twice makes one cohort.
    """
    made = insert_once(
        session,
        Cohort,
        workspace_id=by.workspace_id,
        name=plan.name,
        starts_on=plan.starts_on,
        weeks=plan.weeks,
        zone=plan.zone,
        channel=plan.channel,
        state=CohortState.OPEN,
        settings={},
        contacts="",
        version=1,
        calendar_version=1,
        calendar_set_at=now,
        created_at=now,
        ends_at=end_of(plan.starts_on, plan.weeks, plan.zone),
    )
    if made is None:
        raise NameTaken(field="name")
    cohort = session.scalars(sa.select(Cohort).where(Cohort.id == made)).one()
    named = people.enrol(session, cohort, plan.coordinators, Role.COORDINATOR, by=by, now=now)
    if not named.added:
        raise Invalid(field="coordinators", words="Choose somebody who is active in this Slack.")
    return cohort
