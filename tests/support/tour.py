"""A tour of everything the bot says: one short programme in which each thing happens once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot import outbox
from bot.cohort import undelivered
from bot.demo import people as who
from bot.demo.prelude import HELPERS, LEARNERS
from bot.digest import backlog
from bot.digest.messages import DIGEST
from bot.outbox import stopped
from bot.outbox.model import Instance
from bot.sandbox.conversations import Message, elements
from bot.sandbox.seat import Seat
from tests.support import people
from tests.support.curious import Curious
from tests.support.lives import Character, Life, close_all, done
from tests.support.longest import World, worst_name
from tests.support.town import Town

Json = dict[str, Any]
BERLIN = ZoneInfo("Europe/Berlin")
STARTS = date(2026, 6, 8)
WEEKS = 6

# What is typed, by a coordinator, a stranger, and people in each state of a request and a pair.
COMMANDS = (
    *("/mentor", "/mentor profile", "/mentor meet", "/mentor thanks", "/mentor leave"),
    *("/mentor help", "/mentor meat <!channel>", "/mentor-request", "/mentor-request help"),
    *("/cohort", "/cohort people", "/cohort status", "/cohort digest", "/cohort settings"),
    *("/cohort new", "/cohort help", "/cohort stat"),
)
TYPE = {one.id for one in (who.PRIYA, who.KEN, who.ANA, who.CHO, who.BEN, who.EMMA, who.HUGO)}


def a_cast(world: World) -> tuple[Character, ...]:
    """Six interns and six mentors of whom each does something the others do not."""

    def intern(one: who.Somebody, *asks: str, **habits: Any) -> Character:
        profile = LEARNERS.get(one) or LEARNERS[who.ANA]
        return Character(world.called(one), world.learner(profile), asks, **habits)

    def mentor(one: who.Somebody, **habits: Any) -> Character:
        return Character(world.called(one), world.helper(HELPERS[one]), **habits)

    return (
        intern(who.ANA, "Mia"),
        intern(who.CHO, "Ben", plans=1, thanks="write", shares="coordinator", finishes=False),
        intern(who.DEV, "Ravi", plans=2, met="no", scores=("222",)),
        intern(who.EMMA, "Lea", thanks="skip"),
        intern(who.FELIX, "Nora", scores=("",)),
        intern(who.HUGO, "Tom", met="", plans=3, skips=True),
        mentor(who.BEN, thanks="write", thanked=who.CHO.id, scores=("333",), tells="nobody"),
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
        self._curious = Curious()

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
        self._curious.forget()
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
        """People join: some at once, one not this time, one without a profile, and one who
        turns out to be a bot."""
        life = self.life
        robot = "U0ROBOT"
        life.add_people()
        seat = self.seat(life.coordinator)
        done(seat.command("/cohort", "people"))
        self.town.slack.add_person(robot, name="robot", real_name="Robot", is_bot=True)
        # Slack cannot tell at once; it does when it is asked again.
        self.town.slack.faults.error(
            "users.info", "internal_error", when=lambda call: call["user"] == robot
        )
        done(seat.submit({"interns": [who.GRACE.id], "mentors": [self.ken.id, robot]}))
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
        self.until(6, 4, 22)
        self.look_everywhere(life.coordinator)  # an acceptance can still be undone
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
        done(seat.submit({"intern": who.GRACE.id, "mentor": who.BEN.id}))
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
        self.until(7, 2, 9)
        self._write_a_long_summary()
        self._begin_to_remove()
        self._no_room()
        life.leave_slack(who.NORA)
        self.until(7, 8, 18)
        self.again()
        self.until(7, 21)
        self.again()
        self._crowd()

    def _write_a_long_summary(self) -> None:
        """Three actions, one of them taken up again."""
        seat = self.press(who.CHO, "meeting.summary")
        for n in range(3):
            inputs = [b["block_id"] for b in (seat.modal or {})["blocks"] if b["type"] == "input"]
            what = next((name for name in inputs if name.startswith("what~")), None)
            if what is not None:
                seat.fill({what: f"{n} {self.life.words.action}"[:200]})
                done(seat.click(seat.modal, "summary.add"))
        done(seat.click(seat.modal, "summary.edit"))
        done(seat.submit())
        close_all(seat)

    def _begin_to_remove(self) -> None:
        """The question before somebody is taken out, and back to the list."""
        seat = self.seat(self.life.coordinator)
        done(seat.command("/cohort", "people"))
        view = seat.modal or {}
        row, menu = next((b, e) for b, e in elements(view["blocks"]) if e["type"] == "overflow")
        value = menu["options"][-1]["value"]
        done(seat.click(view, menu["action_id"], value, row["block_id"]))
        done(seat.click(seat.modal, "people.back"))
        close_all(seat)

    def _no_room(self) -> None:
        """A mentor has made room smaller while an intern asks, and says yes all the same."""
        lea = self.seat(who.LEA)
        self.life.ask(who.HUGO, "Lea")
        self.town.settle()
        done(lea.command("/mentor", "profile"))
        done(lea.submit({"capacity": "0"}))
        done(lea.submit())
        done(lea.submit())
        close_all(lea)
        self.press(who.LEA, "offer.accept")

    def _crowd(self) -> None:
        """A second cohort of thirty pairs that never meet, and letters that do not arrive."""
        town, name = self.town, self.world.words.cohort
        with town.db.begin() as session:
            starts = date(2026, 7, 20)
            first, other = (
                people.a_cohort(
                    session, f"{name[:70]} {nth}", channel=town.channel.id, starts_on=starts
                )
                for nth in ("two", "three")
            )
            for cohort in (first, other):
                people.a_coordinator(session, cohort, "Priya Nair")
                people.an_intern(session, cohort, "Ana Silva")
            for n in range(30):
                called = [f"{role}{n} Crowd" for role in ("Intern", "Mentor")]
                shown = [worst_name(one) if self.world.worst else one for one in called]
                for one, real in zip(called, shown, strict=True):
                    handle = one.split()[0].lower()
                    town.slack.add_person(
                        f"U0{handle.upper()}", name=handle, real_name=real, tz="Europe/Berlin"
                    )
                people.a_pairing(
                    session,
                    people.an_intern(session, first, called[0]),
                    people.a_mentor(session, first, called[1], zone="Europe/Berlin"),
                    now=town.clock(),
                )
        town.slack.faults.error(
            "chat.postMessage",
            "restricted_action",
            times=15,
            when=lambda call: str(call["channel"]).startswith("U0INTERN"),
        )
        with town.db.begin() as session:
            workspace, channel = first.workspace_id, first.channel
            stopped.stop(session, workspace, channel, "is_archived", town.clock())
            undelivered.channel_stopped(session, workspace, channel, "is_archived", town.clock())
        town.settle()
        with town.db.begin() as session:
            stopped.open_again(session, channel)
            # Nobody was at work for two days, and a digest fell due meanwhile.
            now = town.clock()
            session.execute(
                sa.update(Instance).values(away_from=now - timedelta(days=2), away_until=now)
            )
            outbox.post(
                session,
                DIGEST,
                key="digest of the time away",
                workspace_id=workspace,
                cohort_id=first.id,
                channel=channel,
                subject=first.id,
                due_at=now - timedelta(days=1),
                now=now,
            )
            backlog.tell(session, workspace, now)
        town.settle()
        self.until(8, 5, 18)
        self._curious.forget()
        self.look_everywhere(self.life.coordinator, who.ANA)
        seat = self.seat(who.ANA)
        done(seat.command("/mentor-request"))
        done(
            seat.submit(
                {"cohort": (seat.modal or {})["blocks"][1]["element"]["options"][0]["value"]}
            )
        )
        done(seat.submit())
        close_all(seat)

    # ---- looking

    def look_everywhere(self, *people: who.Somebody) -> None:
        """Everybody (or only these) opens their Home tab, some type every word; then whatever
        opens, opens."""
        for one in people or self.everybody:
            if one.id in self.life.gone:
                continue
            seat = self.seat(one)
            seat.open_home()
            self._curious.open(seat, seat.home)
            for command in COMMANDS if one.id in TYPE else ():
                name, _space, word = command.partition(" ")
                assert seat.command(name, word).ok
                self._curious.open(seat, seat.modal)
                close_all(seat)
            for message in self._messages(seat):
                self._curious.open(seat, message)
        self.town.settle()

    def _messages(self, seat: Seat) -> list[Message]:
        places = [seat.dm, *(seat.messages(g) for g in seat.groups)]
        return [m for p in (*places, seat.messages(self.town.channel.id)) for m in p if m.blocks]
