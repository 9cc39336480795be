"""Weeks, phases and rounds by the table, wall times over every zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cohort import calendar
from bot.cohort.calendar import Phase

ZONES = sorted(available_timezones())
zones = st.sampled_from(ZONES)
days = st.dates(date(2020, 1, 1), date(2034, 12, 31))
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
instants = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minute: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)

MONDAY = date(2026, 6, 8)
WEDNESDAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("day", "starts_on", "week"),
    [
        (date(2026, 6, 8), MONDAY, 1),
        (date(2026, 6, 14), MONDAY, 1),
        (date(2026, 6, 15), MONDAY, 2),
        (date(2026, 6, 8), WEDNESDAY, 1),  # the Monday before a start in mid-week
        (date(2026, 6, 7), WEDNESDAY, 0),
        (date(2026, 5, 31), WEDNESDAY, -1),
        (date(2026, 8, 28), MONDAY, 12),
    ],
)
def test_week_1_is_the_calendar_week_of_the_start_date(day: date, starts_on: date, week: int):
    assert calendar.week_of(day, starts_on) == week


@given(days, st.integers(-20, 40))
def test_the_monday_of_a_week_is_a_monday_in_that_week(starts_on: date, week: int):
    monday = calendar.monday_of_week(week, starts_on)
    assert monday.weekday() == calendar.MONDAY
    assert calendar.week_of(monday, starts_on) == week


def test_a_cohort_ends_on_the_friday_of_its_last_week():
    assert calendar.ends_on(MONDAY, 12) == date(2026, 8, 28)
    assert calendar.ends_on(date(2026, 6, 14), 6) == date(2026, 7, 17)  # a start on a Sunday


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        (6, "1 (3) 6"),
        (7, "1 (3) 7"),
        (8, "2 (4) 6 8"),
        (9, "2 (5) 7 9"),
        (10, "2 (5) 8 10"),
        (11, "2 4 (6) 8 11"),
        (12, "2 4 (6) 8 10 12"),
        (13, "2 4 (7) 9 11 13"),
        (14, "2 4 (7) 10 12 14"),
        (15, "2 4 6 (8) 10 12 15"),
        (16, "2 4 6 (8) 10 12 14 16"),
    ],
)
def test_the_rounds_of_each_length(weeks: int, expected: str):
    rounds = calendar.rounds(weeks)
    shown = " ".join(f"({r.week})" if r.kind == "mid" else str(r.week) for r in rounds)
    assert shown == expected
    assert [r.number for r in rounds] == list(range(1, len(rounds) + 1))
    assert [r.kind for r in rounds].count("final") == 1
    assert rounds[-1].kind == "final"


@pytest.mark.parametrize("weeks", [-1, 0, 5, 17])
def test_other_lengths_have_no_rounds(weeks: int):
    with pytest.raises(ValueError, match="6 to 16"):
        calendar.rounds(weeks)


def test_the_phases_of_twelve_weeks():
    phases = [calendar.phase(week, 12) for week in range(1, 13)]
    assert phases == [Phase.INITIATION] * 2 + [Phase.CULTIVATION] * 7 + [Phase.SEPARATION] * 3


@pytest.mark.parametrize("weeks", range(6, 17))
def test_every_length_has_all_phases_in_order(weeks: int):
    phases = [calendar.phase(week, weeks) for week in range(-1, weeks + 3)]
    assert list(dict.fromkeys(phases)) == list(Phase)
    changes = sum(a is not b for a, b in pairwise(phases))
    assert changes == 2


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [(12, (3, 7, 12)), (6, (2, 4, 6)), (8, (2, 5, 8)), (16, (4, 9, 16))],
)
def test_thanks_weeks_scale_with_the_length(weeks: int, expected: tuple[int, ...]):
    assert calendar.thanks_weeks(weeks) == expected


def test_thanks_weeks_stay_in_the_programme_and_come_once():
    assert calendar.thanks_weeks(6, base=(0, 1, 2, 14)) == (1, 6)


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        # ordinary
        (date(2026, 6, 16), time(15), "Europe/Berlin", "2026-06-16T13:00"),
        # the gap: 2:00 to 3:00 does not exist, 3:00 is the first valid minute
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", "2026-03-29T01:00"),
        (date(2026, 3, 29), time(2, 0), "Europe/Berlin", "2026-03-29T01:00"),
        (date(2026, 3, 29), time(3, 0), "Europe/Berlin", "2026-03-29T01:00"),
        (date(2026, 3, 29), time(1, 59), "Europe/Berlin", "2026-03-29T00:59"),
        # the overlap: the first of the two
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", "2026-10-25T00:30"),
        # half an hour on Lord Howe
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:30"),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45"),
        # a gap that reaches midnight moves into the next date
        (date(2024, 3, 30), time(23, 30), "America/Nuuk", "2024-03-31T01:00"),
        # a quarter of an hour off, and fourteen hours ahead
        (date(2026, 6, 16), time(9), "Asia/Kathmandu", "2026-06-16T03:15"),
        (date(2026, 6, 16), time(9), "Pacific/Kiritimati", "2026-06-15T19:00"),
    ],
)
def test_wall_times_become_instants(day: date, at: time, zone: str, utc: str):
    instant = calendar.local(day, at, zone)
    assert instant == datetime.fromisoformat(utc + "+00:00")
    assert instant.tzinfo is UTC


def test_seconds_are_kept():
    at = time(9, 0, 30)
    assert calendar.local(MONDAY, at, "UTC") == datetime(2026, 6, 8, 9, 0, 30, tzinfo=UTC)


@settings(max_examples=400)
@given(days, minutes, zones)
def test_local_is_the_first_instant_that_shows_at_least_the_wall_time(
    day: date, at: time, zone: str
):
    instant = calendar.local(day, at, zone)
    wanted = datetime.combine(day, at)
    shown = instant.astimezone(ZoneInfo(zone))
    assert shown.replace(tzinfo=None) >= wanted
    assert shown.second == 0
    before = (instant - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert before < wanted


def test_a_date_that_never_happened_has_no_occurrence():
    assert not calendar.exists(date(2011, 12, 30), "Pacific/Apia")
    now = calendar.local(date(2011, 12, 29), time(9), "Pacific/Apia")
    upcoming = calendar.next_local(now, time(9), "Pacific/Apia")
    assert upcoming == calendar.local(date(2011, 12, 31), time(9), "Pacific/Apia")


def test_yesterdays_time_can_fall_on_todays_first_minute():
    now = datetime(2024, 3, 31, 1, 0, tzinfo=UTC)  # midnight in Nuuk, right after its gap
    at = time(23, 30)
    assert calendar.next_local(now, at, "America/Nuuk", after_equal=True) == now
    assert calendar.next_local(now, at, "America/Nuuk") == now + timedelta(hours=23, minutes=30)


def test_next_local_is_strictly_after_now_unless_told():
    now = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)  # Monday 9:00 in Berlin
    assert calendar.next_local(now, time(9), "Europe/Berlin") == now + timedelta(days=1)
    assert calendar.next_local(now, time(9), "Europe/Berlin", after_equal=True) == now
    assert calendar.next_local(now, time(9, 1), "Europe/Berlin") == now + timedelta(minutes=1)


def test_next_local_finds_the_weekday_across_a_clock_change():
    now = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)  # Monday 9:00 in Berlin, before the change
    upcoming = calendar.next_local(now, time(9), "Europe/Berlin", weekday=calendar.MONDAY)
    assert upcoming == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


@given(instants, minutes, zones, st.integers(0, 6))
def test_next_local_shows_the_wanted_weekday(now: datetime, at: time, zone: str, weekday: int):
    upcoming = calendar.next_local(now, at, zone, weekday=weekday)
    assert now < upcoming <= now + timedelta(days=8, hours=3)
    shown = upcoming.astimezone(ZoneInfo(zone)) - timedelta(hours=3)  # a gap may cross midnight
    assert (upcoming.astimezone(ZoneInfo(zone)).weekday() == weekday) or (
        shown.weekday() == weekday
    )


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "Mars/Base",
        "America",
        "../etc/passwd",
        "a\0b",
        "x" * 5000,
        "\ud800",
        "europe/berlin ",
        "right/Europe/Berlin",
    ],
)
def test_an_unknown_zone_falls_back(name: str | None):
    assert calendar.zone_or(name, "Europe/Lisbon") == "Europe/Lisbon"


@given(st.text(max_size=40))
def test_no_zone_name_crashes(name: str):
    chosen = calendar.zone_or(name, "UTC")
    assert calendar.local(MONDAY, time(9), chosen).tzinfo is UTC


def test_a_known_zone_is_kept():
    assert calendar.zone_or("Asia/Kathmandu", "UTC") == "Asia/Kathmandu"
