"""The workspace behind HTTP: Web API, response URLs, deliveries, and the page's protocol."""

import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.clock import MovableClock
from bot.sandbox.delivery import to_url
from bot.sandbox.seat import Seat
from bot.sandbox.server import PortTaken, RunningServer, Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import actions, button, input_block, modal, options, section, text_input

Json = dict[str, Any]


class Programme:
    """A stage that notes what was asked of it."""

    def __init__(self) -> None:
        self.moves: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.made = True

    def advance(self, to: str) -> None:
        self.moves.append(to)
        assert self.gate.wait(5)

    def progress(self) -> Json:
        return {"moving": not self.gate.is_set(), "label": "to Mon 8 June", "progress": 0.5}

    def stage(self) -> Stage:
        following = datetime(2026, 6, 2, 8, tzinfo=UTC)
        return Stage(
            advance=self.advance,
            next_event=lambda: following,
            reset=lambda: self.moves.append("reset"),
            progress=self.progress,
            ready=lambda: self.made,
        )


@pytest.fixture
def programme() -> Programme:
    return Programme()


@pytest.fixture
def server(ws: Workspace, programme: Programme) -> Iterator[RunningServer]:
    running = serve(build_server(ws, stage=programme.stage()))
    yield running
    running.stop()


@pytest.fixture
def client(ws: Workspace, server: RunningServer) -> WebClient:
    return WebClient(token=ws.bot_token, base_url=f"{server.url}/api/", retry_handlers=[])


class Page:
    """The browser's side."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Json:
        with urllib.request.urlopen(self.url + path) as response:
            found: Json = json.load(response)
            return found

    def post(self, path: str, body: Json) -> tuple[int, Json]:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def act(self, what: str, **details: Any) -> Json:
        return self.post("/sandbox/act", {"as": "U0ANA", "do": what, **details})[1]

    def state(self, person: str = "U0ANA") -> Json:
        return self.get(f"/sandbox/state?as={person}")


@pytest.fixture
def page(server: RunningServer) -> Page:
    return Page(server.url)


def test_the_sdk_speaks_to_it_in_json_and_in_forms(client: WebClient, ana: Seat) -> None:
    assert client.auth_test()["ok"]
    blocks = [section("Héllo")]
    client.chat_postMessage(channel="U0ANA", text="Hello", blocks=blocks)
    assert ana.dm[-1].texts() == "Héllo"
    group = client.conversations_open(users=["U0ANA", "U0BEN"], return_im=True)
    assert group["channel"]["is_mpim"] is True
    assert [len(found["members"]) for found in client.users_list(limit=3)] == [3, 2]
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="U0ANA", text="x", blocks=[{"type": "sparkles"}])
    assert caught.value.response["error"] == "invalid_blocks"


def test_the_token_may_stand_in_the_body_and_is_checked(
    ws: Workspace, server: RunningServer
) -> None:
    def ask(body: str) -> Json:
        with urllib.request.urlopen(f"{server.url}/api/auth.test", body.encode()) as response:
            found: Json = json.load(response)
            return found

    assert ask(f"token={ws.bot_token}")["ok"] is True
    assert ask("token=xoxb-other")["error"] == "invalid_auth"
    assert ask("")["error"] == "not_authed"


def test_a_rate_limit_is_a_429_with_retry_after(ws: Workspace, client: WebClient) -> None:
    ws.faults.rate_limit("users.info", retry_after=12)
    with pytest.raises(SlackApiError) as caught:
        client.users_info(user="U0ANA")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "12"


def test_a_dropped_connection_is_one(ws: Workspace, client: WebClient, ana: Seat) -> None:
    ws.faults.drop("chat.postMessage", after_storing=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        client.chat_postMessage(channel="U0ANA", text="stored")
    assert [message.text for message in ana.dm] == ["stored"]


def test_response_urls_are_reachable(
    ws: Workspace, app: App, server: RunningServer, ana: Seat
) -> None:
    @app.command("/look")
    def look(ack, body) -> None:
        answer = WebhookClient(body["response_url"]).send(text="From afar")
        assert answer.status_code == 200
        ack()

    assert ana.command("/look").message is not None
    assert ana.dm[-1].text == "From afar"


@pytest.fixture
def entrance(app: App) -> Iterator[RunningServer]:
    """The tiny app behind HTTP."""
    handler = SlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    async def hang(request: Request) -> Response:
        time.sleep(3.3)
        return PlainTextResponse("late")

    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    routes.append(Route("/hang", hang, methods=["POST"]))
    running = serve(Starlette(routes=routes))
    yield running
    running.stop()


def test_requests_reach_the_app_over_http_with_a_valid_signature(
    ws: Workspace, app: App, entrance: RunningServer, ana: Seat
) -> None:
    app.command("/look")(lambda ack, command: ack(f"You said {command['text']}"))
    ws.connect(to_url(f"{entrance.url}/slack/events"))
    message = ana.command("/look", "é & ü").message
    assert message is not None
    assert message.text == "You said é & ü"
    ws.signing_secret = "another"
    assert ana.command("/look").error == "dispatch_failed"


def test_an_app_that_hangs_or_is_gone_is_a_failure_the_person_sees(
    ws: Workspace, entrance: RunningServer, ana: Seat
) -> None:
    ws.connect(to_url(f"{entrance.url}/hang"))
    start = time.monotonic()
    assert ana.command("/look").error == "operation_timeout"
    assert time.monotonic() - start < 3.3
    entrance.stop()
    assert ana.command("/look").error == "dispatch_failed"


def test_a_taken_port_says_so(server: RunningServer, ws: Workspace, programme: Programme) -> None:
    with pytest.raises(PortTaken, match=f"port {server.port} is taken"):
        serve(build_server(ws, stage=programme.stage()), port=server.port)


def test_the_page_and_its_files_are_served(server: RunningServer) -> None:
    with urllib.request.urlopen(server.url) as response:
        assert "text/html" in response.headers["content-type"]
    with urllib.request.urlopen(f"{server.url}/page/main.js") as response:
        assert "javascript" in response.headers["content-type"]
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{server.url}/page/../server.py")


def test_the_state_shows_what_one_person_may_see(ws: Workspace, page: Page, ana: Seat) -> None:
    post = ws.client().chat_postMessage
    post(channel="U0ANA", text="for Ana")
    post(channel="U0BEN", text="for Ben")
    ws.add_channel("ours", private=True, members=["U0ANA"], bot=True)
    ws.add_channel("secret", private=True)
    state = page.state()
    assert state["you"] == "U0ANA"
    assert state["workspace"]["bot"] == {"user_id": ws.bot_user_id, "name": "cohort-bot"}
    assert state["now"] == "2026-06-01T07:00:00+00:00"
    people = {person["id"]: person for person in state["people"]}
    assert people["U0ANA"]["local_time"] == "09:00"
    assert people["U0CAT"]["local_day"] == "Mon 1 June"
    assert people["U0BEN"]["unread"] == 1
    assert people[ws.bot_user_id]["is_bot"] is True
    im, channel = state["conversations"]
    assert (im["kind"], im["unread"], channel["name"]) == ("im", 1, "ours")
    assert [message["text"] for message in state["messages"][im["id"]]] == ["for Ana"]
    assert state["messages"][im["id"]][0]["bot"] is True
    assert [one["name"] for one in state["channels"]] == ["ours"]
    assert state["clock"]["next_event"] == "2026-06-02T08:00:00+00:00"
    assert state["clock"]["movable"] is True
    assert page.state("U0NOBODY")["you"] == "U0ANA"


def test_a_person_acts_through_the_page(ws: Workspace, app: App, page: Page, ana: Seat) -> None:
    submitted: list[Json] = []

    @app.action("open")
    def open_form(ack, body, client) -> None:
        pick = input_block("pick", {"type": "external_select", "min_query_length": 0})
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("name"), pick))
        ack()

    @app.view("form")
    def submit(ack, view) -> None:
        submitted.append(view["state"]["values"])
        ack()

    app.command("/look")(lambda ack: ack(text="x", blocks=[actions(button("open"))]))
    app.options("it")(lambda ack: ack(options=options("a", "b")))
    assert page.act("command", command="/look", text="", channel=None) == {"ok": True}
    place = {"channel": ana.dm[-1].channel, "ts": ana.dm[-1].ts}
    clicked = page.act("action", where={"message": place}, block_id="buttons", action_id="open")
    assert clicked == {"ok": True}
    (view,) = page.state()["modals"]
    found = page.act(
        "suggest", where={"view": view["id"]}, block_id="pick", action_id="it", query=""
    )
    assert [option["value"] for option in found["options"]] == ["a", "b"]
    empty = page.act("submit", view=view["id"], state={"name": {"it": ""}, "pick": {"it": "a"}})
    assert empty["ok"] is True
    assert empty["result"] == "errors"
    assert list(empty["errors"]) == ["name"]
    sent = page.act("submit", view=view["id"], state={"name": {"it": "Ana"}})
    assert sent == {"ok": True, "result": "closed", "errors": {}}
    assert submitted[0]["name"]["it"]["value"] == "Ana"
    assert submitted[0]["pick"]["it"]["selected_option"]["value"] == "a"
    assert page.state()["modals"] == []


def test_messages_home_reading_and_closing_through_the_page(
    ws: Workspace, app: App, page: Page, ana: Seat
) -> None:
    app.event("message")(lambda: None)

    @app.event("app_home_opened")
    def publish(event, client) -> None:
        home = {"type": "home", "blocks": [section("Welcome")]}
        client.views_publish(user_id=event["user"], view=home)

    @app.shortcut("say")
    def say(ack, body, client) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    im = ws.im("U0ANA").id
    assert page.act("message", channel=im, text="Hi")["ok"] is True
    assert page.act("message", channel=im, text="  ")["ok"] is False
    assert page.act("home")["ok"] is True
    assert page.state()["home"]["view"]["blocks"][0]["text"]["text"] == "Welcome"
    ws.client().chat_postMessage(channel=im, text="Hello")
    assert page.act("read", channel=im)["ok"] is True
    assert page.state()["conversations"][0]["unread"] == 0
    assert page.act("shortcut", callback_id="say")["ok"] is True
    assert page.act("close", view=ana.modals[0]["id"], clear=False)["ok"] is True
    assert ana.modals == []


def test_what_goes_wrong_is_a_sentence(ws: Workspace, page: Page) -> None:
    ws.connect(to_url("http://127.0.0.1:9/nobody"))
    failed = page.act("command", command="/look", text="")
    assert failed["error"] == "dispatch_failed"
    assert "/look failed" in failed["message"]
    assert page.state()["notices"][0]["text"] == failed["message"]
    assert page.act("dance")["ok"] is False
    assert page.act("action", where={"view": "V0"}, block_id="b", action_id="a")["ok"] is False
    assert page.act("submit")["error"] == "bad_request"
    assert page.act("read", channel="C0NOWHERE")["ok"] is False
    assert page.post("/sandbox/act", {"as": "U0NOBODY", "do": "home"})[1]["ok"] is False


def test_the_log_shows_both_directions(app: App, page: Page, ana: Seat) -> None:
    app.command("/look")(lambda ack: ack("Hi"))
    ana.command("/look")
    entries = page.get("/sandbox/log?after=0")["entries"]
    assert (entries[-1]["direction"], entries[-1]["what"]) == ("to_bot", "POST /look")
    assert entries[-1]["answer"] == "Hi"
    assert page.get(f"/sandbox/log?after={entries[-1]['n']}")["entries"] == []


def test_the_clock_moves_in_the_background_one_move_at_a_time(
    page: Page, programme: Programme
) -> None:
    programme.gate.clear()
    assert page.post("/sandbox/clock", {"to": "monday"}) == (202, {"ok": True})
    assert page.state()["clock"]["moving"] is True
    assert page.state()["clock"]["label"] == "to Mon 8 June"
    assert page.post("/sandbox/clock", {"to": "day"})[0] == 409
    programme.gate.set()
    assert page.post("/sandbox/clock", {"to": "sideways"})[0] == 400
    deadline = time.monotonic() + 30
    while page.post("/sandbox/reset", {})[0] == 409 and time.monotonic() < deadline:
        time.sleep(0.01)
    while len(programme.moves) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert programme.moves == ["monday", "reset"]


def test_nobody_looks_or_acts_until_the_stage_is_ready(
    page: Page, programme: Programme, client: WebClient
) -> None:
    programme.made = False
    with pytest.raises(urllib.error.HTTPError) as caught:
        page.state()
    assert (caught.value.code, json.load(caught.value)["error"]) == (503, "being_made")
    assert page.act("home")["error"] == "being_made"
    assert page.post("/sandbox/clock", {"to": "day"})[0] == 503
    assert page.post("/sandbox/reset", {})[0] == 503
    assert client.auth_test()["ok"] is True  # the bot is at work already
    programme.made = True
    assert page.state()["you"] == "U0ANA"
    assert programme.moves == []


def test_another_sites_form_cannot_act(server: RunningServer, programme: Programme) -> None:
    request = urllib.request.Request(
        f"{server.url}/sandbox/reset", b"{}", {"content-type": "text/plain"}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 400
    assert programme.moves == []


def next_event(stream: http.client.HTTPResponse) -> int:
    while True:
        line = stream.readline()
        assert line, "the stream ended"
        if line.startswith(b"data:"):
            version: int = json.loads(line[5:])["version"]
            return version


def test_changes_are_streamed_and_the_stream_ends_with_the_server(
    ws: Workspace, server: RunningServer, clock: MovableClock
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", f"/sandbox/changes?as=U0ANA&since={ws.version}")
    stream = connection.getresponse()
    assert stream.getheader("content-type", "").startswith("text/event-stream")
    ws.client().chat_postMessage(channel="U0ANA", text="x")
    assert next_event(stream) == ws.version
    before = time.monotonic()
    server.stop()
    assert time.monotonic() - before < 1.5
    assert stream.read() is not None
    with (
        pytest.raises(OSError, match="refused"),
        socket.create_connection(("127.0.0.1", server.port), timeout=1),
    ):
        pass
