"""How well an intern and a mentor fit: the score from 0 to 1, with its breakdown.

Pure and deterministic. What is not known about somebody never counts for or against them: the
weight of a missing part goes to the parts that are known. Nothing about a person beyond these
fields is compared.

Skills are slugs of the vocabulary or free tags; values and languages are slugs that both sides
share; a style is four positions from 1 to 5, None where somebody skipped it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from math import fsum
from zoneinfo import ZoneInfo

from bot.cohort import skills as vocabulary
from bot.cohort.hours import Hours, shared_minutes_per_week

Style = tuple[int | None, int | None, int | None, int | None]

_GOAL_WEIGHTS = (3, 2, 1)  # the intern's first, second and third goal
_RANKS = (1.0, 0.8, 0.6, 0.4, 0.3)  # first to fifth choice
_VALUES_CHOSEN = 3
_INTERESTS_COUNTED = 3
_PLENTY_OF_HOURS = 10 * 60  # shared minutes a week beyond which more adds nothing
_FAR_ZONES = 8.0  # hours between two clocks from which a pair is as far apart as can be


@dataclass(frozen=True)
class Goal:
    """What an intern wants to get better at, and the skills it takes."""

    text: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intern:
    """What matching knows of an intern; goals in their order. Ids are persons' ids."""

    id: int
    goals: tuple[Goal, ...]
    values: frozenset[str]
    style: Style
    hours: Hours
    languages: frozenset[str]
    reports_to: frozenset[int] = frozenset()
    vetoes: frozenset[int] = frozenset()
    recommended: frozenset[int] = frozenset()  # mentors somebody recommended to them
    team: str | None = None
    site: str | None = None
    interests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mentor:
    """What matching knows of a mentor. `room` is how many more interns they can take now,
    `away_share` the share of the programme's weeks (0 to 1) they are away."""

    id: int
    skills: frozenset[str]
    values: frozenset[str]
    style: Style
    hours: Hours
    languages: frozenset[str]
    room: int
    vetoes: frozenset[int] = frozenset()
    team: str | None = None
    site: str | None = None
    away_share: float = 0.0
    interests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Weights:
    """How much each part of the score counts; only their proportions matter."""

    goals: float = 0.30
    rank: float = 0.25
    values: float = 0.15
    style: float = 0.10
    logistics: float = 0.10
    interests: float = 0.05
    recommend: float = 0.05

    def __post_init__(self) -> None:
        figures = [getattr(self, field.name) for field in fields(self)]
        if min(figures) < 0 or not fsum(figures) > 0:
            raise ValueError("weights are 0 or more, and not all 0")

    @classmethod
    def from_settings(cls, settings: Mapping[str, float]) -> "Weights":
        """The weights of a cohort from `weight_goals`, `weight_style` ... in per cent.

        What is not among the settings keeps its default; other settings are ignored.
        """
        names = (field.name for field in fields(cls))
        return cls(**{n: settings[f"weight_{n}"] / 100 for n in names if f"weight_{n}" in settings})


@dataclass(frozen=True)
class Part:
    """One part of a score: how well it fits (0 to 1) and its share of the whole."""

    value: float
    weight: float


@dataclass(frozen=True)
class Score:
    """How well two people fit, 0 to 1: the sum of value times weight over the known parts."""

    total: float
    parts: dict[str, Part]


def score(
    intern: Intern, mentor: Mentor, weights: Weights, on: date, rank: int | None = None
) -> Score:
    """How well the two fit, with the breakdown.

    `rank` is the mentor's place among the intern's choices from 1, 0 for a mentor left out of
    them, None when the intern has not ranked anybody; then, as with all that is not known, the
    weight goes to the other parts.
    """
    values = {
        "goals": _goals_value(intern, mentor),
        "rank": None if rank is None else _RANKS[rank - 1] if 1 <= rank <= len(_RANKS) else 0.0,
        "values": _values_value(intern.values, mentor.values),
        "style": _style_value(intern.style, mentor.style),
        "logistics": _logistics_value(intern, mentor, on),
        "interests": _interests_value(intern.interests, mentor.interests),
        # No recommendation is no mark against anybody, and negative ones do not exist.
        "recommend": 1.0 if mentor.id in intern.recommended else 0.5,
    }
    known = {name: value for name, value in values.items() if value is not None}
    whole = fsum(getattr(weights, name) for name in known)
    if whole == 0:
        return Score(0.0, {})
    parts = {name: Part(v, getattr(weights, name) / whole) for name, v in known.items()}
    return Score(fsum(part.value * part.weight for part in parts.values()), parts)


def _goals_value(intern: Intern, mentor: Mentor) -> float | None:
    """The share of each goal's skills the mentor can help with, the first goal counting most."""
    offered = tags(mentor.skills)
    wanted = [
        (weight, tags(goal.skills))
        for weight, goal in zip(_GOAL_WEIGHTS, intern.goals, strict=False)
        if goal.skills
    ]
    if not wanted or not offered:
        return None
    met = fsum(weight * len(skills & offered) / len(skills) for weight, skills in wanted)
    return met / sum(weight for weight, _ in wanted)


def _values_value(a: frozenset[str], b: frozenset[str]) -> float | None:
    return min(len(a & b) / _VALUES_CHOSEN, 1.0) if a and b else None


def _style_value(a: Style, b: Style) -> float | None:
    apart = [abs(x - y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return 1 - sum(apart) / len(apart) / 4 if apart else None


def _interests_value(a: frozenset[str], b: frozenset[str]) -> float | None:
    shared = tags(a) & tags(b)
    return min(len(shared) / _INTERESTS_COUNTED, 1.0) if a and b else None


def _logistics_value(intern: Intern, mentor: Mentor, on: date) -> float:
    """The mean of shared hours, closeness of clocks and, where both are known, of sites."""
    minutes = shared_minutes_per_week(intern.hours, mentor.hours, on)
    apart = abs(_clock(intern.hours, on) - _clock(mentor.hours, on))
    parts = [min(minutes / _PLENTY_OF_HOURS, 1.0), 1 - min(apart / _FAR_ZONES, 1.0)]
    if intern.site is not None and mentor.site is not None:
        parts.append(1.0 if intern.site == mentor.site else 0.5)
    return fsum(parts) / len(parts)


def _clock(hours: Hours, on: date) -> float:
    """The zone's hours from UTC at noon of a day."""
    offset = datetime.combine(on, time(12), tzinfo=ZoneInfo(hours.zone)).utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def tags(words: Iterable[str]) -> frozenset[str]:
    """Skills as they are compared: other spellings of a listed one count as that one."""
    return frozenset(vocabulary.tag(word) for word in words)
