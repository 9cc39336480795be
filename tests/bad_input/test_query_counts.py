"""Every screen and letter asks the same number of queries for few and for many people."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from bot.cohort.model import Cohort
from bot.concern.model import Concern, Level
from tests.support import people
from tests.support.counted import counting
from tests.support.town import Town


def pairs(session: Session, cohort: Cohort, *numbers: int) -> None:
    """Pairs that need a human, each with a mentor of its own."""
    for number in numbers:
        intern = people.an_intern(session, cohort, f"Intern{number} Silva")
        mentor = people.a_mentor(session, cohort, f"Mentor{number} Ito")
        pairing = people.a_pairing(session, intern, mentor)
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


SCREENS = {
    "console": ("/cohort", ""),
    "status": ("/cohort", "status"),
    "people": ("/cohort", "people"),
    "digest": ("/cohort", "digest"),
    "settings": ("/cohort", "settings"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_coordinators_screen(small_town: Town, screen: str) -> None:
    priya = small_town.seat("U0PRIYA")

    def asked() -> int:
        with counting(small_town.db) as sent:
            assert priya.command(*SCREENS[screen]).ok
        return len(sent)

    few, many = few_and_many(small_town, asked)
    assert many == few


def few_and_many(town: Town, asked: Callable[[], int]) -> tuple[int, int]:
    """How much is asked for 2 pairs, and for 30."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        pairs(session, cohort, 1, 2)
    asked()  # the first time, things are remembered
    few = asked()
    with town.db.begin() as session:
        pairs(session, session.merge(cohort), *range(3, 31))
    return few, asked()


def test_suggestions(small_town: Town) -> None:
    town = small_town
    with town.db.begin() as session:
        cohort = people.a_cohort(session)
        people.a_coordinator(session, cohort)
        people.an_intern(session, cohort)
        people.a_mentor(session, cohort, "Mentor1 Ito")
        people.a_mentor(session, cohort, "Mentor2 Ito")
    ana = town.seat("U0ANA")

    def asked() -> int:
        ana.command("/mentor-request")
        with counting(town.db) as sent:
            assert ana.submit().result == "updated"
        return len(sent)

    asked()
    few = asked()
    with town.db.begin() as session:
        for number in range(3, 31):
            people.a_mentor(session, session.merge(cohort), f"Mentor{number} Ito")
    assert asked() == few


def test_a_tick_with_nothing_to_do(small_town: Town) -> None:
    def asked() -> int:
        small_town.settle()
        with counting(small_town.db) as sent:
            small_town.settle()
        return len(sent)

    few, many = few_and_many(small_town, asked)
    assert many == few
