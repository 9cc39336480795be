"""Working time by example, and its promises over many zones, hours and leaves."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.cohort import hours as h
from bot.cohort.hours import DEFAULT, Away, Hours

BERLIN = Hours(zone="Europe/Berlin")
NEW_YORK = Hours(zone="America/New_York")
TOKYO = Hours(zone="Asia/Tokyo")


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


instants = st.integers(0, 10 * 365 * 24 * 60).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
everywhere = st.sampled_from(sorted(available_timezones()))
windows = (
    st.tuples(st.integers(0, 24 * 4 - 1), st.integers(0, 24 * 4 - 1))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: [time(quarter // 4, quarter % 4 * 15) for quarter in sorted(pair)])
)


@st.composite
def any_hours(draw: st.DrawFn, zones: st.SearchStrategy[str] = everywhere) -> Hours:
    start, end = draw(windows)
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return Hours(days, start, end, draw(zones))


@st.composite
def any_leave(draw: st.DrawFn) -> Away:
    first = draw(st.dates(date(2024, 1, 1), date(2033, 12, 31)))
    return ((first, first + timedelta(days=draw(st.integers(1, 28)))),)


def test_the_default_is_monday_to_friday_nine_to_five():
    assert DEFAULT.days == frozenset({0, 1, 2, 3, 4})
    assert (DEFAULT.start, DEFAULT.end) == (time(9), time(17))


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": frozenset()},
        {"days": frozenset({7})},
        {"start": time(22), "end": time(6)},
        {"start": time(9), "end": time(9)},
        {"start": time(9, tzinfo=UTC)},
        {"zone": "Mars/Base"},
        {"zone": ""},
    ],
)
def test_unusable_hours_are_refused(wrong: dict):
    with pytest.raises(ValueError, match=r"working|zone"):
        Hours(**wrong)


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-06-12 08:59", False),
        ("2026-06-12 09:00", True),
        ("2026-06-12 16:59", True),
        ("2026-06-12 17:00", False),
        ("2026-06-13 12:00", False),  # Saturday
    ],
)
def test_open_from_the_start_until_before_the_end(at: str, open_: bool):
    assert h.is_open(BERLIN, berlin(at)) is open_


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-06-12 12:00", "2026-06-12 12:00"),
        ("2026-06-12 07:00", "2026-06-12 09:00"),
        ("2026-06-12 17:00", "2026-06-15 09:00"),
        ("2026-03-28 12:00", "2026-03-30 09:00"),  # over the start of summer time
    ],
)
def test_the_next_opening(at: str, opens: str):
    assert h.next_open(BERLIN, berlin(at)) == berlin(opens)


def test_the_next_opening_waits_for_the_return_from_leave():
    away = ((date(2026, 6, 12), date(2026, 6, 17)),)
    assert h.next_open(BERLIN, berlin("2026-06-12 12:00"), away) == berlin("2026-06-17 09:00")
    assert not h.is_open(BERLIN, berlin("2026-06-12 12:00"), away)
    assert h.is_open(BERLIN, berlin("2026-06-17 09:00"), away)


def test_a_start_inside_the_gap_opens_right_after_it():
    sundays = Hours(frozenset({6}), time(2, 30), time(5), "Europe/Berlin")
    assert h.next_open(sundays, utc("2026-03-29 00:00")) == utc("2026-03-29 01:00")


def test_a_window_swallowed_by_the_gap_is_left_out():
    sundays = Hours(frozenset({6}), time(2, 15), time(2, 45), "Europe/Berlin")
    assert h.next_open(sundays, utc("2026-03-29 00:00")) == berlin("2026-04-05 02:15")


def test_a_window_that_comes_twice_is_meant_the_first_time():
    sundays = Hours(frozenset({6}), time(2, 15), time(2, 45), "Europe/Berlin")
    assert h.is_open(sundays, utc("2026-10-25 00:30"))
    assert not h.is_open(sundays, utc("2026-10-25 01:30"))


@given(any_hours(), instants)
def test_the_next_opening_is_open_and_nothing_before_it_is(hours: Hours, at: datetime):
    opens = h.next_open(hours, at)
    assert opens >= at
    assert h.is_open(hours, opens)
    assert h.next_open(hours, opens) == opens
    if opens > at:
        assert not h.is_open(hours, at)
        assert not h.is_open(hours, opens - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-06-12 07:00", "2026-06-15 09:00"),
        ("2026-06-12 20:00", "2026-06-15 09:00"),
        ("2026-06-14 12:00", "2026-06-15 09:00"),
        ("2026-06-15 09:00", "2026-06-16 09:00"),
    ],
)
def test_the_next_working_day_is_a_later_date(at: str, opens: str):
    assert h.next_working_day(BERLIN, berlin(at)) == berlin(opens)


@pytest.mark.parametrize(
    ("at", "n", "expected"),
    [
        ("2026-06-09 15:00", 3, "2026-06-12 15:00"),
        ("2026-06-11 15:00", 3, "2026-06-16 15:00"),  # a weekend between
        ("2026-06-09 15:00", 0, "2026-06-09 15:00"),
        ("2026-06-09 06:00", 3, "2026-06-12 09:00"),  # before work: from the opening
        ("2026-06-09 20:00", 3, "2026-06-15 09:00"),  # after work: three whole days
        ("2026-06-13 12:00", 3, "2026-06-18 09:00"),  # from a Saturday
        ("2026-03-26 15:00", 3, "2026-03-31 15:00"),  # the same wall time in summer time
    ],
)
def test_working_days_keep_the_local_time(at: str, n: int, expected: str):
    assert h.add_working_days(BERLIN, berlin(at), n) == berlin(expected)


def test_days_on_leave_do_not_count():
    away = ((date(2026, 6, 10), date(2026, 6, 12)),)  # Wednesday and Thursday off
    lapses = h.add_working_days(BERLIN, berlin("2026-06-09 15:00"), 3, away=away)
    assert lapses == berlin("2026-06-16 15:00")
    passed = h.working_days_between(BERLIN, berlin("2026-06-09 15:00"), lapses, away=away)
    assert passed == 3


def test_a_local_time_at_the_cut_off_end_of_a_day_becomes_its_last_minute():
    # On 29 March the clock jumps from 2:00 to 3:00, so this Sunday's work ends there.
    sundays = Hours(frozenset({6}), time(1), time(2, 30), "Europe/Berlin")
    later = h.add_working_days(sundays, berlin("2026-03-22 02:15"), 1)
    assert later == utc("2026-03-29 00:59")
    assert h.is_open(sundays, later)


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forward"):
        h.add_working_days(BERLIN, berlin("2026-06-09 15:00"), -1)


@pytest.mark.parametrize(
    ("b", "days"),
    [
        ("2026-06-09 14:00", 0),
        ("2026-06-10 14:59", 0),
        ("2026-06-10 15:00", 1),
        ("2026-06-14 12:00", 3),
        ("2026-06-15 15:00", 4),
    ],
)
def test_whole_working_days_between(b: str, days: int):
    assert h.working_days_between(BERLIN, berlin("2026-06-09 15:00"), berlin(b)) == days


@given(any_hours(), instants, st.integers(0, 12), any_leave())
def test_between_undoes_add(hours: Hours, at: datetime, n: int, away: Away):
    later = h.add_working_days(hours, at, n, away)
    assert h.is_open(hours, later, away)
    assert h.working_days_between(hours, at, later, away) == n
    if n:
        assert h.working_days_between(hours, at, later - timedelta(minutes=1), away) == n - 1


@given(any_hours(), instants, st.integers(0, 10**5), st.integers(0, 6), any_leave())
def test_who_starts_later_is_never_done_earlier(
    hours: Hours, at: datetime, minutes: int, n: int, away: Away
):
    later = at + timedelta(minutes=minutes)
    assert h.add_working_days(hours, at, n, away) <= h.add_working_days(hours, later, n, away)


@pytest.mark.parametrize(
    ("a", "b", "on", "minutes"),
    [
        (BERLIN, BERLIN, date(2026, 6, 10), 5 * 8 * 60),
        (BERLIN, NEW_YORK, date(2026, 6, 10), 5 * 2 * 60),
        # New York changes its clocks three weeks before Berlin: one hour closer
        (BERLIN, NEW_YORK, date(2026, 3, 11), 5 * 3 * 60),
        # one hour a morning in Berlin's summer, none in its winter
        (BERLIN, TOKYO, date(2026, 6, 10), 5 * 60),
        (BERLIN, TOKYO, date(2026, 1, 14), 0),
        # Monday evening in Los Angeles is Tuesday morning in Tokyo: Mon to Thu with Tue to Fri
        (Hours(zone="America/Los_Angeles"), TOKYO, date(2026, 1, 14), 4 * 60),
        (
            Hours(frozenset({0, 2}), time(9), time(12, 10), "Europe/Berlin"),
            Hours(frozenset({2, 4}), time(11, 30), time(15), "Europe/Berlin"),
            date(2026, 6, 10),
            40,
        ),
    ],
)
def test_shared_minutes_a_week(a: Hours, b: Hours, on: date, minutes: int):
    assert h.shared_minutes_per_week(a, b, on) == minutes
    assert h.shared_minutes_per_week(b, a, on) == minutes


def test_slots_are_half_hours_side_by_side():
    mornings = Hours(frozenset({0, 1}), time(9), time(10, 20), "Europe/Berlin")
    assert h.shared_slots(mornings, BERLIN, date(2026, 6, 10)) == 4  # 80 minutes twice
    assert h.shared_slots(TOKYO, BERLIN, date(2026, 1, 14)) == 0


@given(any_hours(), any_hours(), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_sharing_is_mutual_and_never_more_than_one_has(a: Hours, b: Hours, on: date):
    shared = h.shared_minutes_per_week(a, b, on)
    assert shared == h.shared_minutes_per_week(b, a, on)
    assert 0 <= shared <= h.shared_minutes_per_week(a, a, on)
    assert h.shared_slots(a, b, on) * 30 <= shared


def test_when_both_next_work():
    at = berlin("2026-06-12 20:00")  # Friday evening; New York works until 23:00 of Berlin
    assert not h.both_open(BERLIN, NEW_YORK, at)
    assert h.next_both_open(BERLIN, NEW_YORK, at) == berlin("2026-06-15 15:00")
    inside = berlin("2026-06-15 16:00")
    assert h.both_open(BERLIN, NEW_YORK, inside)
    assert h.next_both_open(BERLIN, NEW_YORK, inside) == inside


def test_two_who_never_work_at_once_have_no_next_time():
    assert h.next_both_open(BERLIN, TOKYO, berlin("2026-01-12 10:00")) is None


@given(any_hours(), any_hours(), instants)
def test_the_next_shared_moment_is_shared_and_the_first(a: Hours, b: Hours, at: datetime):
    moment = h.next_both_open(a, b, at)
    assume(moment is not None)
    assert moment is not None
    assert h.both_open(a, b, moment)
    if moment > at:
        assert not h.both_open(a, b, moment - timedelta(minutes=1))
        assert not h.both_open(a, b, at)
