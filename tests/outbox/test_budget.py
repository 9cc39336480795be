"""When a letter may go."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cohort.hours import Hours, is_open
from bot.cohort.roster import CohortReader
from bot.outbox.budget import SPREAD, allowed_at, shared_open, spread
from bot.outbox.model import Allowance, Budget, Reader

MONDAY = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)  # 9:00 in Berlin
ZONES = sorted(available_timezones())
NO_SPREAD = next(name for n in range(5000) if spread(name := f"U{n}") == timedelta(0))
ANA = timedelta(minutes=4, seconds=29)  # so long after an opening her letters start, always


@dataclass(frozen=True)
class Case:
    name: str
    budget: Budget
    now: datetime
    sent: tuple[datetime, ...]
    expected: datetime
    paused_until: datetime | None = None


def berlin(**more: object) -> CohortReader:
    facts = {
        "slack_id": "U0ANA",
        "hours": Hours(zone="Europe/Berlin"),
        "away": (),
        "gone": False,
        "paused_until": None,
    }
    return CohortReader(**facts | more)  # type: ignore[arg-type]


CASES = (
    Case("in hours, nothing sent: now", Budget.COUNTED, MONDAY, (), MONDAY),
    Case(
        "before nine: at nine, and her own few minutes",
        Budget.HOURS,
        MONDAY - timedelta(hours=3),
        (),
        MONDAY + ANA,
    ),
    Case("at nine sharp: now", Budget.HOURS, MONDAY, (), MONDAY),
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
        MONDAY + ANA,
    ),
    Case(
        "one already today: tomorrow at nine",
        Budget.COUNTED,
        MONDAY + timedelta(hours=4),
        (MONDAY,),
        MONDAY + timedelta(days=1) + ANA,
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
        MONDAY + timedelta(days=1) + ANA,
    ),
    Case(
        "three on the last working days: the week is any seven days, not a calendar week",
        Budget.COUNTED,
        MONDAY,
        tuple(MONDAY - timedelta(days=back) for back in (5, 4, 3)),
        MONDAY + timedelta(days=2) + ANA,
    ),
    Case(
        "paused until Wednesday at noon, in the midst of work: at noon",
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
    back = MONDAY + timedelta(days=3) + ANA
    assert allowed_at(Budget.HOURS, reader, [], Allowance(), MONDAY) == back


def test_a_group_letter_goes_in_hours_both_share() -> None:
    new_york = CohortReader("U0CHO", Hours(zone="America/New_York"), (), False, None)
    # 9:00 in New York is 15:00 in Berlin.
    assert shared_open([berlin(), new_york], MONDAY) == MONDAY + timedelta(hours=6) + ANA


def test_a_group_without_a_shared_hour_follows_its_first_reader() -> None:
    night = CohortReader(
        "U0KEN", Hours(start=time(1), end=time(4), zone="Europe/Berlin"), (), False, None
    )
    assert shared_open([berlin(), night], MONDAY) == MONDAY


# ---- the first minutes of a working day


def test_a_persons_minute_is_the_same_in_every_process_and_always_less_than_all() -> None:
    assert spread("U0ANA") == ANA
    assert spread("U0BEN") != ANA
    found = [spread(f"U{n:05}") for n in range(2000)]
    assert all(timedelta(0) <= one < SPREAD and one.microseconds == 0 for one in found)


def test_an_office_that_waits_for_nine_starts_over_ten_minutes() -> None:
    """A thousand people: no second starts more than a handful, no minute more than a fifth."""
    early = MONDAY - timedelta(hours=2)
    starts = Counter(
        allowed_at(Budget.HOURS, berlin(slack_id=f"U{n:05}"), [], Allowance(), early)
        for n in range(1000)
    )
    assert min(starts) >= MONDAY
    assert max(starts) < MONDAY + SPREAD
    assert max(starts.values()) <= 10
    minutes = Counter((at - MONDAY) // timedelta(minutes=1) for at in starts.elements())
    assert set(minutes) == set(range(10))
    assert max(minutes.values()) < 200


def test_a_window_that_is_over_by_then_is_used_from_its_opening() -> None:
    short = berlin(hours=Hours(start=time(9), end=time(9, 4), zone="Europe/Berlin"))
    assert allowed_at(Budget.HOURS, short, [], Allowance(), MONDAY - timedelta(hours=1)) == MONDAY


def test_a_letter_is_not_made_too_late_by_a_few_minutes() -> None:
    early, limit = MONDAY - timedelta(hours=1), MONDAY + timedelta(minutes=4)
    assert allowed_at(Budget.HOURS, berlin(), [], Allowance(), early, not_after=limit) == MONDAY
    assert shared_open([berlin()], early, not_after=limit) == MONDAY


def test_what_waits_for_one_person_still_waits_for_one_moment() -> None:
    """Letters from the weekend, from the night and from yesterday's full day merge on Monday."""
    friday = MONDAY - timedelta(days=3)
    waits = [
        allowed_at(Budget.COUNTED, berlin(), sent, Allowance(), now)
        for now, sent in (
            (MONDAY - timedelta(days=2), []),
            (MONDAY - timedelta(minutes=1), []),
            (friday + timedelta(hours=3), [friday]),
        )
    ]
    assert waits == [MONDAY + ANA] * 3


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
    ],
)
def test_a_change_of_the_clocks_never_moves_a_nine_o_clock_letter(zone: str, change: date) -> None:
    """Written the evening before, on every day of the week around the change."""
    every_day = Hours(days=frozenset(range(7)), zone=zone)
    reader = CohortReader("U0ANA", every_day, (), False, None)
    tz = ZoneInfo(zone)
    for back in range(-3, 4):
        day = change + timedelta(days=back)
        evening = datetime.combine(day - timedelta(days=1), time(20), tz)
        at = allowed_at(Budget.HOURS, reader, [], Allowance(), evening.astimezone(UTC))
        shown = at.astimezone(tz)
        assert shown.replace(tzinfo=None) == datetime.combine(day, time(9)) + ANA


# ---- whatever the hours, the zone and the budget


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 24 * 60 - 6))
    length = draw(st.sampled_from([1, 5, 9, 10, 11, 60, 480]))
    end = min(start + length, 24 * 60 - 1)
    return Hours(
        days=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        start=time(start // 60, start % 60),
        end=time(end // 60, end % 60),
        zone=draw(st.sampled_from(ZONES)),
    )


moments = st.integers(0, 3 * 365 * 24 * 60 * 60).map(
    lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
people = st.builds(
    CohortReader,
    slack_id=st.from_regex(r"U[A-Z0-9]{5}", fullmatch=True),
    hours=some_hours(),
    away=st.just(()),
    gone=st.just(False),
    paused_until=st.none() | moments,
)
# How often a person was written to, counted back from now in hours.
lately = st.lists(st.integers(0, 8 * 24), max_size=5)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(Budget), people, moments, lately, st.integers(1, 2), st.integers(1, 4))
def test_the_moment_a_letter_waits_for_is_open_not_before_and_asked_again_it_is_now(
    budget: Budget, reader: CohortReader, now: datetime, hours: list[int], day: int, week: int
) -> None:
    sent = [now - timedelta(hours=back) for back in hours]
    allowance = Allowance(per_day=day, per_week=max(day, week))
    at = allowed_at(budget, reader, sent, allowance, now)
    assert at >= now
    assert allowed_at(budget, reader, sent, allowance, at) == at
    if budget is Budget.NOW:
        assert at == now
        return
    assert is_open(reader.hours, at)
    if budget is Budget.HOURS and is_open(reader.hours, now):
        assert at == now
    if budget is Budget.COUNTED and reader.paused_until:
        assert not now < reader.paused_until or at >= reader.paused_until
    # No later than its spread after the moment it would go without one.
    bare = replace(reader, slack_id=NO_SPREAD)
    assert timedelta(0) <= at - allowed_at(budget, bare, sent, allowance, now) < SPREAD


@settings(max_examples=200, deadline=None)
@given(st.lists(people, min_size=1, max_size=3), moments)
def test_a_group_waits_for_a_shared_moment_and_asked_again_it_is_now(
    group: list[CohortReader], now: datetime
) -> None:
    readers: list[Reader] = list(group)
    at = shared_open(readers, now)
    assert at >= now
    assert is_open(group[0].hours, at)
    again = shared_open(readers, at)
    # Later only where from here on everybody shares an hour that was too far to see before.
    assert again == at or all(is_open(one.hours, again) for one in group)
    assert shared_open(readers, again) == again
