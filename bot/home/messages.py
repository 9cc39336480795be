"""The Home tab, drawn from what lies on a person's desk. Pure.

The tab is an ordered tuple of sections, each of which says nothing when there is nothing to say:
today in one sentence with one primary button, open things, what is coming, buttons, and a small
line with week, zone and whom to ask.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.blocks import (
    SHAPES,
    Block,
    Element,
    actions,
    button,
    context,
    counted,
    cut,
    divider,
    escape,
    header,
    home_view,
    option,
    overflow,
    section,
)
from bot.cohort import messages as cohort_words
from bot.cohort import messages_console as console
from bot.cohort import naming
from bot.cohort.model import Cohort
from bot.concern import messages as concern_words
from bot.digest.messages import STATUS_OPEN
from bot.home.desk import CoordinatorPlace, Desk, MentorPlace
from bot.home.pairs import Pair
from bot.home.today import Item, items, near_day
from bot.meeting import messages as meeting_words
from bot.meeting.messages_after import DONE
from bot.pairing import messages as pairing_words
from bot.times import city, spoken, spoken_date, spoken_time

MENU = "mentorship.menu"

ROWS = 5
COMING = 3


# ---- the Home tab


def home(desk: Desk) -> dict[str, Any]:
    """The Home tab of one person."""
    return home_view(one_primary([block for build in SECTIONS for block in build(desk)], desk))


def today(desk: Desk) -> list[Block]:
    """The one sentence, and whatever else is for today."""
    first, *others = _drawn(desk)
    blocks = [header(first.headline)]
    if first.line:
        blocks.append(section(first.line, first.button))
    elif first.button:
        blocks.append(actions(first.button))
    for item in others:
        words = f"*{escape(item.headline)}*"
        blocks.append(section(f"{words}\n{item.line}" if item.line else words, item.button))
    return blocks


def _drawn(desk: Desk) -> list[Item]:
    return items(desk)[: 1 + ROWS]


def _offered(desk: Desk) -> set[tuple[str, str]]:
    """What can be pressed in today's part, so that no other part offers it again."""
    return {_pressed(item.button) for item in _drawn(desk) if item.button}


def todos(desk: Desk) -> list[Block]:
    """Open actions of this person, the earliest due first."""
    blocks = []
    for todo in desk.todos[:ROWS]:
        words = f"{SHAPES['open']} {escape(cut(todo.text, 200))}, by {spoken_date(todo.due_on)}"
        done = button("Done", DONE, todo.id, says=f"Done: {cut(todo.text, 60)}")
        blocks.append(section(words, done, block_id=f"action.{todo.id}"))
    more = len(desk.todos) - ROWS
    if more > 0:
        blocks.append(context(f"And {counted(more, 'more open action')}."))
    return blocks


def pairs(desk: Desk) -> list[Block]:
    """A mentor's interns, a row each, unless today's part asks for the very plan the row would.
    An intern's own mentor stands in today's sentence."""
    asked = _offered(desk)
    mine = [
        pair
        for pair in desk.pairs
        if pair.as_mentor and (pair.meeting or (meeting_words.PLAN, str(pair.id)) not in asked)
    ]
    return [_pair_row(desk, pair) for pair in mine[: 2 * ROWS]]


def _pair_row(desk: Desk, pair: Pair) -> Block:
    name = f"*{naming.full(pair.partner)}*"
    if pair.meeting is None:
        plan = button(
            "Plan a meeting",
            meeting_words.PLAN,
            pair.id,
            says=f"Plan a meeting with {naming.title(pair.partner)}",
        )
        return section(f"{name}, no meeting planned", plan, block_id=f"pairing.{pair.id}")
    at = spoken(pair.meeting.starts_at, desk.zone, desk.person.locale, city=False)
    return section(f"{name}, next: {at}", block_id=f"pairing.{pair.id}")


def away(desk: Desk) -> list[Block]:
    """Partners on leave, now or soon, with the dates that were promised to be shown to the
    pair."""
    said = [words for pair in desk.pairs[: 2 * ROWS] if (words := leave_words(pair))]
    return [context(" ".join(said))] if said else []


def leave_words(pair: Pair) -> str:
    """ "Ana is on leave from Thu 11 June, back on Mon 22 June."; empty when nobody is away."""
    if pair.leave is None:
        return ""
    first, back = spoken_date(pair.leave.first_on), spoken_date(pair.leave.back_on)
    return f"{naming.short(pair.partner)} is on leave from {first}, back on {back}."


def coming(desk: Desk) -> list[Block]:
    """The next few dates."""
    found = sorted(_dates(desk))[:COMING]
    if not found:
        return []
    return [section(f"*Coming up:* {', '.join(words for _at, words in found)}")]


def _dates(desk: Desk) -> set[tuple[datetime, str]]:
    dates: set[tuple[datetime, str]] = set()
    near = {spoken_date(desk.now, desk.zone)}
    for pair in desk.pairs:
        if pair.meeting and not pair.as_mentor and not near_day(desk, pair):
            at = pair.meeting.starts_at
            when = f"{spoken_date(at, desk.zone)}, {_time(desk, at)}"
            dates.add((at, f"{when} with {naming.short(pair.partner)}"))
        if pair.check_in:
            closes = pair.check_in.closes_at
            dates.add((closes, f"{spoken_date(closes, desk.zone)} check-in closes"))
    for upcoming in desk.rounds.values():
        what = "halfway" if upcoming.halfway else "check-in"
        dates.add((upcoming.opens_at, f"{spoken_date(upcoming.opens_at, desk.zone)} {what}"))
    return {(at, words) for at, words in dates if spoken_date(at, desk.zone) not in near}


def _time(desk: Desk, at: datetime) -> str:
    return spoken_time(at, desk.zone, desk.person.locale)


def everyday(desk: Desk) -> list[Block]:
    """The row of buttons for interns and mentors."""
    if not any(not isinstance(place, CoordinatorPlace) for place in desk.places):
        return []
    drawn = _offered(desk)
    wanted = [button("Say thanks", cohort_words.THANKS_OPEN)]
    if desk.pairs:
        only = desk.pairs[0].id if len(desk.pairs) == 1 else None
        wanted.append(button("Plan a meeting", meeting_words.PLAN, only))
    else:
        wanted.append(button("My profile", pairing_words.PROFILE))
    buttons = [b for b in wanted if _pressed(b) not in drawn]
    profile = pairing_words.PROFILE not in {
        *(action for action, _value in drawn),
        *(_pressed(b)[0] for b in buttons),
    }
    return [actions(*buttons, menu(paused=desk.paused, profile=profile))]


def _pressed(element: Element) -> tuple[str, str]:
    return str(element["action_id"]), str(element.get("value", ""))


def menu(*, paused: bool, profile: bool = True) -> Element:
    """(..) of the Home tab and the glance. What an option is called is the word it opens.
    `profile`: no button beside it opens the profile already."""
    pause = option("Pause letters for a week", "pause")
    return overflow(
        MENU,
        [
            *([option("My profile", "profile")] if profile else []),
            option("Resume letters", "resume") if paused else pause,
            option("Take leave", "leave"),
            option("Help", "help"),
        ],
    )


def coordinated(desk: Desk) -> list[Block]:
    """A part for each cohort this person coordinates: at most five pairs, and the way on."""
    blocks: list[Block] = []
    for place in desk.places:
        if not isinstance(place, CoordinatorPlace):
            continue
        stands = place.standing
        if len(desk.places) > 1:
            blocks += [divider(), section(f"*{escape(stands.name)}*, coordinator")]
        for shown in stands.concerns[:ROWS]:
            blocks.append(concern_words.digest_row(shown))
        if len(stands.concerns) > ROWS:
            every = f"Show all {len(stands.concerns)}"
            blocks.append(actions(button(every, STATUS_OPEN, stands.cohort_id)))
        blocks.append(
            actions(
                button("Open the console", console.CONSOLE_OPEN, stands.cohort_id, primary=True),
                button("Add people", console.PEOPLE_OPEN, stands.cohort_id),
            )
        )
    return blocks


def footer(desk: Desk) -> list[Block]:
    """Week, zone, room, and whom to ask."""
    cohorts = {place.membership.cohort_id: place.membership.cohort for place in desk.places}
    said = [f"{escape(cohort.name)}, {week(desk, cohort)}." for cohort in cohorts.values()]
    if cohorts:
        said.append(f"Times in {city(desk.zone)}.")
    if any(isinstance(place, MentorPlace) for place in desk.places) and desk.room > 0:
        said.append(f"Room for {desk.room} more.")
    if desk.contact and cohorts:
        said.append(f"Questions: {desk.contact}")
    if not said:
        return [actions(button("Help", cohort_words.HELP_OPEN))] if desk.may_create else []
    return [context(" ".join(said))]


def week(desk: Desk, cohort: Cohort) -> str:
    """ "week 4 of 12", or when it starts."""
    now = desk.weeks.get(cohort.id, 0)
    if now < 1:
        return f"starts on {spoken_date(cohort.starts_on)}"
    return f"week {now} of {cohort.weeks}"


SECTIONS: tuple[Callable[[Desk], list[Block]], ...] = (
    today,
    todos,
    pairs,
    away,
    coming,
    everyday,
    coordinated,
    footer,
)


def one_primary(blocks: Sequence[Block], desk: Desk) -> list[Block]:
    """Only the first green button stays green; on leave none is."""
    left = 0 if desk.leave else 1
    calm: list[Block] = []
    for block in blocks:
        block = dict(block)
        if "elements" in block:
            elements = []
            for element in block["elements"]:
                element, left = _calm(element, left)
                elements.append(element)
            block["elements"] = elements
        if "accessory" in block:
            block["accessory"], left = _calm(block["accessory"], left)
        calm.append(block)
    return calm


def _calm(element: Element, left: int) -> tuple[Element, int]:
    if element.get("style") != "primary":
        return element, left
    if left:
        return element, left - 1
    return {name: part for name, part in element.items() if name != "style"}, 0
