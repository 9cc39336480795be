"""The bot's own listeners behind the HTTP entrance: forged, stale, replayed and repeated."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.clock import epoch
from bot.cohort.model import Person
from bot.pairing.model import Offer, OfferState, Pairing
from bot.sandbox.conversations import elements
from bot.sandbox.delivery import Answer, Delivery
from bot.web import MOST_BYTES, Health, build_web
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town


class Wire:
    """Between Slack and the bot: what went over it can be sent again."""

    def __init__(self, town: Town) -> None:
        self.sent: list[Delivery] = []
        self._web = build_web(
            town.app,
            health=lambda: Health(database=True),
            signing_secret=town.slack.signing_secret,
        )
        town.slack.connect(self.deliver)

    def deliver(self, request: Delivery) -> Answer:
        self.sent.append(request)
        return self.post(request.body.encode(), dict(request.headers))

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._web)
            async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
                return await client.post("/slack/events", content=body, headers=headers)

        answer = asyncio.run(send())
        return Answer(answer.status_code, dict(answer.headers), answer.text)


@pytest.fixture
def wire(town: Town) -> Wire:
    """Ana has asked Ben, whose letter is there."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_mentor(session, cohort)
        scene.asking(session, cohort, "Ana Silva", "Ben")
    town.live(hours=2)
    return Wire(town)


def rows(town: Town, model: Any) -> int:
    with town.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def accept(town: Town) -> Any:
    ben = town.seat("U0BEN")
    letter = next(m for m in reversed(ben.dm) if "offer.accept" in str(m.blocks))
    _block, button = next(
        pair for pair in elements(letter.blocks) if pair[1]["action_id"] == "offer.accept"
    )
    return ben.click(letter, "offer.accept", button["value"])


def test_a_replayed_click_has_no_second_effect(town: Town, wire: Wire) -> None:
    assert accept(town).ok
    clicked = wire.sent[-1]
    town.settle()
    pairs, letters = rows(town, Pairing), len(town.letters())
    for _ in range(3):
        assert wire.post(clicked.body.encode(), dict(clicked.headers)).status == 200
    assert (rows(town, Pairing), len(town.letters())) == (pairs, letters) == (1, letters)


def test_a_replayed_form_has_no_second_effect(town: Town, wire: Wire) -> None:
    ben = town.seat("U0BEN")
    ben.command("/mentor", "thanks")
    assert ben.submit({"to": "U0ANA", "words": "For asking."}).ok
    sent = wire.sent[-1]
    letters = len(town.letters())
    for _ in range(3):
        assert wire.post(sent.body.encode(), dict(sent.headers)).status == 200
    assert len(town.letters()) == letters


@pytest.mark.parametrize(
    "forge",
    ["another secret", "stale", "changed body", "unsigned"],
)
def test_a_forged_click_never_reaches_a_listener(town: Town, wire: Wire, forge: str) -> None:
    ben = town.seat("U0BEN")
    secret = "another" if forge == "another secret" else ""
    stamp = int(epoch()) - 301 if forge == "stale" else 0
    accept_payload: list[Any] = []
    send = town.slack.post.send

    def keep(kind: Any, what: str, payload: Any, **more: Any) -> Answer:
        accept_payload.append((kind, what, payload))
        return Answer(200)

    town.slack.post.send = keep  # type: ignore[method-assign, assignment]
    accept(town)
    town.slack.post.send = send  # type: ignore[method-assign]
    kind, what, payload = accept_payload[-1]
    if forge in ("another secret", "stale"):
        answer = town.slack.send(kind, what, payload, secret=secret, stamp=stamp)
    else:
        town.slack.send("slash_commands", "/x", {"command": "/nobody"})
        good = wire.sent[-1]
        headers = dict(good.headers) if forge == "changed body" else {}
        answer = wire.post(b"payload=%7B%7D", headers)
    assert answer.status == 401
    with town.db.read() as session:
        assert session.scalars(sa.select(Offer)).one().state is OfferState.OPEN
    assert ben.ephemerals == []


def test_a_megabyte_is_too_much_and_a_wrong_type_is_no_bug(town: Town, wire: Wire) -> None:
    assert wire.post(b"x" * (MOST_BYTES + 1), {}).status == 413
    accept(town)
    good = wire.sent[-1]
    for kind in ("application/json", "text/plain", "multipart/form-data", ""):
        headers = dict(good.headers) | {"Content-Type": kind}
        assert wire.post(good.body.encode(), headers).status in (200, 400)
    assert rows(town, Pairing) == 1


def test_an_event_delivered_four_times_has_one_effect(town: Town, wire: Wire) -> None:
    town.slack.faults.redeliver(3)
    ana = town.seat("U0ANA")
    before = len(town.letters())
    ana.write("Hello?")
    town.settle()
    assert len(wire.sent) == 4
    assert len(town.letters()) == before + 1
    town.slack.change_zone("U0ANA", "Asia/Kolkata")
    with town.db.read() as session:
        zones = session.scalars(sa.select(Person.zone).where(Person.slack_id == "U0ANA")).all()
    assert zones == ["Asia/Kolkata"]


def test_a_refused_event_is_not_delivered_again(town: Town, wire: Wire) -> None:
    town.slack.team_id = "T0ELSEWHERE"
    town.seat("U0ANA").open_home()
    assert len(wire.sent) == 1
