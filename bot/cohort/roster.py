"""Who is asking, what they are in which cohort, and what they may do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from bot import forms
from bot.blocks import escape, listed, mention
from bot.cohort import hours as working
from bot.cohort.calendar import local, zone_or
from bot.cohort.hours import Away, Hours
from bot.cohort.model import (
    AccountOff,
    AnotherWorkspace,
    Cohort,
    CohortState,
    Ended,
    Leave,
    Membership,
    MembershipState,
    NoCohortForYou,
    NoCohortYet,
    NotCoordinator,
    NotCoordinatorYet,
    Person,
    Removed,
    Role,
    Stranger,
    Workspace,
)
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.logs import get_logger
from bot.outbox.model import Allowance, Reader
from bot.refusal import NotYours, Refusal
from bot.times import spoken_date

FALLBACK_ZONE = "UTC"

log = get_logger(__name__)


# ---- the workspace


def ensure_workspace(session: Session, auth: Mapping[str, Any], now: datetime) -> Workspace:
    """The one workspace of this database, from what `auth.test` answers.

    Raises AnotherWorkspace when the database already belongs to a different one.
    """
    team = str(auth["team_id"])
    other = session.scalar(sa.select(Workspace).where(Workspace.team_id != team))
    if other is not None:
        raise AnotherWorkspace
    insert_once(
        session,
        Workspace,
        team_id=team,
        name=str(auth.get("team") or team),
        bot_user_id=str(auth["user_id"]),
        sync_at=now,
    )
    workspace = session.scalars(sa.select(Workspace).where(Workspace.team_id == team)).one()
    if workspace.stopped_reason:
        log.info("workspace_open_again", was=workspace.stopped_reason)
        workspace.stopped_reason = None
    workspace.bot_user_id = str(auth["user_id"])
    return workspace


def workspace_of(session: Session, body: Mapping[str, Any]) -> Workspace:
    """The workspace a request comes from. Raises NotYours for any other team."""
    team, _user = forms.team_and_user(body)
    if not forms.is_slack_id(team):
        raise NotYours
    found = session.scalars(sa.select(Workspace).where(Workspace.team_id == team)).first()
    if found is None:
        raise NotYours
    return found


# ---- people


def caller(session: Session, body: Mapping[str, Any]) -> Person:
    """Who pressed, typed or submitted. Somebody the bot has not met yet gets a row, so that
    every person is treated alike; it is filled in when Slack is asked for names next.

    Raises NotYours for other teams and for what no Slack id looks like, AccountOff for somebody
    whose account is switched off.
    """
    team, user = forms.team_and_user(body)
    if not (forms.is_slack_id(team) and forms.is_slack_id(user)):
        raise NotYours
    person = session.scalars(_CALLER, {"team": team, "user": user}).first()
    if person is None:
        person = person_by_slack_id(session, workspace_of(session, body).id, user)
    if person.left_slack_at is not None:
        raise AccountOff
    return person


_CALLER = (
    sa.select(Person)
    .join(Workspace, Workspace.id == Person.workspace_id)
    .where(Workspace.team_id == sa.bindparam("team"), Person.slack_id == sa.bindparam("user"))
)


def person_by_slack_id(session: Session, workspace_id: int, slack_id: str) -> Person:
    """The person's row; made, to be looked up later, if there is none."""
    wanted = sa.select(Person).where(
        Person.workspace_id == workspace_id, Person.slack_id == slack_id
    )
    found = session.scalars(wanted).first()
    if found is None:
        insert_once(
            session,
            Person,
            workspace_id=workspace_id,
            slack_id=slack_id,
            name="",
            look_up_at=datetime.min.replace(year=2000, tzinfo=UTC),
        )
        found = session.scalars(wanted).one()
    return found


def memberships(
    session: Session,
    person: Person,
    *roles: Role,
    cohort_id: int | None = None,
    open_only: bool = True,
) -> Sequence[Membership]:
    """The person's active places, newest cohort first; all roles when none is named."""
    wanted = (
        sa.select(Membership)
        .join(Membership.cohort)
        .where(Membership.person_id == person.id, Membership.state == MembershipState.ACTIVE)
        .order_by(Cohort.starts_on.desc(), Membership.id)
    )
    if roles:
        wanted = wanted.where(Membership.role.in_(roles))
    if cohort_id is not None:
        wanted = wanted.where(Membership.cohort_id == cohort_id)
    if open_only:
        wanted = wanted.where(Cohort.state == CohortState.OPEN)
    return session.scalars(wanted).all()


def membership(
    session: Session, person: Person, *roles: Role, cohort_id: int | None = None
) -> Membership:
    """The person's newest active place with one of these roles.

    Raises Removed or Ended for somebody who was in a cohort, Stranger for somebody who never was,
    and NoCohortYet where there is no cohort at all.
    """
    found = memberships(session, person, *roles, cohort_id=cohort_id)
    if found:
        return found[0]
    raise why_outside(session, person)


def why_outside(session: Session, person: Person) -> Refusal:
    """What to tell somebody who has no such place: how the newest cohort they were in went on
    without them, or whom to ask."""
    past = session.scalars(
        sa.select(Membership)
        .join(Membership.cohort)
        .where(Membership.person_id == person.id)
        .order_by(Cohort.starts_on.desc(), Membership.id.desc())
    ).first()
    if past is not None and not memberships(session, person):
        cohort = past.cohort
        if past.state is MembershipState.LEFT:
            return Removed(cohort=escape(cohort.name), whom=contact(session, cohort))
        day = spoken_date(cohort.ended_at or cohort.ends_at, zone_or(cohort.zone, FALLBACK_ZONE))
        return Ended(cohort=escape(cohort.name), day=day)
    newest = newest_open(session, person)
    if newest is None:
        return NoCohortYet()
    return Stranger(whom=contact(session, newest))


def newest_open(session: Session, person: Person) -> Cohort | None:
    """The newest cohort that is open where this person works."""
    here = (Cohort.workspace_id == person.workspace_id, Cohort.state == CohortState.OPEN)
    return session.scalars(sa.select(Cohort).where(*here).order_by(Cohort.id.desc())).first()


def no_longer(session: Session, person: Person) -> Refusal:
    """What to tell somebody about a thing of a place they had."""
    return NotYours() if memberships(session, person) else why_outside(session, person)


def coordinators(session: Session, cohort: Cohort) -> Sequence[Person]:
    """Who coordinates a cohort, first come first."""
    return session.scalars(
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.role == Role.COORDINATOR,
            Membership.state == MembershipState.ACTIVE,
            Person.left_slack_at.is_(None),
        )
        .order_by(Membership.id)
    ).all()


def contact(session: Session, cohort: Cohort) -> str:
    """Whom to ask, as a mention: "@Priya", or "a coordinator" when nobody is left."""
    people = coordinators(session, cohort)
    return mention(people[0].slack_id) if people else "a coordinator"


def require_coordinator(session: Session, person: Person, cohort_id: int | None = None) -> Cohort:
    """The cohort this person coordinates: that one, or their newest. Raises NotCoordinator."""
    found = memberships(
        session, person, Role.COORDINATOR, cohort_id=cohort_id, open_only=cohort_id is None
    )
    if found:
        return found[0].cohort
    if cohort_id is not None:
        raise NotYours
    newest = memberships(session, person)
    cohort = newest[0].cohort if newest else None
    if cohort is None:
        cohort = session.scalars(
            sa.select(Cohort)
            .where(Cohort.workspace_id == person.workspace_id)
            .order_by(Cohort.id.desc())
        ).first()
    if cohort is None:
        raise NoCohortYet
    people = [mention(p.slack_id) for p in coordinators(session, cohort)]
    refusal = NotCoordinator if newest else NoCohortForYou  # to whom `/mentor` would only refuse
    if person.is_admin:
        refusal = NotCoordinatorYet
    raise refusal(whom=listed(people) or "nobody at the moment")


def may_create(person: Person, named: Collection[str]) -> bool:
    """Whether this person may start a cohort: an owner or admin of the workspace, or one of the
    ids the operator named."""
    return person.is_admin or person.slack_id in named


# ---- hours and leave


def zone_of(person: Person, cohort: Cohort | None = None) -> str:
    """The person's zone; the cohort's when Slack has not told, or told nonsense."""
    return zone_or(person.zone, zone_or(cohort.zone if cohort else None, FALLBACK_ZONE))


def hours_of(person: Person, zone: str) -> Hours:
    """When the person works: their own figures where given, else Monday to Friday, 9 to 17."""
    return Hours(
        days=frozenset(person.work_days) or working.WORKDAYS,
        start=person.work_from or time(9),
        end=person.work_until or time(17),
        zone=zone,
    )


def leaves_of(session: Session, person_ids: Collection[int]) -> dict[int, Away]:
    """Everybody's leave as pairs of local dates (first day off, first day back): one query."""
    rows = session.execute(
        sa.select(Leave.person_id, Leave.first_on, Leave.back_on)
        .where(Leave.person_id.in_(person_ids))
        .order_by(Leave.first_on)
    )
    found: dict[int, list[tuple[date, date]]] = {}
    for person, first_on, back_on in rows:
        found.setdefault(person, []).append((first_on, back_on))
    return {person: tuple(pairs) for person, pairs in found.items()}


def on_leave(away: Away, day: date) -> bool:
    """Whether a local date lies in a leave."""
    return any(first <= day < back for first, back in away)


@dataclass(frozen=True)
class CohortReader:
    """A person as the outbox sees them: where, when, and whether letters may come."""

    slack_id: str
    hours: Hours
    away: Away
    gone: bool
    paused_until: datetime | None

    @property
    def zone(self) -> str:
        return self.hours.zone

    def next_open(self, at: datetime) -> datetime:
        """The next working moment outside leave; `at` itself when it is one."""
        return working.next_open(self.hours, at, self.away)

    def next_working_day(self, at: datetime) -> datetime:
        """The opening of the next working day, leave left out."""
        return working.next_working_day(self.hours, at, self.away)


_HOURS = load_only(Person.slack_id, Person.zone, Person.work_days, Person.work_from)
_REACHED = _HOURS.load_only(Person.work_until, Person.left_slack_at, Person.paused_until)


def readers(session: Session, person_ids: set[int]) -> dict[int, Reader]:
    """How and when these people can be reached: three queries for any number of people."""
    if not person_ids:
        return {}
    wanted = sa.select(Person).where(Person.id.in_(person_ids)).options(_REACHED)
    people = session.scalars(wanted).all()
    zones = _cohort_zones(session, [p.id for p in people if zone_or(p.zone, "") == ""])
    away = leaves_of(session, person_ids)
    return {
        p.id: CohortReader(
            slack_id=p.slack_id,
            hours=hours_of(p, zone_or(p.zone, zones.get(p.id, FALLBACK_ZONE))),
            away=away.get(p.id, ()),
            gone=p.left_slack_at is not None,
            paused_until=p.paused_until,
        )
        for p in people
    }


def _cohort_zones(session: Session, person_ids: list[int]) -> dict[int, str]:
    if not person_ids:
        return {}
    rows = session.execute(
        sa.select(Membership.person_id, Cohort.zone)
        .join(Membership.cohort)
        .where(Membership.person_id.in_(person_ids))
        .order_by(Cohort.id)
    )
    return {person: zone_or(zone, FALLBACK_ZONE) for person, zone in rows}


def allowances(session: Session, person_ids: set[int]) -> dict[int, Allowance]:
    """How many counted letters each person may get: the strictest of their open cohorts'
    settings, or, for a last letter, of the ended ones'."""
    if not person_ids:
        return {}
    rows = session.execute(
        sa.select(Membership.person_id, Membership.cohort_id).where(
            Membership.person_id.in_(person_ids)
        )
    ).all()
    ids = {cohort_id for _person, cohort_id in rows}
    cohorts = session.scalars(sa.select(Cohort).where(Cohort.id.in_(ids))).all()
    running = {cohort.id for cohort in cohorts if cohort.state is CohortState.OPEN}
    allowed = {
        cohort.id: Allowance(whole(cohort, "letters_per_day"), whole(cohort, "letters_per_week"))
        for cohort in cohorts
    }
    here = {person for person, cohort_id in rows if cohort_id in running}
    found: dict[int, Allowance] = {}
    for person, cohort_id in rows:
        if person in here and cohort_id not in running:
            continue
        mine = allowed[cohort_id]
        best = found.get(person, mine)
        strict = min(mine.per_day, best.per_day), min(mine.per_week, best.per_week)
        found[person] = Allowance(*strict)
    return found


# ---- the cohort's calendar, for the features that plan by it


def local_date(now: datetime, zone: str) -> date:
    """Today, where the reader is."""
    return now.astimezone(ZoneInfo(zone)).date()


def moment(cohort: Cohort, day: date, hour: int) -> datetime:
    """A full hour of a day, in the cohort's zone, as UTC."""
    return local(day, time(hour), zone_or(cohort.zone, FALLBACK_ZONE))
