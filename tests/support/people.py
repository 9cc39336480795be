"""Builders of rows: one call, one sensible thing, anything changed by keyword.

`an_intern(session, cohort, name="Ana")` is the same person as the town's U0ANA: Slack ids come
from first names.
"""

from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import calendar, founding
from bot.cohort.model import Cohort, Leave, Membership, Person, Role, Workspace
from bot.pairing.model import Pairing

START = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
TEAM = "T0SANDBOX"


def a_workspace(session: Session, team_id: str = TEAM) -> Workspace:
    """The workspace; made when there is none."""
    found = session.scalars(sa.select(Workspace).where(Workspace.team_id == team_id)).first()
    if found is None:
        found = Workspace(team_id=team_id, name="Sandbox", bot_user_id="U0BOT")
        session.add(found)
        session.flush()
    return found


def a_person(
    session: Session,
    name: str = "Ana Silva",
    *,
    workspace: Workspace | None = None,
    slack_id: str | None = None,
    zone: str | None = None,
    **columns: Any,
) -> Person:
    """Somebody, by name; the row that is already there, if there is one."""
    workspace = workspace or a_workspace(session)
    slack_id = slack_id or f"U0{name.split()[0].upper()}"
    person = session.scalars(
        sa.select(Person).where(Person.workspace_id == workspace.id, Person.slack_id == slack_id)
    ).first()
    if person is None:
        person = Person(
            workspace_id=workspace.id, slack_id=slack_id, name=name, zone=zone or "Europe/Berlin"
        )
        session.add(person)
    if zone:
        person.zone = zone
    for column, value in columns.items():
        setattr(person, column, value)
    session.flush()
    return person


def a_cohort(
    session: Session,
    name: str = "Summer interns",
    *,
    workspace: Workspace | None = None,
    starts_on: date = date(2026, 6, 8),
    weeks: int = 12,
    zone: str = "Europe/Berlin",
    channel: str = "C0COORDINATORS",
    now: datetime = START,
    **columns: Any,
) -> Cohort:
    """An open cohort without anybody in it."""
    workspace = workspace or a_workspace(session)
    cohort = Cohort(
        workspace_id=workspace.id,
        name=name,
        starts_on=starts_on,
        weeks=weeks,
        zone=zone,
        channel=channel,
        calendar_set_at=now,
        created_at=now,
        ends_at=founding.end_of(starts_on, weeks, zone),
        **columns,
    )
    session.add(cohort)
    session.flush()
    return cohort


def a_member(
    session: Session,
    cohort: Cohort,
    role: Role,
    name: str,
    *,
    now: datetime = START,
    goals: list[dict[str, Any]] | None = None,
    note: str = "",
    **person: Any,
) -> Membership:
    """A person's place in a cohort; no letter is written."""
    workspace = session.get_one(Workspace, cohort.workspace_id)
    member = Membership(
        workspace_id=cohort.workspace_id,
        cohort=cohort,
        person=a_person(session, name, workspace=workspace, **person),
        role=role,
        goals=goals or [],
        note=note,
        joined_at=now,
    )
    session.add(member)
    session.flush()
    return member


PROFILE: dict[str, Any] = {
    "profile_saved_at": START,
    "style": [2, 2, 3, 4],
    "values": ["learning", "craft"],
    "languages": ["en"],
    "work_days": [0, 1, 2, 3, 4],
    "work_from": time(9),
    "work_until": time(17),
}


def an_intern(
    session: Session, cohort: Cohort, name: str = "Ana Silva", *, profile: bool = True, **more: Any
) -> Membership:
    """An intern with a goal and a profile; `profile=False`: just added."""
    if profile:
        goals = [{"text": "Present my work without notes", "skills": ["presenting"]}]
        more = {"goals": goals} | PROFILE | more
    return a_member(session, cohort, Role.INTERN, name, **more)


def a_mentor(
    session: Session,
    cohort: Cohort,
    name: str = "Ben Ito",
    *,
    capacity: int = 1,
    profile: bool = True,
    **more: Any,
) -> Membership:
    """A mentor who can help with presenting and SQL; `profile=False`: just added."""
    if profile:
        more = PROFILE | {"skills": ["presenting", "sql"], "zone": "Europe/Lisbon"} | more
    return a_member(
        session, cohort, Role.MENTOR, name, **{"capacity": capacity if profile else 0} | more
    )


def a_coordinator(
    session: Session, cohort: Cohort, name: str = "Priya Nair", **more: Any
) -> Membership:
    """Somebody who coordinates the cohort."""
    return a_member(session, cohort, Role.COORDINATOR, name, **more)


def a_leave(
    session: Session, member: Membership, first_on: date, back_on: date, *, now: datetime = START
) -> Leave:
    """Days on which somebody is away; nobody is told."""
    leave = Leave(
        workspace_id=member.workspace_id,
        person_id=member.person_id,
        first_on=first_on,
        back_on=back_on,
        back_at=calendar.local(back_on, time(6), member.cohort.zone),
        created_at=now,
    )
    session.add(leave)
    session.flush()
    return leave


def a_pairing(
    session: Session,
    intern: Membership,
    mentor: Membership,
    *,
    now: datetime = START,
    **columns: Any,
) -> Pairing:
    """An active pairing; nobody is told."""
    pairing = Pairing(
        workspace_id=intern.workspace_id,
        cohort=intern.cohort,
        intern=intern,
        mentor=mentor,
        started_at=now,
        **columns,
    )
    session.add(pairing)
    session.flush()
    return pairing
