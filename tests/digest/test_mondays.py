"""When a cohort reports: Mondays at 9:00 where it is, while it runs."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.cohort.model import Cohort
from bot.database import Database
from bot.digest import facts, mondays
from bot.digest.messages import DIGEST
from bot.digest.model import DigestPlan
from bot.outbox.model import Letter
from bot.pairing.model import Request, RequestState
from tests.support import people


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("starts_on", "zone", "now", "first"),
    [
        (date(2026, 6, 8), "Europe/Berlin", "2026-06-01T07:00", "2026-06-08T07:00"),
        # In the middle of a week: the Monday after is the first.
        (date(2026, 6, 10), "Europe/Berlin", "2026-06-01T07:00", "2026-06-15T07:00"),
        (date(2026, 6, 8), "America/New_York", "2026-06-01T07:00", "2026-06-08T13:00"),
        # Founded on the very morning: that Monday counts.
        (date(2026, 6, 8), "Europe/Berlin", "2026-06-08T07:00", "2026-06-08T07:00"),
        (date(2026, 6, 8), "Europe/Berlin", "2026-06-08T07:01", "2026-06-15T07:00"),
        # The clocks go back on 25 October: 9:00 stays 9:00.
        (date(2026, 10, 19), "Europe/Berlin", "2026-10-19T08:00", "2026-10-26T08:00"),
    ],
)
def test_the_first_digest_comes_on_the_first_monday_of_the_programme(
    db: Database, starts_on: date, zone: str, now: str, first: str
) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session, starts_on=starts_on, zone=zone)
        mondays.plan(session, cohort.id, at(now))
        assert session.scalars(sa.select(DigestPlan.next_at)).one() == at(first)


def test_one_digest_a_monday_until_the_last_week(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session, weeks=6)
        mondays.plan(session, cohort.id, people.START)
        plan = session.scalars(sa.select(DigestPlan)).one()
        sent = []
        while plan.next_at is not None:
            sent.append(plan.next_at)
            mondays.send(session, plan.id, plan.next_at)
            assert len(sent) < 20
        assert sent == [at("2026-06-08T07:00") + timedelta(weeks=n) for n in range(6)]
        letters = session.scalars(sa.select(Letter).where(Letter.kind == DIGEST.name)).all()
        assert len(letters) == 6


def test_planning_again_on_the_same_monday_sends_nothing_twice(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        monday = at("2026-06-08T07:00")
        for _ in range(2):
            mondays.plan(session, cohort.id, monday)
            plan = session.scalars(sa.select(DigestPlan)).one()
            session.refresh(plan)
            mondays.send(session, plan.id, monday)
        assert len(session.scalars(sa.select(Letter)).all()) == 1


def test_a_new_start_date_moves_the_next_digest(db: Database) -> None:
    with db.begin() as session:
        cohort: Cohort = people.a_cohort(session)
        mondays.plan(session, cohort.id, people.START)
        cohort.starts_on += timedelta(weeks=2)
        mondays.plan(session, cohort.id, people.START)
        session.expire_all()
        plan = session.scalars(sa.select(DigestPlan)).one()
        assert plan.next_at == at("2026-06-22T07:00")


def test_what_interns_who_wait_want_to_learn_is_told_from_five_on(db: Database) -> None:
    """Whoever asks for a mentor reads that coordinators see only that they asked."""
    names = ("Ana Silva", "Cho Park", "Dev Rao", "Emma Lind", "Felix Maar")
    with db.begin() as session:
        cohort, told = people.a_cohort(session), []
        for name in names:
            request = Request(
                workspace_id=cohort.workspace_id,
                cohort=cohort,
                intern=people.an_intern(session, cohort, name),
                state=RequestState.WAITING,
                created_at=people.START,
                waiting_since=people.START,
            )
            session.add(request)
            session.flush()
            told.append(facts.gather(session, cohort, now=people.START).wanted)
    assert told == [(), (), (), (), ("presenting",)]
