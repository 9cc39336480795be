"""A pair as rows only: what a test needs when nobody clicks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.calendar import local
from bot.cohort.model import Leave, Person
from bot.meeting import meetings
from bot.meeting.model import Meeting
from bot.outbox.model import Letter
from bot.pairing.model import Pairing
from tests.support import people

NOW = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)  # Monday of week 1, 11:00 in Berlin
AT = datetime(2026, 6, 16, 13, 0, tzinfo=UTC)  # Tuesday of week 2, 15:00 in Berlin


@dataclass
class Two:
    """Ana and Ben, paired."""

    ana: Person
    ben: Person
    pairing: Pairing

    def plan(self, session: Session, at: datetime = AT, now: datetime = NOW) -> Meeting:
        return meetings.plan(
            session, self.pairing, by=self.ana, starts_at=at, minutes=30, place="2.14", now=now
        )


def two(session: Session, intern: str = "Ana Silva", mentor: str = "Ben Ito", **more: Any) -> Two:
    """A pair in the only cohort."""
    found = session.scalars(sa.select(people.Cohort)).first()
    cohort = found or people.a_cohort(session)
    a = people.an_intern(session, cohort, intern)
    b = people.a_mentor(session, cohort, mentor, capacity=2)
    return Two(a.person, b.person, people.a_pairing(session, a, b, now=NOW, **more))


def away(session: Session, person: Person, first_on: date, back_on: date) -> None:
    """A leave, in the person's zone."""
    back_at = local(back_on, time(0), person.zone or "UTC")
    session.add(
        Leave(
            workspace_id=person.workspace_id,
            person_id=person.id,
            first_on=first_on,
            back_on=back_on,
            back_at=back_at,
            created_at=NOW,
        )
    )
    session.flush()


def letters(session: Session, kind: Any, state: str | None = None) -> list[Letter]:
    """Letters of a kind, oldest first; in one state, if it is named."""
    wanted = sa.select(Letter).where(Letter.kind == kind.name).order_by(Letter.id)
    return list(session.scalars(wanted.where(Letter.state == state) if state else wanted))
