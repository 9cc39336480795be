"""When people are asked whether somebody helped them, and when no more."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.cohort import figures
from bot.cohort.model import Cohort, Membership
from bot.database import Database
from bot.gratitude import prompts
from bot.gratitude.messages import THANKS_PROMPT
from bot.gratitude.model import PromptState, ThanksPrompt, ThanksWeek
from bot.outbox.model import Letter
from bot.pairing.model import PairingState
from bot.refusal import NotYours
from tests.support import people


def weeks_of(session: Session) -> dict[int, ThanksWeek]:
    return {row.week: row for row in session.scalars(sa.select(ThanksWeek))}


def asked(session: Session) -> list[str]:
    rows = session.scalars(sa.select(ThanksPrompt).order_by(ThanksPrompt.id))
    return [row.membership.person.first_name for row in rows]


def a_pair(session: Session, cohort: Cohort, intern: str = "Ana Silva", mentor: str = "Ben Ito"):
    made = people.an_intern(session, cohort, intern), people.a_mentor(session, cohort, mentor)
    return people.a_pairing(session, *made)


def test_a_cohort_asks_on_thursdays_at_ten_of_its_own_zone(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session, zone="America/New_York")
        prompts.plan(session, cohort.id, people.START)
        opens = {week: row.opens_at.isoformat() for week, row in weeks_of(session).items()}
    assert opens == {
        3: "2026-06-25T14:00:00+00:00",
        7: "2026-07-23T14:00:00+00:00",
        12: "2026-08-27T14:00:00+00:00",
    }


def test_a_new_start_date_moves_the_weeks_not_asked_yet(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        prompts.plan(session, cohort.id, people.START)
        third = weeks_of(session)[3]
        prompts.ask(session, third.id, third.opens_at)
        was = third.opens_at
        cohort.starts_on += timedelta(weeks=1)
        cohort.weeks = 8
        prompts.plan(session, cohort.id, was)
        session.expire_all()
        found = weeks_of(session)
        assert found[3].opens_at == was
        assert sorted(found) == [2, 3, 5, 8]
        assert found[5].opens_at == datetime.fromisoformat("2026-07-16T08:00:00+00:00")
        assert found[2].opened_at is None


def test_a_cohort_chooses_its_own_weeks(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session, weeks=6)
        figures.save(session, cohort, {"thanks_first": 6, "thanks_second": 10}, now=people.START)
        prompts.plan(session, cohort.id, people.START)
        assert sorted(weeks_of(session)) == [3, 5, 6]


def test_a_prompt_week_that_lies_behind_is_not_made_up_for(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        a_pair(session, cohort)
        prompts.plan(session, cohort.id, people.START + timedelta(weeks=5))
        assert weeks_of(session)[3].opened_at is not None
        assert weeks_of(session)[7].opened_at is None
        assert asked(session) == []


def test_a_week_passed_over_is_asked_when_a_corrected_date_puts_it_ahead(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session, starts_on=people.START.date() - timedelta(weeks=6))
        prompts.plan(session, cohort.id, people.START)
        assert weeks_of(session)[3].opened_at is not None
        cohort.starts_on = people.START.date()
        prompts.plan(session, cohort.id, people.START)
        session.expire_all()
        third = weeks_of(session)[3]
        assert third.opened_at is None
        assert third.opens_at > people.START


def test_both_of_a_pair_are_asked_and_people_without_one_are_not(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        a_pair(session, cohort)
        ended = a_pair(session, cohort, "Cho Park", "Mia Chen")
        ended.state = PairingState.ENDED
        people.an_intern(session, cohort, "Dev Rao")
        prompts.plan(session, cohort.id, people.START)
        prompts.ask(session, weeks_of(session)[3].id, people.START)
        assert asked(session) == ["Ana", "Ben"]
        letters = session.scalars(sa.select(Letter).where(Letter.kind == THANKS_PROMPT.name)).all()
        assert len(letters) == 2


def test_a_mentor_of_two_is_asked_once_and_asking_twice_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        first = a_pair(session, cohort)
        people.a_pairing(session, people.an_intern(session, cohort, "Cho Park"), first.mentor)
        prompts.plan(session, cohort.id, people.START)
        week = weeks_of(session)[3].id
        prompts.ask(session, week, people.START)
        prompts.ask(session, week, people.START)
        assert sorted(asked(session)) == ["Ana", "Ben", "Cho"]


@pytest.mark.parametrize(("days", "again"), [(13, False), (14, True)])
def test_two_prompts_lie_at_least_two_weeks_apart(db: Database, days: int, again: bool) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        a_pair(session, cohort)
        prompts.plan(session, cohort.id, people.START)
        weeks = weeks_of(session)
        prompts.ask(session, weeks[3].id, people.START)
        # Earlier in the day than the first time: days are what counts.
        prompts.ask(session, weeks[7].id, people.START + timedelta(days=days, minutes=-30))
        assert len(asked(session)) == (4 if again else 2)


def test_after_two_times_not_now_nobody_is_asked_again(db: Database, clock: MovableClock) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        pair = a_pair(session, cohort)
        ana = pair.intern.person
        prompts.plan(session, cohort.id, clock())
        for week in (3, 7, 12):
            row = weeks_of(session)[week]
            prompts.ask(session, row.id, row.opens_at)
            mine = session.scalars(
                sa.select(ThanksPrompt).where(
                    ThanksPrompt.membership_id == pair.intern_id, ThanksPrompt.week == week
                )
            ).first()
            if mine:
                prompts.skip(session, mine.id, by=ana, now=row.opens_at)
                prompts.skip(session, mine.id, by=ana, now=row.opens_at)
        session.expire_all()
        assert asked(session) == ["Ana", "Ben", "Ana", "Ben", "Ben"]
        assert session.get_one(Membership, pair.intern_id).thanks_skipped == 2


def test_nobody_puts_aside_the_question_to_somebody_else(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        pair = a_pair(session, cohort)
        prompts.plan(session, cohort.id, people.START)
        prompts.ask(session, weeks_of(session)[3].id, people.START)
        first = session.scalars(sa.select(ThanksPrompt).order_by(ThanksPrompt.id)).first()
        assert first is not None
        with pytest.raises(NotYours):
            prompts.skip(session, first.id, by=pair.mentor.person, now=people.START)
        with pytest.raises(NotYours):
            prompts.owned(session, 999, pair.intern.person)
        assert first.state is PromptState.ASKED
