"""After a meeting, as people see it: "Did you meet?", the summary, the actions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot import blocks, times
from bot.blocks import Element, Message
from bot.forms import Form, metadata
from bot.meeting.messages import MOVE, day_word
from bot.meeting.model import Answer
from bot.meeting.sides import Side
from bot.outbox.model import Budget, Kind
from bot.refusal import Invalid

YES, MOVED, NO = "meeting.yes", "meeting.moved", "meeting.no"
SUMMARY, ADD, EDIT = "meeting.summary", "summary.add", "summary.edit"
NO_FORM, SUMMARY_FORM = "meeting.no.form", "meeting.summary.form"
DONE, LATER, DROP, UNDO = "action.done", "action.later", "action.drop", "action.undo"
LATER_FORM = "action.later.form"

ASK = Kind(
    "meeting.ask",
    max_age=timedelta(days=35),  # somebody on leave is asked when they are back
    why="A meeting you two had planned is over. One tap keeps the record right.",
)
ASK_AGAIN = Kind(
    "meeting.ask_again",
    Budget.COUNTED,
    max_age=timedelta(days=2),
    why="Nobody has said yet whether you met. This is the only reminder.",
)
SUMMARY_SAVED = Kind("meeting.summary", max_age=timedelta(days=3))
ACTION_DUE = Kind(
    "action.due",
    Budget.COUNTED,
    max_age=timedelta(days=2),
    why="You took on an action, and it is due soon. Only its owner is reminded, once.",
)

INSIGHT_MOST, ACTION_MOST, ACTIONS_MOST = 300, 200, 3
NEW_TIME, SHORT, WRITTEN, SKIP = "time", "short", "written", "skip"


# ---- did you meet?


@dataclass(frozen=True)
class Kept:
    """An action of a summary. `id` is its row."""

    id: int
    text: str
    owner_id: int
    due_on: date


@dataclass(frozen=True)
class Record:
    """What is known of a meeting that is over."""

    id: int
    at: datetime
    mine: Answer | None = None
    theirs: Answer | None = None
    insight: str = ""
    insight_by: int | None = None
    actions: Sequence[Kept] = ()
    saved: bool = False
    may_edit: bool = True
    live: bool = True  # they are still a pair


def did_you_meet(
    record: Record, me: Side, other: Side, *, now: datetime, menu: Element, again: bool
) -> Message:
    """The question, to one of the two: one tap, several honest answers, none of them green."""
    day = day_word(record.at, me, now)
    when = day if day in ("today", "yesterday", "tomorrow") else f"on {day}"
    clock = times.spoken_time(record.at, me.zone, me.locale)
    start = "A reminder: did" if again else "Did"
    return blocks.letter(
        f"{start} you and {other.called} meet {when} at {clock}?",
        buttons=(
            blocks.button("Yes, we met", YES, record.id),
            blocks.button("It moved", MOVED, record.id),
            blocks.button("It did not happen", NO, record.id),
        ),
        menu=menu,
        footer=f"One tap. {blocks.THAT_YOU_MET} The menu pauses letters.",
    )


def answered(record: Record, me: Side, other: Side) -> Message:
    """The question after somebody answered it, or nobody did.

    Who answered reads their own answer: two that differ are shown to nobody.
    """
    answer = record.mine or record.theirs
    who = "You" if record.mine else other.called
    headline = {
        Answer.YES: f"You met {other.called} on {me.day(record.at)}",
        Answer.NO: f"You did not meet {other.called} on {me.day(record.at)}",
        Answer.MOVED: f"Your meeting with {other.called} on {me.day(record.at)} moved",
        None: f"I do not know whether you met {other.called} on {me.day(record.at)}",
    }[answer]
    # The other side reads the summary in a letter of its own.
    with_summary = record.mine is Answer.YES and record.saved
    shape = "●" if answer is Answer.YES else "○"
    footer = f"{shape} {who} said so." if answer else f"{shape} That is fine. Nothing to do."
    if with_summary:
        footer += f" {blocks.you_and(other.called)}"
    lines = _summary_lines(record, me, other) if with_summary else []
    button = _answered_button(record, answer) if record.live else None
    return blocks.letter(headline, *lines, buttons=(button,) if button else (), footer=footer)


def _answered_button(record: Record, answer: Answer | None) -> Element | None:
    if record.mine is Answer.YES:
        if record.saved:
            return blocks.button("Edit summary", SUMMARY, record.id) if record.may_edit else None
        return blocks.button("Add summary", SUMMARY, record.id)
    if record.mine is Answer.MOVED:
        return blocks.button("Choose the new time", MOVE, record.id)
    if answer is Answer.YES:
        if record.saved:
            return None
        return blocks.button("We did not meet", NO, record.id)
    return blocks.button("We did meet", YES, record.id)


def moved_to(me: Side, other: Side, at: datetime) -> Message:
    """The question about a meeting that has a new time since."""
    return blocks.letter(
        f"Your meeting with {other.called} moved to {me.reads(at)}", footer="○ Nothing to do."
    )


def no_form(meeting_id: int, other: Side) -> dict[str, Any]:
    """What now, after a meeting that did not happen; no reason is asked."""
    choices = (
        blocks.option("New time", NEW_TIME),
        blocks.option("15 minutes instead", SHORT),
        blocks.option("Three written questions", WRITTEN),
        blocks.option("Skip this week", SKIP),
    )
    return blocks.modal(
        NO_FORM,
        "It did not happen",
        [
            blocks.field_block("What now?", blocks.radios("now", choices), "now"),
            blocks.context(f"{other.called} sees the choice. No reason is asked."),
        ],
        submit="Save",
        metadata=metadata(meeting=meeting_id),
    )


def read_no(form: Form) -> str:
    """The choice. Raises Invalid when there is none."""
    choice = form.choice("now")
    if choice not in (NEW_TIME, SHORT, WRITTEN, SKIP):
        raise Invalid(field="now", words="Choose one of the four.")
    return choice


# ---- the summary


@dataclass(frozen=True)
class Entry:
    """The action that is being written."""

    text: str
    owner_id: int
    due_on: date


def kept_line(action: Kept, me: Side, other: Side, *, own: str = "") -> str:
    """ "○ Send Ben the draft, Ana, by Tue 23 June"."""
    who = (own or me.called) if action.owner_id == me.id else other.called
    return f"○ {blocks.escape(action.text)}, {who}, by {times.spoken_date(action.due_on)}"


def _summary_lines(record: Record, me: Side, other: Side) -> list[str]:
    lines = []
    if record.insight:
        who = "You" if record.insight_by == me.id else other.called
        lines.append(f"{who} wrote: {blocks.escape(record.insight)}")
    return lines + [kept_line(action, me, other, own="you") for action in record.actions]


def summary_form(
    meeting_id: int,
    me: Side,
    other: Side,
    *,
    insight: str,
    actions: Sequence[Kept],
    entry: Entry,
    editing: int | None = None,
    copy: int = 0,
    seen: int = 0,
    warning: str = "",
) -> dict[str, Any]:
    """One insight, and up to three actions: those written stand as lines, one is in the inputs.

    `editing` is the row in the inputs, `copy` the number of this set of inputs (a new number
    empties them), `seen` which saved summary the form was opened on.
    """
    shown = [blocks.alert(warning, "warning")] if warning else []
    shown += [
        blocks.section("*What do you take with you?*"),
        blocks.context(f"{blocks.you_and(other.called)} Coordinators see that you met."),
        blocks.field_block(
            "One thing worth remembering",
            blocks.text_input("insight", value=insight, most=INSIGHT_MOST, lines=True),
            "insight",
            optional=True,
        ),
    ]
    for action in actions:
        if action.id != editing:
            button = blocks.button("Edit", EDIT, action.id, says=f"Edit {action.text}")
            shown.append(
                blocks.section(kept_line(action, me, other), button, f"action.{action.id}")
            )
    others = len([a for a in actions if a.id != editing])
    if others >= ACTIONS_MOST:
        shown.append(blocks.context("Three actions are enough for one meeting."))
    else:
        shown += _entry_inputs(me, other, entry, copy, editing, last=others == ACTIONS_MOST - 1)
    return blocks.modal(
        SUMMARY_FORM,
        "After the meeting",
        shown,
        submit="Save summary",
        metadata=metadata(meeting=meeting_id, action=editing, copy=copy, version=seen),
    )


def _entry_inputs(
    me: Side, other: Side, entry: Entry, copy: int, editing: int | None, *, last: bool
) -> list[blocks.Block]:
    people = [blocks.option(me.named, me.id), blocks.option(other.named, other.id)]
    add = "Keep this action" if editing else "Add this action" if last else "Add another action"
    return [
        blocks.field_block(
            "Action",
            blocks.text_input(
                "what", value=entry.text, most=ACTION_MOST, example=f"Send {other.named} the draft"
            ),
            f"what~{copy}",
            optional=True,
            hint="Empty it to remove this action." if editing else "",
        ),
        blocks.field_block(
            "Who", blocks.select("who", people, chosen=entry.owner_id), f"who~{copy}"
        ),
        blocks.field_block("By", blocks.date_picker("by", entry.due_on), f"by~{copy}"),
        blocks.actions(blocks.button(add, ADD, editing or 0), block_id=f"add~{copy}"),
    ]


def read_insight(form: Form) -> str:
    """The one thing worth remembering; may be empty."""
    return form.text("insight", INSIGHT_MOST)


def read_entry(form: Form, me: Side, other: Side, today: date, most_days: int) -> Entry | None:
    """The action in the inputs; None when there is none. Raises Invalid beside the field."""
    copy = form.number("copy") or 0
    text = " ".join(form.text(f"what~{copy}", ACTION_MOST).split())
    if not text:
        return None
    owner = form.choice(f"who~{copy}")
    if owner not in (str(me.id), str(other.id)):
        raise Invalid(field=f"who~{copy}", words=f"Choose {me.named} or {other.named}.")
    return Entry(text, int(owner), read_due(form, f"by~{copy}", today, most_days))


def read_due(form: Form, block: str, today: date, most_days: int) -> date:
    """A date for an action, from today on. Raises Invalid beside the field."""
    due = form.day(block)
    if due is None or not today <= due <= today + timedelta(days=most_days):
        span = "two weeks" if most_days == 14 else f"{most_days} days"
        raise Invalid(field=block, words=f"Choose a day in the next {span}.")
    return due


def summary_saved(other: Side) -> dict[str, Any]:
    """What the form turns into."""
    return blocks.modal(
        "summary.saved",
        "Summary saved",
        [
            blocks.section(f"*Saved.* {other.called} reads it too and may edit it."),
            blocks.context("I remind whoever does an action, the day before, once."),
        ],
    )


def summary_letter(record: Record, me: Side, other: Side, stands: datetime | None) -> Message:
    """What the other side wrote, to confirm by doing nothing or to edit."""
    lines = _summary_lines(record, me, other) or [f"{other.called} noted nothing else."]
    editable = record.live and stands is not None
    button = blocks.button("Edit summary", SUMMARY, record.id)
    until = f"Stands from {me.day(stands)}." if stands else "● This summary stands."
    return blocks.letter(
        f"You met {other.called} on {me.day(record.at)}",
        *lines,
        buttons=(button,) if editable else (),
        footer=f"{until} {blocks.you_and(other.called)}",
    )


# ---- actions


def action_due(
    action_id: int, text: str, due_on: date, me: Side, other: Side, *, now: datetime, menu: Element
) -> Message:
    """The one reminder of an action, to its owner."""
    apart = (due_on - me.today(now)).days
    when = {0: "today", 1: "tomorrow"}.get(apart) or f"on {times.spoken_date(due_on)}"
    return blocks.letter(
        f"Due {when}: {blocks.escape(blocks.cut(text, 150))}",
        buttons=(
            blocks.button("Done", DONE, action_id, primary=True),
            blocks.button("New date", LATER, action_id),
            blocks.button("Drop it", DROP, action_id),
        ),
        menu=menu,
        footer=f"You took this on when you met {other.called}. "
        f"{blocks.you_and(other.called)} The menu pauses letters.",
    )


def action_decided(action_id: int, text: str, *, done: bool, on: str, live: bool) -> Message:
    """The reminder of an action that is done or dropped; `on` is the day."""
    word = "Done" if done else "Dropped"
    undo = blocks.button("Undo", UNDO, action_id)
    return blocks.letter(
        f"{word}: {blocks.escape(blocks.cut(text, 150))}",
        buttons=(undo,) if live else (),
        footer=f"{'●' if done else '○'} {word} on {on}.",
    )


def action_later(text: str, due_on: date) -> Message:
    """The reminder of an action that has another date now."""
    return blocks.letter(
        f"New date: {blocks.escape(blocks.cut(text, 150))}",
        footer=f"○ By {times.spoken_date(due_on)}. I remind you the day before.",
    )


def later_form(action_id: int, text: str, chosen: date, other: Side) -> dict[str, Any]:
    """A new date for an action."""
    return blocks.modal(
        LATER_FORM,
        "New date",
        [
            blocks.section(f"*{blocks.escape(blocks.cut(text, 150))}*"),
            blocks.context(blocks.you_and(other.called)),
            blocks.field_block("By", blocks.date_picker("by", chosen), "by"),
        ],
        submit="Save date",
        metadata=metadata(action=action_id),
    )
