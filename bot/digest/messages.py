"""Ids and kinds of the digest and the status, and lines that several of its views share. Pure."""

from datetime import timedelta

from bot.blocks import SHAPES, Element, Message, button, confirm, counted, escape, letter
from bot.concern.model import Level
from bot.digest.standing import Standing
from bot.outbox.model import Budget, Kind, Priority

STATUS_OPEN = "status.open"  # value: the cohort
STATUS_ROW = "status.row"
STATUS_PREVIOUS = "status.previous"
STATUS_NEXT = "status.next"
STATUS_PICK = "status.cohort"
OUTAGE_SEND = "outage.send"  # value: the letter that tells of the outage
OUTAGE_SKIP = "outage.skip"
BACKLOG_SEND = "backlog.send"  # value: the cohort whose status is shown
BACKLOG_SKIP = "backlog.skip"

BACKLOG = Kind("backlog", Budget.NOW, Priority.URGENT, max_age=timedelta(hours=12))
DIGEST = Kind("digest", Budget.NOW, Priority.DIGEST, max_age=timedelta(days=2))

CODES = "In brackets: the code of each reason."

_ORDER = (Level.GREEN, Level.AMBER, Level.RED, Level.GREY)


def week_line(stands: Standing) -> str:
    """ "week 7 of 12", or when it starts."""
    if stands.week < 1:
        return f"starts on {stands.starts}"
    return f"week {stands.week} of {stands.weeks}"


def levels_line(stands: Standing) -> str:
    """ "● 17 green, ▲ 3 amber, ■ 1 red, ○ 1 grey"; levels without a pair are left out."""
    parts = [
        f"{SHAPES[level]} {stands.levels[level]} {level}"
        for level in _ORDER
        if stands.levels[level]
    ]
    return ", ".join(parts) or "no pairs yet"


def interns_line(stands: Standing) -> list[str]:
    """ "24 interns", "22 paired", "1 waiting", "1 without profile"."""
    people = stands.people
    return [
        counted(people.interns, "intern"),
        *_details(
            (stands.paired, "paired"),
            (stands.waiting, "waiting"),
            (people.interns_without_profile, "without profile"),
        ),
    ]


def mentors_line(stands: Standing) -> list[str]:
    """ "19 mentors", "room for 3"."""
    people = stands.people
    details = _details((people.mentors_without_profile, "without profile"))
    room = [f"room for {stands.room}" if stands.room else "no room left"] if people.mentors else []
    return [counted(people.mentors, "mentor"), *room, *details]


def _details(*counts: tuple[int, str]) -> list[str]:
    return [f"{n} {what}" for n, what in counts if n]


def console_headline(stands: Standing) -> str:
    """ "*Summer interns*, week 7 of 12: ● 17 green, …"."""
    return f"*{escape(stands.name)}*, {week_line(stands)}: {levels_line(stands)}"


def send_or_skip(
    row: int, send: str = BACKLOG_SEND, skip: str = BACKLOG_SKIP
) -> tuple[Element, Element]:
    """What a coordinator can decide about letters that waited."""
    sure = confirm(
        "Skip them?",
        "They are cancelled, for everybody in the workspace.",
        "Skip them",
        "Keep them",
    )
    return (
        button("Send them", send, row, primary=True),
        button("Skip them", skip, row, confirm=sure),
    )


def was_away(away: str, waiting: int, letter_id: int) -> Message:
    """To the coordinators' channel: how long nobody was at work, and what to do about it."""
    return letter(
        f"I was away {away}",
        f"{counted(waiting, 'letter')} waited when I was back. Each person gets one message in the "
        "next hour, the rest after it; what comes too late is left out.",
        buttons=send_or_skip(letter_id, OUTAGE_SEND, OUTAGE_SKIP),
        footer="One choice for the whole workspace, about what has not gone out by then. "
        "Without one, they go out.",
    )


def was_away_over(away: str, result: str) -> Message:
    """The same, when there is nothing left to decide."""
    return letter(f"I was away {away}", footer=result)
