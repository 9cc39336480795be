"""Matching's facts in words: values, styles, languages and reasons as people read them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.blocks import counted, escape, listed
from bot.cohort import skills as vocabulary
from bot.pairing.matching import Lack, Reason, ReasonKind

# What matters at work: the slug that is stored, and the words. People choose up to three.
VALUES = {
    "learning": "Learning",
    "achievement": "Achievement and recognition",
    "helping": "Helping others",
    "autonomy": "Autonomy",
    "craft": "Craft",
    "clarity": "Clarity and stability",
    "new_ideas": "New ideas",
    "team": "Team",
}

# The four sliders, each with its five positions from 1 to 5.
SLIDERS = (
    (
        "Feedback",
        (
            "Say it straight",
            "Mostly straight",
            "In between",
            "Mostly gentle",
            "Put it gently",
        ),
    ),
    ("Talking things over", ("Written", "Mostly written", "Both", "Mostly spoken", "Spoken")),
    (
        "Meetings",
        ("Planned", "Mostly planned", "Both", "Mostly spontaneous", "Spontaneous"),
    ),
    (
        "Working out an idea",
        ("Think aloud", "Mostly aloud", "Both", "Mostly think first", "Think first"),
    ),
)

# The same positions where they follow a name.
_LEANS = (
    ("straight", "mostly straight", "either way", "mostly gently", "gently"),
    ("in writing", "mostly in writing", "either way", "mostly by talking", "by talking"),
    ("planned", "mostly planned", "either way", "mostly spontaneous", "spontaneous"),
    (
        "by thinking aloud",
        "mostly by thinking aloud",
        "either way",
        "mostly by thinking first",
        "by thinking first",
    ),
)
NOT_SAID = "has not said"

LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "zh": "Chinese",
    "cs": "Czech",
    "da": "Danish",
    "nl": "Dutch",
    "fi": "Finnish",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "no": "Norwegian",
    "fa": "Persian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "es": "Spanish",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# A value inside a sentence, where its label does not read well there.
_VALUED = {"team": "teamwork"}

# What two people who lean to the same end of a slider both like.
_LIKED = {
    "direct": "feedback said straight",
    "gentle": "feedback put gently",
    "written": "written notes",
    "spoken": "talking things over",
    "planned": "planned meetings",
    "spontaneous": "spontaneous meetings",
    "think_aloud": "thinking aloud",
    "think_first": "thinking before speaking",
}

_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")


def ordinal(rank: int) -> str:
    """ "1st" to "5th"."""
    return _ORDINALS[rank - 1]


def languages_from(locale: str) -> list[str]:
    """The language of a Slack locale ("de-DE"), as a preset; English for one not listed."""
    code = locale.replace("_", "-").split("-")[0].lower()
    return [code if code in LANGUAGES else "en"]


def skill_names(slugs: Iterable[str]) -> str:
    """ "presenting and SQL"; a free tag is a person's words and is escaped."""
    return listed([escape(vocabulary.name(slug)) for slug in slugs])


def _values(slugs: Iterable[str]) -> str:
    return listed([_VALUED.get(slug, VALUES.get(slug, slug).lower()) for slug in slugs])


def _style(ends: Iterable[str]) -> str:
    return listed([_LIKED[end] for end in ends if end in _LIKED])


def _shared_ways(reasons: Sequence[Reason]) -> str:
    """What both do, for "You both …"; empty when nothing is known."""
    ways, things = [], 0
    for reason in reasons:
        if reason.kind in (ReasonKind.VALUES, ReasonKind.STYLE) and (said := in_common(reason)):
            ways.append(said)
            things += len(reason.values)
    # Two lists in one sentence need a breath between them.
    return (", and " if things > len(ways) else " and ").join(ways)


def _count(reasons: Sequence[Reason], kind: ReasonKind) -> int:
    return next((r.count or 0 for r in reasons if r.kind is kind), 0)


def for_intern(reasons: Sequence[Reason]) -> list[str]:
    """Why to ask this mentor, one line each: help, what both share, hours and room."""
    lines = []
    for reason in reasons:
        if reason.kind is ReasonKind.SKILLS:
            goals = listed([str(number) for number in reason.goals])
            which = f"your goal{'s' if len(reason.goals) > 1 else ''} {goals}"
            lines.append(f"Can help with {skill_names(reason.values)}, {which}")
    ways = _shared_ways(reasons)
    if ways:
        lines.append(f"You both {ways}")
    hours, room = _count(reasons, ReasonKind.HOURS), _count(reasons, ReasonKind.ROOM)
    facts = [f"{counted(hours, 'hour')} a week in common" if hours else ""]
    facts.append(f"room for {counted(room, 'intern')}" if room else "")
    said = ", ".join(fact for fact in facts if fact)
    return [*lines, said[:1].upper() + said[1:]] if said else lines


def for_mentor(reasons: Sequence[Reason], goals: int) -> str:
    """Why this mentor is asked, in one line: "you can help with both, you both value craft"."""
    parts = []
    for reason in reasons:
        if reason.kind is ReasonKind.SKILLS:
            every = goals > 1 and len(reason.goals) == goals
            what = ("both" if goals == 2 else "all of it") if every else skill_names(reason.values)
            parts.append(f"you can help with {what}")
    ways = _shared_ways(reasons)
    if ways:
        parts.append(f"you both {ways}")
    hours = _count(reasons, ReasonKind.HOURS)
    if hours:
        parts.append(f"{counted(hours, 'hour')} a week in common")
    return ", ".join(parts)


def in_common(reason: Reason) -> str:
    """One true commonality, to follow "You both"."""
    words = listed([escape(vocabulary.name(value)) for value in reason.values])
    match reason.kind:
        case ReasonKind.SKILLS:
            return f"care about {words}"
        case ReasonKind.VALUES:
            return f"value {_values(reason.values)}"
        case ReasonKind.STYLE:
            liked = _style(reason.values)
            return f"like {liked}" if liked else ""
        case ReasonKind.LANGUAGES:
            return f"speak {listed([LANGUAGES.get(v, v) for v in reason.values])}"
        case ReasonKind.SITE:
            return f"work in {words}"
        case ReasonKind.HOURS:
            return f"share {counted(reason.count or 0, 'working hour')} a week"
        case _:
            return f"like {words}"


def all_in_common(reasons: Sequence[Reason]) -> list[str]:
    """The commonalities of an introduction; those of one kind share a line."""
    together: dict[ReasonKind, Reason] = {}
    for reason in reasons:
        known = together.get(reason.kind)
        values = (*known.values, *reason.values) if known else reason.values
        together[reason.kind] = replace(reason, values=values)
    return [words for reason in together.values() if (words := in_common(reason))]


def why_nobody(lack: Lack) -> str:
    """Why nobody is suggested, in one sentence that blames nobody."""
    helpers = (
        f"Everyone who can help with {skill_names([lack.skill])}" if lack.skill else "Everyone"
    )
    match lack.kind:
        case "full":
            return f"{helpers} is full."
        case "hours":
            return f"{helpers} shares no hours with you."
        case "language":
            return f"{helpers} speaks none of your languages."
        case "skill":
            return f"Nobody here can help with {skill_names([lack.skill or ''])} yet."
        case _:
            return "Nobody with room fits all of it."


def position(slider: int, value: object) -> str:
    """A slider's position, to be read after a name: "Ana mostly in writing"."""
    words = _LEANS[slider]
    return words[value - 1] if isinstance(value, int) and 1 <= value <= 5 else NOT_SAID
