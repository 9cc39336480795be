"""Rounds: planned by the calendar, opened on Wednesday, asked of everybody who is here."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin import rounds
from bot.checkin.model import CheckIn, Round
from bot.cohort import founding
from bot.cohort.model import Cohort, Leave, MembershipState
from bot.outbox import Letter
from bot.pairing.model import PairingState
from tests.support import people

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
FIRST = datetime(2026, 6, 17, 8, 0, tzinfo=UTC)  # Wednesday of week 2, 10:00 in Berlin


def all_rounds(session: Session) -> list[Round]:
    return list(session.scalars(sa.select(Round).order_by(Round.number)))


def asked(session: Session) -> set[str]:
    return {row.membership.person.first_name for row in session.scalars(sa.select(CheckIn))}


@pytest.fixture
def pair(db: Any) -> Any:
    """A planned cohort with Ana and Ben in it, and what the test needs of them."""
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
        rounds.plan(session, cohort.id, NOW)
    return db


def test_rounds_open_on_wednesday_at_ten_of_the_cohort_and_close_after_a_week(pair: Any) -> None:
    with pair.read() as session:
        rows = all_rounds(session)
    assert [row.week for row in rows] == [2, 4, 6, 8, 10, 12]
    assert rows[0].opens_at == FIRST
    assert rows[0].closes_at == FIRST + timedelta(days=7)
    assert rows[2].kind == "mid"


def test_the_last_round_closes_with_the_programme(pair: Any) -> None:
    with pair.read() as session:
        last = all_rounds(session)[-1]
        assert last.kind == "final"
        assert last.closes_at == last.cohort.ends_at


def test_a_round_closes_when_the_next_one_opens(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        cohort.settings = {"check_in_days": 14}
        cohort.weeks, cohort.ends_at = 7, founding.end_of(cohort.starts_on, 7, cohort.zone)
        rounds.plan(session, cohort.id, NOW)
        rows = all_rounds(session)
        assert [row.week for row in rows] == [1, 3, 7]
        assert rows[0].closes_at == rows[1].opens_at


def test_a_later_start_moves_the_rounds_that_have_not_opened(pair: Any) -> None:
    with pair.begin() as session:
        first = all_rounds(session)[0]
        rounds.ask(session, first.id, FIRST)
        cohort = session.scalars(sa.select(Cohort)).one()
        cohort.starts_on = date(2026, 6, 15)
        cohort.ends_at += timedelta(weeks=1)
        rounds.plan(session, cohort.id, FIRST)
        rows = all_rounds(session)
        assert rows[0].opens_at == FIRST
        assert rows[1].opens_at == FIRST + timedelta(weeks=3)
        assert rows[1].ask_at == rows[1].opens_at


def test_a_round_whose_time_is_over_before_it_could_open_never_takes_place(db: Any) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        rounds.plan(session, cohort.id, FIRST + timedelta(days=8))
        rows = all_rounds(session)
        assert rows[0].closed_at is not None
        assert rows[0].opened_at is None
        assert rows[1].closed_at is None


def test_a_shorter_programme_drops_what_it_has_no_time_for(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        cohort.weeks = 6
        rounds.plan(session, cohort.id, NOW)
        session.flush()
        assert [row.week for row in all_rounds(session)] == [1, 3, 6]


def test_both_sides_of_an_active_pair_are_asked_once(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        alone = people.an_intern(session, cohort, "Cho Park")
        ended = people.a_pairing(session, alone, people.a_mentor(session, cohort, "Mia Chen"))
        ended.state = PairingState.ENDED
        first = all_rounds(session)[0]
        rounds.ask(session, first.id, FIRST)
        rounds.ask(session, first.id, FIRST + timedelta(days=1))
        assert asked(session) == {"Ana", "Ben"}
        letters = session.scalars(sa.select(Letter).where(Letter.kind == "check_in")).all()
        assert len(letters) == 2
        assert all(letter.not_after == first.closes_at for letter in letters)


def test_who_is_on_leave_or_gone_is_not_asked_until_back(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        first = all_rounds(session)[0]
        ana = people.a_person(session, "Ana Silva")
        leave = Leave(
            workspace_id=cohort.workspace_id,
            person_id=ana.id,
            first_on=date(2026, 6, 15),
            back_on=date(2026, 6, 19),
            back_at=datetime(2026, 6, 19, 7, 0, tzinfo=UTC),
            created_at=NOW,
        )
        session.add(leave)
        people.a_person(session, "Ben Ito").left_slack_at = NOW
        rounds.ask(session, first.id, FIRST)
        assert asked(session) == set()
        rounds.ask(session, first.id, FIRST + timedelta(days=2))
        assert asked(session) == {"Ana"}


def test_a_late_pair_is_asked_only_while_three_days_are_left(pair: Any) -> None:
    with pair.begin() as session:
        first = all_rounds(session)[0]
        rounds.ask(session, first.id, FIRST)
        looks = []
        while first.ask_at is not None:
            looks.append(first.ask_at)
            rounds.ask(session, first.id, first.ask_at)
        assert looks == [FIRST + timedelta(days=n) for n in (1, 2, 3, 4)]


def test_somebody_who_left_the_cohort_is_not_asked(pair: Any) -> None:
    with pair.begin() as session:
        first = all_rounds(session)[0]
        cohort = session.scalars(sa.select(Cohort)).one()
        member = people.an_intern(session, cohort, "Dev Rao")
        people.a_pairing(session, member, people.a_mentor(session, cohort, "Mia Chen"))
        member.state = MembershipState.LEFT
        session.flush()
        rounds.ask(session, first.id, FIRST)
        assert asked(session) == {"Ana", "Ben", "Mia"}


def test_coverage_counts_those_asked_and_those_who_answered(pair: Any) -> None:
    with pair.begin() as session:
        first = all_rounds(session)[0]
        assert rounds.coverage(session, first.cohort_id, NOW) is None
        rounds.ask(session, first.id, FIRST)
        row = session.scalars(sa.select(CheckIn).limit(1)).one()
        row.answered_at = FIRST
        session.flush()
        found = rounds.coverage(session, first.cohort_id, FIRST)
        assert found is not None
        assert (found.number, found.asked, found.answered, found.is_open) == (1, 2, 1, True)
        rounds.close(session, first.id, first.closes_at)
        found = rounds.coverage(session, first.cohort_id, first.closes_at)
        assert found is not None
        assert not found.is_open
