"""The HTTP entrance, over real HTTP: what gets in, what does not, and how the bot is."""

import asyncio
import statistics
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette

from bot.clock import epoch, system_clock
from bot.database import Database
from bot.metrics import Metrics
from bot.process import CannotStart
from bot.web import MOST_BYTES, Health, Server, build_web, serve

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
WELL = Health(database=True, last_tick_age=0.4, backlog=3)


class Bot:
    """A small Bolt app, and what reached it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.meeting = threading.Barrier(4)
        self.app = App(
            signing_secret=SECRET,
            authorize=lambda: AuthorizeResult(
                enterprise_id=None, team_id="T0", bot_user_id="U0BOT", bot_token="xoxb-test"
            ),
            process_before_response=True,
        )
        self.app.command("/mentor")(self._command)
        self.app.command("/together")(self._together)
        self.app.command("/broken")(self._broken)

    def _command(self, ack: Any, command: dict[str, Any]) -> None:
        self.heard.append(command["text"])
        ack(f"heard {command['text']}")

    def _together(self, ack: Any) -> None:
        self.meeting.wait(10)
        ack()

    def _broken(self) -> None:
        raise RuntimeError


def form(command: str = "/mentor", text: str = "help") -> bytes:
    fields = {"command": command, "text": text, "user_id": "U0ANA", "team_id": "T0"}
    return urlencode(fields | {"channel_id": "D0", "trigger_id": "1.2.3"}).encode()


def signed(body: bytes, *, secret: str = SECRET, stamp: float | None = None) -> dict[str, str]:
    timestamp = str(int(epoch() if stamp is None else stamp))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature or "",
    }


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def web(bot: Bot) -> Starlette:
    return build_web(bot.app, health=lambda: WELL, signing_secret=SECRET)


@pytest.fixture
def server(web: Starlette) -> Iterator[Server]:
    running = serve(web, "127.0.0.1", 0)
    yield running
    assert running.stop(5)


def ask(
    web: Starlette | Server,
    body: bytes | AsyncIterator[bytes] = b"",
    headers: dict[str, str] | None = None,
    *,
    method: str = "POST",
    path: str = "/slack/events",
) -> httpx.Response:
    """One request, to a server over HTTP or to the application in process."""
    sent = {name: value.encode("latin-1") for name, value in (headers or {}).items()}
    if isinstance(web, Server):
        assert isinstance(body, bytes)
        return httpx.request(method, web.url + path, content=body, headers=sent)

    async def within() -> httpx.Response:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.request(method, path, content=body, headers=sent)

    return asyncio.run(within())


def test_a_signed_command_is_answered(bot: Bot, server: Server) -> None:
    answer = ask(server, form(), signed(form()))
    assert (answer.status_code, answer.text) == (200, "heard help")
    assert bot.heard == ["help"]


def test_no_answer_waits_for_the_networks_acknowledgement(server: Server) -> None:
    with httpx.Client() as kept:
        taken = [
            kept.post(
                f"{server.url}/slack/events", content=form(), headers=signed(form())
            ).elapsed.total_seconds()
            for _ in range(11)
        ]
    # Small packets held back for an acknowledgement cost 40 ms each time.
    assert statistics.median(taken) < 0.03


@pytest.mark.parametrize("text", ["payload", "my payload= here", "ünïcødé 🙂", ""])
def test_no_text_can_hide_a_command(bot: Bot, web: Starlette, text: str) -> None:
    body = form(text=text)
    assert ask(web, body, signed(body)).status_code == 200
    assert bot.heard == [text]


def changed(**headers: str | None) -> dict[str, str]:
    """Good headers with some replaced or, with None, left out."""
    good = signed(form()) | {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in good.items() if value is not None}


Forged = tuple[bytes, dict[str, str]]

# Made when the test runs: a signature that has grown old would be refused for that alone.
FORGED: dict[str, Callable[[], Forged]] = {
    "no signature": lambda: (form(), changed(x_slack_signature=None)),
    "no timestamp": lambda: (form(), changed(x_slack_request_timestamp=None)),
    "empty signature": lambda: (form(), changed(x_slack_signature="")),
    "truncated signature": lambda: (form(), changed(x_slack_signature="v0=a2114d57")),
    "signature that is not ASCII": lambda: (form(), changed(x_slack_signature="v0=\xe4")),
    "another secret": lambda: (form(), signed(form(), secret="another")),
    "old": lambda: (form(), signed(form(), stamp=epoch() - 301)),
    "from the future": lambda: (form(), signed(form(), stamp=epoch() + 302)),
    "timestamp that is no number": lambda: (form(), changed(x_slack_request_timestamp="soon")),
    "timestamp without end": lambda: (form(), changed(x_slack_request_timestamp="9" * 5000)),
    "another body": lambda: (form(text="leave"), signed(form())),
    "bytes that are no text": lambda: (b"\xff\xfe" + form(), signed(form())),
    "JSON that is broken": lambda: (
        b'{"type":',
        signed(b"") | {"content-type": "application/json"},
    ),
    "JSON that is deep": lambda: (b'{"a":' + b"[" * 50_000, signed(b"")),
    "nothing": lambda: (b"", {}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_request_is_refused_and_reaches_nobody(
    bot: Bot, web: Starlette, name: str
) -> None:
    body, headers = FORGED[name]()
    assert ask(web, body, headers).status_code == 401
    assert bot.heard == []


@pytest.mark.parametrize(
    "body",
    [b'{"type":', b"[1,2]", b"payload=%5B%5D", b"payload={", b'{"a":' + b"[" * 50_000, b"{}", b"a"],
)
def test_a_signed_body_that_makes_no_sense_breaks_nothing(
    bot: Bot, web: Starlette, body: bytes
) -> None:
    assert ask(web, body, signed(body)).status_code in (400, 404)
    assert ask(web, form(), signed(form())).status_code == 200


def test_a_huge_body_is_refused_before_it_is_read(server: Server) -> None:
    body = b"a" * (MOST_BYTES + 1)
    assert ask(server, body, signed(body)).status_code == 413


def test_a_huge_body_without_a_length_is_refused_too(web: Starlette) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"a" * 100_000

    assert ask(web, pieces()).status_code == 413


def test_headers_that_only_bolt_may_set_do_not_come_in(web: Starlette) -> None:
    headers = signed(form()) | {"x-slack-bolt-lazy-only": "1"}
    assert ask(web, form(), headers).text == "heard help"


def test_slow_requests_do_not_wait_for_each_other(bot: Bot, server: Server) -> None:
    body = form("/together")
    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(lambda _: ask(server, body, signed(body)), range(4)))
    assert [one.status_code for one in answers] == [200] * 4


def test_a_listener_that_breaks_gives_a_plain_500(web: Starlette) -> None:
    body = form("/broken")
    answer = ask(web, body, signed(body))
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


def test_an_app_that_breaks_gives_a_reference() -> None:
    class Broken:
        def dispatch(self, _request: object) -> None:
            raise RuntimeError

    web = build_web(Broken(), health=lambda: WELL)  # type: ignore[arg-type]
    answer = ask(web, form(), signed(form()))
    assert answer.status_code == 500
    assert answer.text.startswith("reference ")


def test_whoever_sends_letters_is_told_after_the_answer(bot: Bot) -> None:
    heard_when_told: list[list[str]] = []
    web = build_web(
        bot.app, health=lambda: WELL, answered=lambda: heard_when_told.append([*bot.heard])
    )
    ask(web, form(), signed(form()))
    assert heard_when_told == [["help"]]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/slack/events", 405), ("GET", "/", 404), ("POST", "/healthz", 405)],
)
def test_there_is_nothing_else(web: Starlette, method: str, path: str, status: int) -> None:
    assert ask(web, method=method, path=path).status_code == status


def test_health_tells_how_the_bot_is(web: Starlette) -> None:
    answer = ask(web, method="GET", path="/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "alive": True,
        "database": True,
        "last_tick_age": 0.4,
        "backlog": 3,
        "paused": None,
    }


def test_answers_are_measured_and_shown_without_kinds(bot: Bot, sqlite_db: Database) -> None:
    metrics = Metrics(sqlite_db, system_clock, lambda _session: False)
    web = build_web(bot.app, health=lambda: WELL, signing_secret=SECRET, metrics=metrics)
    ask(web, form(), signed(form()))
    ask(web, form(), signed(form()) | {"x-slack-signature": "v0=forged"})
    shown = ask(web, method="GET", path="/metrics")
    assert shown.status_code == 200
    assert 'cohort_bot_ack_seconds_count{request="command"} 1.0' in shown.text


def test_there_are_no_figures_where_none_are_kept(web: Starlette) -> None:
    assert ask(web, method="GET", path="/metrics").status_code == 404


def test_health_is_red_when_the_database_is_down(bot: Bot) -> None:
    web = build_web(bot.app, health=lambda: Health(database=False))
    answer = ask(web, method="GET", path="/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] is False


def test_asking_for_health_often_asks_the_database_seldom(bot: Bot) -> None:
    asked: list[int] = []

    def health() -> Health:
        asked.append(1)
        return WELL

    web = build_web(bot.app, health=health)
    for _ in range(20):
        ask(web, method="GET", path="/healthz")
    assert len(asked) < 5


def test_a_taken_port_is_said_in_words(web: Starlette, server: Server) -> None:
    with pytest.raises(CannotStart, match=f"Port {server.port} cannot be used"):
        serve(web, "127.0.0.1", server.port)


def closed(server: Server) -> bool:
    """Whether the door closes to new work soon."""
    for _ in range(300):
        try:
            httpx.get(f"{server.url}/healthz")
        except httpx.HTTPError:
            return True
    return False


def test_a_request_in_hand_is_answered_before_the_server_ends(bot: Bot) -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(ack: Any) -> None:
        entered.set()
        go.wait(5)
        ack("finished")

    bot.app.command("/slow")(slow)
    running = serve(build_web(bot.app, health=lambda: WELL), "127.0.0.1", 0)
    body = form("/slow")
    with ThreadPoolExecutor(2) as people:
        answer = people.submit(ask, running, body, signed(body))
        assert entered.wait(30)
        stopped = people.submit(running.stop, 8)
        assert closed(running)
        go.set()
        assert answer.result(30).text == "finished"
        assert stopped.result(5) is True


def test_a_request_that_hangs_is_left_after_the_grace(bot: Bot) -> None:
    entered, go = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        go.wait(20)

    bot.app.command("/hang")(hang)
    running = serve(build_web(bot.app, health=lambda: WELL), "127.0.0.1", 0)
    body = form("/hang")
    with ThreadPoolExecutor(1) as people:
        lost = people.submit(ask, running, body, signed(body))
        assert entered.wait(30)
        assert running.stop(0.5) is False
        go.set()
        lost.result(30)
