"""What coordinators read about a pair that needs care, and what the pair reads itself. Pure.

Coordinators see names, facts of meetings, a level and a reason code; never answers, notes of the
pair, or from which side a check-in came, unless somebody asked for a talk by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import blocks
from bot.blocks import Block, Element, Message
from bot.checkin.messages import WHERE, WHO
from bot.concern.model import ConcernState, Ending
from bot.concern.signals import B1, B2, B5, Level
from bot.forms import Form, metadata
from bot.outbox.model import Budget, Kind, Priority, Surface
from bot.refusal import Invalid

TAKE = "concern.take"
TALKED = "concern.talked"
HAND_BACK = "concern.hand_back"
SNOOZE = "concern.snooze"
WAKE = "concern.wake"
CLEAR = "concern.clear"
CLEAR_FORM = "concern.clear.form"

CONCERN = Kind("concern", Budget.NOW, Priority.URGENT, why="A pair of your cohort needs care.")
AGAIN = Kind("concern.again", Budget.NOW, Priority.URGENT, max_age=timedelta(days=1))
SAID = Kind(
    "concern.said", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL, max_age=timedelta(hours=1)
)
NUDGE = Kind(
    "concern.nudge",
    Budget.COUNTED,
    max_age=timedelta(days=5),
    why="You two have not met for a while, and a small step often helps.",
)
NOTE = Kind(
    "concern.note",
    Budget.COUNTED,
    max_age=timedelta(days=5),
    why="Your check-in suggests that something could go better.",
)

SNOOZE_DAYS = {1: "1 day", 3: "3 days", 7: "1 week"}
LONGEST_NOTE = 300


@dataclass(frozen=True)
class Shown:
    """A concern as its readers see it. Names are mrkdwn, dates are written out."""

    id: int
    level: Level
    state: ConcernState
    intern: str
    mentor: str
    codes: tuple[str, ...]  # as coordinators read them: B1, B2, B5, S
    waiting_days: int
    waiting_since: str
    has_met: bool
    open_days: int
    opened: str
    wishes: tuple[str, ...] = ()
    who: str = ""
    when: str = ""
    until: str = ""
    ending: Ending | None = None
    note: str = ""

    @property
    def pair(self) -> str:
        """ "Ana Silva and Ben Ito"."""
        return f"{self.intern} and {self.mentor}"


# ---- words that every view of a concern shares


def headline(shown: Shown) -> str:
    """ "■ Red: Ana Silva and Ben Ito"."""
    if shown.state is ConcernState.CLEARED:
        over = shown.ending is Ending.ENDED
        return f"{'○ Closed' if over else '● Green'}: {shown.pair}"
    return f"{blocks.SHAPES[shown.level]} {shown.level.capitalize()}: {shown.pair}"


def reasons(shown: Shown) -> str:
    """Every reason with its code: "No meeting for 22 days (B2)"."""
    words = {
        B1: f"No first meeting for {blocks.counted(shown.waiting_days, 'day')}",
        B2: f"No meeting for {blocks.counted(shown.waiting_days, 'day')}",
        B5: "Check-ins unanswered",
        "S": "A check-in suggests a talk",
    }
    return ". ".join(f"{words[code]} ({code})" for code in shown.codes if code in words)


def suggestion(shown: Shown) -> str:
    """The one suggested step."""
    if shown.wishes:
        return "answer the wish for a talk first"
    if "S" in shown.codes:
        return "a routine call with both, never saying which side"
    if shown.level is Level.RED:
        return "a short, neutral call with each, within two working days"
    first = shown.codes[0] if shown.codes else ""
    return {
        B1: "offer two dates for a first meeting",
        B5: "ask how the week is, not why",
    }.get(first, "ask each what would help to meet")


def short_suggestion(shown: Shown) -> str:
    """The same step where there is one line for it."""
    if shown.wishes:
        return "Answer this wish first."
    if "S" in shown.codes:
        return "Call both."
    if shown.level is Level.RED:
        return "Call each."
    first = shown.codes[0] if shown.codes else ""
    short = {B1: "Offer two dates.", B5: "Ask how the week is."}
    return short.get(first, "Ask each what would help.")


def take_button(shown: Shown, *, primary: bool = False) -> Element:
    """[I will contact them], for every place that shows a concern."""
    return blocks.button(
        "I will contact them",
        TAKE,
        shown.id,
        primary=primary,
        says=f"I will contact {shown.pair}",
    )


def digest_row(shown: Shown) -> Block:
    """One line of the digest, with its button unless somebody has it already."""
    words = f"{headline(shown)}. {digest_words(shown)}"
    free = shown.state is ConcernState.OPEN
    return blocks.section(words, take_button(shown) if free else None)


def digest_words(shown: Shown) -> str:
    """Reason, days open, and the step or who has it."""
    opened = f"open {blocks.counted(shown.open_days, 'day')}" if shown.open_days else "new today"
    step = {
        ConcernState.TAKEN: f"{shown.who} is contacting them.",
        ConcernState.TALKED: f"{shown.who} has talked with them.",
        ConcernState.SNOOZED: f"Snoozed until {shown.until}.",
    }.get(shown.state, short_suggestion(shown))
    return " ".join([f"{reasons(shown)}, {opened}.", *shown.wishes, step])


def status_reason(code: str) -> str:
    """A reason beside when the pair last met: "next meeting overdue (B2)"."""
    return f"{_BESIDE_LAST_MET.get(code, 'needs a look')} ({code})"


_BESIDE_LAST_MET = {
    B1: "first meeting overdue",
    B2: "next meeting overdue",
    B5: "check-ins unanswered",
    "S": "a check-in suggests a talk",
}


# ---- the living message


def living(shown: Shown) -> Message:
    """The one message of a concern, in the state it has now."""
    if shown.state is ConcernState.CLEARED:
        return _cleared(shown)
    body = [reasons(shown), *shown.wishes]
    if shown.state is not ConcernState.TALKED:
        body.append(f"Suggested: {suggestion(shown)}")
    buttons, footer = _next_steps(shown)
    return blocks.letter(headline(shown), *filter(None, body), buttons=buttons, footer=footer)


def _next_steps(shown: Shown) -> tuple[list[Element], str]:
    clear = blocks.button("Clear…", CLEAR, shown.id)
    if shown.state is ConcernState.TAKEN:
        buttons = [
            blocks.button("We have talked", TALKED, shown.id),
            blocks.button("Hand it back", HAND_BACK, shown.id),
        ]
        return buttons, f"{shown.who} is contacting them (since {shown.when})."
    if shown.state is ConcernState.TALKED:
        held = "A held meeting can clear it." if _about_meetings(shown) else ""
        return [clear], f"{shown.who} talked with them on {shown.when}. {held}".strip()
    if shown.state is ConcernState.SNOOZED:
        return (
            [blocks.button("Wake it now", WAKE, shown.id)],
            f"Snoozed by {shown.who} until {shown.until}. A new reason wakes it.",
        )
    take = take_button(shown, primary=shown.level is Level.RED)
    footer = f"Open since {shown.opened}. Answers and notes are never shown."
    return [take, snooze_select(shown.id), clear], footer


def _about_meetings(shown: Shown) -> bool:
    return any(code in (B1, B2) for code in shown.codes)


def snooze_select(concern_id: int) -> Element:
    """[Snooze v]: a day, three, a week."""
    return blocks.select(
        SNOOZE,
        [blocks.option(label, f"{days}.{concern_id}") for days, label in SNOOZE_DAYS.items()],
        placeholder="Snooze",
    )


def _cleared(shown: Shown) -> Message:
    why = {
        Ending.MET: f"● Cleared on {shown.when}: they have met.",
        Ending.PASSED: f"● Cleared on {shown.when}: the reason has passed.",
        Ending.ENDED: f"○ Closed on {shown.when}: the pairing has ended.",
        Ending.COORDINATOR: f"● Cleared by {shown.who} on {shown.when}.",
    }[shown.ending or Ending.PASSED]
    note = [blocks.quote(shown.note)] if shown.note else []
    return blocks.letter(headline(shown), *note, footer=why)


def again(shown: Shown, news: str, above: int) -> Message:
    """Under the living message, and in the channel: what needs somebody now."""
    what = reasons(shown)
    text = {
        "red": f"Now red: {what}",
        "asked": f"{shown.pair}: {' '.join(shown.wishes)}",
        "awake": f"Awake again: {shown.pair}. {what}",
    }[news]
    spoken = blocks.cut(blocks.spoken_text(text), blocks.SPOKEN)
    return Message(spoken, [blocks.section(text)], thread_of=above, broadcast=True)


def said(shown: Shown) -> Message:
    """After a click in another message than the living one."""
    if shown.state is not ConcernState.TAKEN:
        text = f"{headline(shown)}. Its own message shows where it stands."
    else:
        text = f"● You are contacting {shown.pair}. Their message has your next steps."
    return Message(blocks.spoken_text(text), [blocks.section(text)])


# ---- clearing by hand


def clear_form(shown: Shown) -> dict[str, Any]:
    """Clear, with a note for the others who coordinate."""
    return blocks.modal(
        CLEAR_FORM,
        "Clear this concern",
        [
            blocks.section(f"*{headline(shown)}*"),
            blocks.context("Coordinators of this cohort read the note; the pair never does."),
            blocks.field_block(
                "Note for coordinators",
                blocks.text_input("note", most=LONGEST_NOTE, lines=True),
                "note",
                hint="No health or private details.",
            ),
        ],
        submit="Clear",
        metadata=metadata(concern=shown.id),
    )


def read_note(form: Form) -> str:
    """The note. Raises Invalid when there is none."""
    note = form.text("note", LONGEST_NOTE)
    if not note:
        raise Invalid(field="note", words="Write one sentence, for example: both were away.")
    return note


# ---- to the pair


@dataclass(frozen=True)
class PairLetter:
    """What a nudge to one of the two needs to know."""

    letter_id: int
    partner: str
    last_met: str  # empty: not yet
    second: bool  # the smaller ask


def nudge(about: PairLetter, choices: Sequence[Element]) -> Message:
    """To each of the two: the smallest next step. No button is better than the others."""
    body = "What fits best this week?"
    if about.second:
        body = f"One message to {about.partner} is enough for this week. Or one of these?"
    return blocks.letter(
        _gap(about),
        body,
        buttons=list(choices)[1:] if about.second else choices,
        menu=blocks.letter_menu(about.letter_id),
        footer=(
            f"{about.partner} reads the same, and sees what you choose. The menu pauses letters."
        ),
    )


def _gap(about: PairLetter) -> str:
    if about.last_met:
        return f"You and {about.partner} last met on {about.last_met}"
    return f"You and {about.partner} have no first meeting yet"


def nudge_done(headline_: str) -> Message:
    """A nudge that was answered, or has lost its reason."""
    return blocks.letter(headline_, footer="● Nothing to do.")


def note(about: PairLetter, check_in_id: int) -> Message:
    """To the one who answered, and to nobody else."""
    headline_ = "Thank you for your frank check-in"
    body = "If talking would help, you decide who should know. A talk is never a complaint."
    if about.second:
        headline_ = f"How is it going with {about.partner} now?"
        body = "One small step: say one sentence about what would help you next time."
    return blocks.letter(
        headline_,
        body,
        buttons=[
            blocks.button("Who should know?", WHO, check_in_id),
            blocks.button("Where to turn", WHERE, check_in_id),
        ],
        menu=blocks.letter_menu(about.letter_id),
        footer=f"Because of your check-in. {blocks.ONLY_YOU} The menu pauses letters.",
    )
