"""What a cohort's calendar holds ahead is what a life then brings."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot import program
from bot.cohort import dates
from bot.cohort.model import Cohort
from bot.cohort.planning import Occurrence
from bot.outbox.model import LetterState
from tests.support import people

# Six weeks over the end of summer time in Berlin, 25 October.
STARTS = date(2026, 9, 28)
KINDS = ("digest", "check_in", "thanks.prompt", "closing.line")


@pytest.fixture
def autumn(small_town: Any) -> Any:
    small_town.clock.set(datetime(2026, 9, 21, 7, tzinfo=UTC))
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    with small_town.db.begin() as session:
        cohort = people.a_cohort(
            session,
            channel=small_town.channel.id,
            starts_on=STARTS,
            weeks=6,
            now=small_town.clock(),
        )
        people.a_coordinator(session, cohort)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben, now=small_town.clock())
    return small_town


def brought(town: Any) -> set[tuple[datetime, str]]:
    """When each kind was posted; a day later nobody is asked again."""
    return {(x.created_at, x.kind) for kind in KINDS for x in town.letters(kind)}


def listed(found: list[Occurrence]) -> set[tuple[datetime, str]]:
    return {(one.at, one.kind) for one in found}


def test_a_life_brings_what_the_calendar_lists_and_when(autumn: Any) -> None:
    ahead = program.horizon(autumn.cohort())
    assert ahead == sorted(ahead)
    assert {one.kind for one in ahead} == set(KINDS)
    assert ahead[-1].at == autumn.cohort().ends_at
    autumn.live(until=ahead[-1].at + timedelta(days=3))
    assert brought(autumn) == listed(ahead)


def test_a_later_first_day_moves_what_is_ahead_and_leaves_what_was_sent(autumn: Any) -> None:
    before = program.horizon(autumn.cohort())
    moved = datetime(2026, 10, 2, 12, tzinfo=UTC)
    autumn.live(until=moved)
    sent = [(x.id, x.key, x.sent_at, x.state) for x in autumn.letters()]
    with autumn.db.begin() as session:
        cohort = session.get_one(Cohort, autumn.cohort().id)
        dates.move(session, cohort, STARTS + timedelta(weeks=3), 6, now=moved)
    after = program.horizon(autumn.cohort())
    autumn.live(until=after[-1].at + timedelta(days=3))
    kept = {x.id: (x.id, x.key, x.sent_at, x.state) for x in autumn.letters()}
    assert [kept[one[0]] for one in sent] == sent
    past = {one for one in listed(before) if one[0] <= moved}
    # The first round has been held: it is not held again.
    ahead = {(x.at, x.kind) for x in after if (x.kind, x.number) != ("check_in", 1)}
    assert brought(autumn) == past | ahead
    keys = [x.key for x in autumn.letters()]
    assert len(keys) == len(set(keys))


def test_a_digest_that_was_due_when_the_dates_changed_is_not_lost(autumn: Any) -> None:
    autumn.live(until=datetime(2026, 10, 5, 6, 59, tzinfo=UTC))
    autumn.clock.set(datetime(2026, 10, 5, 9, tzinfo=UTC))  # nobody worked at nine
    with autumn.db.begin() as session:
        cohort = session.get_one(Cohort, autumn.cohort().id)
        dates.move(session, cohort, STARTS, 7, now=autumn.clock())
    autumn.settle()
    assert [x.state for x in autumn.letters("digest")] == [LetterState.SENT] * 2


def test_mondays_missed_in_an_outage_are_counted_and_only_a_fresh_one_is_sent(
    autumn: Any,
) -> None:
    autumn.live(until=datetime(2026, 9, 28, 12, tzinfo=UTC))
    autumn.clock.set(datetime(2026, 10, 20, 7, tzinfo=UTC))  # a Tuesday, three weeks later
    autumn.settle()
    found = [(x.key[-10:], x.state, x.reason) for x in autumn.letters("digest")]
    late = (LetterState.CANCELLED, "too late to be of use")
    assert found == [
        ("2026-09-28", LetterState.SENT, ""),
        ("2026-10-05", *late),
        ("2026-10-12", *late),
        ("2026-10-19", LetterState.SENT, ""),
    ]
