"""The cohort's calendar: weeks, phases, rounds, and wall times that survive a clock change.

Pure: dates and zones in, dates and UTC instants out. A wall time that a clock change skips
becomes the first valid minute after the gap; one that happens twice is meant the first time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

SHORTEST, LONGEST = 6, 16  # weeks a cohort may last
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Phase(StrEnum):
    """Where a pairing stands in its life: getting to know, growing, letting go."""

    INITIATION = "initiation"
    CULTIVATION = "cultivation"
    SEPARATION = "separation"


@dataclass(frozen=True)
class Round:
    """One check-in round: `number` counts from 1, `week` is the cohort's week it opens in."""

    number: int
    week: int
    kind: Literal["check", "mid", "final"]


# weeks of the cohort -> weeks with a round; the second number is the halfway round's week.
# A check-in about every two weeks, the richest one near the middle, the last in the last week.
_ROUND_WEEKS: dict[int, tuple[tuple[int, ...], int]] = {
    6: ((1, 3, 6), 3),
    7: ((1, 3, 7), 3),
    8: ((2, 4, 6, 8), 4),
    9: ((2, 5, 7, 9), 5),
    10: ((2, 5, 8, 10), 5),
    11: ((2, 4, 6, 8, 11), 6),
    12: ((2, 4, 6, 8, 10, 12), 6),
    13: ((2, 4, 7, 9, 11, 13), 7),
    14: ((2, 4, 7, 10, 12, 14), 7),
    15: ((2, 4, 6, 8, 10, 12, 15), 8),
    16: ((2, 4, 6, 8, 10, 12, 14, 16), 8),
}


def monday_of_week(week: int, starts_on: date) -> date:
    """The Monday of the cohort's `week`; week 1 holds the start date."""
    return starts_on - timedelta(days=starts_on.weekday()) + timedelta(weeks=week - 1)


def week_of(day: date, starts_on: date) -> int:
    """The cohort's week that holds `day`, Monday to Sunday; before the first one 0 or less."""
    return (day - monday_of_week(1, starts_on)).days // 7 + 1


def ends_on(starts_on: date, weeks: int) -> date:
    """The Friday of the last week."""
    return monday_of_week(weeks, starts_on) + timedelta(days=FRIDAY)


def rounds(weeks: int) -> tuple[Round, ...]:
    """The check-in rounds of a cohort of 6 to 16 weeks, first to last; the last is final.

    Any other length is a ValueError.
    """
    if weeks not in _ROUND_WEEKS:
        raise ValueError(f"a cohort lasts {SHORTEST} to {LONGEST} weeks, not {weeks}")
    opening, middle = _ROUND_WEEKS[weeks]
    return tuple(
        Round(number, week, "final" if week == weeks else "mid" if week == middle else "check")
        for number, week in enumerate(opening, start=1)
    )


def phase(week: int, weeks: int) -> Phase:
    """The phase of a cohort's week.

    Initiation lasts until the first round, separation starts at four fifths of the programme
    (1-2, 3-9 and 10-12 of twelve weeks). Weeks outside the programme take the nearest phase.
    """
    if week <= rounds(weeks)[0].week:
        return Phase.INITIATION
    first_of_separation = -(-weeks * 4 // 5)  # rounded up, in whole numbers: .8 is no binary float
    return Phase.SEPARATION if week >= first_of_separation else Phase.CULTIVATION


def thanks_weeks(weeks: int, base: tuple[int, ...]) -> tuple[int, ...]:
    """The weeks with a thanks prompt: `base` is meant for twelve weeks and scaled to `weeks`.

    Each lies within the programme, and none comes twice.
    """
    scaled = ((2 * week * weeks + 12) // 24 for week in base)  # the nearest week, half goes up
    return tuple(sorted({min(max(week, 1), weeks) for week in scaled}))


def local(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time in an IANA zone.

    In a gap: the first valid minute after it. In an overlap: the first occurrence.
    """
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=tz)
    instant = wall.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall)


def _end_of_gap(wall: datetime) -> datetime:
    """The first whole minute after the gap that swallowed `wall`."""
    tz = wall.tzinfo
    # With fold=1 a wall time in a gap is read with the offset after it, with fold=0 with the one
    # before it: the clock change lies between the two instants.
    before = wall.replace(fold=1).astimezone(UTC)
    after = wall.replace(fold=0).astimezone(UTC)
    offset = after.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(tz).utcoffset() == offset:
            after = middle
        else:
            before = middle
    start = after.astimezone(tz).replace(microsecond=0)
    past_the_minute = timedelta(seconds=start.second)
    return start.astimezone(UTC) + (_MINUTE - past_the_minute if past_the_minute else timedelta())


def exists(day: date, zone: str) -> bool:
    """Whether a date happens in a zone at all; islands that cross the date line skip one."""
    return local(day, time(0), zone).astimezone(ZoneInfo(zone)).date() == day


def next_local(
    now: datetime,
    at: time,
    zone: str,
    weekday: int | None = None,
    after_equal: bool = False,
) -> datetime:
    """The next time the wall clock of `zone` shows `at`, in UTC.

    Strictly after `now`, or at `now` itself with `after_equal`; only on `weekday` (0 is
    Monday) if given. Each date of the zone has it once, whatever the clocks do.
    """
    # A day early, because a gap before midnight moves yesterday's time into today.
    day = now.astimezone(ZoneInfo(zone)).date() - _DAY
    while True:
        if weekday is None or day.weekday() == weekday:
            instant = local(day, at, zone)
            if (instant > now or (after_equal and instant == now)) and exists(day, zone):
                return instant
        day += _DAY


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Found by reading six hundred files."""
    return frozenset(available_timezones())


def zone_or(name: str | None, fallback: str) -> str:
    """`name` if it is a known IANA zone, else `fallback`. Never raises, whatever `name` holds."""
    # The one that is asked about while the bot starts needs no look.
    return name if name is not None and (name == "UTC" or name in _zones()) else fallback
