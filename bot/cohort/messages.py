"""What members of a cohort read: welcome, leave, pause, goodbye. Pure: plain values in.

Names arrive ready for mrkdwn (see `naming`), days as words in the reader's zone.
"""

from datetime import date, timedelta
from typing import Any

from bot import blocks
from bot.blocks import ONLY_YOU, Message, button, context, letter, option, section
from bot.cohort.model import Role
from bot.outbox.model import Budget, Kind, Priority, Surface

# ---- ids

PROFILE_OPEN = "profile.open"
MENTORSHIP_OPEN = "mentorship.open"
THANKS_OPEN = "thanks.open"
HELP_OPEN = "help.open"
MEETING_PLAN = "meeting.plan"
LETTER_MENU = "letter.menu"
WELCOME_MENU = "welcome.menu"
DECLINE = "membership.decline"
DECLINE_FORM = "membership.decline.form"
LEAVE_FORM = "leave.form"
LEAVE_BACK = "leave.back"
PAUSE = "letters.pause"
RESUME = "letters.resume"

# ---- kinds of letters

MENU = "The menu pauses letters."
REMINDER_GAP = timedelta(days=7)

_JOINED = "You were added to a mentorship cohort."
_MONTH = timedelta(days=28)  # a welcome is of use as long as somebody may still take part
WELCOMES: dict[Role, Kind] = {
    Role.INTERN: Kind("welcome.intern", Budget.COUNTED, max_age=_MONTH, why=_JOINED),
    Role.MENTOR: Kind("welcome.mentor", Budget.COUNTED, max_age=_MONTH, why=_JOINED),
    Role.COORDINATOR: Kind(
        "welcome.coordinator",
        Budget.COUNTED,
        max_age=_MONTH,
        why="You were made coordinator of a cohort.",
    ),
}
PROFILE_REMINDER = Kind(
    "profile.reminder", Budget.COUNTED, why="A coordinator asked me to remind you of your profile."
)
WELCOME_BACK = Kind("leave.back", Budget.COUNTED, why="You planned to be back today.")
# Nobody asked for it, so it counts: after a full last week it comes a few days later.
CLOSING = Kind("closing", Budget.COUNTED, max_age=_MONTH, why="The programme has ended.")
CANNOT_READ = Kind("words.unread", Budget.NOW, Priority.ANSWER, why="You wrote to me.")
PAUSED = Kind("letters.paused", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL)
RESUMED = Kind("letters.resumed", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL)
WHY = Kind("letters.why", Budget.NOW, Priority.ANSWER, Surface.EPHEMERAL)

# Lines in the coordinators' channel.
LEFT_LINE = Kind("membership.left", Budget.NOW)
GONE_LINE = Kind("person.gone", Budget.NOW)
NOT_ADDED_LINE = Kind("person.not_added", Budget.NOW)
LEAVE_LINE = Kind("leave.line", Budget.NOW)
CLOSING_LINE = Kind("closing.line", Budget.NOW)


# ---- welcome


def welcome_intern(
    *, name: str, cohort: str, by: str, day: str, weeks: int, letter_id: int, membership_id: int
) -> Message:
    """The first thing an intern reads."""
    return letter(
        f"Welcome to {cohort}, {name}",
        f"I am the mentorship bot. {by} added you: {blocks.counted(weeks, 'week')} with a "
        "mentor who is not your boss.",
        "First step: a profile, 4 minutes. Then you choose whom to ask.",
        buttons=[button("Write my profile", PROFILE_OPEN, membership_id, primary=True)],
        menu=_welcome_menu(letter_id, membership_id),
        footer=f"{by} added you on {day}. {ONLY_YOU} {MENU}",
    )


def welcome_mentor(
    *, cohort: str, by: str, weeks: int, letter_id: int, membership_id: int
) -> Message:
    """The first thing a mentor reads. A no is as easy as a yes."""
    return letter(
        f"{by} suggests you as a mentor in {cohort}",
        f"About an hour a week for {blocks.counted(weeks, 'week')}. You decide how many interns, "
        "and say yes to each yourself.",
        buttons=[
            button("Write my profile", PROFILE_OPEN, membership_id, primary=True),
            button("Not this time", DECLINE, membership_id, confirm=_leave_question(cohort, by)),
        ],
        menu=blocks.letter_menu(letter_id),
        footer=f"Taking part is voluntary. {ONLY_YOU} {MENU}",
    )


def welcome_coordinator(
    *, cohort: str, by: str, starts: str, channel: str, cohort_id: int, letter_id: int
) -> Message:
    """The first thing a coordinator reads who was named by somebody else."""
    return letter(
        f"You coordinate {cohort}",
        f"{starts} First, add people. I report in <#{channel}> on Mondays at 9:00.",
        buttons=[
            button("Add people", "people.open", cohort_id, primary=True),
            button("Open the console", "console.open", cohort_id),
        ],
        menu=blocks.letter_menu(letter_id),
        footer=(
            f"{by} made you coordinator. You see names, meetings and status, never answers or "
            f"notes. {MENU}"
        ),
    )


def _welcome_menu(letter_id: int, membership_id: int) -> blocks.Element:
    leave = option("Not this time", f"decline.{membership_id}")
    return blocks.letter_menu(letter_id, leave, action=WELCOME_MENU)


def _leave_question(cohort: str, by: str) -> blocks.Element:
    return blocks.confirm(f"Leave {cohort}?", _what_leaving_means(by), "Leave", "Keep my place")


def _what_leaving_means(by: str) -> str:
    return f"You get no more letters. {by} hears that, not why. You can be added again."


def decline_form(cohort: str, by: str, metadata: str) -> dict[str, Any]:
    """The question before "Not this time" from the menu: a menu cannot ask for one option."""
    return blocks.modal(
        DECLINE_FORM,
        "Not this time",
        [section(f"*Leave {cohort}?*"), section(_what_leaving_means(by))],
        submit="Leave",
        close="Keep my place",
        metadata=metadata,
    )


def left_view(cohort: str, whom: str) -> dict[str, Any]:
    """After "Not this time"."""
    return blocks.modal(
        "membership.left",
        "Not this time",
        [section(f"*You left {cohort}.* No more letters. Questions: {whom}.")],
    )


def welcome_after_profile(cohort: str, day: str) -> Message:
    """The welcome once its one question is answered."""
    return _past(f"You joined {cohort}", f"● Profile saved on {day}. {ONLY_YOU}")


def welcome_after_leaving(cohort: str, day: str, whom: str) -> Message:
    """The welcome of somebody who is out again, by whoever's wish."""
    return _past(f"You are no longer in {cohort}", f"○ Since {day}. Questions: {whom}.")


def welcome_after_the_end(cohort: str, day: str) -> Message:
    """The welcome of a cohort that is over."""
    return _past(f"{cohort} has ended", f"○ On {day}. {ONLY_YOU}")


def _past(headline: str, line: str) -> Message:
    words = blocks.spoken_text(f"{headline}. {line}")
    return Message(words, [section(f"*{headline}*")], line)


def profile_reminder(*, name: str, cohort: str, letter_id: int, membership_id: int) -> Message:
    """One more ask for the profile, because a coordinator pressed the button."""
    return letter(
        f"Your profile for {cohort} is still empty",
        f"Four minutes, {name}, and you can be found by the people who fit.",
        buttons=[button("Write my profile", PROFILE_OPEN, membership_id, primary=True)],
        menu=_welcome_menu(letter_id, membership_id),
        footer=f"A coordinator asked me to remind you. {ONLY_YOU} {MENU}",
    )


# ---- free text


_UNREAD = "I cannot read messages, and nobody else received yours."


def cannot_read(*, thanks: bool) -> Message:
    """The answer to free text: what the bot can do for this person."""
    buttons = [
        button("My mentorship", MENTORSHIP_OPEN),
        *([button("Say thanks", THANKS_OPEN)] if thanks else []),
        button("Help", HELP_OPEN),
    ]
    words = f"{_UNREAD} I can do this:"
    labels = ", ".join(blocks.spoken_label(one["text"]["text"]) for one in buttons)
    return Message(f"{words} {labels}.", [section(words), blocks.actions(*buttons)])


def cannot_read_outside(why: str) -> Message:
    """The same to somebody in no cohort, for whom every button would only refuse."""
    words = f"{_UNREAD} {why}"
    return Message(blocks.spoken_text(words), [section(words)])


# ---- pausing


def paused(until: str) -> Message:
    """What pausing does, right after the click."""
    return letter_line(
        f"● Paused until {until}. What you planned or asked for still comes.",
        button("Resume letters", RESUME),
    )


def resumed() -> Message:
    """The pause is over."""
    return letter_line("● Letters come again.", button("Pause for a week", PAUSE))


def why(reason: str, per_day: int, per_week: int) -> Message:
    """Why a letter came, and how many can come at most."""
    letters = blocks.counted(per_day, "letter")
    return letter_line(
        f"{reason} At most {letters} a day and {per_week} a week, in your working hours.",
        button("Pause for a week", PAUSE),
    )


def letter_line(words: str, beside: blocks.Element) -> Message:
    """One sentence with one button, for what only one person sees."""
    label = blocks.spoken_label(beside["text"]["text"])
    return Message(f"{blocks.spoken_text(words)} You can: {label}.", [section(words, beside)])


# ---- leave


def leave_form(first: date) -> dict[str, Any]:
    """[[Take leave]], from `first` on."""
    return blocks.modal(
        LEAVE_FORM,
        "Take leave",
        [
            section("*When are you away?*"),
            context("Your pair and the coordinators see the dates. No reason is asked."),
            blocks.field_block("First day", blocks.date_picker("day", first), "first"),
            blocks.field_block("Back on", blocks.date_picker("day"), "back"),
        ],
        submit="Start leave",
    )


def leave_view(first: str, back: str, leave_id: int, *, begun: bool) -> dict[str, Any]:
    """The leave somebody is on or has planned."""
    headline = f"*On leave until {back}*" if begun else f"*Leave from {first}, back on {back}*"
    wish = "I am back" if begun else "Cancel this leave"
    return blocks.modal(
        "leave",
        "Your leave",
        [
            section(headline),
            section(
                "No deadline runs while you are away, and letters wait.",
                button(wish, LEAVE_BACK, leave_id),
            ),
            context("The dates are shown to your pair and to the coordinators."),
        ],
    )


def back_view(name: str) -> dict[str, Any]:
    """After "I am back"."""
    words = f"*Welcome back, {name}.* No deadline ran on."
    return blocks.modal("leave.ended", "Your leave", [section(words)])


def leave_cancelled_view() -> dict[str, Any]:
    """After a leave that had not begun was taken back."""
    return blocks.modal("leave.ended", "Your leave", [section("*Cancelled.* Nothing changes.")])


def welcome_back(*, name: str, letter_id: int, meets: bool) -> Message:
    """On the first day back; who `meets` nobody (a coordinator) is not asked to plan."""
    plan = button("Plan a meeting", MEETING_PLAN, primary=True)
    return letter(
        f"Welcome back, {name}",
        "No deadline ran on.",
        buttons=[plan if meets else button("My mentorship", MENTORSHIP_OPEN)],
        menu=blocks.letter_menu(letter_id),
        footer=f"You planned to be back today. {ONLY_YOU} {MENU}",
    )


# ---- the end


def closing(*, name: str, cohort: str, role: Role, letter_id: int, goes_on: bool) -> Message:
    """The one letter at the end of the programme. Only who `goes_on` elsewhere has letters left
    to pause."""
    thanks = {
        Role.INTERN: "What you learned is yours, and so are the people you met.",
        Role.MENTOR: "Thank you for your time. It is what this programme is made of.",
        Role.COORDINATOR: "All pairings are closed, and letters have stopped.",
    }[role]
    return letter(
        f"{cohort} has ended. All the best, {name}!",
        thanks,
        "A good last word is a thank-you to somebody who helped.",
        buttons=[button("Say thanks", THANKS_OPEN)],
        menu=blocks.letter_menu(letter_id) if goes_on else None,
        footer=f"This is the last letter of {cohort}. {ONLY_YOU}{f' {MENU}' if goes_on else ''}",
    )


# ---- lines in the coordinators' channel


def channel_line(words: str) -> Message:
    """One line for coordinators."""
    return Message(blocks.spoken_text(words), [section(words)])


def left_line(name: str, role: Role) -> Message:
    """Somebody said "not this time"."""
    return channel_line(f"○ {name}, {role}, takes no part any more. No reason is asked.")


def gone_line(name: str, role: Role) -> Message:
    """Somebody's account was switched off."""
    return channel_line(f"○ {name}, {role}, is no longer in this workspace.")


def not_added_line(name: str, cohort: str, *, bot: bool) -> Message:
    """Slack told only after somebody was added that nobody is there to take part."""
    why = "is a bot" if bot else "is no longer in this workspace"
    return channel_line(f"○ {name} {why}: not added to {cohort}.")


def leave_line(name: str, first: str, back: str) -> Message:
    """Somebody is away, with a return date."""
    return channel_line(f"○ {name} is on leave from {first}, back on {back}.")


def back_line(name: str, day: str) -> Message:
    """A leave that is over."""
    return channel_line(f"● {name} is back since {day}.")


def stays_line(name: str) -> Message:
    """A leave that was taken back before it began."""
    return channel_line(f"○ {name} is not going on leave after all.")


def closing_line(cohort: str, interns: int, mentors: int) -> Message:
    """The programme is over."""
    people = (
        f"{blocks.counted(interns, 'intern')} and {blocks.counted(mentors, 'mentor')} took part"
    )
    return channel_line(
        f"*{cohort} has ended.* {people}. Pairings are closed. Everybody gets one goodbye, "
        "then letters stop."
    )
