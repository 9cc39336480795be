"""Does a pair need care: facts about meetings and check-ins in, a level with its reasons out.

Pure. The signals, by their exact codes:
  B1  no first meeting since the introduction
  B2  too long since the last held meeting
  B5  check-ins unanswered by the same person twice in a row
  S1  a low mean of the three core items, from either side
  S2  a fall of that mean against the same person's last one
  S5  somebody asks for a coordinator; no threshold, the watch adds it
B-timers stand still on planned leave and are cleared by a held meeting; S-signals are cleared by
a later mean that is good again. A coordinator clears what there is so far. The level knows
neither which side a signal came from nor any answer; people read every S-code as "S".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.cohort.calendar import local
from bot.cohort.hours import Hours, add_working_days

B1, B2, B5, S1, S2 = "B1", "B2", "B5", "S1", "S2"
CONTACT = "S5"

# Means are thirds of whole numbers: a fall from 13/3 to 10/3 must count as 1.
_BLUR = 1e-6


class Level(StrEnum):
    """How a pair is doing. As a list it is ordered by `severity`: red, amber, grey, green."""

    GREEN = "green"
    GREY = "grey"
    AMBER = "amber"
    RED = "red"

    @property
    def severity(self) -> int:
        """0 for green to 3 for red; grey (nothing heard) stands below amber."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Thresholds:
    """When a signal turns amber or red: days, check-ins in a row, means from 1 to 5."""

    first_meeting_amber: float = 7
    first_meeting_red: float = 10
    gap_amber: float = 14
    gap_red: float = 21
    interval_amber: float = 4  # days on top of the agreed interval, where that is longer
    interval_red: float = 10
    unanswered: float = 2  # check-ins in a row
    unanswered_meeting_days: float = 2  # working days B2 waits for "did you meet?"
    mean_amber: float = 3.0
    mean_red: float = 2.3
    drop_amber: float = 1.0
    drop_red: float = 1.5
    clear_mean: float = 3.5
    together_days: float = 14  # two ambers of different letters this close make red

    @classmethod
    def from_settings(cls, settings: Mapping[str, float]) -> "Thresholds":
        """A cohort's thresholds; what is not among the settings keeps its default."""
        known = {each.name for each in fields(cls)}
        return replace(cls(), **{name: v for name, v in settings.items() if name in known})


@dataclass(frozen=True)
class CheckIn:
    """One person's answer to a round: when it came in, or when the round closed without one."""

    at: datetime
    mean: float | None  # of the core items, 1 to 5; None: unanswered


@dataclass(frozen=True)
class Facts:
    """What is known of a pair. Instants are UTC; leave is local dates, first day and day back."""

    introduced_at: datetime
    held: tuple[datetime, ...] = ()  # starts of held meetings
    interval_days: float = 7  # the agreed days between meetings
    frozen: tuple[tuple[date, date], ...] = ()  # leave of either side
    unanswered_meeting: bool = False  # one has passed and nobody has said whether they met
    # Each person's check-ins, oldest first; rounds still open are not among them.
    checkins: tuple[tuple[CheckIn, ...], ...] = ()
    zone: str = "UTC"  # the cohort's, for leave and working days
    cleared_at: datetime | None = None  # when a coordinator last cleared a concern
    ended: bool = False  # no concern about a pairing that is over


@dataclass(frozen=True)
class Signal:
    """One reason: its exact code, its own level, and since when.

    `days` is for B1 and B2 how many calendar days ago the wait began, leave included.
    """

    code: str
    level: Level
    since: datetime
    days: int | None = None


@dataclass(frozen=True)
class Assessment:
    """A pair's level, since when it stands (None when green), and its signals, worst first."""

    level: Level
    since: datetime | None = None
    signals: tuple[Signal, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The exact codes, worst first."""
        return tuple(signal.code for signal in self.signals)

    @property
    def shown_codes(self) -> tuple[str, ...]:
        """The codes as coordinators read them."""
        return tuple(dict.fromkeys(shown(code) for code in self.codes))


def shown(code: str) -> str:
    """A code as coordinators read it: how a check-in came to worry us is not theirs to see."""
    return "S" if code in (S1, S2, CONTACT) else code


def assess(facts: Facts, thresholds: Thresholds, now: datetime) -> Assessment:
    """The pair's level at `now`, from what had happened by then.

    Red: any red signal, or two ambers of different letters that began at most 14 days apart.
    """
    if facts.ended:
        return Assessment(Level.GREEN)
    found = [
        *_meeting_signals(facts, thresholds, now),
        *_silence_signals(facts, thresholds, now),
        *_answer_signals(facts, thresholds, now),
    ]
    if not found:
        return Assessment(Level.GREEN)
    found.sort(key=lambda signal: (-signal.level.severity, signal.since, signal.code))
    level, since = _overall(found, timedelta(days=thresholds.together_days))
    return Assessment(level, since, tuple(found))


def _overall(signals: list[Signal], together: timedelta) -> tuple[Level, datetime]:
    """The level of all signals together and since when; `signals` are sorted worst first."""
    worst = signals[0].level
    begun = [signal.since for signal in signals if signal.level is worst]
    if worst is Level.AMBER:
        meetings = [s.since for s in signals if s.level is Level.AMBER and s.code[0] != "S"]
        answers = [s.since for s in signals if s.level is Level.AMBER and s.code[0] == "S"]
        joint = [max(b, s) for b in meetings for s in answers if abs(b - s) <= together]
        if joint:
            return Level.RED, min(joint)
    return worst, min(begun)


def _meeting_signals(facts: Facts, thresholds: Thresholds, now: datetime) -> Iterable[Signal]:
    """B1 or B2: never both, because the first held meeting ends one and starts the other."""
    last = _last_held(facts, now)
    start = max(filter(None, (last or facts.introduced_at, _cleared(facts, now))))
    if last is None:
        code = B1
        amber, red = thresholds.first_meeting_amber, thresholds.first_meeting_red
    else:
        code = B2
        interval = facts.interval_days
        amber = max(thresholds.gap_amber, interval + thresholds.interval_amber)
        red = max(thresholds.gap_red, interval + thresholds.interval_red)
    for level, days in ((Level.RED, red), (Level.AMBER, amber)):
        since = _ripe(facts, start, days)
        if code == B2 and facts.unanswered_meeting:
            wait = int(thresholds.unanswered_meeting_days)
            since = add_working_days(Hours(zone=facts.zone), since, wait, facts.frozen)
        if since <= now:
            waiting = _calendar_days(last or facts.introduced_at, now, facts.zone)
            yield Signal(code, level, since, waiting)
            return


def _silence_signals(facts: Facts, thresholds: Thresholds, now: datetime) -> Iterable[Signal]:
    """B5 of the person who has been silent longest; grey, for silence is normal."""
    settled = max(filter(None, (_last_held(facts, now), _cleared(facts, now))), default=None)
    begun = []
    for checkins in facts.checkins:
        row = 0
        since = None
        for checkin in _by(checkins, now):
            row = row + 1 if checkin.mean is None else 0
            if row == 0:
                since = None
            elif row >= thresholds.unanswered and (settled is None or checkin.at > settled):
                since = since or checkin.at
        if since:
            begun.append(since)
    if begun:
        yield Signal(B5, Level.GREY, min(begun))


def _answer_signals(facts: Facts, thresholds: Thresholds, now: datetime) -> Iterable[Signal]:
    """S1 and S2, each the worse of the two sides."""
    standing: dict[str, list[Signal]] = {}
    for checkins in facts.checkins:
        means = [(c.at, c.mean) for c in _by(checkins, now) if c.mean is not None]
        for signal in _standing(means, thresholds, _cleared(facts, now)).values():
            standing.setdefault(signal.code, []).append(signal)
    for signals in standing.values():
        yield min(signals, key=lambda signal: (-signal.level.severity, signal.since))


def _standing(
    means: list[tuple[datetime, float]], thresholds: Thresholds, cleared: datetime | None
) -> dict[str, Signal]:
    """One person's S-signals that still stand after their last answer, by code."""
    standing: dict[str, Signal] = {}
    previous: float | None = None
    for at, mean in means:
        if mean + _BLUR >= thresholds.clear_mean:
            standing.clear()
        levels = {
            S1: _level_of_mean(mean, previous, thresholds),
            S2: _level_of_drop(mean, previous, thresholds),
        }
        for code, level in levels.items():
            known = standing.get(code)
            if level and (known is None or level.severity > known.level.severity):
                standing[code] = Signal(code, level, at)
        if cleared is not None and at <= cleared:
            standing.clear()
        previous = mean
    return standing


def _level_of_mean(mean: float, previous: float | None, thresholds: Thresholds) -> Level | None:
    """S1: low once is amber; very low, or low twice running, is red."""
    low = mean <= thresholds.mean_amber + _BLUR
    low_before = previous is not None and previous <= thresholds.mean_amber + _BLUR
    if mean <= thresholds.mean_red + _BLUR or (low and low_before):
        return Level.RED
    return Level.AMBER if low else None


def _level_of_drop(mean: float, previous: float | None, thresholds: Thresholds) -> Level | None:
    """S2: a fall against the same person's last mean."""
    drop = 0.0 if previous is None else previous - mean + _BLUR
    if drop >= thresholds.drop_red:
        return Level.RED
    return Level.AMBER if drop >= thresholds.drop_amber else None


def _ripe(facts: Facts, start: datetime, days: float) -> datetime:
    """When `days` of 24 hours outside leave have passed since `start`."""
    ripe = start + timedelta(days=days)
    for begin, end in _leave(facts):
        if end > start and begin < ripe:
            ripe += end - max(begin, start)
    return ripe


def _leave(facts: Facts) -> list[tuple[datetime, datetime]]:
    """Leave of both sides as instants, in order and without overlaps."""
    merged: list[tuple[datetime, datetime]] = []
    for first, back in sorted(facts.frozen):
        begin, end = local(first, time(0), facts.zone), local(back, time(0), facts.zone)
        if merged and begin <= merged[-1][1]:
            earlier = merged.pop()
            begin, end = earlier[0], max(end, earlier[1])
        merged.append((begin, end))
    return merged


def _last_held(facts: Facts, now: datetime) -> datetime | None:
    return max((at for at in facts.held if at <= now), default=None)


def _cleared(facts: Facts, now: datetime) -> datetime | None:
    return facts.cleared_at if facts.cleared_at and facts.cleared_at <= now else None


def _by(checkins: Iterable[CheckIn], now: datetime) -> list[CheckIn]:
    return [checkin for checkin in checkins if checkin.at <= now]


def _calendar_days(start: datetime, now: datetime, zone: str) -> int:
    tz = ZoneInfo(zone)
    return (now.astimezone(tz).date() - start.astimezone(tz).date()).days
