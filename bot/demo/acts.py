"""What people do in the demo, in their own Slack: commands, forms and clicks, as anybody would."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.people import CHANNEL, COHORT, FIRST_DAY, INTERNS, MENTORS, WEEKS, ZONE, Somebody
from bot.sandbox.conversations import Message
from bot.sandbox.outcome import Outcome
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace


class Stuck(Exception):
    """Somebody in the prelude could not do what they wanted; the text says who and what."""


@dataclass(frozen=True)
class Learner:
    """What an intern writes into the profile: goals with their skills, values, style, note."""

    goals: tuple[tuple[str, tuple[str, ...]], ...]
    values: tuple[str, ...]
    style: tuple[int, int, int, int]
    note: str = ""


@dataclass(frozen=True)
class Helper:
    """What a mentor writes into the profile."""

    skills: tuple[str, ...]
    capacity: int
    how: str
    values: tuple[str, ...]
    style: tuple[int, int, int, int]


def _done(who: Seat, outcome: Outcome, what: str) -> Outcome:
    if not outcome.ok or outcome.errors:
        raise Stuck(f"{who.person.real_name}, {what}: {outcome.says or outcome.errors}")
    return outcome


def found_cohort(slack: Workspace, who: Somebody) -> None:
    """The coordinator sets the cohort up and adds everybody."""
    seat = slack.seat(who.id)
    channel = next(c for c in slack.conversations.values() if c.name == CHANNEL)
    _done(seat, seat.command("/cohort", "new"), "opens the form")
    form = {
        "name": COHORT,
        "starts_on": FIRST_DAY.isoformat(),
        "weeks": str(WEEKS),
        "channel": channel.id,
        "coordinators": [who.id],
    }
    _done(seat, seat.submit(form), f"creates the cohort in {ZONE}")
    seat.close()
    _done(seat, seat.command("/cohort", "people"), "opens the people")
    chosen = {"interns": [p.id for p in INTERNS], "mentors": [p.id for p in MENTORS]}
    _done(seat, seat.submit(chosen), "adds people")
    seat.close()


def learn(slack: Workspace, who: Somebody, profile: Learner) -> None:
    """An intern writes the profile."""
    seat = slack.seat(who.id)
    _done(seat, seat.command("/mentor", "profile"), "opens the profile")
    for _more in profile.goals[1:]:
        _done(seat, seat.click(seat.modal, "profile.add_goal"), "adds a goal")
    goals: dict[str, Any] = {}
    for number, (text, skills) in enumerate(profile.goals, start=1):
        goals |= {f"goal_{number}": text, f"skills_{number}": list(skills)}
    _done(seat, seat.submit(goals), "goals")
    _done(seat, seat.submit(_style(profile.style, profile.values)), "style")
    _done(seat, seat.submit({"note": profile.note} if profile.note else {}), "hours")
    seat.close()


def help_out(slack: Workspace, who: Somebody, profile: Helper) -> None:
    """A mentor writes the profile."""
    seat = slack.seat(who.id)
    _done(seat, seat.command("/mentor", "profile"), "opens the profile")
    form = {"skills": list(profile.skills), "capacity": str(profile.capacity), "how": profile.how}
    _done(seat, seat.submit(form), "skills")
    _done(seat, seat.submit(_style(profile.style, profile.values)), "style")
    _done(seat, seat.submit({}), "hours")
    seat.close()


def _style(style: tuple[int, ...], values: tuple[str, ...]) -> dict[str, Any]:
    sliders: dict[str, Any] = {f"style_{n}": str(at) for n, at in enumerate(style, start=1)}
    return sliders | {"values": list(values)}


def ask_for(slack: Workspace, who: Somebody, mentor: Somebody, line: str = "") -> None:
    """An intern asks for a mentor whom the bot suggests."""
    seat = slack.seat(who.id)
    _done(seat, seat.command("/mentor-request"), "asks for a mentor")
    _done(seat, seat.submit({}), "goals")
    view = seat.modal or {}
    wanted = next(
        (
            block["accessory"]["value"]
            for block in view["blocks"]
            if mentor.name in str(block.get("text", {}).get("text", "")) and "accessory" in block
        ),
        None,
    )
    if wanted is None:
        raise Stuck(f"{mentor.name} was not suggested to {who.name}")
    _done(seat, seat.click(view, "choice.add", wanted), "chooses")
    _done(seat, seat.submit({"line": line} if line else {}), "sends the request")
    seat.close()


def press(slack: Workspace, who: Somebody, action: str, **more: Any) -> Outcome:
    """Press the newest button of that action in the direct message with the bot."""
    seat = slack.seat(who.id)
    return _done(seat, seat.click(_newest(seat, action), action, **more), action)


def press_together(slack: Workspace, who: Somebody, action: str, **more: Any) -> Outcome:
    """The same in the newest group message that has it."""
    seat = slack.seat(who.id)
    for group in reversed(seat.groups):
        for message in reversed(seat.messages(group)):
            if _has(message, action):
                return _done(seat, seat.click(message, action, **more), action)
    raise Stuck(f"{who.name} sees no {action} in a group message")


def plan(slack: Workspace, who: Somebody, at: datetime, place: str) -> None:
    """Somebody plans the pair's first meeting from the introduction."""
    seat = slack.seat(who.id)
    press_together(slack, who, "meeting.plan")
    mine = at.astimezone(ZoneInfo(who.zone))
    form = {
        "date": mine.date().isoformat(),
        "time": f"{mine:%H:%M}",
        "minutes": "30",
        "place": place,
    }
    _done(seat, seat.submit(form), "plans a meeting")
    seat.close() if seat.modal else None


def answer_check_in(slack: Workspace, who: Somebody, scores: tuple[int, int, int]) -> None:
    """Three taps."""
    seat = slack.seat(who.id)
    press(slack, who, "check_in.answer")
    view = seat.modal or {}
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    answers = dict(zip(inputs, (str(score) for score in scores), strict=False))
    _done(seat, seat.submit(answers), "answers the check-in")
    while seat.modal:
        seat.close()


def _newest(seat: Seat, action: str) -> Message:
    for message in reversed(seat.dm):
        if _has(message, action):
            return message
    raise Stuck(f"{seat.person.real_name} sees no {action}")


def _has(message: Message, action: str) -> bool:
    return any(
        element.get("action_id") == action
        for block in message.blocks
        for element in (*block.get("elements", ()), block.get("accessory", {}))
    )
