"""Who may be put to whom, and why: hard filters, suggestions, reasons as data.

Pure and deterministic: the same people, weights and date give the same answer, ties by id. The
people and the score stand in `fit` and can be had from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Literal

from bot.cohort import skills as vocabulary
from bot.cohort.hours import shared_minutes_per_week, shared_slots
from bot.pairing.fit import Goal, Intern, Mentor, Part, Score, Style, Weights, score, tags

__all__ = [
    "LIMITS",
    "STYLE_ENDS",
    "Bar",
    "Goal",
    "Intern",
    "Lack",
    "Limits",
    "Mentor",
    "Part",
    "Reason",
    "ReasonKind",
    "Score",
    "Style",
    "Suggestion",
    "Weights",
    "commonalities",
    "filters",
    "reasons",
    "score",
    "suggest",
    "why_none",
]

# The four sliders, each with the word for its low and its high end.
STYLE_ENDS = (
    ("direct", "gentle"),
    ("written", "spoken"),
    ("planned", "spontaneous"),
    ("think_aloud", "think_first"),
)

_MOST_REASONS = 5


class Bar(StrEnum):
    """A hard filter that stands between two people; no score makes up for it."""

    NO_ROOM = "no_room"
    NO_SHARED_HOURS = "no_shared_hours"
    NO_LANGUAGE = "no_language"
    VETO = "veto"
    REPORTING_LINE = "reporting_line"
    AWAY = "away"


@dataclass(frozen=True)
class Limits:
    """The figures of the hard filters: half hours shared a week, share of weeks away."""

    shared_slots: int = 2
    away_share: float = 0.2


LIMITS = Limits()


class ReasonKind(StrEnum):
    SKILLS = "skills"
    RECOMMENDED = "recommended"
    VALUES = "values"
    STYLE = "style"
    INTERESTS = "interests"
    LANGUAGES = "languages"
    SITE = "site"
    HOURS = "hours"
    ROOM = "room"


@dataclass(frozen=True)
class Reason:
    """A true statement about two people, as data; messages put it into words.

    SKILLS: `values` are skills, `goals` the intern's goals they serve, counted from 1.
    VALUES, INTERESTS, LANGUAGES, SITE: `values` are what both share. STYLE: `values` are words
    of STYLE_ENDS. HOURS: `count` is whole hours a week. ROOM: `count` is places for interns.
    """

    kind: ReasonKind
    values: tuple[str, ...] = ()
    goals: tuple[int, ...] = ()
    count: int | None = None


@dataclass(frozen=True)
class Suggestion:
    """A mentor worth asking. The score orders the list and is shown to nobody in it."""

    mentor_id: int
    score: Score
    reasons: tuple[Reason, ...]


LackKind = Literal["full", "hours", "language", "skill", "nobody"]


@dataclass(frozen=True)
class Lack:
    """Why nobody is suggested: everybody (with `skill`) is full, shares no hours, speaks no
    common language; no mentor has `skill`; or nobody fits all of it together."""

    kind: LackKind
    skill: str | None = None


def filters(intern: Intern, mentor: Mentor, on: date, limits: Limits = LIMITS) -> tuple[Bar, ...]:
    """The hard filters that stand in the way, none for a possible pair.

    `on` is the day whose clock changes count for shared hours. Languages nobody has told bar
    nobody.
    """
    both_told = intern.languages and mentor.languages
    checks = (
        (Bar.NO_ROOM, mentor.room <= 0),
        (
            Bar.NO_SHARED_HOURS,
            shared_slots(intern.hours, mentor.hours, on) < limits.shared_slots,
        ),
        (Bar.NO_LANGUAGE, both_told and not intern.languages & mentor.languages),
        (Bar.VETO, mentor.id in intern.vetoes or intern.id in mentor.vetoes),
        (Bar.REPORTING_LINE, mentor.id in intern.reports_to),
        (Bar.AWAY, round(mentor.away_share - limits.away_share, 9) > 0),
    )
    return tuple(bar for bar, stands in checks if stands)


def reasons(intern: Intern, mentor: Mentor, on: date) -> tuple[Reason, ...]:
    """Why this mentor could be right for this intern, the strongest first, at most five."""
    helped, goals = _served_goals(intern, mentor)
    hours = shared_minutes_per_week(intern.hours, mentor.hours, on) // 60
    found = (
        Reason(ReasonKind.SKILLS, helped, goals=goals) if helped else None,
        Reason(ReasonKind.RECOMMENDED) if mentor.id in intern.recommended else None,
        _all_shared(ReasonKind.VALUES, intern.values & mentor.values),
        _all_shared(ReasonKind.STYLE, _agreed_style(intern.style, mentor.style)),
        Reason(ReasonKind.HOURS, count=hours) if hours else None,
        Reason(ReasonKind.ROOM, count=mentor.room) if mentor.room > 0 else None,
    )
    return tuple(reason for reason in found if reason)[:_MOST_REASONS]


def suggest(
    intern: Intern,
    mentors: Iterable[Mentor],
    weights: Weights,
    on: date,
    n: int = 5,
    minimum: float = 0.35,
    limits: Limits = LIMITS,
) -> tuple[Suggestion, ...]:
    """The `n` mentors that fit best, closest first; none with a bar or a score below `minimum`."""
    possible = (mentor for mentor in mentors if not filters(intern, mentor, on, limits))
    scored = ((score(intern, mentor, weights, on), mentor) for mentor in possible)
    # Rounded, so that two equal sums that differ in the last bit are a tie and go by id.
    fitting = [(s, m) for s, m in scored if round(s.total, 9) >= minimum]
    fitting.sort(key=lambda pair: (-round(pair[0].total, 9), pair[1].id))
    return tuple(Suggestion(m.id, s, reasons(intern, m, on)) for s, m in fitting[:n])


def why_none(intern: Intern, mentors: Iterable[Mentor], on: date, limits: Limits = LIMITS) -> Lack:
    """The one fact that best explains an empty list of suggestions.

    Each kind but "nobody" is true of everybody who can help with `skill` (of every mentor when
    it is None), looked for in the order of the intern's goals. A veto or a reporting line is
    never told: where one stands in the way, the answer is "nobody", or about another skill.
    """
    barred = [(mentor, filters(intern, mentor, on, limits)) for mentor in mentors]
    if not barred:
        return Lack("nobody")
    for skill in dict.fromkeys(skill for goal in intern.goals for skill in goal.skills):
        wanted = vocabulary.tag(skill)
        helpers = [bars for mentor, bars in barred if wanted in tags(mentor.skills)]
        kind = _common_bar(helpers) if helpers else "skill"
        if kind:
            return Lack(kind, skill)
    return Lack(_common_bar([bars for _, bars in barred]) or "nobody")


def _common_bar(bars: list[tuple[Bar, ...]]) -> LackKind | None:
    """The bar that may be told and that all of them have."""
    tellable: tuple[tuple[Bar, LackKind], ...] = (
        (Bar.NO_ROOM, "full"),
        (Bar.NO_SHARED_HOURS, "hours"),
        (Bar.NO_LANGUAGE, "language"),
    )
    return next((kind for bar, kind in tellable if all(bar in each for each in bars)), None)


def commonalities(a: Intern, b: Mentor, on: date, most: int = 5) -> tuple[Reason, ...]:
    """What the two truly share, one thing each, for their introduction; at most `most`.

    The kinds take turns, so that five shared values do not hide everything else.
    """
    helped, _ = _served_goals(a, b)
    languages = sorted(a.languages & b.languages)
    hours = shared_minutes_per_week(a.hours, b.hours, on) // 60
    same_site = a.site if a.site is not None and a.site == b.site else None
    kinds = (
        [Reason(ReasonKind.SKILLS, (skill,)) for skill in helped],
        [Reason(ReasonKind.VALUES, (value,)) for value in sorted(a.values & b.values)],
        [Reason(ReasonKind.STYLE, (word,)) for word in _agreed_style(a.style, b.style)],
        [Reason(ReasonKind.INTERESTS, (tag,)) for tag in sorted(a.interests & b.interests)],
        # One language in common is what everybody needs; all of them are worth a word from two on.
        [Reason(ReasonKind.LANGUAGES, tuple(languages))] if len(languages) > 1 else [],
        [Reason(ReasonKind.SITE, (same_site,))] if same_site else [],
        [Reason(ReasonKind.HOURS, count=hours)] if hours else [],
    )
    in_turn = chain.from_iterable(zip_longest(*kinds))
    return tuple(reason for reason in in_turn if reason)[:most]


def _served_goals(intern: Intern, mentor: Mentor) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The intern's wanted skills the mentor can help with, in order, and the goals they serve."""
    offered = tags(mentor.skills)
    served = [
        (skill, number)
        for number, goal in enumerate(intern.goals, start=1)
        for skill in goal.skills
        if vocabulary.tag(skill) in offered
    ]
    # By tag, so two spellings of one skill are named once, in the intern's own spelling.
    by_tag = {vocabulary.tag(skill): skill for skill, _ in reversed(served)}
    order = dict.fromkeys(vocabulary.tag(skill) for skill, _ in served)
    return tuple(by_tag[tag] for tag in order), tuple(sorted({number for _, number in served}))


def _agreed_style(a: Style, b: Style) -> tuple[str, ...]:
    """The ends both lean to. Being in between is no preference that two people can share."""
    leanings = (_end(x, y, ends) for x, y, ends in zip(a, b, STYLE_ENDS, strict=True))
    return tuple(word for word in leanings if word)


def _end(x: int | None, y: int | None, ends: tuple[str, str]) -> str | None:
    if x is None or y is None:
        return None
    return ends[0] if max(x, y) <= 2 else ends[1] if min(x, y) >= 4 else None


def _all_shared(kind: ReasonKind, values: Iterable[str]) -> Reason | None:
    # Sets come in no order of their own; sliders keep theirs.
    ordered = tuple(sorted(values)) if isinstance(values, frozenset) else tuple(values)
    return Reason(kind, ordered) if ordered else None
