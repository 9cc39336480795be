"""The desk is read with the same number of queries, however many pairs lie on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.cohort.model import Cohort, Membership
from bot.concern.model import Concern, Level
from bot.database import Database
from bot.home import desk, messages
from tests.support import people


@contextmanager
def counting(db: Database) -> Iterator[list[str]]:
    """Every statement sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def queries(db: Database, clock: MovableClock, person_id: int) -> int:
    with counting(db) as sent, db.read() as session:
        person = session.get_one(people.Person, person_id)
        messages.home(desk.of(session, person, now=clock()))
    return len(sent)


def a_pair_in_care(session: Session, cohort: Cohort, number: int, mentor: Membership) -> None:
    """One more pair, which needs a human."""
    ana = people.an_intern(session, cohort, f"Intern{number} Silva")
    pairing = people.a_pairing(session, ana, mentor)
    session.add(
        Concern(
            workspace_id=cohort.workspace_id,
            cohort_id=cohort.id,
            pairing_id=pairing.id,
            level=Level.RED,
            codes=["B2"],
            opened_at=people.START,
            waiting_since=people.START,
            met_at=people.START,
        )
    )


@pytest.mark.parametrize(("role", "pairs"), [("mentor", 3), ("coordinator", 30)])
def test_more_pairs_ask_no_more_queries(
    db: Database, clock: MovableClock, role: str, pairs: int
) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        priya = people.a_coordinator(session, cohort).person_id
        ben = people.a_mentor(session, cohort, capacity=99)
        a_pair_in_care(session, cohort, 1, ben)
    reader = priya if role == "coordinator" else ben.person_id
    few = queries(db, clock, reader)
    with db.begin() as session:
        for number in range(2, pairs + 1):
            mentor = session.merge(ben)
            if role == "coordinator":
                mentor = people.a_mentor(session, session.merge(cohort), f"Mentor{number} Ito")
            a_pair_in_care(session, session.merge(cohort), number, mentor)
    assert queries(db, clock, reader) == few
