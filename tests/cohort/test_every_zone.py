"""Each local date exactly once: every zone, every full hour, ten years.

The oracle knows nothing of the code: it lists a zone's stretches of constant offset and asks in
which of them the wall clock first shows a time, or first has passed it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.cohort import calendar

FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
HOURS = [time(hour) for hour in range(24)]
DAY = timedelta(days=1)
LOOK = timedelta(hours=6)  # between two looks; no zone changes twice within two days
NEAR = 2 * DAY  # further from a change, nothing the code looks at lies on its other side


@dataclass(frozen=True)
class Stretch:
    """A time of one offset, as naive UTC: first moment included, last not."""

    start: datetime
    end: datetime
    offset: timedelta


Stretches = tuple[Stretch, ...]


def stretches(zone: str, first: date, last: date) -> Stretches:
    """A zone from a week before to a week after these dates; changes to the second."""
    tz = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        found = moment.replace(tzinfo=UTC).astimezone(tz).utcoffset()
        assert found is not None
        return found

    begin = datetime.combine(first, time(0)) - 7 * DAY
    end = datetime.combine(last, time(0)) + 8 * DAY
    changes = []
    for before, after in _looks_that_differ(tz, begin, end):
        low, high = before, after
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        changes.append(high)
    edges = [begin, *changes, end]
    return tuple(Stretch(start, end, offset(start)) for start, end in pairwise(edges))


def _looks_that_differ(
    tz: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Moments (naive UTC) before and after each change."""
    looks = _looks(begin, end)
    # Read as wall times, which is quick: a change shows at most a day from where it is in UTC.
    offsets = list(map(tz.utcoffset, looks))
    for at, (one, other) in zip(looks, pairwise(offsets), strict=False):
        if one != other:
            yield at - timedelta(hours=15), at + timedelta(hours=15)


@cache
def _looks(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + n * LOOK for n in range((end - begin) // LOOK + 1)]


def occurrence(known: Stretches, day: date, at: time) -> datetime:
    """When the wall clock first shows this time, or has just jumped over it."""
    wanted = datetime.combine(day, at)
    for stretch in known:
        moment = max(stretch.start, wanted - stretch.offset)
        if moment < stretch.end:
            return moment.replace(tzinfo=UTC)
    raise AssertionError(f"{day} lies outside")


def happens(known: Stretches, day: date) -> bool:
    """Whether the wall clock ever shows this date."""
    start = datetime.combine(day, time(0))
    return any(x.start + x.offset < start + DAY and x.end + x.offset > start for x in known)


def walk(zone: str, known: Stretches, first: date, last: date, at: time) -> None:
    """From one occurrence to the next: the dates that exist, each once."""
    wanted = [
        occurrence(known, first + n * DAY, at)
        for n in range((last - first).days + 1)
        if happens(known, first + n * DAY)
    ]
    found = [calendar.next_local(wanted[0], at, zone, after_equal=True)]
    while len(found) < len(wanted):
        found.append(calendar.next_local(found[-1], at, zone))
    assert found == wanted, (zone, at)
    assert all(one < other for one, other in pairwise(found)), (zone, at)


@pytest.fixture(scope="module")
def kinds() -> dict[Stretches, list[str]]:
    """All zones, those together that are the same clock for these ten years."""
    found: dict[Stretches, list[str]] = defaultdict(list)
    for zone in sorted(available_timezones()):
        found[stretches(zone, FIRST, LAST)].append(zone)
    return found


def test_each_local_date_of_every_zone_comes_once_at_every_hour(
    kinds: dict[Stretches, list[str]],
) -> None:
    """All zones x 24 hours x 2026 to 2035: nothing skipped, nothing doubled, nothing moved.

    Zones that are the same clock are walked once; the code knows a zone only by its clock. Two
    days around every change of offset are walked at all 24 hours. Further away the offset is
    the same for everything the code looks at, so one hour stands for the others: every date of
    the ten years is walked, each at another hour, and each hour comes on 150 dates of a clock.
    """
    dates = (LAST - FIRST).days
    assert sum(map(len, kinds.values())) == len(available_timezones())
    around = 0
    for index, (known, zones) in enumerate(kinds.items()):
        assert all(stretch.start.second == 0 for stretch in known)
        for change in [x.start.date() for x in known[1:]]:
            if FIRST <= change <= LAST:
                for at in HOURS:
                    walk(zones[0], known, change - NEAR, change + NEAR, at)
                    around += 1
        left = known
        for n in range(dates):
            day, at = FIRST + n * DAY, HOURS[(n + index) % 24]
            while left[0].end.date() < day - NEAR:
                left = left[1:]
            here = left[:3]
            now, following = occurrence(here, day, at), occurrence(here, day + DAY, at)
            assert calendar.local(day, at, zones[0]) == now, (zones[0], day, at)
            assert calendar.next_local(now, at, zones[0]) == following, (zones[0], day, at)
    assert around > 24 * 500


def test_every_date_of_the_ten_years_happens_in_every_zone(
    kinds: dict[Stretches, list[str]],
) -> None:
    for known, zones in kinds.items():
        for stretch, following in pairwise(known):
            # Nobody jumps a day ahead, so that every date has a midnight or a first minute.
            assert following.offset - stretch.offset < DAY, zones
            assert happens(known, following.start.date()), zones


@pytest.mark.parametrize(
    ("zone", "never"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Fakaofo", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
    ],
)
def test_a_date_an_island_skipped_is_skipped_and_the_next_one_comes_once(
    zone: str, never: date
) -> None:
    first, last = never - 10 * DAY, never + 10 * DAY
    known = stretches(zone, first, last)
    assert not happens(known, never)
    assert not calendar.exists(never, zone)
    for at in HOURS:
        walk(zone, known, first, last, at)


def test_half_an_hour_of_summer_time_moves_nothing_else() -> None:
    """Lord Howe turns its clocks by thirty minutes: every quarter of an hour around it."""
    zone = "Australia/Lord_Howe"
    known = stretches(zone, FIRST, LAST)
    assert {abs(b.offset - a.offset) for a, b in pairwise(known)} == {timedelta(minutes=30)}
    for change in [x.start.date() for x in known[1:]]:
        for minutes in range(0, 24 * 60, 15):
            at = time(minutes // 60, minutes % 60)
            walk(zone, known, change - DAY, change + DAY, at)


def test_a_zone_that_comes_back_to_an_hour_has_it_once() -> None:
    """The oracle itself, on a night whose answer is known: Berlin, 25 October 2026."""
    known = stretches("Europe/Berlin", FIRST, LAST)
    night = date(2026, 10, 25)
    assert occurrence(known, night, time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert occurrence(known, night, time(3)) == datetime(2026, 10, 25, 2, tzinfo=UTC)
    spring = date(2026, 3, 29)
    assert occurrence(known, spring, time(2, 30)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
