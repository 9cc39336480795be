"""Who reads what people write: distinctive words go in everywhere, and come out only where they
were meant to. Nobody else's screen ever holds them, and no line of the log."""

import io
import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from bot import logs
from bot.sandbox.conversations import elements
from bot.sandbox.delivery import Answer, Delivery, to_bolt_app
from tests.support import people
from tests.support.town import Town

ANA, BEN, MIA, CHO, PRIYA, KEN = "U0ANA", "U0BEN", "U0MIA", "U0CHO", "U0PRIYA", "U0KEN"
# What is written: by whom, and who else may read it.
WRITTEN: dict[str, tuple[str, set[str]]] = {
    "saffrongoal": (ANA, {BEN, MIA}),  # the mentors who were asked
    "saffronline": (ANA, {BEN, MIA}),
    "saffronnote": (ANA, {MIA}),  # in the first-meeting kit
    "saffronplace": (ANA, {MIA}),
    "saffroninsight": (ANA, {MIA}),
    "saffronaction": (ANA, {MIA}),
    "saffronnobody": (ANA, set()),
    "saffronpair": (MIA, {ANA}),
    "saffronchannel": (CHO, {PRIYA}),
    "saffronthanks": (ANA, {BEN}),
    "saffronconcern": (PRIYA, {PRIYA}),
}
EVERYBODY = (ANA, BEN, MIA, CHO, "U0DEV", "U0TOM", PRIYA, KEN)
LOW = {"open_with": "1", "agree": "1", "moved_forward": "1"}
ROUND_OPENS = datetime(2026, 6, 17, 8, 0, tzinfo=UTC)


class Screens:
    """Everything that ever reached each person's screen, also what was edited away since."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.seen: dict[str, list[str]] = defaultdict(list)
        self._bot = to_bolt_app(town.app)
        self._call = town.slack.answer
        town.slack.answer = self._answer  # type: ignore[method-assign]
        town.slack.connect(self._deliver)

    def _deliver(self, request: Delivery) -> Answer:
        answer = self._bot(request)
        payload = request.payload
        user = payload.get("user") or payload.get("user_id")
        slack_id = user["id"] if isinstance(user, dict) else user
        if slack_id:
            self.seen[slack_id].append(answer.body)
        self._look()
        return answer

    def _look(self) -> None:
        for slack_id, stack in list(self.town.slack.views.stacks.items()):
            self.seen[slack_id] += [json.dumps(view["blocks"]) for view in stack]

    def _answer(self, method: str, args: Any, token: str | None) -> Any:
        answer = self._call(method, args, token)
        for slack_id in self._readers(args):
            self.seen[slack_id].append(f"{method} {json.dumps(args, default=str)}")
        self._look()
        return answer

    def _readers(self, args: Any) -> list[str]:
        if args.get("user") or args.get("user_id"):
            return [str(args.get("user") or args["user_id"])]
        where = str(args.get("channel") or "")
        conversation = self.town.slack.conversations.get(where)
        return list(conversation.members) if conversation else [where]

    def of(self, slack_id: str) -> str:
        return "\n".join(self.seen[slack_id])


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = [(one, one.level, [*one.handlers]) for one in (root, ours)]
    stream = io.StringIO()
    logs.configure("DEBUG", stream=stream)
    yield stream
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture
def screens(small_town: Town, lines: io.StringIO) -> Screens:
    """Five weeks in which everybody writes something private."""
    town, found = small_town, Screens(small_town)
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort, "Priya Nair")
        people.an_intern(session, cohort, "Ana Silva", profile=False)
        cho = people.an_intern(session, cohort, "Cho Park", zone="Europe/Berlin")
        people.an_intern(session, cohort, "Dev Rao")
        people.a_mentor(session, cohort, "Ben Ito", capacity=2)
        people.a_mentor(session, cohort, "Mia Chen")
        tom = people.a_mentor(session, cohort, "Tom Okafor")
        people.a_pairing(session, cho, tom)
    _ask(town)
    _meet(town)
    _check_in(town)
    _thank_and_clear(town)
    _look_around(town)
    return found


def _ask(town: Town) -> None:
    ana, ben, mia = (town.seat(one) for one in (ANA, BEN, MIA))
    ana.command("/mentor", "profile")
    ana.submit({"goal_1": "saffrongoal", "skills_1": ["presenting"]})
    ana.submit({"values": ["craft"]})
    assert ana.submit({"note": "saffronnote"}).ok
    ana.command("/mentor-request")
    ana.submit()
    for name in ("Ben", "Mia"):
        button = next(
            element
            for block, element in elements(ana.modal["blocks"])
            if element["action_id"] == "choice.add" and name in block["text"]["text"]
        )
        ana.click(ana.modal, "choice.add", button["value"])
    assert ana.submit({"line": "saffronline"}).result == "updated"
    town.live(hours=2)
    ben.click(ben.dm[-1], "offer.decline")
    assert ben.submit({"reason": "skills"}).ok
    town.live(hours=2)
    assert mia.click(mia.dm[-1], "offer.accept").ok
    town.live(hours=2)
    [group] = mia.groups
    assert mia.click(mia.messages(group)[-1], "pairing.kit").ok
    mia.close()


def _meet(town: Town) -> None:
    ana = town.seat(ANA)
    ana.command("/mentor", "meet")
    form = {"date": "2026-06-09", "time": "15:00", "minutes": "30", "place": "saffronplace"}
    assert ana.submit(form).ok
    town.live(until=datetime(2026, 6, 9, 15, 0, tzinfo=UTC))
    asked = next(m for m in reversed(ana.dm) if "Yes, we met" in m.button_labels)
    ana.click(asked, "meeting.yes")
    assert ana.submit({"insight": "saffroninsight", "what~0": "saffronaction"}).ok
    town.live(until=ROUND_OPENS)


def _check_in(town: Town) -> None:
    town.live(days=1, hours=6)
    for slack_id, wish, audience in (
        (ANA, "saffronnobody", "nobody"),
        (CHO, "saffronchannel", "coordinator"),
        (MIA, "saffronpair", "pair"),
    ):
        seat = town.seat(slack_id)
        letter = next(m for m in reversed(seat.dm) if "Answer" in m.button_labels)
        seat.click(letter, "check_in.answer")
        assert seat.submit(LOW | {"wish": wish, "wish_for": audience}).ok
        if seat.modal and seat.modal.get("submit"):
            seat.submit()
        seat.close(clear=True) if seat.modal else None
    town.live(days=7)


def _thank_and_clear(town: Town) -> None:
    ana, priya = town.seat(ANA), town.seat(PRIYA)
    ana.command("/mentor", "thanks")
    assert ana.submit({"to": BEN, "words": "saffronthanks"}).ok
    town.live(days=4)
    for message in reversed(town.channel_messages()):
        if any(e["action_id"] == "concern.clear" for _block, e in elements(message.blocks)):
            priya.click(message, "concern.clear")
            assert priya.submit({"note": "saffronconcern"}).ok
            break
    town.live(days=14)


def _look_around(town: Town) -> None:
    """Everybody opens everything there is to open."""
    for slack_id in EVERYBODY:
        seat = town.seat(slack_id)
        for name, text in (
            ("/mentor", ""),
            ("/mentor", "profile"),
            ("/mentor", "meet"),
            ("/mentor", "thanks"),
            ("/mentor-request", ""),
            ("/cohort", ""),
            ("/cohort", "people"),
            ("/cohort", "status"),
            ("/cohort", "digest"),
            ("/cohort", "settings"),
        ):
            seat.command(name, text)
        seat.open_home()
    town.settle()


def test_private_words_reach_only_whom_they_were_meant_for(screens: Screens) -> None:
    for words, (writer, readers) in WRITTEN.items():
        leaked = [one for one in EVERYBODY if one not in readers | {writer}]
        assert [one for one in leaked if words in screens.of(one)] == [], words
        assert [one for one in readers if words not in screens.of(one)] == [], words


def test_coordinators_learn_neither_rankings_nor_who_declined(screens: Screens) -> None:
    said = screens.of(PRIYA)
    assert "choice" not in said.replace("choice.", "")
    assert "declin" not in said
    assert "Ana Silva and Ben" not in said


def test_nobody_tells_the_intern_that_a_mentor_declined(screens: Screens) -> None:
    assert "declin" not in screens.of(ANA)


def test_no_line_of_the_log_holds_words_tokens_or_addresses(
    screens: Screens, lines: io.StringIO
) -> None:
    town = screens.town
    # What breaks is logged with where it broke, never with the row.
    town.slack.faults.http("chat.postMessage", 500, times=3)
    town.slack.faults.error("chat.postMessage", "internal_error", times=3)
    with town.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE thanks RENAME TO gone")
    ana = town.seat(ANA)
    ana.command("/mentor", "thanks")
    ana.submit({"to": BEN, "words": "saffronagain"})
    town.live(days=2)
    logged = lines.getvalue()
    assert "event=refused" in logged
    for secret in ("saffron", town.slack.bot_token, "hooks.sandbox", "response_url", "xoxb"):
        assert secret not in logged
    assert not [line for line in logged.splitlines() if "trigger_id" in line]
