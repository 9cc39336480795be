"""The coordinators' views of how a cohort stands: the status, and what the console adds. Pure."""

from collections.abc import Sequence
from typing import Any

from bot import blocks
from bot.blocks import Block, Option, actions, button, context, option, section
from bot.cohort import messages_console
from bot.cohort.messages_people import PAIR, UNDELIVERED_OPEN
from bot.concern.model import ConcernState
from bot.digest.backlog import Asked
from bot.digest.messages import (
    BACKLOG_SEND,
    CODES,
    STATUS_NEXT,
    STATUS_OPEN,
    STATUS_PICK,
    STATUS_PREVIOUS,
    STATUS_ROW,
    console_headline,
    interns_line,
    mentors_line,
    send_or_skip,
)
from bot.digest.standing import Standing
from bot.digest.status import PAGE, Page, Row
from bot.forms import metadata

TAKE, TALKED, HAND_BACK, WAKE, SNOOZE, CLEAR, END = (
    "take",
    "talked",
    "back",
    "wake",
    "snooze",
    "clear",
    "end",
)
SNOOZE_DAYS = 3


def console(
    stands: Standing, *, may_create: bool, choices: Sequence[Option] = ()
) -> dict[str, Any]:
    """[[Cohort console]] with the cohort's standing."""
    rows: list[Block] = []
    if stands.pairs or stands.concerns:
        count = len(stands.concerns)
        verb = "is" if count == 1 else "are"
        shape = blocks.SHAPES[stands.concerns[0].level] if stands.concerns else "●"
        words = f"{shape} {blocks.counted(count, 'concern')} {verb} open"
        if not count:
            words = f"{shape} Nothing needs you today"
        rows.append(section(words, button("Show status", STATUS_OPEN, stands.cohort_id)))
    if stands.undelivered:
        rows.append(lost_row(stands.cohort_id, stands.undelivered))
    return messages_console.console(
        cohort_id=stands.cohort_id,
        headline=console_headline(stands),
        people=messages_console.people_line(interns_line(stands), mentors_line(stands)),
        rows=rows,
        may_create=may_create,
        choices=choices,
    )


def lost_row(cohort_id: int, many: int, lost_to: str = "") -> Block:
    """Letters that did not arrive, and the way to them."""
    words = f"{blocks.counted(many, 'letter')} not delivered"
    if many == 1 and lost_to:
        words += f": {lost_to}"
    return section(words, button("Show letters", UNDELIVERED_OPEN, cohort_id))


def status(
    shown: Page, *, headline: str, choices: Sequence[Option] = (), result: str = ""
) -> dict[str, Any]:
    """[[Status]]: every pair a row, red first. `result`: what came of a choice about letters
    that waited."""
    parts: list[Block] = [section(result)] if result else []
    if shown.asked:
        parts.extend(_choice(shown.asked, shown.cohort_id))
    if len(choices) > 1:
        chosen = blocks.select(STATUS_PICK, choices, chosen=shown.cohort_id)
        parts.append(actions(chosen, block_id=f"cohort~{shown.cohort_id}"))
    parts.append(section(headline))
    if shown.waits:
        parts.append(section(f"○ All letters wait; none is lost. {shown.waits}"))
    if not shown.total:
        by_hand = button("Pair two people", PAIR, shown.cohort_id)
        parts.append(section("Interns ask with `/mentor-request`, or you pair by hand.", by_hand))
    parts.extend(_row(row) for row in shown.rows)
    parts.extend(_pages(shown))
    if shown.undelivered:
        parts.append(lost_row(shown.cohort_id, shown.undelivered, shown.lost_to))
    foot = "You see names, meetings and status, never answers or notes."
    if any(row.coded for row in shown.rows):
        foot += f" {CODES}"
    parts.append(context(foot))
    return blocks.modal(
        "status", "Status", parts, metadata=metadata(cohort=shown.cohort_id, page=shown.page)
    )


def _choice(asked: Asked, cohort_id: int) -> list[Block]:
    """Send what waits, or skip it; where nothing waits there is only one thing to do."""
    alert = blocks.alert(asked.words, "warning")
    if not asked.waiting:
        return [alert, actions(button("Start sending", BACKLOG_SEND, cohort_id, primary=True))]
    return [alert, actions(*send_or_skip(cohort_id))]


def _row(row: Row) -> Block:
    menu = blocks.overflow(STATUS_ROW, _options(row))
    return section(row.words, menu, block_id=f"pairing.{row.pairing_id}")


def _options(row: Row) -> list[Option]:
    end = option("End this pairing…", f"{END}.{row.pairing_id}")
    if row.concern is None:
        return [end]
    concern = row.concern.id
    clear = option("Clear…", f"{CLEAR}.{concern}")
    match row.concern.state:
        case ConcernState.TAKEN:
            first = [
                option("We have talked", f"{TALKED}.{concern}"),
                option("Hand it back", f"{HAND_BACK}.{concern}"),
            ]
        case ConcernState.TALKED:
            first = []
        case ConcernState.SNOOZED:
            first = [option("Wake it now", f"{WAKE}.{concern}")]
        case _:
            first = [
                option("I will contact them", f"{TAKE}.{concern}"),
                option(f"Snooze for {SNOOZE_DAYS} days", f"{SNOOZE}.{concern}"),
            ]
    return [*first, clear, end]


def _pages(shown: Page) -> list[Block]:
    if shown.total <= PAGE:
        return []
    first = (shown.page - 1) * PAGE + 1
    last = first + len(shown.rows) - 1
    return [
        context(f"{first} to {last} of {shown.total}"),
        actions(
            button("Previous", STATUS_PREVIOUS, shown.page - 1) if shown.page > 1 else None,
            button("Next", STATUS_NEXT, shown.page + 1) if last < shown.total else None,
        ),
    ]
