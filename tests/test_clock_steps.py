"""The clock steps, or the machine slept: nothing comes twice, what is late is sent or counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import outbox
from bot.cohort import messages
from bot.outbox.budget import spread
from bot.outbox.model import Budget, Kind, LetterState
from tests.support import people

NINE = datetime(2026, 6, 8, 7, tzinfo=UTC)  # Monday in Berlin: the first digest
HOUR = timedelta(hours=1)


@pytest.fixture
def monday(small_town: Any) -> Any:
    """A cohort on its first Monday, a minute before nine, with a letter for Ana at nine."""
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, cohort)
        ana = people.an_intern(session, cohort)
        people.a_pairing(session, ana, people.a_mentor(session, cohort))
    small_town.live(until=NINE - timedelta(minutes=1))
    post(small_town, messages.CLOSING)
    return small_town


def post(town: Any, kind: Kind) -> None:
    ana = town.person("U0ANA")
    with town.db.begin() as session:
        outbox.post(
            session,
            kind,
            key=f"{kind.name}:test",
            workspace_id=ana.workspace_id,
            person_id=ana.id,
            subject=2,
            now=town.clock(),
        )


def sent(town: Any) -> list[tuple[str, datetime | None]]:
    return [(x.kind, x.sent_at) for x in town.letters() if x.state is LetterState.SENT]


def test_a_clock_that_steps_back_an_hour_sends_nothing_twice(monday: Any) -> None:
    monday.live(until=NINE + timedelta(minutes=15))
    before = sent(monday)
    assert ("digest", NINE) in before
    assert ("closing", NINE + spread("U0ANA")) in before
    monday.clock.set(NINE - timedelta(minutes=45))
    monday.settle()
    monday.live(hours=1, minutes=30)  # past nine, for the second time
    assert sent(monday) == before


def test_a_clock_that_steps_an_hour_on_sends_what_it_jumped_over_once(monday: Any) -> None:
    monday.clock.set(NINE - timedelta(minutes=1) + HOUR)
    monday.settle()
    late = monday.clock()
    assert {(kind, late) for kind in ("digest", "closing")} <= set(sent(monday))
    monday.clock.set(late - HOUR)  # and back, as it was
    monday.live(hours=3)
    kinds = [kind for kind, _at in sent(monday)]
    assert (kinds.count("digest"), kinds.count("closing")) == (1, 1)


def test_after_three_days_asleep_late_letters_go_and_stale_ones_are_counted(monday: Any) -> None:
    """Each kind says how long it is of use; what is too old ends with that reason."""
    stale = Kind("closing.line", Budget.HOURS, max_age=timedelta(days=1))
    post(monday, stale)
    monday.clock.set(NINE + timedelta(days=3, hours=2))
    monday.settle()
    ends = {x.kind: (x.state, x.reason) for x in monday.letters()}
    assert ends["closing"] == (LetterState.SENT, "")
    assert ends["closing.line"] == (LetterState.CANCELLED, "too late to be of use")
    assert ends["digest"] == (LetterState.CANCELLED, "too late to be of use")
    # Every letter that was due has an end, and the next Monday comes as if nothing had been.
    waiting = [x for x in monday.letters() if x.state is LetterState.PENDING]
    assert all(x.due_at > monday.clock() for x in waiting)
    monday.live(until=NINE + timedelta(days=7, minutes=1))
    assert ("digest", NINE + timedelta(days=7)) in sent(monday)
