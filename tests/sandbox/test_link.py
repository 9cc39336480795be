"""Socket Mode, with Bolt's own handler on the other side."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.clock import MovableClock
from bot.sandbox.delivery import Answer
from bot.sandbox.seat import Seat
from bot.sandbox.server import RunningServer, Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import modal, text_input

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "tiny"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/look", "description": "Look around"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.im"]},
        "socket_mode_enabled": True,
    },
}


def until(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def server(ws: Workspace) -> Iterator[RunningServer]:
    stage = Stage(advance=print, next_event=lambda: None, reset=ws.clear, progress=dict)
    running = serve(build_server(ws, stage=stage))
    yield running
    running.stop()


@pytest.fixture
def handler(ws: Workspace, app: App, server: RunningServer) -> Iterator[SocketModeHandler]:
    """Connected; nothing could come over HTTP."""
    ws.install_manifest(MANIFEST)
    ws.connect(lambda _: Answer(0, reason="connection_failed"))
    web_client = WebClient(base_url=f"{server.url}/api/", retry_handlers=[])
    found = SocketModeHandler(app, ws.app_token, web_client=web_client)
    found.connect()
    assert until(lambda: ws.post.link is not None)
    yield found
    found.client.auto_reconnect_enabled = False
    # The SDK's close waits for its socket to say something, which takes three seconds; a server
    # that goes first ends the waiting.
    server.stop()
    found.close()


def test_commands_submissions_and_events_go_over_the_socket(
    ws: Workspace, app: App, handler: SocketModeHandler, ana: Seat
) -> None:
    heard: list[str] = []

    @app.command("/look")
    def look(ack, body, client) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("name")))
        ack("Look here")

    @app.view("form")
    def submit(ack) -> None:
        ack(response_action="errors", errors={"name": "Try another."})

    @app.event("message")
    def hear(event) -> None:
        heard.append(event["text"])

    outcome = ana.command("/look")
    assert outcome.message is not None
    assert outcome.message.text == "Look here"
    assert ana.submit({"name": "x"}).errors == {"name": "Try another."}
    ana.write("hello")
    assert heard == ["hello"]


def test_an_event_sent_again_says_so_over_the_socket(
    ws: Workspace, app: App, handler: SocketModeHandler, ana: Seat, clock: MovableClock
) -> None:
    tries: list[str | None] = []

    @app.event("message")
    def hear(request) -> None:
        tries.append(request.headers.get("x-slack-retry-num", [None])[0])

    ws.faults.redeliver(1)
    ana.write("hello")
    assert tries == [None, "1"]


def test_the_app_comes_back_when_told_to_reconnect(
    ws: Workspace, app: App, server: RunningServer, handler: SocketModeHandler, ana: Seat
) -> None:
    app.command("/look")(lambda ack: ack("Back again"))
    first = handler.client.current_session
    ws.refresh_link()
    assert until(lambda: ws.post.link is not None and handler.client.current_session is not first)
    assert until(lambda: ana.command("/look").ok)


def test_without_a_connection_the_person_sees_the_failure(
    ws: Workspace, handler: SocketModeHandler, ana: Seat
) -> None:
    handler.client.auto_reconnect_enabled = False
    handler.close()
    assert until(lambda: ws.post.link is None)
    assert ana.command("/look").error == "dispatch_failed"


def test_the_address_is_only_given_to_an_app_in_socket_mode(
    ws: Workspace, server: RunningServer
) -> None:
    refused = ws.call("apps.connections.open", {}, ws.app_token)
    assert refused["error"] == "socket_mode_not_enabled"
    ws.install_manifest(MANIFEST)
    given = ws.call("apps.connections.open", {}, ws.app_token)
    assert given["url"].startswith(f"ws://127.0.0.1:{server.port}/link/?ticket=")
