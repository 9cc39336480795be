"""The town of this room's tests."""

import pytest

from tests.support import people
from tests.support.town import Town


@pytest.fixture
def summer(small_town: Town) -> Town:
    """A town with a cohort: Ana and Cho look for a mentor, Ben and Mia help, Priya coordinates."""
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, cohort)
        people.an_intern(session, cohort, "Ana Silva")
        people.an_intern(session, cohort, "Cho Park", zone="Europe/Berlin")
        people.a_mentor(session, cohort, "Ben Ito")
        people.a_mentor(session, cohort, "Mia Chen")
    return small_town
