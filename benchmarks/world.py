"""A cohort in its sixth week: 300 pairs with meetings, actions and letters, 50 interns who ask.

Written as rows, straight into an empty database, so that a benchmark begins in seconds.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.instant import BOT, TEAM
from bot.cohort import founding
from bot.cohort.model import Cohort, Membership, Person, Role, Workspace
from bot.database import Database
from bot.meeting.messages_after import ACTION_DUE
from bot.meeting.model import Action, Answer, Meeting, MeetingState
from bot.outbox import Letter, LetterState
from bot.pairing.model import Pairing

ASKING = 50
"""Interns without a mentor yet."""
_PER_MENTOR = 2
_FREE = 50  # mentors who still have room
_MEETINGS = 6
_SKILLS = ("presenting", "sql", "python", "writing", "design", "data")


@dataclass(frozen=True)
class Todo:
    """An open action and whose it is: one click on Done."""

    action_id: int
    owner: str
    text: str


@dataclass(frozen=True)
class World:
    """Who and what the requests are about. People are Slack ids; interns and mentors are paired."""

    url: str
    interns: tuple[str, ...]
    mentors: tuple[str, ...]
    asking: tuple[tuple[str, int], ...]
    """(Slack id, id of the membership) of the interns without a mentor."""
    todos: tuple[Todo, ...]


def build(url: str, now: datetime, *, pairs: int, todos: int) -> World:
    """Fill an empty, migrated database: `pairs` pairs with `todos` open actions in all."""
    database = Database(url, role="worker")
    try:
        with database.begin() as session:
            return _fill(session, url, now, pairs, todos)
    finally:
        database.close()


def deliver(url: str, now: datetime) -> None:
    """Call every waiting letter sent, as a worker would have sent it by the next click: a click
    that finds its letters still waiting has less to write."""
    database = Database(url, role="worker")
    try:
        with database.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(Letter.state == LetterState.PENDING)
                .values(state=LetterState.SENT, sent_at=now, marker=Letter.key)
            )
    finally:
        database.close()


def _fill(session: Session, url: str, now: datetime, pairs: int, todos: int) -> World:
    cohort = _cohort(session, now)
    mentors = _members(session, cohort, Role.MENTOR, -(-pairs // _PER_MENTOR) + _FREE, now)
    interns = _members(session, cohort, Role.INTERN, pairs + ASKING, now)
    _members(session, cohort, Role.COORDINATOR, 2, now)
    paired, asking = interns[:pairs], interns[pairs:]
    made = [
        Pairing(
            workspace_id=cohort.workspace_id,
            cohort=cohort,
            intern=intern,
            mentor=mentors[number // _PER_MENTOR],
            started_at=now - timedelta(weeks=5),
        )
        for number, intern in enumerate(paired)
    ]
    session.add_all(made)
    session.flush()
    meetings = [_meeting(pair, week, now) for week in range(_MEETINGS) for pair in made]
    session.add_all(meetings)
    session.flush()
    actions = [_action(meetings[n % len(meetings)], n, now) for n in range(todos)]
    session.add_all(actions)
    session.flush()
    session.add_all(_letter(action, cohort.id, now) for action in actions)
    return World(
        url,
        tuple(one.person.slack_id for one in paired),
        tuple(one.person.slack_id for one in mentors[: -(-pairs // _PER_MENTOR)]),
        tuple((one.person.slack_id, one.id) for one in asking),
        tuple(Todo(one.id, one.owner.slack_id, one.text) for one in actions),
    )


def _cohort(session: Session, now: datetime) -> Cohort:
    workspace = Workspace(team_id=TEAM, name="Benchmark", bot_user_id=BOT)
    session.add(workspace)
    session.flush()
    today = now.date()
    starts_on: date = today - timedelta(days=today.weekday(), weeks=5)
    cohort = Cohort(
        workspace_id=workspace.id,
        name="Summer interns",
        starts_on=starts_on,
        weeks=12,
        zone="Europe/Berlin",
        channel="C0COORDINATORS",
        calendar_set_at=now,
        created_at=now,
        ends_at=founding.end_of(starts_on, 12, "Europe/Berlin"),
    )
    session.add(cohort)
    session.flush()
    return cohort


def _members(
    session: Session, cohort: Cohort, role: Role, count: int, now: datetime
) -> list[Membership]:
    """People with a profile, and their places in the cohort."""
    found = []
    for number in range(count):
        skills = [_SKILLS[number % 6], _SKILLS[(number // 6 + 1) % 6]]
        intern = role is Role.INTERN
        person = Person(
            workspace_id=cohort.workspace_id,
            slack_id=f"U0{role.value.upper()}{number:03d}",
            name=f"{role.value.title()} Number{number:03d}",
            zone=("Europe/Berlin", "Europe/Lisbon", "America/New_York")[number % 3],
            profile_saved_at=now,
            skills=[] if intern else skills,
            capacity=0 if intern else _PER_MENTOR,
            style=[1 + number % 5, 2, 3, 4],
            values=["learning", "craft"],
            languages=["en"],
        )
        goals: list[dict[str, Any]] = []
        if intern:
            goals = [{"text": "Present my work without notes", "skills": skills}]
        found.append(
            Membership(
                workspace_id=cohort.workspace_id,
                cohort=cohort,
                person=person,
                role=role,
                goals=goals,
                joined_at=now,
            )
        )
    session.add_all(found)
    session.flush()
    return found


def _meeting(pair: Pairing, week: int, now: datetime) -> Meeting:
    starts_at = now - timedelta(weeks=_MEETINGS - week, hours=2)
    return Meeting(
        workspace_id=pair.workspace_id,
        pairing=pair,
        state=MeetingState.HELD,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
        minutes=45,
        planned_by=pair.intern.person_id,
        created_at=starts_at - timedelta(days=2),
        intern_answer=Answer.YES,
        mentor_answer=Answer.YES,
        insight="Say the number first, then the story.",
        insight_by=pair.intern.person_id,
        summary_at=starts_at + timedelta(hours=2),
    )


def _action(meeting: Meeting, number: int, now: datetime) -> Action:
    side = meeting.pairing.mentor if number % 3 == 0 else meeting.pairing.intern
    return Action(
        workspace_id=meeting.workspace_id,
        meeting=meeting,
        pairing_id=meeting.pairing_id,
        owner=side.person,
        written_by=side.person_id,
        text=f"Show two slides to somebody new ({number})",
        due_on=(now + timedelta(days=1)).date(),
        created_at=now - timedelta(days=6),
    )


def _letter(action: Action, cohort_id: int, now: datetime) -> Letter:
    """The reminder of an action, sent this morning: the click brings it up to date."""
    return Letter(
        workspace_id=action.workspace_id,
        key=f"action.due:{action.id}:0",
        kind=ACTION_DUE.name,
        subject=action.id,
        data={"postponed": 0},
        cohort_id=cohort_id,
        person_id=action.owner_id,
        budget=ACTION_DUE.budget,
        priority=ACTION_DUE.priority,
        due_at=now,
        state=LetterState.SENT,
        marker=f"sent this morning, {action.id}",
        created_at=now,
        sent_at=now,
        sent_channel=f"D0{action.owner_id}",
        sent_ts=f"{1_700_000_000 + action.id}.000100",
    )
