"""The whole programme on one screen: features in the order of an intern's life, with what each
one listens to, the words it answers, the letters it writes, and what it does by the clock."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot import (
    blocks,
    deliveries,  # noqa: F401  (its rows belong to the schema)
)
from bot.checkin import jobs as checkin_jobs
from bot.checkin import letters as checkin_letters
from bot.checkin import listeners as checkin
from bot.checkin import rounds
from bot.clock import Clock
from bot.cohort import dates, installed, moving, roster, undelivered
from bot.cohort import jobs as cohort_jobs
from bot.cohort import letters as cohort_letters
from bot.cohort import listeners as cohort
from bot.cohort.model import Cohort
from bot.cohort.partners import Partners
from bot.cohort.planning import Occurrence
from bot.concern import jobs as concern_jobs
from bot.concern import letters as concern_letters
from bot.concern import listeners as concern
from bot.database import Database
from bot.digest import backlog, mondays
from bot.digest import jobs as digest_jobs
from bot.digest import letters as digest_letters
from bot.digest import listeners as digest
from bot.gratitude import jobs as gratitude_jobs
from bot.gratitude import letters as gratitude_letters
from bot.gratitude import listeners as gratitude
from bot.gratitude import prompts
from bot.home import letters as home_letters
from bot.home import listeners as home
from bot.meeting import jobs as meeting_jobs
from bot.meeting import letters as meeting_letters
from bot.meeting import listeners as meeting
from bot.outbox.elder import Elder
from bot.outbox.model import Kind, Program, Render
from bot.outbox.sender import Sender
from bot.pairing import jobs as pairing_jobs
from bot.pairing import letters as pairing_letters
from bot.pairing import listeners as pairing
from bot.pairing import pairings
from bot.schedule import Job, Runner

# Who hears clicks, forms, events and shortcuts.
LISTENERS: tuple[Any, ...] = (
    cohort,
    pairing,
    meeting,
    checkin,
    gratitude,
    concern,
    digest,
    home,
)

# What the cohort asks about pairs, for the list of its people and for leave.
PARTNERS = Partners(told=pairings.partners, of=pairings.partners_of)

# What `/command word` opens; "" is the command alone. Help lists only words that exist.
Opener = Callable[..., None]
WORDS: dict[str, dict[str, Opener]] = {
    "/mentor-request": {"": pairing.open_request},
    "/mentor": {
        "": home.open_glance,
        "profile": pairing.open_profile,
        "meet": meeting.open_plan,
        "thanks": gratitude.open_form,
        "leave": cohort.open_leave,
    },
    "/cohort": {
        "": digest.open_console,
        "new": cohort.open_new,
        "people": partial(cohort.open_people, partners=PARTNERS),
        "status": digest.open_status,
        "digest": digest.open_digest,
        "settings": cohort.open_settings,
    },
}

# Kinds of letters, each with the function that writes it when it goes out.
LETTERS: tuple[tuple[Kind, Render], ...] = (
    *cohort_letters.LETTERS,
    *pairing_letters.LETTERS,
    *meeting_letters.LETTERS,
    *checkin_letters.LETTERS,
    *gratitude_letters.LETTERS,
    *concern_letters.LETTERS,
    *digest_letters.LETTERS,
    *home_letters.LETTERS,
)

# What falls due, in the order it is looked at within one tick.
JOBS: tuple[Job, ...] = (
    *cohort_jobs.JOBS,
    *pairing_jobs.JOBS,
    *meeting_jobs.JOBS,
    *checkin_jobs.JOBS,
    *gratitude_jobs.JOBS,
    *concern_jobs.JOBS,
    *digest_jobs.JOBS,
)

# What is planned again when somebody is in another zone.
moving.know(*pairing_jobs.MOVES, *meeting_jobs.MOVES)

# What a cohort's calendar holds, feature by feature.
CALENDARS: tuple[Callable[[Cohort], list[Occurrence]], ...] = (
    mondays.occurrences,
    rounds.occurrences,
    prompts.occurrences,
    dates.occurrences,
)


def horizon(cohort: Cohort) -> list[Occurrence]:
    """Everything the cohort's calendar will bring up to its end, in order: pure, so that a
    programme can be looked at before it is lived."""
    return sorted(one for occurrences in CALENDARS for one in occurrences(cohort))


# What each word does; "" is the command alone.
GLOSSES: dict[str, dict[str, str]] = {
    "/mentor-request": {"": "find a mentor; later, see or withdraw your request"},
    "/mentor": {
        "": "your mentorship today",
        "profile": "write or change your profile",
        "meet": "plan a meeting",
        "thanks": "thank somebody",
        "leave": "say when you are away",
    },
    "/cohort": {
        "": "the console: all of it at a glance",
        "new": "start a cohort",
        "people": "add, remind and remove people, pair by hand",
        "status": "every pair and how it stands",
        "digest": "preview Monday's report",
        "settings": "dates, channel, coordinators, figures",
    },
}


# The reason behind each kind, for "Why this letter?".
WHYS = {kind.name: kind.why for kind, _render in LETTERS}


def help_lines(name: str) -> str:
    """What a command can do: each of its words on a line, with what it does. Only words that
    exist."""
    glosses = GLOSSES.get(name, {})
    return "\n".join(
        f"`{f'{name} {word}'.strip()}` – {glosses.get(word, word)}" for word in WORDS[name]
    )


def help_for(name: str, whom: str) -> dict[str, Any]:
    """What a command can do, for that person only."""
    lines = help_lines(name)
    said = ". ".join(blocks.spoken_text(line).replace(" – ", ": ") for line in lines.split("\n"))
    return {
        "text": f"{said}. Questions: {whom}.",
        "blocks": [blocks.section(lines), blocks.context(f"Questions: {whom}.")],
    }


def unknown_word(name: str, word: str, close: str, whom: str) -> dict[str, Any]:
    """An unknown word answers with the nearest one, and with usage."""
    shown = help_for(name, whom)
    if word in ("", "help"):
        return shown
    said = f"I do not know `{blocks.escape(blocks.cut(word, 30)).replace('`', '')}`."
    if close:
        said += f" Did you mean `{name} {close}`?"
    return {
        "text": f"{blocks.spoken_text(said)} {shown['text']}",
        "blocks": [blocks.section(said), *shown["blocks"]],
    }


def build_sender(
    db: Database, slack: WebClient, clock: Clock, *, lanes: int = 1, elder: Elder | None = None
) -> Sender:
    """The sender, knowing every kind of letter and how to reach people; with `lanes` messages on
    their way at once, and an eye on an `elder` installation."""
    renders = {kind.name: (kind.version, kind.surface, render) for kind, render in LETTERS}
    return Sender(
        db,
        slack,
        clock,
        Program(
            renders=renders,
            readers=roster.readers,
            allowances=roster.allowances,
            person_gone=installed.left_slack,
            workspaces=installed.workspaces,
            stopped=installed.stopped,
            stop=installed.stop,
            was_away=backlog.tell,
            channel_stopped=undelivered.channel_stopped,
        ),
        lanes=lanes,
        elder=elder,
    )


def build_runner(
    db: Database, slack: WebClient, clock: Clock, *, lanes: int = 1, elder: Elder | None = None
) -> Runner:
    """Everything that works by the clock, ready to tick."""
    sender = build_sender(db, slack, clock, lanes=lanes, elder=elder)
    return Runner(db, slack, clock, JOBS, sender)
