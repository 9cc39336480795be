"""People who live in a cohort, week by week: they ask, answer, forget, decline and leave.

Everybody looks at Slack a few times on a working day and does, by habit, something about each
button that stands there. All of it is commands, clicks and forms; no row is touched.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.acts import Helper, Learner, help_out, learn
from bot.demo.people import Somebody
from bot.sandbox.conversations import Message, elements
from bot.sandbox.records import Log
from bot.sandbox.seat import Seat
from tests.support.town import Town

# UTC: around eleven in Kolkata, in Berlin, in New York, and once more in New York.
LOOKS = (time(5, 30), time(9, 30), time(15, 30), time(19, 30))
_RECENT = timedelta(days=10)


class LongLog(Log):
    """Slack's own record of a whole life: nothing falls out of it."""

    def __init__(self) -> None:
        super().__init__()
        self._entries = deque()


@dataclass(frozen=True)
class Words:
    """What people write where they may write freely."""

    line: str = "I liked your talk on testing."
    place: str = "Room 2.14"
    insight: str = "Start with the end of the story."
    action: str = "Send the draft"
    wish: str = "A fixed day for our meetings."
    thanks: str = "You read my draft twice. It made the talk."
    note: str = "Both were busy with a release."
    contacts: str = "Works council: 2.14. Company doctor: +49 30 123."
    how: str = "I ask first, then say what I would do."
    about: str = "I am new to data."
    cohort: str = "Summer interns"


@dataclass(frozen=True)
class Character:
    """Somebody with their habits. What is empty is forgotten."""

    who: Somebody
    profile: Learner | Helper
    asks: tuple[str, ...] = ()  # mentors' names, in the order of choice
    declines: tuple[str, ...] = ()  # interns' names
    overlooks: tuple[str, ...] = ()  # interns whose offers get no answer
    plans: int | None = None  # the weekday on which a meeting is planned
    met: str = "yes"  # to "Did you meet?": yes, no
    scores: tuple[str, ...] = ("444",)  # of the check-ins, one after the other
    thanks: str = ""  # to the prompt: write, skip
    thanked: str = ""  # Slack id of whom, where the form presets nobody
    skips: bool = False  # a week, when nudged to meet
    tells: str = "me"  # who should know of a low score: me, both, nobody
    shares: str = "pair"  # who may read the sentence: pair, coordinator, nobody
    finishes: bool = True  # what they took on, when reminded


@dataclass
class Life:
    """A cast living in a town. `away` holds leaves, `gone` whoever is not there any more."""

    town: Town
    cast: tuple[Character, ...]
    coordinator: Somebody
    words: Words = field(default_factory=Words)
    cares: bool = True  # whether the coordinator sees to concerns
    away: dict[str, tuple[date, date]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    _considered: set[tuple[str, str, str]] = field(default_factory=set)
    _answered: dict[str, int] = field(default_factory=dict)
    _planned: dict[str, date] = field(default_factory=dict)

    def move_in(self) -> None:
        """Everybody of the cast is in the workspace, and Slack forgets nothing."""
        slack = self.town.slack
        slack.log = LongLog()
        for one in (self.coordinator, *(c.who for c in self.cast)):
            slack.add_person(
                one.id,
                name=one.handle,
                real_name=one.name,
                title=one.title,
                tz=one.zone,
                locale=one.locale,
                is_admin=one is self.coordinator,
            )
        slack.join(self.town.channel.id, slack.bot_user_id)

    def found(self, starts_on: date, weeks: int = 12, also: tuple[Somebody, ...] = ()) -> None:
        """The coordinator sets the cohort up, with `also` as further coordinators."""
        seat = self.seat(self.coordinator)
        done(seat.command("/cohort", "new"))
        form = {"name": self.words.cohort, "starts_on": starts_on.isoformat(), "weeks": str(weeks)}
        names = [one.id for one in (self.coordinator, *also)]
        done(seat.submit(form | {"channel": self.town.channel.id, "coordinators": names}))
        seat.close()

    def add_people(self) -> None:
        """The coordinator adds the cast."""
        seat = self.seat(self.coordinator)
        done(seat.command("/cohort", "people"))
        interns = [c.who.id for c in self.cast if isinstance(c.profile, Learner)]
        mentors = [c.who.id for c in self.cast if isinstance(c.profile, Helper)]
        done(seat.submit({"interns": interns, "mentors": mentors}))
        seat.close()

    def write_profiles(self) -> None:
        """Everybody says who they are."""
        for one in self.cast:
            if isinstance(one.profile, Learner):
                learn(self.town.slack, one.who, one.profile)
            else:
                help_out(self.town.slack, one.who, one.profile)

    def ask(self, who: Somebody, *mentors: str) -> None:
        """An intern asks these mentors, or joins the waitlist where nobody fits."""
        seat = self.seat(who)
        done(seat.command("/mentor-request"))
        done(seat.submit())
        for name in mentors:
            shown = seat.modal or {}
            choice = next(
                b["accessory"]["value"]
                for b in shown["blocks"]
                if name in b.get("text", {}).get("text", "") and "accessory" in b
            )
            done(seat.click(seat.modal, "choice.add", choice))
        done(seat.submit({"line": self.words.line} if mentors else {}))
        seat.close()

    def seat(self, who: Somebody) -> Seat:
        """Their Slack."""
        found: Seat = self.town.seat(who.id)
        return found

    def of(self, who: Somebody) -> Character:
        """Somebody's habits."""
        return next(c for c in self.cast if c.who.id == who.id)

    def take_leave(self, who: Somebody, first: date, back: date) -> None:
        """A leave that is planned now."""
        seat = self.seat(who)
        done(seat.command("/mentor", "leave"))
        done(seat.submit({"first": first.isoformat(), "back": back.isoformat()}))
        seat.close()
        self.away[who.id] = (first, back)

    def leave_slack(self, who: Somebody) -> None:
        """Their account is switched off."""
        self.town.slack.deactivate(who.id)
        self.gone.add(who.id)

    def live(self, until: datetime) -> None:
        """Live on; whoever is at work looks at Slack on the way."""
        while True:
            at = _next_look(self.town.clock())
            if at > until:
                self.town.live(until=until)
                return
            self.town.live(until=at)
            for one in self.cast:
                if self._at_work(one.who):
                    self._look(one)
            if self.cares and self._at_work(self.coordinator):
                self._care()

    def _at_work(self, who: Somebody) -> bool:
        now = self.town.clock().astimezone(ZoneInfo(who.zone))
        first, back = self.away.get(who.id, (date.max, date.max))
        there = who.id not in self.gone and not first <= now.date() < back
        return there and now.weekday() < 5 and 8 <= now.hour < 18

    def _look(self, one: Character) -> None:
        seat = self.seat(one.who)
        for message in [*seat.dm, *(m for g in seat.groups for m in seat.messages(g))]:
            if message.ephemeral or message.at < self.town.clock() - _RECENT:
                continue
            for _block, element in elements(message.blocks):
                button = str(element.get("action_id")), str(element.get("value", ""))
                if button[0] not in HABITS or (message.ts, *button) in self._considered:
                    continue
                self._considered.add((message.ts, *button))
                if HABITS[button[0]](self, one, seat, message, button[1]):
                    self.town.settle()
                    break
        today = self.town.clock().date()
        if one.plans == today.weekday() and self._planned.get(one.who.id) != today:
            self._planned[one.who.id] = today
            self._plan(seat)

    def _plan(self, seat: Seat) -> None:
        done(seat.command("/mentor", "meet"))
        if seat.modal is None:
            return  # nobody to meet
        outcome = seat.submit({"place": self.words.place})
        if "The programme ends" in outcome.errors.get("date", ""):
            seat.close()
            return
        done(outcome)
        if seat.modal and seat.modal.get("submit"):
            done(seat.submit())  # "Plan anyway"
        close_all(seat)
        self.town.settle()

    def score_of(self, one: Character) -> str:
        """Their next three answers."""
        nth = self._answered.get(one.who.id, 0)
        self._answered[one.who.id] = nth + 1
        return one.scores[min(nth, len(one.scores) - 1)]

    def _care(self) -> None:
        """The coordinator takes what the channel shows, and next time says they have talked."""
        seat = self.seat(self.coordinator)
        for message in seat.messages(self.town.channel.id):
            found = {e.get("action_id"): e for _b, e in elements(message.blocks)}
            first = next((a for a in ("concern.take", "concern.talked") if a in found), None)
            if first is None or message.at < self.town.clock() - _RECENT:
                continue
            value = found[first]["value"]
            # A digest keeps its buttons for good; the message of the concern itself does not.
            if ("", first, value) not in self._considered:
                self._considered.add(("", first, value))
                done(seat.click(message, first, value))
                self.town.settle()


def done(outcome: Any) -> Any:
    """What somebody did worked; what Slack or the bot said stands in the failure."""
    assert outcome.ok, outcome.says
    assert not outcome.errors, outcome.errors
    return outcome


def _next_look(now: datetime) -> datetime:
    moments = (
        datetime.combine(now.date() + timedelta(days=n), at, now.tzinfo)
        for n in (0, 1)
        for at in LOOKS
    )
    return next(moment for moment in moments if moment > now)


def close_all(seat: Seat) -> None:
    while seat.modal:
        seat.close()


# ---- what people do about each button; True when something was done

Habit = Callable[[Life, Character, Seat, Message, str], bool]


def _answer_offer(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    if any(name in message.text for name in one.overlooks):
        return False
    if any(name in message.text for name in one.declines):
        done(seat.click(message, "offer.decline", value))
        done(seat.submit({"reason": "time"}))
    else:
        done(seat.click(message, "offer.accept", value))
    return True


def _say_whether_they_met(
    life: Life, one: Character, seat: Seat, message: Message, value: str
) -> bool:
    if not one.met:
        return False
    done(seat.click(message, f"meeting.{one.met}", value))
    if one.met == "no":
        done(seat.submit({"now": "skip"}))
    elif seat.modal:
        done(seat.submit({"insight": life.words.insight, "what~0": life.words.action}))
    close_all(seat)
    return True


def _answer_check_in(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    scores = life.score_of(one)
    if not scores:
        return False
    done(seat.click(message, "check_in.answer", value))
    names = ("open_with", "agree", "moved_forward")
    given = dict(zip(names, scores, strict=True))
    given |= {"wish": life.words.wish, "wish_for": one.shares}
    if done(seat.submit(given)).result == "updated":
        done(seat.submit({"who": one.tells}))
    close_all(seat)
    return True


def _answer_prompt(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    if one.thanks == "skip":
        done(seat.click(message, "thanks.skip", value))
    elif one.thanks == "write":
        done(seat.click(message, "thanks.write", value))
        to = {"to": one.thanked} if one.thanked else {}
        done(seat.submit({"words": life.words.thanks} | to))
        close_all(seat)
    return bool(one.thanks)


def _finish_action(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    if one.finishes:
        done(seat.click(message, "action.done", value))
    return one.finishes


def _take_place(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    done(seat.click(message, "place.take", value))
    return True


def _answer_nudge(life: Life, one: Character, seat: Seat, message: Message, value: str) -> bool:
    if not one.skips:
        return False
    done(seat.click(message, "rhythm.skip", value))
    return True


HABITS: dict[str, Habit] = {
    "offer.accept": _answer_offer,
    "meeting.yes": _say_whether_they_met,
    "check_in.answer": _answer_check_in,
    "thanks.write": _answer_prompt,
    "action.done": _finish_action,
    "place.take": _take_place,
    "rhythm.skip": _answer_nudge,
}
