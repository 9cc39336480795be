"""What coordinators see about people: the list with its form, and letters not delivered. Pure.

Words arrive ready for mrkdwn, except `title` and `label`, which are plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot import blocks, forms
from bot.blocks import (
    ONLY_YOU,
    Block,
    Message,
    Option,
    actions,
    button,
    confirm,
    context,
    letter,
    option,
    section,
)
from bot.cohort.messages_console import SETTINGS_OPEN
from bot.outbox.model import Budget, Kind, Priority

OPEN = "people.open"
FORM = "people.add.form"
ROW = "people.row"
PREVIOUS = "people.previous"
NEXT = "people.next"
REMIND_ALL = "people.remind"
PICK = "people.cohort"
BACK = "people.back"
REMOVE_FORM = "people.remove.form"
PAIR = "pairing.byhand"

INTERNS = "interns"
MENTORS = "mentors"
_NOT_ADDED = 5  # people named in the result; the others are counted

UNDELIVERED_OPEN = "undelivered.open"
UNDELIVERED_PREVIOUS = "undelivered.previous"
UNDELIVERED_NEXT = "undelivered.next"
SEND_AGAIN = "undelivered.again"

# In working hours: only a person at work can mend it, and what waits is on their list. Ahead of
# other letters, since what the channel would have told them may be urgent.
CHANNEL_STOPPED = Kind(
    "channel.stopped",
    Budget.HOURS,
    Priority.URGENT,
    why="I could not write in the channel of a cohort you coordinate.",
)


@dataclass(frozen=True)
class Row:
    """One member in the list."""

    membership_id: int
    words: str
    remindable: bool


@dataclass(frozen=True)
class PeopleView:
    """One page of the list, and what it needs to be drawn again."""

    cohort_id: int
    rows: Sequence[Row]
    page: int
    total: int
    remindable: int = 0
    result: Sequence[str] = ()
    copy: int = 1  # counts emptied inputs: a new block id forgets what was chosen
    choices: Sequence[Option] = ()  # the coordinator's cohorts, when there are several


def people(shown: PeopleView) -> dict[str, Any]:
    """[[People]]: add people on top, the list below."""
    parts: list[Block] = []
    if len(shown.choices) > 1:
        chosen = blocks.select(PICK, shown.choices, chosen=shown.cohort_id)
        parts.append(actions(chosen, block_id=f"cohort~{shown.cohort_id}"))
    if shown.result:
        parts.append(section("\n".join(shown.result)))
    for label, name in (("Add interns", INTERNS), ("Add mentors", MENTORS)):
        element = blocks.people_select(name)
        parts.append(
            blocks.field_block(label, element, block_name(name, shown.copy), optional=True)
        )
    parts.append(blocks.divider())
    parts.extend(_list(shown))
    # What was chosen belongs to this cohort: another cohort's form starts empty.
    return blocks.modal(
        FORM,
        "People",
        parts,
        submit="Add people",
        close="Done",
        metadata=forms.metadata(cohort=shown.cohort_id, page=shown.page, copy=shown.copy),
    )


def block_name(name: str, copy: int) -> str:
    """The block id of an input that has been emptied `copy - 1` times."""
    return name if copy <= 1 else f"{name}~{copy}"


def read_people(form: forms.Form) -> tuple[list[str], list[str]]:
    """(interns, mentors) chosen in the form, as Slack ids."""
    copy = form.number("copy") or 1
    return form.people(block_name(INTERNS, copy)), form.people(block_name(MENTORS, copy))


def _list(shown: PeopleView) -> list[Block]:
    if not shown.total:
        return [section("Nobody yet. Everybody you add gets one welcome letter.")]
    parts = [_row(row) for row in shown.rows]
    first = (shown.page - 1) * 10 + 1
    parts.append(context(f"{first} to {first + len(shown.rows) - 1} of {shown.total}"))
    more = first + len(shown.rows) <= shown.total
    remind = f"Remind {shown.remindable} of profile"
    parts.append(
        actions(
            button("Previous", PREVIOUS, shown.page - 1) if shown.page > 1 else None,
            button("Next", NEXT, shown.page + 1) if more else None,
            button(remind, REMIND_ALL, shown.cohort_id) if shown.remindable else None,
            button("Pair two people", PAIR, shown.cohort_id),
        )
    )
    return parts


def _row(row: Row) -> Block:
    options = []
    if row.remindable:
        options.append(option("Remind of profile", f"remind.{row.membership_id}"))
    options.append(option("Remove…", f"remove.{row.membership_id}"))
    return section(row.words, blocks.overflow(ROW, options), block_id=f"member.{row.membership_id}")


def left_out(name: str, why: str, cohort: str) -> str:
    """Why somebody was not added, in words."""
    return {
        "already": f"{name} is in {cohort} already.",
        "intern here": f"{name} is an intern here already.",
        "mentor here": f"{name} is a mentor here already.",
        "coordinator here": f"{name} coordinates this cohort.",
        "bot": f"{name} is a bot.",
        "gone": f"{name} is no longer in this workspace.",
    }[why]


def added(count: int, sentences: Sequence[str]) -> list[str]:
    """The result of adding people: how many, and who was left out and why."""
    line = f"● {count} added." if count else "○ Nobody was added."
    if not sentences:
        return [line]
    shown = " ".join(sentences[:_NOT_ADDED])
    rest = len(sentences) - _NOT_ADDED
    more = f" And {blocks.counted(rest, 'other')}." if rest > 0 else ""
    return [f"{line} {len(sentences)} left out: {shown}{more}"]


def remove_form(
    *,
    title: str,
    label: str,
    cohort: str,
    membership_id: int,
    cohort_id: int,
    page: int,
    intern: bool,
) -> dict[str, Any]:
    """The question before somebody is taken out. It takes the list's place, and gives it back."""
    other = "mentor" if intern else "intern"
    return blocks.modal(
        REMOVE_FORM,
        "Remove from cohort",
        [
            section(f"*Remove {blocks.escape(title)}?*"),
            section(
                f"{blocks.escape(label)} gets no more letters of {cohort}. If there is a pairing, "
                f"it ends; the {other} hears that, not why."
            ),
            actions(button(f"Keep {label}", BACK, page)),
        ],
        submit=blocks.cut(f"Remove {label}", 24),
        metadata=forms.metadata(member=membership_id, cohort=cohort_id, page=page),
    )


# ---- letters not delivered


def channel_stopped(*, channel: str, cohort: str, advice: str, cohort_id: int) -> Message:
    """The coordinators' channel lets nothing through, and what to do."""
    return letter(
        f"I cannot write in <#{channel}>",
        advice or "Slack refuses it. Choose another channel in /cohort settings.",
        "What I could not report there is on your list. Send it again when the channel is mended.",
        buttons=[
            button("Show letters", UNDELIVERED_OPEN, cohort_id),
            button("Settings", SETTINGS_OPEN, cohort_id),
        ],
        footer=f"You coordinate {cohort}. {ONLY_YOU}",
    )


@dataclass(frozen=True)
class UndeliveredRow:
    """One letter that did not arrive: to whom and why, never what it says."""

    letter_id: int
    words: str
    can_send_again: bool
    unknown: bool


def undelivered(
    *,
    cohort_id: int,
    rows: Sequence[UndeliveredRow],
    page: int,
    total: int,
    result: str = "",
) -> dict[str, Any]:
    """[[Letters not delivered]], newest first."""
    parts: list[Block] = [section(result)] if result else []
    if not total:
        parts.append(section("*Every letter has arrived.*"))
    parts.extend(_letter_row(row) for row in rows)
    if total:
        first = (page - 1) * 10 + 1
        parts.append(context(f"{first} to {first + len(rows) - 1} of {total}"))
        previous = button("Previous", UNDELIVERED_PREVIOUS, page - 1) if page > 1 else None
        more = first + len(rows) <= total
        following = button("Next", UNDELIVERED_NEXT, page + 1) if more else None
        if previous or following:
            parts.append(actions(previous, following))
    return blocks.modal(
        "undelivered",
        "Letters not delivered",
        parts,
        metadata=forms.metadata(cohort=cohort_id, page=page),
    )


def _letter_row(row: UndeliveredRow) -> Block:
    again = None
    if row.can_send_again:
        asks = None
        if row.unknown:
            asks = confirm(
                "Send it again?",
                "Slack's answer got lost, so the letter may have arrived already.",
                "Send again",
                "Keep it so",
                danger=False,
            )
        again = button("Send again", SEND_AGAIN, row.letter_id, confirm=asks)
    return section(row.words, again, block_id=f"letter.{row.letter_id}")
