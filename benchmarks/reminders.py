"""What the queue is measured with: people of one cohort, in their working hours on a Tuesday
morning, each with a reminder that counts for their budget; and senders that send them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from benchmarks.instant import BOT, TEAM
from bot import outbox, program
from bot.blocks import Message, button, letter
from bot.clock import Clock, MovableClock
from bot.cohort.model import Cohort, Membership, Person, Role, Workspace
from bot.database import Database
from bot.outbox import Budget, Kind, Letter, LetterState, Surface, limiter
from bot.outbox.model import Program
from bot.outbox.sender import Sender

MORNING = datetime(2026, 6, 9, 9, 30, tzinfo=UTC)
REMINDER = Kind("benchmark.reminder", Budget.COUNTED)


def ticking(start: datetime = MORNING) -> MovableClock:
    """A clock that begins on that morning and runs on."""
    return MovableClock(start, ticking=True)


def render(_session: Session, one: Letter, _now: datetime) -> Message:
    """A reminder as small as they come: three lines and two buttons."""
    return letter(
        "Your meeting is tomorrow at 10:00",
        "Bring the two slides you wrote about.",
        buttons=[button("I will be there", "benchmark.yes", one.id), button("Move it", "b.no", 1)],
        footer="You planned it together. Only you see this.",
    )


def programme(db: Database, slack: WebClient, clock: Clock) -> Program:
    """The whole programme, and reminders of the benchmark."""
    known = program.build_sender(db, slack, clock).program
    return replace(known, renders={**known.renders, REMINDER.name: (1, Surface.MESSAGE, render)})


def sender(db: Database, slack: WebClient, clock: Clock, *, lanes: int = 1) -> Sender:
    """A sender as a worker has it."""
    return Sender(db, slack, clock, programme(db, slack, clock), lanes=lanes)


def settle(db: Database, people: int) -> list[int]:
    """One open cohort with that many people; returns their ids."""
    with db.begin() as session:
        workspace = Workspace(team_id=TEAM, name="Benchmark", bot_user_id=BOT)
        session.add(workspace)
        session.flush()
        cohort = Cohort(
            workspace_id=workspace.id,
            name="Summer interns",
            starts_on=date(2026, 6, 1),
            weeks=12,
            zone="Europe/Lisbon",
            channel="C0COORDINATORS",
            calendar_set_at=MORNING,
            created_at=MORNING,
            ends_at=MORNING + timedelta(weeks=11),
        )
        session.add(cohort)
        session.flush()
        session.execute(sa.insert(Person), [_person(workspace.id, n) for n in range(people)])
        ids = list(session.scalars(sa.select(Person.id).order_by(Person.id)))
        session.execute(
            sa.insert(Membership),
            [
                {
                    "workspace_id": workspace.id,
                    "cohort_id": cohort.id,
                    "person_id": one,
                    "role": Role.INTERN,
                    "joined_at": MORNING,
                }
                for one in ids
            ],
        )
        return ids


def _person(workspace_id: int, number: int) -> dict[str, Any]:
    zone = ("Europe/Berlin", "Europe/Lisbon", "Europe/Athens")[number % 3]
    slack_id = f"U0P{number:06d}"
    return {"workspace_id": workspace_id, "slack_id": slack_id, "name": slack_id, "zone": zone}


def put(session: Session, person_id: int, occasion: str, now: datetime) -> int | None:
    """Post one reminder, as a feature does."""
    return outbox.post(
        session,
        REMINDER,
        key=occasion,
        workspace_id=1,
        cohort_id=1,
        person_id=person_id,
        subject=person_id,
        now=now,
    )


def put_all(session: Session, people: list[int], occasion: str, now: datetime) -> None:
    """Post one reminder to each of them, as a feature does that writes to many."""
    outbox.post_all(
        session,
        REMINDER,
        (
            {
                "key": f"{occasion}:{one}",
                "workspace_id": 1,
                "cohort_id": 1,
                "person_id": one,
                "subject": one,
            }
            for one in people
        ),
        now=now,
    )


def fill(
    db: Database,
    people: list[int],
    count: int,
    due: datetime,
    budget: Budget = REMINDER.budget,
) -> None:
    """Let `count` reminders be due at that moment, one person after the other. Written as rows:
    how fast they are posted is measured elsewhere."""
    rows = [
        {
            "workspace_id": 1,
            "key": f"fill:{due.isoformat()}:{n}",
            "kind": REMINDER.name,
            "subject": n,
            "data": {},
            "cohort_id": 1,
            "person_id": people[n % len(people)],
            "budget": budget,
            "priority": REMINDER.priority,
            "due_at": due,
            "not_after": due + REMINDER.max_age,
            "state": LetterState.PENDING,
            "created_at": due,
        }
        for n in range(count)
    ]
    with db.begin() as session:
        for begin in range(0, count, 10_000):
            session.execute(sa.insert(Letter), rows[begin : begin + 10_000])
    analyze(db)


def analyze(db: Database) -> None:
    """As a database that has stood for a while knows its tables."""
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def clear(db: Database) -> None:
    """No letter is left, as if none had been sent."""
    with db.begin() as session:
        session.execute(sa.delete(Letter))


def count(db: Database, state: LetterState) -> int:
    """How many letters are in this state."""
    with db.read() as session:
        wanted = sa.select(sa.func.count()).where(Letter.state == state)
        return session.scalar(wanted) or 0


@contextmanager
def limits_off() -> Iterator[None]:
    """Slack takes whatever comes: the database and the code are what is measured."""
    before = dict(limiter.LIMITS)
    limiter.LIMITS.update(dict.fromkeys(before, limiter.Limit(1e9, 1e9, 1e9)))
    try:
        yield
    finally:
        limiter.LIMITS.update(before)
