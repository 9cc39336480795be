"""A pair in a town: Ana in Berlin and Ben in Lisbon, already introduced."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cohort.model import Person
from bot.pairing.model import Pairing
from tests.support import people


class Pair:
    """The two, their seats in Slack, and the town around them."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.db = town.db
        self.clock = town.clock
        town.slack.join(town.channel.id, town.slack.bot_user_id)
        with self.db.begin() as session:
            cohort = people.a_cohort(session, channel=town.channel.id, now=town.clock())
            self.cohort_id = cohort.id
            people.a_coordinator(session, cohort)
            intern = people.an_intern(session, cohort)
            mentor = people.a_mentor(session, cohort, capacity=2)
            self.pairing_id = people.a_pairing(session, intern, mentor, now=town.clock()).id
        self.ana, self.ben = town.seat("U0ANA"), town.seat("U0BEN")
        town.settle()

    def pairing(self, session: Any) -> Pairing:
        return session.get_one(Pairing, self.pairing_id)

    def person(self, session: Any, name: str) -> Person:
        return people.a_person(session, name)

    def plan(self, seat: Any, day: str, at: str, minutes: str = "30", place: str = "") -> Any:
        """Plan through the form, as people do, and let the message go out."""
        opened = seat.command("/mentor", "meet")
        assert seat.modal, (opened.says, opened.message)
        given = {"date": day, "time": at, "minutes": minutes}
        outcome = seat.submit(given | ({"place": place} if place else {}))
        self.town.settle()
        return outcome

    @property
    def group(self) -> list[Any]:
        """What stands in the pair's group message."""
        found = self.ana.groups
        return list(self.ana.messages(found[0])) if found else []

    def live(self, **delta: float) -> None:
        self.town.live(self.clock() + timedelta(**delta))


@pytest.fixture
def pair(town: Any) -> Pair:
    """The pair on both databases."""
    return Pair(town)


@pytest.fixture
def small_pair(small_town: Any) -> Pair:
    """The pair on SQLite only."""
    return Pair(small_town)
