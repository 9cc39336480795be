"""Working time: the one definition of when a person can be written to and met.

Pure. A person works on certain weekdays between two wall times of one zone; the working window
of a date is the UTC interval between the two, start included, end not. Clock changes move the
window with the wall clock. Leave is given as `away`: pairs of local dates, the first day off and
the first day back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from bot.cohort.calendar import local, zone_or

WORKDAYS = frozenset(range(5))  # Monday to Friday

Away = tuple[tuple[date, date], ...]
Window = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_SLOT = timedelta(minutes=30)
# Both patterns repeat weekly; a second week covers a clock change between the two zones.
_SEARCH_DAYS = 14


@dataclass(frozen=True)
class Hours:
    """When a person works: weekdays (0 is Monday), from and until, in an IANA zone.

    Unusable hours are a ValueError: no day, an unknown zone, or an end that is not after the
    start (a night shift over midnight is not offered).
    """

    days: frozenset[int] = WORKDAYS
    start: time = time(9)
    end: time = time(17)
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise ValueError("working days are one or more of 0 (Monday) to 6 (Sunday)")
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("working hours are wall times; their zone stands beside them")
        if self.start >= self.end:
            raise ValueError("working hours end after they start, on the same day")
        if zone_or(self.zone, "") != self.zone or not self.zone:
            raise ValueError(f"unknown time zone {self.zone!r}")


DEFAULT = Hours()


def is_open(hours: Hours, at: datetime, away: Away = ()) -> bool:
    """Whether `at` lies in a working window."""
    window = _window(hours, _local_date(hours, at), away)
    return window is not None and window[0] <= at < window[1]


def next_open(hours: Hours, at: datetime, away: Away = ()) -> datetime:
    """`at` itself when working, else the start of the next working window, in UTC."""
    windows = _windows_from(hours, _local_date(hours, at), away)
    return next(max(at.astimezone(UTC), start) for start, end in windows if at < end)


def next_working_day(hours: Hours, at: datetime, away: Away = ()) -> datetime:
    """The start of the first working window on a date after `at`'s local date, in UTC."""
    return next(_windows_from(hours, _local_date(hours, at) + _DAY, away))[0]


def add_working_days(hours: Hours, at: datetime, n: int, away: Away = ()) -> datetime:
    """The same local time `n` working days later, in UTC.

    From outside working time the count starts at the next opening, so `n` days are always `n`
    whole ones. Days on leave do not count.
    """
    if n < 0:
        raise ValueError("working days are counted forward")
    return next(islice(_moments_from(hours, next_open(hours, at, away), away), n, None))


def working_days_between(hours: Hours, a: datetime, b: datetime, away: Away = ()) -> int:
    """How many whole working days have passed from `a` to `b`; 0 if `b` is not later.

    It undoes `add_working_days`: at least n exactly when that many days added to `a` reach `b`.
    """
    moments = _moments_from(hours, next_open(hours, a, away), away)
    reached = sum(1 for _ in takewhile(lambda moment: moment <= b, moments))
    return max(reached - 1, 0)


def shared_minutes_per_week(a: Hours, b: Hours, on: date) -> int:
    """Minutes both work at once, in the week (Monday to Sunday, UTC) that holds `on`.

    The date matters because zones change their clocks on different days.
    """
    return sum((end - start) // timedelta(minutes=1) for start, end in _shared(a, b, on))


def shared_slots(a: Hours, b: Hours, on: date) -> int:
    """How many half hours, side by side, both work at once in the week that holds `on`."""
    return sum((end - start) // _SLOT for start, end in _shared(a, b, on))


def both_open(a: Hours, b: Hours, at: datetime) -> bool:
    """Whether both are working at `at`."""
    return is_open(a, at) and is_open(b, at)


def next_both_open(a: Hours, b: Hours, at: datetime) -> datetime | None:
    """`at` itself when both are working, else when they next both are; None if not in 14 days."""
    until = at + timedelta(days=_SEARCH_DAYS)
    moment = at.astimezone(UTC)
    while moment < until:
        later = max(next_open(a, moment), next_open(b, moment))
        if later == moment:
            return moment
        moment = later
    return None


def _local_date(hours: Hours, at: datetime) -> date:
    return at.astimezone(ZoneInfo(hours.zone)).date()


def _window(hours: Hours, day: date, away: Away = ()) -> Window | None:
    """The working window of a local date, in UTC; None on a day off.

    Also None where a clock change swallows the window whole.
    """
    if day.weekday() not in hours.days or any(first <= day < back for first, back in away):
        return None
    start, end = local(day, hours.start, hours.zone), local(day, hours.end, hours.zone)
    return (start, end) if start < end else None


def _windows_from(hours: Hours, day: date, away: Away) -> Iterator[Window]:
    """The working windows from a local date on, without end."""
    while True:
        window = _window(hours, day, away)
        if window is not None:
            yield window
        day += _DAY


def _moments_from(hours: Hours, start: datetime, away: Away) -> Iterator[datetime]:
    """`start` and its local time on each following working day; `start` is in working time."""
    yield start
    shown = start.astimezone(ZoneInfo(hours.zone))
    for opening, closing in _windows_from(hours, shown.date() + _DAY, away):
        day = _local_date(hours, opening)
        moment = local(day, shown.time(), hours.zone)
        # Only where a clock change cuts the day's end off: its last minute stands in.
        yield min(moment, closing - timedelta(minutes=1))


@lru_cache(maxsize=8192)
def _week(hours: Hours, monday: date) -> tuple[Window, ...]:
    """Working windows around a week, wide enough for every zone's idea of it."""
    days = (monday + timedelta(days=ahead) for ahead in range(-2, 9))
    return tuple(window for day in days if (window := _window(hours, day)) is not None)


def _shared(a: Hours, b: Hours, on: date) -> list[Window]:
    """The intervals in which both work and that begin in the UTC week of `on`."""
    monday = on - timedelta(days=on.weekday())
    first = datetime.combine(monday, time(0), tzinfo=UTC)
    after = first + timedelta(weeks=1)
    return [
        (start, end)
        for start, end in _overlaps(_week(a, monday), _week(b, monday))
        if first <= start < after
    ]


def _overlaps(a: tuple[Window, ...], b: tuple[Window, ...]) -> list[Window]:
    """Where two ordered rows of windows overlap."""
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            found.append((start, end))
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
    return found
