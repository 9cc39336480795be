"""Asking for a mentor: goals, choosing in order, waiting, the waitlist. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import blocks as b
from bot.forms import Form, metadata
from bot.pairing.messages_profile import Goals, goal_blocks
from bot.pairing.phrases import ordinal
from bot.times import spoken, spoken_date

GOALS_FORM = "request.goals.form"
CHOICES_FORM = "request.choices.form"
WAITLIST_FORM = "request.waitlist.form"
VIEW = "request.view"

ADD_GOAL = "request.add_goal"
CHOOSE = "choice.add"
DROP = "choice.drop"
TO_GOALS = "choice.back"
CHOOSE_OTHERS = "request.choose"
WITHDRAW = "request.withdraw"
ASK_COORDINATOR = "request.help"
TAKE_PLACE = "place.take"
KEEP_WAITING = "place.pass"
PAIR_BY_HAND = "pairing.byhand"
COHORTS_FORM = "request.cohort.form"
PEOPLE = "people.open"  # heard by the cohort's room

LINE_LENGTH = 300


# ---- which cohort, and goals


def cohorts_form(places: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """For an intern in several cohorts: (place id, cohort's name)."""
    options = [b.option(b.cut(name, 75), place) for place, name in places]
    return b.modal(
        COHORTS_FORM,
        "Request a mentor",
        [
            b.section("*In which cohort do you look for a mentor?*"),
            b.field_block("Cohort", b.select("cohort", options), "cohort"),
        ],
        submit="Next",
    )


def goals_form(place_id: int, goals: Goals) -> dict[str, Any]:
    """Q1."""
    return b.modal(
        GOALS_FORM,
        "Request a mentor",
        [
            b.section(
                "*What should a mentor help you with?* This comes from your profile; change "
                "what you like."
            ),
            b.context(b.MENTOR_ASKED),
            *goal_blocks(goals, ADD_GOAL),
        ],
        submit="See suggestions",
        metadata=metadata(place=place_id),
    )


# ---- choosing


@dataclass(frozen=True)
class Row:
    """A mentor to choose. `name` and `about` are mrkdwn, `spoken` is plain text; `rank` is the
    place on the list."""

    mentor_id: int  # of the membership
    name: str
    about: str
    spoken: str
    reasons: tuple[str, ...]
    rank: int | None = None


def choices_form(
    request_id: int, rows: Sequence[Row], line: str, alerts: Sequence[b.Block] = ()
) -> dict[str, Any]:
    """Q2. A tap chooses or removes; the block ids stay, so what was typed stays too."""
    chosen = sum(row.rank is not None for row in rows)
    found: list[b.Block] = [
        *alerts,
        *_how_to_choose(len(rows)),
    ]
    for row in rows:
        found += [b.divider(), _choice(row, chosen + 1)]
    found += [
        b.divider(),
        b.field_block(
            "A line to the mentor",
            b.text_input("line", value=line, most=LINE_LENGTH, lines=True),
            "line",
            optional=True,
            hint="Every mentor you ask reads this line.",
        ),
        b.actions(b.button("Back to goals", TO_GOALS, request_id), block_id="back"),
    ]
    return b.modal(
        CHOICES_FORM,
        "Choose your mentors",
        found,
        submit="Send request",
        metadata=metadata(request=request_id),
    )


def _how_to_choose(offered: int) -> list[b.Block]:
    """How many may be chosen, and what becomes of the order."""
    if offered == 1:
        return [b.section("*One mentor fits. Choose them, and I ask.*")]
    many = ("one or two", "one to three", "one to four", "one to five")[min(offered, 5) - 2]
    return [
        b.section(f"*Choose {many}, in the order you want to ask.*"),
        b.context(
            "Closest fit first; the order is yours. I ask one at a time. Nobody sees your order."
        ),
    ]


def _choice(row: Row, next_rank: int) -> b.Block:
    who = f"*{row.name}*"
    press: b.Element | None = None
    if row.rank is not None:
        who = f"*{ordinal(row.rank)} choice: {row.name}*"
        press = b.button("Remove", DROP, row.mentor_id, says=f"Remove {row.spoken}")
    elif next_rank <= 5:
        nth = ordinal(next_rank)
        press = b.button(
            f"Choose as {nth}", CHOOSE, row.mentor_id, says=f"Choose {row.spoken} as {nth}"
        )
    text = "\n".join([who + row.about, *(f"• {reason}" for reason in row.reasons)])
    return b.section(text, press, block_id=f"choice.{row.mentor_id}")


def no_room_alert(names: Sequence[str]) -> b.Block:
    """Somebody chosen has no room any more."""
    has = "has" if len(names) == 1 else "have"
    words = f"{b.listed(names)} {has} no room any more. Choose again; your line is kept."
    return b.alert(words, "warning")


# ---- sent, waiting, nobody


@dataclass(frozen=True)
class Standing:
    """Where a request stands. Names are mrkdwn; `until` is spoken in the intern's zone."""

    request_id: int
    asked: str = ""  # whom; "" when nobody is being asked
    rank: int | None = None
    until: str = ""
    then: str = ""  # whom next
    unavailable: str = ""  # who is not available this time
    places: tuple[tuple[int, str, str], ...] = ()  # (place id, name, name on a button)


def sent_view(where: Standing) -> dict[str, Any]:
    """Q3."""
    otherwise = f"I ask {where.then}" if where.then else "you go on the waitlist"
    return b.modal(
        VIEW,
        "Request sent",
        [
            b.section(
                f"*I am asking {where.asked} first.* You hear by {where.until}, or {otherwise}.\n"
                "I write when somebody says yes. To look or withdraw: `/mentor-request`."
            )
        ],
    )


def asking_view(where: Standing) -> dict[str, Any]:
    """Q5, while a mentor is being asked."""
    nth = f", your {ordinal(where.rank)} choice," if where.rank else ""
    then = f" Then: {where.then}." if where.then else ""
    if where.unavailable:
        words = (
            f"*{where.unavailable} is not available this time.* Waiting for "
            f"{where.asked}{nth} until {where.until}.{then}"
        )
    else:
        words = f"*Waiting for {where.asked}{nth}* until {where.until}.{then}"
    return b.modal(
        VIEW,
        "Your request",
        [
            b.section(words),
            b.actions(
                _withdraw(where.request_id, f"{where.asked} hears that it is not needed any more.")
            ),
        ],
    )


def waiting_view(where: Standing) -> dict[str, Any]:
    """Q5 on the waitlist, with the places that are free now."""
    found = [
        b.section(
            "*You are on the waitlist.* The next place that fits is offered to you.",
        )
    ]
    for place_id, name, label in where.places:
        found.append(b.section(f"*There is room again: {name}*"))
        found.append(b.actions(*_place_buttons(place_id, label), block_id=f"place.{place_id}"))
    found.append(
        b.actions(
            b.button(
                "Choose other mentors", CHOOSE_OTHERS, where.request_id, primary=not where.places
            ),
            b.button("Ask a coordinator", ASK_COORDINATOR, where.request_id),
            _withdraw(where.request_id, "You give up your place on the waitlist."),
        )
    )
    return b.modal(VIEW, "Your request", found)


def _withdraw(request_id: int, who_hears: str) -> b.Element:
    sure = b.confirm("Withdraw your request?", who_hears, "Withdraw", "Keep waiting")
    return b.button("Withdraw request", WITHDRAW, request_id, confirm=sure)


def nobody_fits(request_id: int, why: str, coordinator: str) -> dict[str, Any]:
    """Q4. `coordinator` is who hears of it, in mrkdwn."""
    return b.modal(
        WAITLIST_FORM,
        "No fit today",
        [
            b.section(
                f"*No mentor fits all of this today*\n{why}\nOn the waitlist you get the next "
                f"place that fits. {coordinator} sees that you wait, nothing else."
            ),
            b.actions(
                b.button("Change my goals", TO_GOALS, request_id),
                b.button("Ask a coordinator", ASK_COORDINATOR, request_id),
            ),
        ],
        submit="Join the waitlist",
        metadata=metadata(request=request_id),
    )


def withdrawn_view() -> dict[str, Any]:
    """Q6."""
    return b.modal(VIEW, "Request withdrawn", [b.section("*Withdrawn.* Nobody is asked any more.")])


def helped_view(coordinator: str) -> dict[str, Any]:
    """After "Ask a coordinator"."""
    words = f"*{coordinator} knows that you would like to talk.* You can write to them any time."
    return b.modal(VIEW, "A coordinator knows", [b.section(words)])


# ---- letters


def waitlist(
    request_id: int, coordinator: str, asked_at: datetime, zone: str, letter_id: int
) -> b.Message:
    """Q7."""
    return b.letter(
        "You are on the waitlist now",
        "The mentors you chose cannot take this on now, nearly always for lack of time.",
        f"You are offered the next place that fits. {coordinator} knows that you wait.",
        buttons=(
            b.button("Choose other mentors", CHOOSE_OTHERS, request_id, primary=True),
            b.button("Ask a coordinator", ASK_COORDINATOR, request_id),
        ),
        menu=b.letter_menu(letter_id),
        footer=f"You asked on {spoken_date(asked_at, zone)}. {b.ONLY_YOU} The menu pauses letters.",
    )


def waitlist_over(words: str) -> b.Message:
    """Q7 once the wait is over."""
    return b.letter("You were on the waitlist", footer=f"● {words}")


def place(
    place_id: int,
    mentor: str,
    label: str,
    helps: str,
    until: datetime,
    zone: str,
    locale: str,
    letter_id: int,
) -> b.Message:
    """Q8. `mentor` is the full name in mrkdwn, `label` the name on the button."""
    return b.letter(
        f"There is room again: {mentor}" + (f" can help with {helps}" if helps else ""),
        buttons=_place_buttons(place_id, label),
        menu=b.letter_menu(letter_id),
        footer=f"The place is kept until {spoken(until, zone, locale)}. You wait for a mentor. "
        f"{b.ONLY_YOU} The menu pauses letters.",
    )


def _place_buttons(place_id: int, label: str) -> tuple[b.Element, b.Element]:
    return (
        b.button(f"Ask {label}", TAKE_PLACE, place_id, primary=True),
        b.button("Keep waiting", KEEP_WAITING, place_id),
    )


def place_settled(state: str, mentor: str) -> b.Message:
    """Q8 after it is decided: taken, passed or gone."""
    news, then = {
        "taken": (f"You asked {mentor}", "● I write when there is an answer."),
        "passed": (f"There was room with {mentor}", "○ You keep your place on the waitlist."),
    }.get(state, (f"There was room with {mentor}", "○ That place is not free any more."))
    return b.letter(news, footer=then)


# ---- the coordinators' channel


def waiting_line(intern: str, cohort_id: int) -> b.Message:
    """An intern waits."""
    words = f"○ {intern} is waiting for a mentor, and nobody is being asked."
    return _line(words, b.button("Open people", PEOPLE, cohort_id))


def unpaired_line(intern: str, days: int, cohort_id: int) -> b.Message:
    """Working days without a yes; said once."""
    words = f"○ {intern} asked {b.counted(days, 'working day')} ago and has no mentor yet."
    return _line(words, b.button("Pair two people", PAIR_BY_HAND, cohort_id))


def help_line(intern: str) -> b.Message:
    """An intern would like to talk to a coordinator."""
    return _line(f"○ {intern} looks for a mentor and would like to talk to one of you.", None)


def settled_line(words: str) -> b.Message:
    """A line whose matter is over."""
    return _line(f"● {words}", None)


def _line(words: str, beside: b.Element | None) -> b.Message:
    said = b.spoken_text(words)
    if beside is not None:
        said += f" You can: {beside['text']['text'].lower()}."
    return b.Message(said, [b.section(words, beside)])


def written_line(form: Form) -> str:
    """The line to the mentor. Raises Invalid when it is too long."""
    return form.text("line", LINE_LENGTH)
