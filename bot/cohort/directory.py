"""The people of the workspace as Slack tells about them: names, zones, who is gone.

Everybody is read page by page once a day; in between Slack tells of changes, and somebody the
bot meets first is asked about by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import cut
from bot.cohort import messages, moving, people, planning
from bot.cohort.model import (
    Cohort,
    CohortState,
    Membership,
    MembershipState,
    Person,
    Role,
    Workspace,
)
from bot.database import Database, insert_once
from bot.forms import clean
from bot.outbox import call
from bot.outbox.limiter import Buckets, NotNow
from bot.outbox.model import Letter

log = structlog.get_logger(__name__)

AGAIN = timedelta(days=1)
NEXT_PAGE = timedelta(seconds=4)  # Slack allows this list twenty times a minute
PAGE = 200  # people in one answer, as Slack recommends
ASKING = "users.info"
_SLACKBOT = "USLACKBOT"
_HIDDEN = ("user_not_found", "user_not_visible", "users_not_found")

Found = Mapping[str, Any]  # Slack's user object
Page = tuple[list[Found], str | None]


def note(session: Session, workspace_id: int, user: Mapping[str, Any], now: datetime) -> None:
    """Write down what Slack says about one person, whoever asked."""
    write(session, workspace_id, [user], now)


def write(
    session: Session, workspace_id: int, users: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """The same for many people: two queries, and one more for each new person."""
    told = {str(user["id"]): user for user in users if isinstance(user.get("id"), str)}
    wanted = sa.select(Person).where(Person.workspace_id == workspace_id, Person.slack_id.in_(told))
    known = {person.slack_id for person in session.scalars(wanted)}
    for slack_id in told:
        if slack_id not in known:
            insert_once(session, Person, workspace_id=workspace_id, slack_id=slack_id, name="")
    for person in session.scalars(wanted):
        _apply(session, person, told[person.slack_id], now)


def _apply(session: Session, person: Person, user: Mapping[str, Any], now: datetime) -> None:
    profile = user.get("profile") if isinstance(user.get("profile"), Mapping) else {}
    seen = (person.name, person.zone)
    first_told = person.look_up_at is not None
    met = first_told or bool(person.name)
    name = (profile or {}).get("real_name") or user.get("real_name") or user.get("name") or ""
    person.name = cut(clean(str(name)), 255) or person.name
    person.title = cut(clean(str((profile or {}).get("title") or "")), 255)
    person.is_bot = bool(user.get("is_bot")) or person.slack_id == _SLACKBOT
    person.is_admin = bool(user.get("is_admin")) or bool(user.get("is_owner"))
    person.zone = clean(str(user.get("tz") or ""))[:64] or person.zone
    person.locale = clean(str(user.get("locale") or ""))[:16] or person.locale
    person.look_up_at = None
    if user.get("deleted"):
        leave_slack(session, person, now=now)
    elif person.left_slack_at is not None:
        come_back(session, person)
    if first_told and (person.is_bot or person.left_slack_at is not None):
        people.leave_out(session, person, now=now)
    if met and seen[1] != person.zone:
        moving.moved(session, person, seen[1], now=now)
    if seen != (person.name, person.zone):
        people.refresh_home(session, person, now=now)


def leave_slack(session: Session, person: Person, *, now: datetime) -> None:
    """An account was switched off: nothing is sent there any more. Their places stay, so that
    somebody who comes back finds them."""
    if person.left_slack_at is None:
        person.left_slack_at = now
        session.flush()
        outbox.cancel(session, "the person has left Slack", person_id=person.id)


def come_back(session: Session, person: Person) -> None:
    """The account is on again: a mentor's room is there for who waits."""
    person.left_slack_at = None
    cohorts = session.scalars(
        sa.select(Membership.cohort_id).where(
            Membership.person_id == person.id,
            Membership.role == Role.MENTOR,
            Membership.state == MembershipState.ACTIVE,
        )
    ).all()
    planning.plan_anew(session, cohorts, planning.ROOM)


# ---- everybody, once a day

SYNC_DUE = sa.select(Workspace.id, Workspace.sync_at).where(
    Workspace.sync_at.is_not(None), Workspace.stopped_reason.is_(None)
)


def ask_page(slack: WebClient, db: Database, workspace_id: int, _now: datetime) -> Page:
    """The next page of everybody; its pace is that of NEXT_PAGE."""
    with db.read() as session:
        cursor = session.scalar(
            sa.select(Workspace.sync_cursor).where(Workspace.id == workspace_id)
        )
    try:
        answer = slack.users_list(limit=PAGE, cursor=cursor or "", include_locale=True)
    except SlackApiError as error:
        if not cursor or error.response.get("error") != "invalid_cursor":
            raise
        # Slack forgets cursors: from the beginning, then.
        answer = slack.users_list(limit=PAGE, include_locale=True)
    following = (answer.get("response_metadata") or {}).get("next_cursor") or None
    return list(answer["members"]), following


def write_page(session: Session, workspace_id: int, now: datetime, page: Page) -> None:
    """Write a page down; the next one follows in seconds, the next round tomorrow."""
    users, cursor = page
    write(session, workspace_id, users, now)
    workspace = session.get_one(Workspace, workspace_id)
    workspace.sync_cursor = cursor
    workspace.sync_at = now + (NEXT_PAGE if cursor else AGAIN)


# ---- somebody the bot has just met

LOOK_UP_DUE = (
    sa.select(Person.id, Person.look_up_at)
    .join(Workspace, Workspace.id == Person.workspace_id)
    .where(Person.look_up_at.is_not(None), Workspace.stopped_reason.is_(None))
)


def ask_person(slack: WebClient, db: Database, person_id: int, now: datetime) -> Found | None:
    """What Slack knows about a person; None: nothing. Raises NotNow when Slack has been asked
    about as many as it allows."""
    with db.begin() as session:
        person = session.get(Person, person_id)
        if person is None:
            return None
        slack_id, workspace_id = person.slack_id, person.workspace_id
        if not Buckets(session, now, [ASKING]).take(workspace_id, ASKING):
            raise NotNow
    try:
        return ask_about(slack, slack_id)
    except SlackApiError as error:
        if error.response.status_code != 429:
            raise
        with db.begin() as session:
            wait = call.retry_after(error.response.headers)
            Buckets(session, now, [ASKING]).close(workspace_id, ASKING, wait)
        raise NotNow from None


def ask_about(slack: WebClient, slack_id: str) -> Found | None:
    """What Slack knows about one person; None when it knows nobody by this id."""
    try:
        found: Found = slack.users_info(user=slack_id, include_locale=True)["user"]
    except SlackApiError as error:
        if error.response.get("error") in _HIDDEN:
            return None
        raise
    return found


@dataclass
class Told:
    """What Slack told right away: about whom, in how many calls, and for how many seconds it
    wants to be left alone, if it said so."""

    people: list[Found] = field(default_factory=list)
    calls: int = 0
    wait: int | None = None


def ask_at_once(slack: WebClient, slack_ids: Sequence[str]) -> Told:
    """Ask about these people while somebody waits. Where Slack cannot tell now, the others are
    left to the worker: nobody's form fails for it."""
    told = Told()
    try:
        for slack_id in slack_ids:
            told.calls += 1
            found = ask_about(slack, slack_id)
            if found is not None:
                told.people.append(found)
    except (SlackClientError, HTTPException, OSError) as failed:
        if isinstance(failed, SlackApiError) and failed.response.status_code == 429:
            told.wait = call.retry_after(failed.response.headers)
        log.warning("slack_could_not_tell_about_people", error=type(failed).__name__)
    return told


def write_person(session: Session, person_id: int, now: datetime, user: Found | None) -> None:
    """Write it down; somebody Slack does not know counts as gone."""
    person = session.get_one(Person, person_id)
    if user is not None:
        _apply(session, person, user, now)
        return
    person.look_up_at = None
    leave_slack(session, person, now=now)
    people.leave_out(session, person, now=now)


def unknown_among(session: Session, workspace_id: int, slack_ids: Sequence[str]) -> list[str]:
    """Those of these people about whom Slack has not told anything yet."""
    known = session.scalars(
        sa.select(Person.slack_id).where(
            Person.workspace_id == workspace_id,
            Person.slack_id.in_(slack_ids),
            Person.look_up_at.is_(None),
        )
    ).all()
    return [slack_id for slack_id in slack_ids if slack_id not in set(known)]


# ---- members who are gone

_TOLD = sa.exists().where(
    Letter.kind == messages.GONE_LINE.name,
    Letter.subject == Membership.id,
    Letter.created_at >= Person.left_slack_at,
)
GONE_DUE = (
    sa.select(Membership.id, Person.left_slack_at)
    .join(Person, Person.id == Membership.person_id)
    .join(Cohort, Cohort.id == Membership.cohort_id)
    .where(
        Membership.state == MembershipState.ACTIVE,
        Cohort.state == CohortState.OPEN,
        Person.left_slack_at.is_not(None),
        ~_TOLD,
    )
)


def tell_gone(session: Session, membership_id: int, now: datetime) -> None:
    """The coordinators hear once that a member's account is off."""
    membership = session.get_one(Membership, membership_id)
    people.tell_channel(session, messages.GONE_LINE, membership, now=now)
