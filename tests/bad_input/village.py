"""A village of people who have used the bot for three weeks.

The demo's people and the demo's story, in process: rows of nearly every kind, a second cohort
with its own coordinator, somebody who was removed, somebody whose account is off, a stranger.
`possible()` is every payload that anybody's Slack could send now; `pose` sends one as somebody
else.
"""

import copy
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot import program
from bot.app import build_app
from bot.clock import MovableClock
from bot.cohort import roster
from bot.cohort.model import Cohort, MembershipState, Person
from bot.cohort.model import Workspace as Stand
from bot.database import Base, Database
from bot.demo import people as who
from bot.demo.acts import ask_for, press
from bot.demo.prelude import play
from bot.manifest import build as manifest
from bot.sandbox import payloads
from bot.sandbox.conversations import elements
from bot.sandbox.delivery import Answer, Delivery, RequestKind, to_bolt_app
from bot.sandbox.inputs import action_of, is_stateful, options_of
from bot.sandbox.people import Person as Someone
from bot.sandbox.workspace import Workspace
from bot.settings import Settings
from tests.support import people
from tests.support.town import PATIENCE

Json = dict[str, Any]
BEGINNING = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)

STRANGER, REMOVED, DEACTIVATED, OTHER_COORDINATOR = "U0KEN", "U0IVO", "U0DORA", "U0ROSA"
OTHER_INTERN, OTHER_MENTOR, COORDINATOR = "U0CHO", "U0BEN", "U0PRIYA"
OTHER_TEAM = "T0ELSEWHERE"


@dataclass(frozen=True)
class Possible:
    """Something a person can do now: the payload, and whose screen it is on."""

    kind: RequestKind
    what: str
    owner: str
    payload: Json


class Village:
    """The workspace and the bot in it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = MovableClock(BEGINNING)
        self.slack = Workspace(self.clock, patience=PATIENCE)
        who.move_in(self.slack)
        for slack_id, name in (
            (REMOVED, "Ivo"),
            (DEACTIVATED, "Dora"),
            (OTHER_COORDINATOR, "Rosa"),
        ):
            self.slack.add_person(slack_id, name=name.lower(), real_name=f"{name} Sato")
        self.slack.install_manifest(manifest())
        self.client = self.slack.client()
        self.settings = Settings(
            bot_token=self.slack.bot_token,
            signing_secret=self.slack.signing_secret,
            app_token=self.slack.app_token,
            coordinators=(),
        )
        self.app = build_app(self.settings, db, self.clock, self.client)  # type: ignore[arg-type]
        self.events: dict[str, Json] = {}
        self.screens: dict[Any, tuple[str, Json]] = {}
        self._to_bot = to_bolt_app(self.app)
        self.slack.connect(self._deliver)
        self.runner = program.build_runner(db, self.client, self.clock)
        with db.begin() as session:
            roster.ensure_workspace(session, self.client.auth_test().data, self.clock())  # type: ignore[arg-type]

    def seat(self, slack_id: str) -> Any:
        """Somebody's Slack."""
        return self.slack.seat(slack_id)

    def live_until(self, end: datetime) -> None:
        """Let time pass."""
        self.runner.run_until(self.clock, end)

    def settle(self) -> None:
        """Do what is due now."""
        self.runner.tick()

    # ---- the story

    def live_three_weeks(self) -> None:
        """The demo's story, and people who are in nobody's good books."""
        play(self)  # type: ignore[arg-type]
        self._more_people()
        self._more_acts()
        self.settle()

    def _more_people(self) -> None:
        now = self.clock()
        with self.db.begin() as session:
            mine = session.scalars(sa.select(Cohort)).one()
            other = people.a_cohort(
                session, "Autumn interns", channel="C0ELSEWHERE", now=now, workspace=None
            )
            people.a_coordinator(session, other, "Rosa Sato")
            ivo = people.an_intern(session, mine, "Ivo Sato")
            ivo.state, ivo.left_at = MembershipState.LEFT, now
            people.a_mentor(session, mine, "Dora Sato")
            elsewhere = people.a_workspace(session, OTHER_TEAM)
            far = people.a_cohort(session, "Far interns", workspace=elsewhere, now=now)
            people.an_intern(session, far, "Zoe Far")
            people.a_coordinator(session, far, "Yan Far")
        self.slack.deactivate(DEACTIVATED)

    def _more_acts(self) -> None:
        """What the story leaves out: a summary, thanks, leave, a plan, a request on its way."""
        slack = self.slack
        felix, emma, lea, nora = (slack.seat(f"U0{n}") for n in ("FELIX", "EMMA", "LEA", "NORA"))
        press(slack, who.FELIX, "meeting.summary")
        felix.fill({"insight": "Small charts.", "what~0": "Draw one"})
        felix.click(felix.modal, "summary.add")
        felix.submit()
        emma.command("/mentor", "thanks")
        emma.submit({"to": "U0LEA", "words": "For your patience."})
        emma.command("/mentor", "meet")
        emma.submit({"date": "2026-07-01", "time": "14:00", "minutes": "30"})
        lea.command("/mentor", "leave")
        lea.submit({"first": "2026-07-06", "back": "2026-07-10"})
        self.settle()
        press(slack, who.NORA, "meeting.summary") if _has(nora, "meeting.summary") else None
        self.live_until(self.clock() + timedelta(days=2, hours=5))
        ask_for(slack, who.DEV, who.RAVI)
        self.live_until(self.clock() + timedelta(hours=3))

    # ---- everything anybody could do now

    def _deliver(self, request: Delivery) -> Answer:
        """The bot's answer; every form that appears on a screen is remembered."""
        if request.kind == "events_api":
            self.events[request.what] = copy.deepcopy(request.payload)
        answer = self._to_bot(request)
        for slack_id, stack in list(self.slack.views.stacks.items()):
            for view in stack:
                blocks = tuple(block["block_id"] for block in view["blocks"])
                key = slack_id, view["callback_id"], blocks
                if key not in self.screens:
                    self.screens[key] = slack_id, copy.deepcopy(view)
        return answer

    def open_forms(self) -> None:
        """People open what their commands and buttons open, and leave it open."""
        priya = self.slack.seat(COORDINATOR)
        for word in ("new", "settings", "status", "people", ""):
            priya.command("/cohort", word)
        for action in ("people.row", "status.row"):
            for one in self.possible():
                if one.what == action and one.owner == COORDINATOR:
                    self.slack.send(one.kind, one.what, self.fresh(one))
        for message in priya.messages(self._coordinators()):
            for _block, element in elements(message.blocks):
                if element["action_id"] in ("concern.clear", "pairing.byhand"):
                    priya.click(message, element["action_id"], element.get("value"))
                if element["action_id"] == "pairing.menu":
                    for option in options_of(element):
                        priya.click(message, "pairing.menu", option["value"])
        for slack_id, name, text in (
            ("U0ANA", "/mentor", "profile"),
            ("U0EMMA", "/mentor", "meet"),
            ("U0RAVI", "/mentor", "profile"),
            ("U0HUGO", "/mentor-request", ""),
            ("U0CHO", "/mentor-request", ""),
            ("U0NORA", "/mentor", "leave"),
            ("U0LEA", "/mentor", "leave"),
            ("U0LEA", "/mentor", "thanks"),
        ):
            self.slack.seat(slack_id).command(name, text)
        self.slack.seat("U0ANA").command("/mentor-request")
        self.slack.seat("U0ANA").submit()
        for slack_id, action in (
            ("U0RAVI", "offer.decline"),
            ("U0EMMA", "check_in.answer"),
            ("U0BEN", "welcome.menu"),
        ):
            for message in reversed(self.slack.seat(slack_id).dm):
                for _block, element in elements(message.blocks):
                    if element["action_id"] == action:
                        chosen = [
                            o["value"] for o in options_of(element) if "decline" in o["value"]
                        ]
                        self.slack.seat(slack_id).click(message, action, *chosen)
        for person in (who.PRIYA, *who.INTERNS, *who.MENTORS):
            self.slack.seat(person.id).open_home()
        self.slack.seat("U0EMMA").write("Hello, bot")
        self.slack.change_zone("U0EMMA", "Europe/Madrid")
        self.settle()

    def _coordinators(self) -> str:
        return next(c.id for c in self.slack.conversations.values() if c.name == who.CHANNEL)

    def possible(self) -> list[Possible]:
        """One payload for every different thing that stands on a screen."""
        found: dict[tuple[Any, ...], Possible] = {}
        for one in self._possible():
            action = (one.payload.get("actions") or [{}])[0]
            said = action.get("value") or (action.get("selected_option") or {}).get("value")
            place = (one.payload.get("view") or {}).get("type", "message")
            key = one.what, said, place, "actions" in one.payload
            found.setdefault(key, one)
        return list(found.values())

    def _possible(self) -> Iterator[Possible]:
        for slack_id, person in list(self.slack.people.items()):
            if slack_id in (self.slack.bot_user_id, "USLACKBOT"):
                continue
            for conversation in list(self.slack.conversations.values()):
                if slack_id in conversation.members:
                    for message in conversation.visible_to(slack_id):
                        place = payloads.in_message(self.slack, person, message)
                        yield from self._clicks(person, message.blocks, place)
            views = [view for owner, view in self.screens.values() if owner == slack_id]
            if home := self.slack.views.homes.get(slack_id):
                views.append(home)
            for view in views:
                yield from self._clicks(person, view["blocks"], payloads.in_view(view))
                if view.get("submit"):
                    payload = payloads.view_submission(self.slack, person, filled(view))
                    yield Possible("interactive", view["callback_id"], slack_id, payload)

    def _clicks(self, person: Someone, blocks: list[Json], place: Json) -> Iterator[Possible]:
        for block, element in elements(blocks):
            if block["type"] == "input" and not block.get("dispatch_action"):
                continue
            for action in _actions(block, element):
                payload = payloads.block_actions(self.slack, person, place, action)
                yield Possible(
                    "interactive", element["action_id"], person.id, copy.deepcopy(payload)
                )

    # ---- as somebody else

    def pose(self, one: Possible, slack_id: str, team: str | None = None) -> Answer:
        """Send this payload as another person, as a tampered client could."""
        payload = self.fresh(one, slack_id)
        if team is not None:
            payload["team"] = {"id": team, "domain": "elsewhere"}
            payload["user"]["team_id"] = team
        return self.slack.send(one.kind, one.what, payload)

    def fresh(self, one: Possible, slack_id: str = "") -> Json:
        """The payload as sent now, by its owner or by another person."""
        slack_id = slack_id or one.owner
        payload = copy.deepcopy(one.payload)
        if one.kind == "events_api":
            return payload | {"event_id": self.slack.next_id("Ev")}
        if one.kind == "slash_commands":
            payload |= {"user_id": slack_id, "trigger_id": self.slack.tickets.trigger(slack_id)}
            return payload
        payload["user"] = payloads.frame(self.slack, self.slack.people[slack_id])["user"]
        payload["trigger_id"] = self.slack.tickets.trigger(slack_id)
        if "response_url" in payload:
            where = self.slack.im(slack_id).id
            ticket = self.slack.tickets.respond(where, slack_id, self.clock())
            payload["response_url"] = self.slack.response_base + ticket
        return payload

    # ---- what is kept

    def kept(self, *, but: str = "", team: str | None = None) -> Json:
        """Every row of every table (of one team), but for what `but` alone sees."""
        return kept(self.db, but=but, team=team)


def kept(db: Database, *, but: str = "", team: str | None = None) -> Json:
    """Every row of every table. Home tabs and answers only `but` sees are left out, and `but`'s
    own row: that somebody was met, or paused their own letters, is no harm. Nor that a request was
    here."""
    found: Json = {}
    with db.read() as session:
        mine = set(session.scalars(sa.select(Person.id).where(Person.slack_id == but)))
        ours = session.scalar(sa.select(Stand.id).where(Stand.team_id == team))
        cursor = session.connection().connection.cursor()
        for table in Base.metadata.sorted_tables:
            if table.name == "delivery":
                continue
            # As they are stored: nothing is read into types.
            cursor.execute(f"SELECT * FROM {table.name} ORDER BY id")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            if ours is not None:
                rows = [row for row in rows if row.get("workspace_id", ours) == ours]
            if table.name == "person":
                rows = [row for row in rows if row["id"] not in mine]
            if table.name == "letter":
                rows = [row for row in rows if not _aside(row, mine)]
            found[table.name] = rows
    return found


def _aside(letter: Any, mine: set[int]) -> bool:
    return letter["kind"] == "home" or (letter["person_id"] in mine and letter["budget"] == "now")


def changed(before: Json, after: Json) -> list[str]:
    """Which tables differ, with the rows that are new."""
    return [
        f"{name}: {[row for row in after[name] if row not in before[name]][:2]}"
        for name in before
        if before[name] != after[name]
    ]


def filled(view: Json, words: str = "Words in every field.") -> Json:
    """The same form with something in every input: `words` where people write."""
    view = copy.deepcopy(view)
    values = view["state"]["values"]
    for block, element in elements(view["blocks"]):
        entry = values.get(block["block_id"], {}).get(element["action_id"])
        if entry is None:
            continue
        for key in [key for key in entry if not entry[key]]:
            found = _something(element, words)
            if key != "type" and found:
                entry[key] = found
    return view


def _something(element: Json, words: str) -> Any:
    kind = str(element["type"])
    options = options_of(element)
    known: dict[str, Any] = {
        "plain_text_input": words[: element.get("max_length", 3000)],
        "number_input": "3",
        "datepicker": "2026-07-01",
        "timepicker": "10:00",
        "users_select": "U0EMMA",
        "multi_users_select": ["U0EMMA", "U0MIA"],
        "conversations_select": "C0ELSEWHERE",
        "static_select": options[0] if options else None,
        "radio_buttons": options[0] if options else None,
        "checkboxes": options[:1],
        "multi_static_select": options[:1],
    }
    return known.get(kind)


def _actions(block: Json, element: Json) -> Iterator[Json]:
    ts = "1782111900.000100"
    if element["type"] == "overflow":
        for option in options_of(element):
            yield action_of(block, element, entry=None, value=option, ts=ts)
    elif is_stateful(element):
        for option in options_of(element)[:2]:
            entry = {"type": element["type"], "selected_option": option}
            yield action_of(block, element, entry=entry, value=None, ts=ts)
    else:
        yield action_of(block, element, entry=None, value=element.get("value"), ts=ts)


def _has(seat: Any, action: str) -> bool:
    return any(
        element.get("action_id") == action
        for message in seat.dm
        for _block, element in elements(message.blocks)
    )


def broke(lines: io.StringIO) -> list[str]:
    """The lines about what nobody had thought of."""
    return [line for line in lines.getvalue().splitlines() if "it_broke" in line]
