"""What people see of thanks: the prompt, the form, the private letter. Pure."""

from datetime import datetime, timedelta
from typing import Any

from bot.blocks import (
    ONLY_YOU,
    Element,
    Message,
    actions,
    button,
    context,
    field_block,
    letter,
    letter_menu,
    modal,
    person_select,
    quote,
    section,
    text_input,
    you_and,
)
from bot.cohort import naming
from bot.cohort.model import Person
from bot.forms import metadata
from bot.outbox.model import Budget, Kind
from bot.times import spoken_date

OPEN = "thanks.open"
WRITE = "thanks.write"  # value: the prompt
SKIP = "thanks.skip"  # value: the prompt
BACK = "thanks.back"  # value: the thanks to answer
FORM = "thanks.form"
TO, WORDS, PROMPT = "to", "words", "prompt"
LONGEST = 600  # characters

THANKS_PROMPT = Kind(
    "thanks.prompt",
    Budget.COUNTED,
    max_age=timedelta(days=4),
    why="Three times in the programme I ask whether somebody helped you.",
)
THANKS = Kind("thanks", Budget.HOURS, why="Somebody in your cohort thanked you.")

_MENU_PAUSES = "The menu pauses letters."
_NUMBERS = {1: "once", 2: "twice", 3: "three times"}


def prompt(prompt_id: int, letter_id: int, *, times: int, weeks: int, stop_after: int) -> Message:
    """Has somebody helped you lately?"""
    often = _NUMBERS.get(times, f"{times} times")
    stop = {1: 'one "Not now"', 2: 'two "Not now"'}.get(stop_after, f'{stop_after} "Not now"')
    return letter(
        "Has somebody helped you lately?",
        "Two sentences: what they did, and what it changed for you.",
        buttons=[
            button("Write thanks", WRITE, prompt_id, primary=True),
            button("Not now", SKIP, prompt_id),
        ],
        menu=letter_menu(letter_id),
        footer=f"I ask {often} in {weeks} weeks and stop after {stop}. {ONLY_YOU} {_MENU_PAUSES}",
    )


def prompt_answered(receiver: Person) -> Message:
    """The prompt, once thanks were written from it."""
    return letter(
        f"You thanked {naming.full(receiver)}",
        footer=f"● Your thanks are on their way to {naming.short(receiver)}.",
    )


def prompt_skipped(prompt_id: int, *, again: bool) -> Message:
    """The prompt after "Not now". `again`: whether another one will come."""
    later = "" if again else " I do not ask again; `/mentor thanks` is always there."
    return letter(
        "No thanks to write this time",
        buttons=[button("Write thanks", WRITE, prompt_id)],
        footer=f"○ Put aside.{later}",
    )


def prompt_over() -> Message:
    """The prompt when there is nobody left to thank in the programme."""
    return letter("This question has passed", footer="○ Nothing to do.")


def form(to: Person | None, *, prompt_id: int | None = None) -> dict[str, Any]:
    """Say thanks. `to` is preset and can be changed."""
    return modal(
        FORM,
        "Say thanks",
        [
            context("It goes to this person alone. Nobody else reads or counts it."),
            field_block("To", person_select(TO, chosen=to.slack_id if to else None), TO),
            field_block(
                "Your words",
                text_input(WORDS, most=LONGEST, lines=True),
                WORDS,
                hint="What did they do? What changed? What do you value?",
            ),
        ],
        submit="Send thanks",
        metadata=metadata(prompt=prompt_id),
    )


def sent(receiver: Person) -> dict[str, Any]:
    """The form after it was sent."""
    return modal(
        "thanks.sent",
        "Say thanks",
        [section(f"● Your thanks are on their way to {naming.short(receiver)}.")],
    )


def received(
    thanks_id: int, letter_id: int, giver: Person, words: str, *, told: datetime | None, zone: str
) -> Message:
    """Somebody thanks you. `told`: when the letter went out, for later edits."""
    headline = f"{naming.full(giver)} thanks you"
    menu: Element | None = letter_menu(letter_id) if told is None else None
    back = button("Send thanks back", BACK, thanks_id)
    when = "" if told is None else f" Sent on {spoken_date(told, zone)}."
    spoken = letter(headline, quote(words), buttons=[back], footer=you_and(naming.short(giver)))
    return Message(
        spoken.text,
        # The words have a section of their own, so that the longest still fit.
        [section(f"*{headline}*"), section(quote(words)), actions(back, menu)],
        f"{you_and(naming.short(giver))}{when or f' {_MENU_PAUSES}'}",
    )
