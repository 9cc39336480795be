"""The introduction, the first-meeting kit, the end of a pairing, and pairing by hand. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import blocks as b
from bot.cohort.model import Person
from bot.forms import Form, metadata
from bot.pairing import messages as m
from bot.pairing.messages_request import PAIR_BY_HAND
from bot.pairing.model import EndReason
from bot.pairing.phrases import NOT_SAID, SLIDERS, position
from bot.times import spoken_date

LINE_MENU = "pairing.menu"
END = "pairing.end"
UNDO = "pairing.undo"
END_FORM = "pairing.end.form"
UNDO_FORM = "pairing.undo.form"
BY_HAND = PAIR_BY_HAND
BY_HAND_FORM = "pairing.byhand.form"
VIEW = "pairing.view"


@dataclass(frozen=True)
class Pair:
    """The two of a pairing; names are mrkdwn."""

    pairing_id: int
    intern: str
    mentor: str
    intern_full: str
    mentor_full: str

    @property
    def both(self) -> str:
        """ "Ana Silva and Ben Ito"."""
        return f"{self.intern_full} and {self.mentor_full}"


# ---- the introduction


def introduction(pair: Pair, common: Sequence[str], intern: Person, mentor: Person) -> b.Message:
    """The first message in the pair's own group."""
    hello = (
        f":wave: {intern.first_name or 'Hello'}, meet {mentor.first_name or 'your mentor'}. "
        f"{mentor.first_name or 'Hello'}, meet {intern.first_name or 'your intern'}!"
    )
    shared = "You both\n" + "\n".join(f"• {thing}" for thing in common) if common else ""
    first = "First step: 30 minutes in the next seven days."
    who = "You both see this. Coordinators see that you are paired, never what you write here."
    text = f"{b.spoken_text(b.escape(hello))} "
    text += f"You both {b.spoken_text(', '.join(common))}. " if common else ""
    text += f"{first} You can: plan our first meeting, first-meeting kit. {who}"
    return b.Message(
        b.cut(text, 500),
        [
            b.header(hello),
            *([b.section(shared)] if shared else []),
            b.section(first),
            b.actions(
                b.button("Plan our first meeting", m.PLAN, pair.pairing_id, primary=True),
                b.button("First-meeting kit", m.KIT, pair.pairing_id),
            ),
        ],
        who,
    )


def introduction_over(pair: Pair, at: datetime, zone: str) -> b.Message:
    """The introduction of a pairing that has ended."""
    return b.letter(
        f"{pair.intern} and {pair.mentor} were introduced here",
        footer=f"○ The pairing ended on {spoken_date(at, zone)}.",
    )


def kit(
    pair: Pair, intern: Person, mentor: Person, weeks: int, *, note: str = ""
) -> dict[str, Any]:
    """What the first half hour can be about. `note`: what the intern wants the mentor to know."""
    lines = [
        f"{label}: {_side_by_side(pair, _at(intern, index), _at(mentor, index))}"
        for index, (label, _positions) in enumerate(SLIDERS)
    ]
    return b.modal(
        VIEW,
        "First-meeting kit",
        [
            b.section(
                f"*30 minutes:* 5 who we are, 10 what {weeks} weeks should bring, "
                "10 how we work, 5 next date"
            ),
            b.section(
                f"*{pair.intern} could ask:* What was hard in your first job? What stays "
                "between us?"
            ),
            b.section(f"*{pair.mentor} could offer:* one early mistake. Ask before you advise."),
            b.section("*How you like to work:*\n" + "\n".join(lines)),
            *([b.section(f"*Good to know, from {pair.intern}:*\n{b.quote(note)}")] if note else []),
            b.context("You both see this. Coordinators never see it."),
        ],
    )


def _at(person: Person, slider: int) -> str:
    return position(slider, person.style[slider] if slider < len(person.style) else None)


def _side_by_side(pair: Pair, intern: str, mentor: str) -> str:
    if intern == mentor:
        return f"both of you {intern}" if intern != NOT_SAID else "neither of you has said"
    return f"{pair.intern} {intern}, {pair.mentor} {mentor}"


# ---- the coordinators' channel


def pair_line(pair: Pair, paired: int, interns: int) -> b.Message:
    """A new pair, with what a coordinator can do about it."""
    words = f"● New pair: {pair.both}. {paired} of {interns} interns have a mentor."
    menu = b.overflow(
        LINE_MENU,
        [
            b.option("End this pairing…", f"end.{pair.pairing_id}"),
            b.option("Undo the acceptance…", f"undo.{pair.pairing_id}"),
        ],
    )
    said = f"{b.spoken_text(words)} You can: end this pairing, undo the acceptance."
    return b.Message(said, [b.section(words, menu)])


def pair_line_over(pair: Pair, reason: EndReason | None, at: datetime, zone: str) -> b.Message:
    """The same line once the pairing is over."""
    why = END_REASONS.get(reason, "") if reason else ""
    words = f"○ {pair.both}: ended on {spoken_date(at, zone)}{f', {why.lower()}' if why else ''}."
    return b.Message(b.spoken_text(words), [b.section(words)])


# ---- the end of a pairing

END_REASONS = {
    EndReason.MATCH_CHANGED: "Somebody else fits better",
    EndReason.TIME: "No time",
    EndReason.LEFT: "One of the two left",
    EndReason.OTHER: "Another reason",
    EndReason.UNDONE: "Undone",
    EndReason.PROGRAMME_END: "The programme ended",
}


def ended_for_intern(
    mentor: str, cohort: str, letter_id: int, *, left: bool, find: bool
) -> b.Message:
    """To the intern. `left`: the mentor has left; `find`: nobody is being asked for them yet."""
    buttons = (b.button("Find a mentor", m.REQUEST, primary=True),) if find else ()
    then = "You can ask for another mentor at once." if find else "I am looking for the next one."
    if left:
        news = f"{mentor} is no longer your mentor"
        why = f"{mentor} is not in {b.escape(cohort)} any more. This has nothing to do with you."
    else:
        news = "Your mentor changes for programme reasons"
        why = f"Your pairing with {mentor} has ended. This rates nobody."
    return b.letter(
        news,
        why,
        then,
        buttons=buttons,
        menu=b.letter_menu(letter_id),
        footer=f"You and {mentor} were a pair. {b.ONLY_YOU} The menu pauses letters.",
    )


def ended_for_mentor(intern: str, cohort: str, letter_id: int, *, left: bool) -> b.Message:
    """To the mentor. `left`: the intern has left."""
    if left:
        news = f"{intern} is no longer your intern"
        why = f"{intern} is not in {b.escape(cohort)} any more. This has nothing to do with you."
    else:
        news = "Your intern changes for programme reasons"
        why = f"Your pairing with {intern} has ended. This rates nobody."
    return b.letter(
        news,
        why,
        "Thank you for your time. I write when another intern asks for you.",
        buttons=(b.button("Change my capacity", m.PROFILE),),
        menu=b.letter_menu(letter_id),
        footer=f"You and {intern} were a pair. {b.ONLY_YOU} The menu pauses letters.",
    )


def end_form(pair: Pair, codes: Sequence[EndReason]) -> dict[str, Any]:
    """A coordinator ends a pairing."""
    reasons = [b.option(END_REASONS[code], code.value) for code in codes]
    return b.modal(
        END_FORM,
        "End this pairing",
        [
            b.section(f"*{pair.both} stop being a pair.*"),
            b.context(
                "Both hear that it changes for programme reasons, not why. Coordinators see the "
                "reason. Their group message stays."
            ),
            b.field_block("Reason", b.radios("reason", reasons), "reason"),
        ],
        submit="End pairing",
        close="Keep pairing",
        metadata=metadata(pairing=pair.pairing_id),
    )


def undo_form(pair: Pair) -> dict[str, Any]:
    """A coordinator takes an acceptance back."""
    return b.modal(
        UNDO_FORM,
        "Undo the acceptance",
        [
            b.section(f"*{pair.both} stop being a pair.*"),
            b.context(
                "Both hear that it changes for programme reasons. The request goes to the next "
                "choice, or on the waitlist."
            ),
        ],
        submit="Undo",
        close="Keep pairing",
        metadata=metadata(pairing=pair.pairing_id),
    )


def done_view(title: str, words: str) -> dict[str, Any]:
    """After a form of a coordinator."""
    return b.modal(VIEW, title, [b.section(words)])


# ---- by hand


def by_hand_form(cohort_id: int, cohort: str, intern: str | None = None) -> dict[str, Any]:
    """Pair two people; `intern` is a Slack id to start with."""
    return b.modal(
        BY_HAND_FORM,
        "Pair two people",
        [
            b.section(f"*Who should be a pair in {b.escape(cohort)}?*"),
            b.context(
                "I introduce them at once. Whoever was asked for this intern hears that it is "
                "not needed any more."
            ),
            b.field_block("Intern", b.person_select("person", chosen=intern), "intern"),
            b.field_block("Mentor", b.person_select("person"), "mentor"),
        ],
        submit="Pair them",
        metadata=metadata(cohort=cohort_id),
    )


def two_people(form: Form) -> tuple[int, str | None, str | None]:
    """(cohort id, intern's and mentor's Slack ids). Raises NotYours."""
    return form.row("cohort"), form.person("intern"), form.person("mentor")
