"""Planning a meeting, as people see it: the form, the group message, the agenda. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import blocks, times
from bot.blocks import Element, Message
from bot.cohort.calendar import Phase, local
from bot.forms import Form, metadata
from bot.meeting.sides import Side
from bot.outbox.model import Budget, Kind
from bot.refusal import Invalid

PLAN, MOVE, CANCEL, WITH = "meeting.plan", "meeting.move", "meeting.cancel", "meeting.with"
PLAN_FORM, MOVE_FORM = "meeting.plan.form", "meeting.move.form"

PLANNED = Kind("meeting.planned", max_age=timedelta(days=3))
CANCELLED = Kind("meeting.cancelled", max_age=timedelta(days=3))
AGENDA = Kind(
    "meeting.agenda",
    max_age=timedelta(days=1),
    why="You meet soon. This brings what is open between you two, so that nobody has to look.",
)
FIRST = Kind(
    "meeting.first",
    Budget.COUNTED,
    max_age=timedelta(days=5),
    why="The first meeting is the hardest one to find time for, so I remind you both once.",
)

LENGTHS = (15, 30, 45, 60)
PLACE_MOST = 300

PROMPTS: Mapping[Phase, tuple[str, ...]] = {
    Phase.INITIATION: (
        "what would make these weeks worth it?",
        "how do you like to hear bad news?",
        "what should the other know about how you work?",
        "what was hard in your first job?",
        "what stays between the two of you?",
    ),
    Phase.CULTIVATION: (
        "where am I stuck, and what have I tried?",
        "which way would you go here, and why?",
        "what is one thing I do that holds me back?",
        "whom should I meet, and with which question?",
        "what is the unwritten rule here?",
    ),
    Phase.SEPARATION: (
        "what can I do now that I could not in week 1, and what shows it?",
        "what is not finished, and who takes it?",
        "which advice should I go on testing?",
    ),
}


@dataclass(frozen=True)
class Draft:
    """What the planning form shows or was sent with. Day and time are the reader's own."""

    day: date
    at: time
    minutes: int
    place: str = ""


@dataclass(frozen=True)
class Todo:
    """An open action, as the agenda lists it."""

    text: str
    owner_id: int
    due_on: date


def _zones_line(me: Side, other: Side, at: datetime) -> str:
    mine, theirs = times.city(me.zone), times.city(other.zone)
    if mine == theirs:
        return f"Your zone: {mine}, the same as {other.called}."
    apart = times.offset_words(me.zone, other.zone, at)
    return f"Your zone: {mine}. {other.called}: {theirs}, {apart}."


def plan_form(
    me: Side,
    other: Side,
    draft: Draft,
    *,
    pairing_id: int,
    meeting: tuple[int, int] | None = None,
    pairs: Sequence[tuple[int, str]] = (),
    planned: datetime | None = None,
    warning: str = "",
    warned_at: datetime | None = None,
) -> dict[str, Any]:
    """The form that plans a meeting, or moves `meeting` (its id and version).

    `pairs` (pairing id, name) adds a choice of whom to meet. `planned` is the pair's next meeting,
    beside which this is one more. A `warning` about the moment
    `warned_at` turns the button into "Plan anyway", for that moment alone.
    """
    at = local(draft.day, draft.at, me.zone)
    lengths = sorted({*LENGTHS, draft.minutes})
    shown = [blocks.alert(warning, "warning")] if warning else []
    shown.append(blocks.section(f"*When do you meet {other.called}?* {_zones_line(me, other, at)}"))
    if planned:
        shown.append(blocks.context(f"You already meet on {me.reads(planned)}; this is one more."))
    if len(pairs) > 1:
        people = [blocks.option(name, row) for row, name in pairs[:100]]
        whom = blocks.select(WITH, people, chosen=pairing_id)
        shown.append(blocks.field_block("With", whom, "with", heard=True))
    shown += [
        blocks.field_block("Date", blocks.date_picker("date", draft.day), "date"),
        blocks.field_block("Time", blocks.time_picker("time", draft.at), "time"),
        blocks.field_block(
            "Minutes",
            blocks.select(
                "minutes", [blocks.option(str(n), n) for n in lengths], chosen=draft.minutes
            ),
            "minutes",
        ),
        blocks.field_block(
            "Place or link",
            blocks.text_input("place", value=draft.place, most=PLACE_MOST, example="Room 2.14"),
            "place",
            optional=True,
            hint=f"You and {other.named} see this.",
        ),
    ]
    verb = "Move" if meeting else "Plan"
    return blocks.modal(
        MOVE_FORM if meeting else PLAN_FORM,
        "Move the meeting" if meeting else "Plan a meeting",
        shown,
        submit=f"{verb} anyway" if warned_at else f"{verb} meeting",
        metadata=metadata(
            pairing=pairing_id,
            meeting=meeting[0] if meeting else None,
            version=meeting[1] if meeting else None,
            anyway=int(warned_at.timestamp()) if warned_at else None,
        ),
    )


def read_plan(form: Form, fallback: Draft) -> Draft:
    """What the form says. Raises Invalid beside the field that is missing or does not fit."""
    day, at, minutes = form.day("date"), form.clock_time("time"), form.choice("minutes")
    if day is None:
        raise Invalid(field="date", words="Choose a day.")
    if at is None:
        raise Invalid(field="time", words="Choose a time.")
    known = {str(n): n for n in (*LENGTHS, fallback.minutes)}
    if minutes not in known:
        raise Invalid(field="minutes", words="Choose how long: 15, 30, 45 or 60 minutes.")
    return Draft(day, at, known[minutes], form.text("place", PLACE_MOST))


def anyway(form: Form, at: datetime) -> bool:
    """Whether the person has seen the warning about exactly this moment."""
    return form.number("anyway") == int(at.timestamp())


def outside_hours(other: Side, at: datetime) -> str:
    """The warning about a time at which the other one does not work."""
    shown = times.spoken_time(at, other.zone, other.locale)
    return f"That is {shown} for {other.called}, outside {other.called}'s hours."


def on_leave(other: Side, back_on: date) -> str:
    """The warning about a day on which the other one is away."""
    return f"{other.called} is on leave until {times.spoken_date(back_on)}."


def planned_view(me: Side, other: Side, at: datetime, *, moved: bool) -> dict[str, Any]:
    """What the form turns into when it is done."""
    return blocks.modal(
        "meeting.planned",
        "Meeting moved" if moved else "Meeting planned",
        [
            blocks.section(f"*You meet {other.called} on {me.reads(at)}.*"),
            blocks.context("I tell you both in your group message, in hours you share."),
        ],
    )


# ---- the group message


@dataclass(frozen=True)
class Appointment:
    """A meeting as both read about it. `by` is who planned, moved or cancelled it."""

    id: int
    at: datetime
    minutes: int
    place: str
    intern: Side
    mentor: Side
    by: Side
    moved: bool = False


def both_read(at: datetime, a: Side, b: Side) -> str:
    """One moment for both, in words: "Tue 16 June, 15:00 Berlin, 14:00 Lisbon"."""
    first = f"{a.day(at)}, {times.spoken_time(at, a.zone, a.locale)} {times.city(a.zone)}"
    if times.city(a.zone) == times.city(b.zone):
        return first
    other_day = "" if a.day(at) == b.day(at) else f"{b.day(at)}, "
    return f"{first}, {other_day}{times.spoken_time(at, b.zone, b.locale)} {times.city(b.zone)}"


def _slack_time(at: datetime, a: Side, b: Side) -> str:
    """The moment in each reader's own zone, as Slack writes it; a weekday belongs to it."""
    return f"<!date^{int(at.timestamp())}^{{date_long}} at {{time}}|{both_read(at, a, b)}>"


def place_shown(place: str) -> str:
    """Where they meet, safe inside mrkdwn; a link stays one."""
    if place.startswith(("https://", "http://")) and not set(place) & set(" <>|\n"):
        return f"<{blocks.escape(place)}>"
    return blocks.escape(place)


def _details(meeting: Appointment) -> str:
    place = f", {place_shown(meeting.place)}" if meeting.place else ""
    return f"{meeting.minutes} minutes{place}"


def _cancel_button(meeting: Appointment) -> Element:
    return blocks.button(
        "Cancel it…",
        CANCEL,
        meeting.id,
        confirm=blocks.confirm(
            "Cancel this meeting?",
            "You both read that it is cancelled, not why. You can plan another one.",
            "Cancel meeting",
            "Keep meeting",
        ),
    )


def meeting_planned(meeting: Appointment, *, agenda_comes: bool) -> Message:
    """The group message about a meeting that is still to come."""
    when = _slack_time(meeting.at, meeting.intern, meeting.mentor)
    head = "Moved: you meet on" if meeting.moved else "You meet on"
    who = f"{meeting.by.called} {'moved' if meeting.moved else 'planned'} this."
    place = f", {blocks.escape(meeting.place)}" if meeting.place else ""
    spoken = both_read(meeting.at, meeting.intern, meeting.mentor)
    said = "Meeting moved" if meeting.moved else "Meeting planned"
    buttons = (blocks.button("Move it", MOVE, meeting.id), _cancel_button(meeting))
    return Message(
        blocks.cut(f"{said}: {spoken}{place}. You can: move it, cancel it.", 500),
        [blocks.section(f"*{head} {when}*, {_details(meeting)}"), blocks.actions(*buttons)],
        f"{who} The agenda comes the day before." if agenda_comes else who,
    )


def meeting_over(meeting: Appointment) -> Message:
    """The same message once the meeting's time has passed."""
    when = _slack_time(meeting.at, meeting.intern, meeting.mentor)
    spoken = both_read(meeting.at, meeting.intern, meeting.mentor)
    return Message(
        f"Your meeting was on {spoken}.",
        [blocks.section(f"*Your meeting was on {when}*, {_details(meeting)}")],
        "I ask each of you whether you met.",
    )


def meeting_moved_on(meeting: Appointment) -> Message:
    """An older message about a meeting that has another time now."""
    when = _slack_time(meeting.at, meeting.intern, meeting.mentor)
    spoken = both_read(meeting.at, meeting.intern, meeting.mentor)
    return Message(
        f"This meeting moved to {spoken}.",
        [blocks.section(f"*This meeting moved to {when}*")],
        f"○ {meeting.by.called} moved it.",
    )


def meeting_cancelled(
    meeting: Appointment, *, by: str, pairing_id: int | None, news: bool
) -> Message:
    """A cancelled meeting: as `news` of its own, or where it was announced."""
    when = _slack_time(meeting.at, meeting.intern, meeting.mentor)
    spoken = both_read(meeting.at, meeting.intern, meeting.mentor)
    shown = [blocks.section(f"*Cancelled: your meeting on {when}*")]
    again = "" if pairing_id is None else " You can: plan another meeting."
    if news and pairing_id is not None:
        shown.append(blocks.actions(blocks.button("Plan another meeting", PLAN, pairing_id)))
    return Message(
        f"Cancelled: your meeting on {spoken}.{again if news else ''}",
        shown,
        f"○ {by} cancelled this." if by else "○ Nothing to do.",
    )


# ---- the agenda


def day_word(at: datetime, me: Side, now: datetime) -> str:
    """ "today", "tomorrow", "yesterday", or "Tue 16 June", where the reader is."""
    return _relative(at.astimezone(ZoneInfo(me.zone)).date(), me.today(now))


def _relative(day: date, today: date) -> str:
    words = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return words.get((day - today).days) or times.spoken_date(day)


def todo_line(todo: Todo, me: Side, other: Side, today: date) -> str:
    """ "Open action: send Ben the draft (you, by today)"."""
    who = "you" if todo.owner_id == me.id else other.called
    return f"○ Open action: {blocks.escape(todo.text)} ({who}, by {_relative(todo.due_on, today)})"


def agenda(
    meeting: Appointment,
    me: Side,
    other: Side,
    todos: Sequence[Todo],
    prompt: str,
    *,
    now: datetime,
    menu: Element,
) -> Message:
    """The letter before the meeting: what is open, one thing to think about."""
    day = day_word(meeting.at, me, now)
    clock = f"{times.spoken_time(meeting.at, me.zone, me.locale)} ({times.city(me.zone)})"
    lines = [todo_line(todo, me, other, me.today(now)) for todo in todos[:4]]
    if len(todos) > len(lines):
        lines.append(f"○ {blocks.counted(len(todos) - len(lines), 'more open action')}")
    where = [f"{_details(meeting)}"] if meeting.place else []
    return blocks.letter(
        f"{day[0].upper()}{day[1:]}, {clock}: you and {other.called}",
        *where,
        *lines,
        f"To think about: {prompt}",
        buttons=(blocks.button("Move it", MOVE, meeting.id),),
        menu=menu,
        footer=f"You two planned to meet. {blocks.you_and(other.called)} The menu pauses letters.",
    )


def agenda_past(headline: str) -> Message:
    """The agenda of a meeting that is over, moved or cancelled."""
    return blocks.letter(headline, footer="○ Nothing to do.")


# ---- no first meeting yet


def first_meeting(other: Side, pairing_id: int, *, skip: str, menu: Element) -> Message:
    """The nudge to each of the two; `skip` is the action of "Not this week"."""
    return blocks.letter(
        f"You and {other.called} have no first meeting yet",
        "First weeks are full. 15 minutes are a good start.",
        buttons=(
            blocks.button("Plan our first meeting", PLAN, pairing_id, primary=True),
            blocks.button("Not this week", skip, pairing_id),
        ),
        menu=menu,
        footer=f"You have been a pair for a few days. {other.called} reads the same. "
        "The menu pauses letters.",
    )


def first_meeting_past(headline: str) -> Message:
    """The nudge after it has done its work."""
    return blocks.letter(headline, footer="● Nothing to do.")
