"""Locks on people and requests let through what only points at them."""

import pytest
import sqlalchemy as sa

from bot import outbox
from bot.clock import MovableClock
from bot.database import Database
from bot.outbox import Kind
from bot.pairing import locks
from tests.support import people

NOTE = Kind("note")


def test_a_letter_to_a_locked_mentor_does_not_wait(db: Database, clock: MovableClock) -> None:
    if db.sqlite:
        pytest.skip("SQLite has one writer at a time")
    with db.begin() as session:
        mentor = people.a_mentor(session, people.a_cohort(session))
        person_id, workspace_id = mentor.person_id, mentor.workspace_id

    with db.begin() as first, db.begin() as second:
        locks.mentor(first, person_id)
        locks.intern(first, mentor.id)
        second.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        posted = outbox.post(
            second, NOTE, key="note", workspace_id=workspace_id, person_id=person_id, now=clock()
        )

    assert posted is not None


def test_two_who_lock_the_same_mentor_wait_for_each_other(db: Database) -> None:
    if db.sqlite:
        pytest.skip("SQLite has one writer at a time")
    with db.begin() as session:
        person_id = people.a_mentor(session, people.a_cohort(session)).person_id

    with db.begin() as first, db.read() as second:
        locks.mentor(first, person_id)
        second.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError):
            locks.mentor(second, person_id)
        second.rollback()
