"""A tour of everything the bot says: one short programme in which each thing happens once.

`surfaces` reads from Slack's own record what the bot has shown: messages, views and answers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo import people as who
from bot.demo.prelude import HELPERS, LEARNERS
from bot.sandbox.conversations import Message, elements
from bot.sandbox.seat import Seat
from tests.support.lives import Character, Life, close_all, done
from tests.support.longest import World
from tests.support.town import Town

Json = dict[str, Any]
BERLIN = ZoneInfo("Europe/Berlin")
STARTS = date(2026, 6, 8)
WEEKS = 6

# What only opens something, or answers the one who pressed: pressing it changes nothing.
OPENERS = {
    *("check_in.answer", "check_in.who", "check_in.where", "concern.clear", "console.open"),
    *("digest.preview", "cohort.new", "help.open", "meeting.move", "meeting.plan"),
    *("meeting.summary", "action.later", "mentorship.open", "offer.decline", "offer.see"),
    *("pairing.byhand", "pairing.kit", "people.open", "people.next", "people.previous"),
    *("profile.open", "profile.back", "request.open", "request.choose", "choice.back"),
    *("settings.open", "settings.topic", "status.open", "status.next", "status.previous"),
    *("thanks.open", "thanks.write", "thanks.back", "leave.open"),
    *("undelivered.open", "undelivered.next", "undelivered.previous"),
}
# Options of menus that only open something.
OPENING = {"why", "profile", "leave", "help", "end", "undo", "clear", "decline"}


@dataclass(frozen=True)
class Surface:
    """One thing the bot has shown: "message", "modal" or "home", and its JSON."""

    kind: str
    shown: Json
    method: str
    ts: str = ""

    @property
    def elements(self) -> list[Json]:
        """Everything to press or fill in."""
        return [e for _block, e in elements(self.shown.get("blocks") or [])]


def surfaces(town: Town) -> Iterator[Surface]:
    """Everything shown so far, in order, refused or not."""
    for entry in town.slack.log:
        if entry.direction == "to_bot":
            yield from _answered(entry)
            continue
        given = {k: _decoded(v) if k in ("blocks", "view") else v for k, v in entry.request.items()}
        if entry.what.startswith("views."):
            yield Surface(given["view"]["type"], given["view"], entry.what)
        elif entry.what in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
            ts = entry.answer.get("ts", "") if entry.what == "chat.postMessage" else ""
            yield Surface("message", given, entry.what, ts)
        elif entry.what == "response_url" and not given.get("delete_original"):
            yield Surface("message", given, entry.what)


def _answered(entry: Any) -> Iterator[Surface]:
    answer = entry.answer if isinstance(entry.answer, dict) else {}
    if "view" in answer:
        yield Surface(answer["view"]["type"], answer["view"], "answer")
    elif "text" in answer:
        yield Surface("message", answer, "answer")


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def a_cast(world: World) -> tuple[Character, ...]:
    """Six interns and six mentors of whom each does something the others do not."""

    def intern(one: who.Somebody, *asks: str, **habits: Any) -> Character:
        profile = LEARNERS.get(one) or LEARNERS[who.ANA]
        return Character(world.called(one), world.learner(profile), asks, **habits)

    def mentor(one: who.Somebody, **habits: Any) -> Character:
        return Character(world.called(one), world.helper(HELPERS[one]), **habits)

    return (
        intern(who.ANA, "Mia"),
        intern(who.CHO, "Ben", plans=1, thanks="write", shares="coordinator"),
        intern(who.DEV, "Ravi", plans=2, met="no", scores=("222",)),
        intern(who.EMMA, "Lea", thanks="skip"),
        intern(who.FELIX, "Nora", scores=("",)),
        intern(who.HUGO, "Tom", met="", plans=3, skips=True),
        mentor(who.BEN, thanks="write", scores=("333",), tells="nobody"),
        mentor(who.MIA, declines=("Ana",)),
        mentor(who.TOM, met=""),
        mentor(who.LEA, overlooks=("Emma",)),
        mentor(who.RAVI, scores=("444", "221"), tells="both"),
        mentor(who.NORA),
    )


class Tour:
    """One programme of six weeks, in which everything happens that can."""

    def __init__(self, town: Town, world: World) -> None:
        priya = world.called(who.PRIYA)
        self.life = Life(town, a_cast(world), priya, words=world.words, cares=False)
        self.town, self.world = town, world
        self.ola, self.ken = world.called(who.OLA), world.called(who.KEN)
        self.grace = world.called(who.GRACE)
        self._opened: set[tuple[str, str, str]] = set()

    def seat(self, one: who.Somebody) -> Seat:
        found: Seat = self.town.seat(one.id)
        return found

    @property
    def everybody(self) -> list[who.Somebody]:
        return [
            self.life.coordinator,
            self.ola,
            self.ken,
            self.grace,
            *(c.who for c in self.life.cast),
        ]

    def until(self, month: int, day: int, hour: int = 12) -> None:
        self.life.live(datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC))

    def take(self) -> None:
        """The whole of it."""
        life = self.life
        life.move_in()
        for one in (self.ola, self.ken, self.grace):
            self.town.slack.add_person(
                one.id, name=one.handle, real_name=one.name, title=one.title, tz=one.zone
            )
        self.town.slack.change_person(self.ola.id, is_admin=True, is_owner=True)
        self.look_everywhere()  # there is no cohort yet
        life.found(STARTS, WEEKS, also=(self.ola,))
        self.again()  # nobody is in it
        self._fill()
        self._ask()
        self._meet()
        self._care_for()
        self._finish()

    def again(self) -> None:
        """Look at everything, also at what has been looked at before."""
        self._opened.clear()
        self.look_everywhere()

    def press(self, one: who.Somebody, action: str, value: str | None = None) -> Seat:
        """Press the newest button of that action, wherever this person sees it."""
        seat = self.seat(one)
        for message in reversed(self._messages(seat)):
            for block, element in elements(message.blocks):
                if element.get("action_id") == action and (
                    value is None or value in str(element.get("options"))
                ):
                    chosen = next(
                        (
                            o["value"]
                            for o in element.get("options", ())
                            if o["value"].startswith(value or "")
                        ),
                        None,
                    )
                    done(seat.click(message, action, chosen, block["block_id"]))
                    self.town.settle()
                    return seat
        raise AssertionError(f"{one.handle} sees no {action}")

    def _fill(self) -> None:
        """People join: some at once, one not this time, one without a profile."""
        life = self.life
        life.add_people()
        seat = self.seat(life.coordinator)
        done(seat.command("/cohort", "people"))
        done(seat.submit({"interns": [who.GRACE.id], "mentors": [self.ken.id]}))
        seat.close()
        self.until(6, 2, 20)
        self.again()
        self.press(self.ken, "membership.decline")
        life.write_profiles()
        self.until(6, 3)
        done(seat.command("/cohort", "people"))
        done(seat.click(seat.modal, "people.remind"))
        close_all(seat)
        done(seat.command("/cohort", "settings"))
        done(seat.submit({"contacts": life.words.contacts}))
        close_all(seat)
        self.until(6, 4)

    def _ask(self) -> None:
        life = self.life
        for one in life.cast:
            if one.asks:
                life.ask(one.who, *one.asks)
        self.look_everywhere()
        emma = self.seat(who.EMMA)
        done(emma.command("/mentor-request"))
        done(emma.click(emma.modal, "request.withdraw"))
        close_all(emma)
        life.ask(who.EMMA, "Lea")
        self.until(6, 5, 18)
        self.again()
        self.press(who.ANA, "request.help")
        close_all(self.seat(who.ANA))
        self.until(6, 8, 18)

    def _meet(self) -> None:
        life, ana = self.life, self.seat(who.ANA)
        self.until(6, 10, 18)  # somebody has planned, somebody has met
        self.again()
        cho = self.press(who.CHO, "meeting.move")
        done(cho.submit())
        close_all(cho)
        self.until(6, 11, 17)
        self.press(who.CHO, "meeting.cancel")
        for option in ("pause", "why"):
            self.press(who.ANA, "letter.menu", option)
        self.press(who.ANA, "letters.resume")
        ana.write("hello")
        self.until(6, 16, 18)
        self.again()
        life.take_leave(who.EMMA, date(2026, 6, 22), date(2026, 6, 29))
        self._pair_by_hand()
        self._end_a_pairing()
        self.until(6, 20)

    def _pair_by_hand(self) -> None:
        seat = self.seat(self.life.coordinator)
        done(seat.command("/cohort", "people"))
        done(seat.click(seat.modal, "pairing.byhand"))
        done(seat.submit({"intern": who.GRACE.id, "mentor": who.LEA.id}))
        close_all(seat)

    def _end_a_pairing(self) -> None:
        """Hugo's and Tom's: Tom has room for Ana then."""
        seat = self.seat(self.life.coordinator)
        for message in self._messages(seat):
            for block, element in elements(message.blocks):
                if element.get("action_id") == "pairing.menu" and "Hugo" in message.text:
                    end = element["options"][0]["value"]
                    done(seat.click(message, "pairing.menu", end, block["block_id"]))
                    done(seat.submit({"reason": "match_changed"}))
                    close_all(seat)
                    self.town.settle()
                    return
        raise AssertionError("no line about Hugo's pairing")

    def _care_for(self) -> None:
        priya = self.life.coordinator
        self.until(6, 23, 18)
        self.again()
        self.press(priya, "concern.take")
        self.press(priya, "concern.hand_back")
        self.press(priya, "concern.snooze", "1.")
        self.press(priya, "concern.wake")
        self.press(priya, "concern.take")
        self.press(priya, "concern.talked")
        self.again()
        seat = self.press(priya, "concern.clear")
        done(seat.submit({"note": self.life.words.note}))
        close_all(seat)
        self.until(7, 1, 18)
        self.again()

    def _finish(self) -> None:
        life = self.life
        self.town.slack.faults.error(
            "chat.postMessage", "restricted_action", when=lambda call: call["channel"] == who.BEN.id
        )
        seat = self.seat(who.CHO)
        done(seat.command("/mentor", "thanks"))
        done(seat.submit({"to": who.BEN.id, "words": life.words.thanks}))
        close_all(seat)
        self.town.settle()
        life.leave_slack(who.NORA)
        self.until(7, 8, 18)
        self.again()
        self.until(7, 21)
        self.again()

    # ---- looking

    def look_everywhere(self) -> None:
        """Everybody opens their Home tab and types every word; then whatever opens, opens."""
        for one in self.everybody:
            if one.id in self.life.gone:
                continue
            seat = self.seat(one)
            seat.open_home()
            self._open_all(seat, seat.home)
            for name, *words in (
                ("/mentor", "", "profile", "meet", "thanks", "leave", "help", "meat <!channel>"),
                ("/cohort", "", "people", "status", "digest", "settings", "new", "help", "stat"),
                ("/mentor-request", "", "help"),
            ):
                for word in words:
                    assert seat.command(name, word).ok
                    self._open_all(seat, seat.modal)
                    close_all(seat)
            for message in self._messages(seat):
                self._open_all(seat, message)
        self.town.settle()

    def _messages(self, seat: Seat) -> list[Message]:
        places = [seat.dm, *(seat.messages(g) for g in seat.groups)]
        return [m for p in (*places, seat.messages(self.town.channel.id)) for m in p if m.blocks]

    def _open_all(self, seat: Seat, where: Any) -> None:
        """Press each kind of opener once per person and kind of place, and look inside."""
        if where is None or len(seat.modals) > 2:
            return
        blocks = where.blocks if isinstance(where, Message) else where["blocks"]
        place = "message" if isinstance(where, Message) else where["callback_id"] or where["type"]
        for block, element in list(elements(blocks)):
            for value in _openings(element):
                choice = "" if element["type"] == "button" else value.split(".")[0]
                pressed = (seat.id, place, f"{element['action_id']}:{choice}")
                if pressed in self._opened:
                    continue
                self._opened.add(pressed)
                open_before = {view["id"]: view["hash"] for view in seat.modals}
                outcome = seat.click(where, element["action_id"], value or None, block["block_id"])
                assert outcome.ok, (pressed, outcome.says)
                top = seat.modal
                if top is not None and open_before.get(top["id"]) != top["hash"]:
                    self._open_all(seat, top)
                while seat.modal and seat.modal["id"] not in open_before:
                    seat.close()
                if open_before.get(seat.modal["id"] if seat.modal else "") != (
                    seat.modal["hash"] if seat.modal else None
                ):
                    return  # it was drawn anew


def _openings(element: Json) -> list[str]:
    """The values to press: of a button its own, of a menu each option that only opens."""
    if element["type"] == "overflow":
        values = [str(o["value"]) for o in element["options"]]
        return [value for value in values if value.split(".")[0] in OPENING]
    if element.get("action_id") not in OPENERS:
        return []
    if element["type"] == "button":
        return [str(element.get("value", ""))]
    if element["type"] == "static_select":
        return [str(o["value"]) for o in element["options"]]
    return []
