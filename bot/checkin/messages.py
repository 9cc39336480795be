"""What people read and answer in a check-in: letters, the form, and who should know. Pure."""

from dataclasses import dataclass
from typing import Any

from bot import blocks
from bot.blocks import Message, Option
from bot.checkin.model import Audience, Knows
from bot.forms import Form, metadata
from bot.outbox.model import Budget, Kind
from bot.refusal import Invalid, NotYours

ANSWER = "check_in.answer"
FORM = "check_in.form"
WHO = "check_in.who"
WHO_FORM = "check_in.who.form"
WHERE = "check_in.where"

_WHY = "The programme asks both sides how it is going, about every two weeks."
CHECK_IN = Kind("check_in", Budget.COUNTED, why=_WHY)
REMINDER = Kind("check_in.reminder", Budget.COUNTED, why=_WHY)
WISH = Kind("check_in.wish", why="Your partner chose that you read this sentence.")
WISH_LINE = Kind("check_in.wish.line", why="Somebody chose that coordinators read this sentence.")

KEPT = (
    "Your answers stay with me. If they suggest that you two need help, coordinators see your "
    "names and that a check-in suggests a talk, never your answers or words unless you share "
    "them."
)
SCALE = ("Never", "Rarely", "Sometimes", "Mostly", "Always")
NOT_MET = 0
LONGEST_WISH = 500


@dataclass(frozen=True)
class Answers:
    """What one side says: 1 to 5, `moved_forward` also 0 for "not met yet"."""

    open_with: int
    agree: int
    moved_forward: int
    wish: str = ""
    wish_for: Audience = Audience.NOBODY


@dataclass(frozen=True)
class Asked:
    """What the texts need to know about one check-in. `partner` is mrkdwn, `partner_title` the
    same for plain text; days are written out."""

    id: int
    number: int
    partner: str
    partner_title: str
    until: str
    mentor_asked: bool = False
    halfway: bool = False


# ---- letters


def question(asked: Asked, letter_id: int, *, again: bool = False) -> Message:
    """The letter that asks; `again`: its one reminder."""
    headline = f"How is it going with {asked.partner}?"
    if again or asked.halfway:
        headline = f"{'A reminder' if again else 'Halfway'}: {_lower(headline)}"
    promise = "" if again else " One reminder, then silence."
    return blocks.letter(
        headline,
        "Three taps, under a minute.",
        buttons=[blocks.button("Answer", ANSWER, asked.id, primary=True)],
        menu=blocks.letter_menu(letter_id),
        footer=f"Open until {asked.until}.{promise} Your answers stay with me. "
        "The menu pauses letters.",
    )


def answered(asked: Asked) -> Message:
    """The letter after the answer, while it can still be changed."""
    return blocks.letter(
        "Check-in answered, thank you",
        buttons=[blocks.button("Change my answers", ANSWER, asked.id)],
        footer=f"● You can change it until {asked.until}.",
    )


def closed(asked: Asked, letter_id: int, *, was_answered: bool, last: bool = False) -> Message:
    """The letter when the round is over; `last`: no other is to come. Who did not answer can
    still pause letters there."""
    if was_answered:
        return blocks.letter(
            "Check-in answered, thank you", footer=f"● It closed on {asked.until}."
        )
    return blocks.letter(
        f"This check-in closed on {asked.until}",
        menu=blocks.letter_menu(letter_id),
        footer=f"○ Nothing to do.{'' if last else ' The next one comes.'} The menu pauses letters.",
    )


def pairing_over(asked: Asked) -> Message:
    """The letter when the pairing has ended meanwhile."""
    return blocks.letter(
        f"This check-in about {asked.partner} is not needed any more",
        footer="○ The pairing has ended. Nothing to do.",
    )


def shared_wish(writer: str, words: str) -> Message:
    """To the partner, from whoever chose them as reader."""
    return blocks.letter(
        f"A sentence from {writer}",
        blocks.quote(words),
        footer=f"{writer} chose in the check-in that you read it. {blocks.you_and(writer)}",
    )


def shared_with_coordinators(writer: str, partner: str, words: str) -> Message:
    """To coordinators, from whoever chose them as readers. No scores, ever."""
    return blocks.letter(
        f"{writer} writes to coordinators",
        f"What would make the next two weeks with {partner} better:",
        blocks.quote(words),
        footer=f"{writer} chose that coordinators read this sentence. Answers are never shown.",
    )


def taken_back(writer: str) -> Message:
    """A shared sentence whose writer has changed their mind."""
    return blocks.letter(f"{writer} has taken a sentence back", footer="○ Nothing to do.")


# ---- the form


def form(
    asked: Asked, given: Answers | None = None, *, coordinators_read: bool = True
) -> dict[str, Any]:
    """The check-in; prefilled when it has been answered. `coordinators_read`: whether there is
    a coordinator outside this pair who could read the sentence."""
    third = (
        f"I can be useful to {asked.partner_title}."
        if asked.mentor_asked
        else "Our last meetings moved me forward."
    )
    name = asked.partner_title
    return blocks.modal(
        FORM,
        f"Check-in {asked.number}",
        [
            blocks.context(KEPT),
            _scale(
                "open_with",
                f"I can be open with {name}, also about what is not going well.",
                given.open_with if given else None,
            ),
            _scale(
                "agree",
                "We agree on what we are working on together.",
                given.agree if given else None,
            ),
            _scale(
                "moved_forward",
                third,
                given.moved_forward if given else None,
                blocks.option("We have not met yet", NOT_MET),
            ),
            blocks.field_block(
                "What would make the next two weeks better?",
                blocks.text_input(
                    "wish", value=given.wish if given else "", most=LONGEST_WISH, lines=True
                ),
                "wish",
                optional=True,
            ),
            _readers(name, given.wish_for if given else Audience.NOBODY, coordinators_read),
        ],
        submit="Send answers",
        metadata=metadata(check_in=asked.id),
    )


def _scale(field: str, label: str, chosen: int | None, *extra: Option) -> blocks.Block:
    options = [blocks.option(word, value) for value, word in enumerate(SCALE, start=1)]
    return blocks.field_block(label, blocks.radios(field, [*options, *extra], chosen=chosen), field)


def _readers(name: str, chosen: Audience, coordinators_read: bool) -> blocks.Block:
    options = [blocks.option("Nobody", Audience.NOBODY), blocks.option(name, Audience.PAIR)]
    if coordinators_read:
        options.append(blocks.option("Our coordinators", Audience.COORDINATOR))
    elif chosen is Audience.COORDINATOR:
        chosen = Audience.NOBODY
    return blocks.field_block(
        "Who may read that sentence?",
        blocks.select("wish_for", options, chosen=chosen),
        "wish_for",
    )


def read_answers(form: Form) -> Answers:
    """The submitted check-in. Raises Invalid beside a question without an answer."""
    wish = form.text("wish", LONGEST_WISH)
    return Answers(
        open_with=_score(form, "open_with"),
        agree=_score(form, "agree"),
        moved_forward=_score(form, "moved_forward", least=NOT_MET),
        wish=wish,
        wish_for=_audience(form) if wish else Audience.NOBODY,
    )


def _score(form: Form, field: str, least: int = 1) -> int:
    allowed = {str(value): value for value in range(least, len(SCALE) + 1)}
    value = allowed.get(form.choice(field) or "")
    if value is None:
        raise Invalid(field=field, words="Choose one answer.")
    return value


def _audience(form: Form) -> Audience:
    try:
        return Audience(form.choice("wish_for") or Audience.NOBODY)
    except ValueError:
        raise NotYours from None


# ---- who should know


def who_should_know(check_in_id: int, chosen: Knows | None = None) -> dict[str, Any]:
    """After a low answer, for this person only."""
    options = [
        blocks.option("A coordinator talks with me", Knows.COORDINATOR_ME),
        blocks.option("A coordinator talks with both of us", Knows.COORDINATOR_BOTH),
        blocks.option("Nobody yet", Knows.NOBODY),
    ]
    return blocks.modal(
        WHO_FORM,
        "Thanks for being frank",
        [
            blocks.section("*Who should know?*"),
            blocks.context(
                "Nothing is passed on before you choose, only that your pair may need a look."
            ),
            blocks.field_block(
                "Choose one", blocks.radios("who", options, chosen=chosen or Knows.NOBODY), "who"
            ),
            blocks.actions(blocks.button("Where to turn", WHERE, check_in_id)),
        ],
        submit="Save my choice",
        metadata=metadata(check_in=check_in_id),
    )


def read_choice(form: Form) -> Knows:
    """The submitted choice. Raises Invalid without one."""
    try:
        return Knows(form.choice("who") or "")
    except ValueError:
        raise Invalid(field="who", words="Choose one.") from None


def choice_saved(knows: Knows) -> dict[str, Any]:
    """What the choice does."""
    words = {
        Knows.COORDINATOR_ME: "A coordinator writes to you soon. They know that you asked, "
        "not what you answered.",
        Knows.COORDINATOR_BOTH: "A coordinator writes to you both soon. They know that you asked, "
        "not what you answered.",
        Knows.NOBODY: "Your answers stay with me. Coordinators see at most that your pair may "
        "need a look.",
    }[knows]
    return blocks.modal(
        "check_in.saved", "Choice saved", [blocks.section(f"*Saved.* {words}")], close="Done"
    )


def where_to_turn(contacts: str, whom: str) -> dict[str, Any]:
    """People outside the pair, for what no check-in should have to carry."""
    words = blocks.escape(contacts) or (
        "No contacts are named for this cohort yet. In danger, call the emergency number of "
        f"your country. For anything else, {whom} can name somebody."
    )
    return blocks.modal(
        "check_in.contacts",
        "Where to turn",
        [
            blocks.section("*For harassment, safety or health*"),
            blocks.section(words),
            blocks.context("Nothing is stored: nobody learns that you looked here."),
        ],
    )


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
