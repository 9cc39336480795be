"""My mentorship at a glance, and help: what `/mentor` answers. Pure."""

from collections.abc import Sequence
from typing import Any

from bot.blocks import (
    ONLY_YOU,
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    counted,
    cut,
    escape,
    modal,
    section,
    spoken_text,
)
from bot.checkin.messages import ANSWER
from bot.cohort import messages as cohort_words
from bot.cohort import messages_console as console
from bot.cohort import naming
from bot.home.desk import CoordinatorPlace, Desk
from bot.home.messages import COMING, ROWS, leave_words, menu, one_primary, week
from bot.home.pairs import Pair
from bot.home.today import Item, Rank, items
from bot.meeting import messages as meeting_words
from bot.outbox.model import Budget, Kind, Priority, Surface
from bot.times import spoken, spoken_date

GLANCE = Kind("mentorship", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL)


def glance(desk: Desk) -> Message:
    """`/mentor`: a few lines and the buttons for today, to this person only."""
    if not desk.pairs:
        return _first_item(desk)
    blocks: list[Block] = []
    for pair in desk.pairs[: 2 * ROWS]:
        words = f"*{_title(desk, pair)}*\n{_facts(desk, pair)}"
        several = len(desk.pairs) > 1
        blocks.append(section(words, _next_step(pair) if several else None))
    buttons = [button("Say thanks", cohort_words.THANKS_OPEN)]
    if len(desk.pairs) == 1:
        pair = desk.pairs[0]
        plan = button("Plan a meeting", meeting_words.PLAN, pair.id, primary=pair.meeting is None)
        step = _next_step(pair)
        answers = step["action_id"] == ANSWER
        buttons = [step, *([_plainly(plan)] if answers else []), *buttons]
    blocks.append(actions(*buttons, menu(paused=desk.paused)))
    told = " ".join(f"{_title(desk, p)}. {_facts(desk, p)}" for p in desk.pairs[: 2 * ROWS])
    return Message(cut(spoken_text(told), 500), one_primary(blocks, desk))


def _title(desk: Desk, pair: Pair) -> str:
    return f"You and {naming.short(pair.partner)}, {week(desk, pair.cohort)}"


def _facts(desk: Desk, pair: Pair) -> str:
    at = pair.meeting and spoken(pair.meeting.starts_at, desk.zone, desk.person.locale)
    facts = [f"Next: {at}." if at else "No meeting planned."]
    if pair.leave is not None:
        facts.append(leave_words(pair))
    mine = sum(todo.pairing_id == pair.id for todo in desk.todos)
    if mine:
        facts.append(f"{counted(mine, 'open action')}.")
    if pair.check_in and not pair.check_in.answered:
        facts.append(f"Check-in open until {spoken_date(pair.check_in.closes_at, desk.zone)}.")
    return " ".join(facts)


def _next_step(pair: Pair) -> Element:
    """An open check-in comes first, then the next meeting."""
    if pair.check_in and not pair.check_in.answered:
        return button("Answer check-in", ANSWER, pair.check_in.id, primary=True)
    fresh = pair.meeting is None
    return button("Plan a meeting", meeting_words.PLAN, pair.id, primary=fresh)


def _plainly(element: Element) -> Element:
    return {name: part for name, part in element.items() if name != "style"}


def _first_item(desk: Desk) -> Message:
    """Without a pair: what the Home tab says first, and its button."""
    blocks: list[Block] = []
    told = []
    for item in items(desk)[:COMING]:
        words = f"*{escape(item.headline)}*"
        blocks.append(section(f"{words}\n{item.line}" if item.line else words, _button(desk, item)))
        told.append(f"{escape(item.headline)}. {spoken_text(item.line)}".strip())
    if any(not isinstance(place, CoordinatorPlace) for place in desk.places):
        blocks.append(actions(menu(paused=desk.paused)))
    return Message(cut(" ".join(told), 500), one_primary(blocks, desk))


def _button(desk: Desk, item: Item) -> Element | None:
    """Coordinators find their buttons on the Home tab; here the sentence needs its own."""
    if item.button or item.rank not in (Rank.CARE, Rank.IDLE):
        return item.button
    place = next((p for p in desk.places if isinstance(p, CoordinatorPlace)), None)
    if place is None:
        return None
    cohort = place.standing.cohort_id
    return button("Open the console", console.CONSOLE_OPEN, cohort, primary=True)


def help_view(lines: Sequence[str], contact: str) -> dict[str, Any]:
    """What each command can do: `lines` is a text for each."""
    blocks = [section(said) for said in lines]
    asks = f"Questions: {contact}. " if contact else ""
    return modal("help", "Help", [*blocks, context(f"{asks}{ONLY_YOU}")])
