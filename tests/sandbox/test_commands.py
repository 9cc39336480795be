"""Slash commands, shortcuts and messages: what reaches the app, what comes back to a person."""

import time
from typing import Any

import pytest
from slack_bolt import App, BoltResponse
from slack_sdk.errors import SlackApiError

from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import actions, button, modal, section


def test_a_command_arrives_as_slack_sends_it(app: App, ana: Seat) -> None:
    seen: dict[str, Any] = {}

    @app.command("/look")
    def look(ack, body) -> None:
        seen.update(body)
        ack()

    assert ana.command("/look", "around you").ok
    assert seen["command"] == "/look"
    assert seen["text"] == "around you"
    assert seen["user_id"] == "U0ANA"
    assert seen["channel_name"] == "directmessage"
    assert seen["is_enterprise_install"] == "false"
    assert set(seen) >= {"team_id", "team_domain", "api_app_id", "response_url", "trigger_id"}


@pytest.mark.parametrize("text", ["payload", "my payload= here", ""])
def test_no_text_hides_a_command_from_the_app(app: App, ana: Seat, text: str) -> None:
    heard: list[str] = []

    @app.command("/look")
    def look(ack, body) -> None:
        heard.append(body["text"])
        ack()

    assert ana.command("/look", text).ok
    assert heard == [text]


def test_a_text_in_the_acknowledgement_is_a_private_answer(app: App, ana: Seat, ben: Seat) -> None:
    app.command("/look")(lambda ack: ack("Nothing to see."))
    outcome = ana.command("/look")
    assert outcome.message is not None
    assert outcome.message.text == "Nothing to see."
    assert outcome.message.ephemeral
    assert ana.ephemerals == [outcome.message]
    assert ben.ephemerals == []


def test_blocks_in_the_acknowledgement_are_drawn_and_checked(app: App, ana: Seat) -> None:
    answers = [[section("Hello")], [{"type": "sparkles"}]]
    app.command("/look")(lambda ack: ack(text="Hello", blocks=answers.pop(0)))
    message = ana.command("/look").message
    assert message is not None
    assert message.texts() == "Hello"
    outcome = ana.command("/look")
    assert outcome.error == "invalid_blocks"
    assert "/blocks/0/type" in ana.notices[-1]


def test_a_failing_command_shows_dispatch_failed(app: App, ana: Seat) -> None:
    @app.command("/look")
    def look() -> None:
        raise ValueError("broken")

    outcome = ana.command("/look")
    assert not outcome.ok
    assert outcome.error == "dispatch_failed"
    assert ana.notices == ["/look failed with the error “dispatch_failed”."]


def test_after_three_seconds_the_person_sees_a_timeout_and_the_trigger_is_dead(
    app: App, ana: Seat
) -> None:
    errors: list[str] = []

    @app.command("/slow")
    def slow(ack, body, client) -> None:
        time.sleep(3.05)
        try:
            client.views_open(trigger_id=body["trigger_id"], view=modal())
        except SlackApiError as refused:
            errors.append(refused.response["error"])
        ack("Too late")

    outcome = ana.command("/slow")
    assert outcome.error == "operation_timeout"
    assert outcome.message is None
    assert "operation_timeout" in ana.notices[0]
    assert errors == ["expired_trigger_id"]


def test_a_workspace_told_to_wait_gives_up_after_that_time_instead(
    app: App, ana: Seat, ws: Workspace
) -> None:
    @app.command("/slow")
    def slow(ack) -> None:
        time.sleep(0.02)
        ack("Here it is")

    ws.wait(0.01)
    assert ana.command("/slow").error == "operation_timeout"
    ws.wait(60)
    assert ana.command("/slow").ok


def test_a_trigger_opens_one_modal(app: App, ana: Seat) -> None:
    errors: list[str] = []

    @app.command("/form")
    def form(ack, body, client) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        for trigger in (body["trigger_id"], "123.456.abc"):
            try:
                client.views_open(trigger_id=trigger, view=modal())
            except SlackApiError as refused:
                errors.append(refused.response["error"])
        ack()

    ana.command("/form")
    assert errors == ["exchanged_trigger_id", "invalid_trigger_id"]
    assert len(ana.modals) == 1


def test_a_forged_and_a_stale_signature_are_told_apart_from_a_true_one(
    app: App, ws: Workspace
) -> None:
    app.command("/look")(lambda ack: ack())
    body = {"command": "/look", "text": "", "user_id": "U0ANA", "team_id": ws.team_id}
    assert ws.send("slash_commands", "true", body).status == 200
    assert ws.send("slash_commands", "forged", body, secret="guessed").status == 401
    stale = int(time.time()) - 600
    assert ws.send("slash_commands", "stale", body, stamp=stale).status == 401


def test_a_global_shortcut_has_a_trigger_and_no_response_url(app: App, ana: Seat) -> None:
    seen: dict[str, Any] = {}

    @app.shortcut("say.thanks")
    def thanks(ack, body, client) -> None:
        seen.update(body)
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    assert ana.shortcut("say.thanks").ok
    assert seen["type"] == "shortcut"
    assert "response_url" not in seen
    assert ana.modal is not None


def test_a_message_shortcut_brings_the_message(app: App, ws: Workspace, ana: Seat) -> None:
    seen: dict[str, Any] = {}

    @app.shortcut("keep")
    def keep(ack, body) -> None:
        seen.update(body)
        ack()

    ws.client().chat_postMessage(channel="U0ANA", text="Remember this")
    assert ana.message_shortcut("keep", ana.dm[-1]).ok
    assert seen["type"] == "message_action"
    assert seen["message"]["text"] == "Remember this"
    assert seen["response_url"]


def test_a_written_message_reaches_the_app_escaped(app: App, ana: Seat) -> None:
    seen: list[dict[str, Any]] = []

    @app.event("message")
    def hear(event) -> None:
        seen.append(event)

    ana.write("@ben likes <b> & <!channel>")
    assert seen[0]["text"] == "<@U0BEN> likes &lt;b&gt; &amp; &lt;!channel&gt;"
    assert seen[0]["channel_type"] == "im"
    assert ana.dm[-1].user == "U0ANA"


def test_a_click_in_a_message_carries_container_state_and_response_url(
    app: App, ws: Workspace, ana: Seat
) -> None:
    seen: dict[str, Any] = {}

    @app.action("go")
    def go(ack, body) -> None:
        seen.update(body)
        ack()

    picker = {"type": "users_select", "action_id": "who", "initial_user": "U0BEN"}
    blocks = [actions(button("go", "7"), picker)]
    ws.client().chat_postMessage(channel="U0ANA", text="Go?", blocks=blocks)
    ana.click(ana.dm[-1], "go")
    assert seen["container"]["type"] == "message"
    assert seen["container"]["is_ephemeral"] is False
    assert seen["message"]["ts"] == ana.dm[-1].ts
    assert seen["actions"][0]["value"] == "7"
    assert seen["actions"][0]["block_id"] == "buttons"
    who = seen["state"]["values"]["buttons"]["who"]
    assert who == {"type": "users_select", "selected_user": "U0BEN"}
    assert seen["response_url"].startswith("https://")


def test_a_click_in_a_private_message_comes_without_the_message(app: App, ana: Seat) -> None:
    seen: dict[str, Any] = {}

    @app.action("go")
    def go(ack, body) -> None:
        seen.update(body)
        ack()

    app.command("/look")(lambda ack: ack(text="Go?", blocks=[actions(button("go"))]))
    message = ana.command("/look").message
    assert message is not None
    ana.click(message, "go")
    assert seen["container"]["is_ephemeral"] is True
    assert "message" not in seen


def test_what_is_not_on_the_screen_cannot_be_clicked(app: App, ws: Workspace, ana: Seat) -> None:
    blocks = [actions(button("accept", "1"), button("decline", "1"))]
    ws.client().chat_postMessage(channel="U0ANA", text="Well?", blocks=blocks)
    message = ana.dm[-1]
    with pytest.raises(LookupError, match=r"accept .*decline"):
        ana.click(message, "perhaps")
    with pytest.raises(LookupError, match="value '2'"):
        ana.click(message, "accept", value="2")
    ws.client().chat_update(channel=message.channel, ts=message.ts, text="Accepted")
    with pytest.raises(LookupError):
        ana.click(message, "accept")


def test_a_forged_click_reaches_the_app_as_a_real_one(app: App, ws: Workspace, ana: Seat) -> None:
    values: list[str] = []

    @app.action("accept")
    def accept(ack, action) -> None:
        values.append(action["value"])
        ack()

    ws.client().chat_postMessage(channel="U0ANA", text="Nothing to click")
    assert ana.forge(ana.dm[-1], "accept", "999").ok
    assert values == ["999"]


def test_a_click_without_an_answer_is_shown_as_failed(app: App, ws: Workspace, ana: Seat) -> None:
    @app.action("go")
    def go() -> BoltResponse:
        raise ValueError("broken")

    ws.client().chat_postMessage(channel="U0ANA", text="Go?", blocks=[actions(button("go"))])
    assert not ana.click(ana.dm[-1], "go").ok
    assert len(ana.notices) == 1
