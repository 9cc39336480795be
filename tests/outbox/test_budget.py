"""When a letter may go."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.cohort.hours import Hours
from bot.cohort.roster import CohortReader
from bot.outbox.budget import allowed_at, shared_open
from bot.outbox.model import Allowance, Budget

MONDAY = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)  # 9:00 in Berlin


@dataclass(frozen=True)
class Case:
    name: str
    budget: Budget
    now: datetime
    sent: tuple[datetime, ...]
    expected: datetime
    paused_until: datetime | None = None


def berlin(**more: object) -> CohortReader:
    facts = {"slack_id": "U0ANA", "away": (), "gone": False, "paused_until": None} | more
    return CohortReader(hours=Hours(zone="Europe/Berlin"), **facts)  # type: ignore[arg-type]


CASES = (
    Case("in hours, nothing sent: now", Budget.COUNTED, MONDAY, (), MONDAY),
    Case("before nine: at nine", Budget.HOURS, MONDAY - timedelta(hours=3), (), MONDAY),
    Case(
        "a click's result: at once, at night too",
        Budget.NOW,
        MONDAY - timedelta(hours=6),
        (),
        MONDAY - timedelta(hours=6),
    ),
    Case(
        "on Saturday: on Monday",
        Budget.HOURS,
        MONDAY - timedelta(days=2),
        (),
        MONDAY,
    ),
    Case(
        "one already today: tomorrow at nine",
        Budget.COUNTED,
        MONDAY + timedelta(hours=4),
        (MONDAY,),
        MONDAY + timedelta(days=1),
    ),
    Case(
        "one already today does not hold up what is not counted",
        Budget.HOURS,
        MONDAY + timedelta(hours=4),
        (MONDAY,),
        MONDAY + timedelta(hours=4),
    ),
    Case(
        "three since last Tuesday: the fourth waits until seven days have passed",
        Budget.COUNTED,
        MONDAY,
        tuple(MONDAY - timedelta(days=back) for back in (6, 5, 4)),
        MONDAY + timedelta(days=1),
    ),
    Case(
        "three on the last working days: the week is any seven days, not a calendar week",
        Budget.COUNTED,
        MONDAY,
        tuple(MONDAY - timedelta(days=back) for back in (5, 4, 3)),
        MONDAY + timedelta(days=2),
    ),
    Case(
        "paused until Wednesday noon: Wednesday noon",
        Budget.COUNTED,
        MONDAY,
        (),
        MONDAY + timedelta(days=2, hours=3),
        paused_until=MONDAY + timedelta(days=2, hours=3),
    ),
    Case(
        "a pause does not hold up what they asked for",
        Budget.HOURS,
        MONDAY,
        (),
        MONDAY,
        paused_until=MONDAY + timedelta(days=2),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_letter_goes_at_the_first_moment_the_rules_allow(case: Case) -> None:
    reader = berlin(paused_until=case.paused_until)
    at = allowed_at(case.budget, reader, list(case.sent), Allowance(), case.now)
    assert at == case.expected


def test_nothing_comes_on_leave() -> None:
    reader = berlin(away=((date(2026, 6, 8), date(2026, 6, 11)),))
    assert allowed_at(Budget.HOURS, reader, [], Allowance(), MONDAY) == MONDAY + timedelta(days=3)


def test_a_group_letter_goes_in_hours_both_share() -> None:
    new_york = CohortReader("U0CHO", Hours(zone="America/New_York"), (), False, None)
    # 9:00 in New York is 15:00 in Berlin.
    assert shared_open([berlin(), new_york], MONDAY) == MONDAY + timedelta(hours=6)


def test_a_group_without_a_shared_hour_follows_its_first_reader() -> None:
    night = CohortReader(
        "U0KEN", Hours(start=time(1), end=time(4), zone="Europe/Berlin"), (), False, None
    )
    assert shared_open([berlin(), night], MONDAY) == MONDAY
