"""Names, ids and kinds of letters of this room, and what a mentor reads about an offer. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import blocks as b
from bot.cohort.model import Person
from bot.forms import Form, metadata
from bot.outbox.model import Budget, Kind, Priority, Surface
from bot.pairing.model import OfferState
from bot.times import spoken, spoken_date

# ---- letters

OFFER = Kind("offer", Budget.HOURS, why="An intern asked for you, and the answer is yours.")
OFFER_REMINDER = Kind(
    "offer.reminder", Budget.COUNTED, why="An intern waits for your answer. I remind you once."
)
OFFER_FULL = Kind("offer.full", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL)
WAITLIST = Kind("waitlist", Budget.HOURS, why="You asked for a mentor, and nobody could say yes.")
PLACE = Kind("place", Budget.HOURS, why="You wait for a mentor, and there is room again.")
INTRODUCTION = Kind("introduction", Budget.HOURS, max_age=timedelta(days=21))
PAIRING_ENDED = Kind("pairing.ended", Budget.HOURS, why="Your pairing has ended.")
WAITING_LINE = Kind("request.waiting", Budget.NOW)
UNPAIRED_LINE = Kind("request.unpaired", Budget.NOW)
HELP_LINE = Kind("request.help", Budget.NOW, Priority.URGENT)
PAIR_LINE = Kind("pairing.line", Budget.NOW)

# ---- what people press

ACCEPT = "offer.accept"
DECLINE = "offer.decline"
DECLINE_FORM = "offer.decline.form"
SEE_OFFER = "offer.see"
OFFER_VIEW = "offer.view"
PROFILE = "profile.open"
REQUEST = "request.open"
KIT = "pairing.kit"
PLAN = "meeting.plan"  # heard by the meetings' room
MENU = "letter.menu"


# ---- people


def named(person: Person) -> str:
    """A person's full name in mrkdwn; a mention while Slack has not told it."""
    return b.escape(person.name) or b.mention(person.slack_id)


def called(person: Person) -> str:
    """What a text calls a person: the first name, or a mention."""
    return b.escape(person.first_name) or b.mention(person.slack_id)


def short(person: Person, otherwise: str) -> str:
    """A name on a button, plain text of at most 12 characters; `otherwise` without one."""
    return b.cut(person.first_name, 12) or otherwise


# ---- the offer


@dataclass(frozen=True)
class OfferCard:
    """What a mentor is told about a request put to them. Names are mrkdwn, `button` is plain."""

    offer_id: int
    intern: str
    intern_full: str
    button: str
    goals: tuple[str, ...]
    why: str
    line: str
    until: datetime
    zone: str
    locale: str = "en-GB"


def _facts(card: OfferCard) -> list[str]:
    goals = " ".join(f"{n}. {b.escape(goal)}" for n, goal in enumerate(card.goals, start=1))
    lines = [f"Goals: {goals}" if goals else "", f"Why you: {card.why}" if card.why else ""]
    return [*(line for line in lines if line), *([b.quote(card.line)] if card.line else [])]


def _sentence(words: str) -> str:
    """One line that ends."""
    said = " ".join(words.split())
    return said if said.endswith((".", "?", "!")) else f"{said}."


def offer_buttons(offer_id: int, button: str) -> tuple[b.Element, b.Element]:
    """Yes, or a form to say no."""
    return (
        b.button(f"Accept {button}", ACCEPT, offer_id, primary=True),
        b.button("Decline…", DECLINE, offer_id),
    )


def offer(card: OfferCard, letter_id: int, *, reminder: bool = False) -> b.Message:
    """O1, and O2, the one reminder."""
    news = f"{card.intern_full} would like you as a mentor"
    until = spoken(card.until, card.zone, card.locale)
    lines = _facts(card)
    spoken_facts = " ".join(_sentence(b.spoken_text(line)) for line in lines)
    said = f"{'A reminder: ' if reminder else ''}{b.spoken_text(news)}. "
    tail = f" Until {until}. You can: accept, decline."
    return b.letter(
        f"A reminder: {news}" if reminder else news,
        *lines,
        buttons=offer_buttons(card.offer_id, card.button),
        menu=b.letter_menu(letter_id),
        footer=(
            f"Until {until}, then I ask somebody else. A no is fine. {b.ONLY_YOU} "
            "The menu pauses letters."
        ),
        text=said + b.cut(spoken_facts, 500 - len(said) - len(tail)) + tail,
    )


def offer_view(card: OfferCard) -> dict[str, Any]:
    """The same, opened from somewhere else than its letter."""
    until = spoken(card.until, card.zone, card.locale)
    return b.modal(
        OFFER_VIEW,
        "A request for you",
        [
            b.section(
                "\n".join([f"*{card.intern_full} would like you as a mentor*", *_facts(card)])
            ),
            b.actions(*offer_buttons(card.offer_id, card.button)),
            b.context(f"Until {until}, then I ask somebody else. A no is fine. {b.ONLY_YOU}"),
        ],
    )


def offer_settled(
    state: OfferState, intern: str, intern_full: str, at: datetime, zone: str
) -> b.Message:
    """O3, O5, O6 and O7: the letter after it is decided. Both names are mrkdwn."""
    day = spoken_date(at, zone)
    capacity = (b.button("Change my capacity", PROFILE),)
    match state:
        case OfferState.ACCEPTED:
            return b.letter(
                f"You are {intern_full}'s mentor",
                footer=f"● Accepted on {day}. Next, I introduce you both.",
            )
        case OfferState.DECLINED:
            return b.letter(
                "You declined this request",
                buttons=capacity,
                footer="○ Thank you for answering.",
            )
        case OfferState.WITHDRAWN:
            return b.letter(
                f"{intern} does not need this any more",
                footer=f"○ Withdrawn on {day}. Nothing to do.",
            )
        case _:
            return b.letter(
                "This request has moved on", buttons=capacity, footer="○ Nothing to do."
            )


def no_room(taken: int, capacity: int) -> b.Message:
    """To a mentor who says yes without room, with the way to make some."""
    words = f"You have {taken} of {capacity} interns."
    if not capacity:
        words = "Your profile says that you take no interns at the moment."
    press = b.button("Change my capacity", PROFILE)
    return b.Message(f"{words} You can: change my capacity.", [b.section(words, press)])


def offer_decided_view(words: str) -> dict[str, Any]:
    """After a click in a view: what happened."""
    return b.modal(OFFER_VIEW, "A request for you", [b.section(words)])


# ---- the no

_DECLINE_REASONS = (
    ("time", "No time at the moment"),
    ("skills", "Not my skills"),
    ("too_close", "We work too closely"),
    ("other", "Another reason"),
)


def decline_form(offer_id: int, intern: str) -> dict[str, Any]:
    """O4."""
    reasons = [b.option(words, code) for code, words in _DECLINE_REASONS]
    return b.modal(
        DECLINE_FORM,
        "Decline this request",
        [
            b.section(f"*{intern} hears that you are not available this time, nothing more.*"),
            b.context(f"{b.KEPT} Coordinators never see who declined."),
            b.field_block("Reason", b.radios("reason", reasons), "reason", optional=True),
        ],
        submit="Decline",
        metadata=metadata(offer=offer_id),
    )


def declined(form: Form) -> tuple[int, str | None]:
    """(offer id, reason code) of a submitted no. Raises NotYours."""
    return form.row("offer"), form.choice("reason")
