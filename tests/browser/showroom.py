"""A tiny Slack app over a sandbox workspace that shows everything the page draws."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.clock import MovableClock
from bot.sandbox.delivery import to_bolt_app
from bot.sandbox.workspace import Workspace
from tests.browser import gallery
from tests.browser.gallery import Json, button, field, mrkdwn, option, plain

START = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "Europe/Bucharest", "Europe/Lisbon", "America/New_York")

MANIFEST: Json = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/show", "description": "Show every block", "usage_hint": "[controls]"},
            {"command": "/show-form", "description": "Open the form with every input"},
            {"command": "/whisper", "description": "Answer only you"},
            {"command": "/fail", "description": "Do not answer well"},
        ],
        "shortcuts": [
            {"name": "Open the form", "type": "global", "callback_id": "form"},
            {"name": "Keep this message", "type": "message", "callback_id": "keep"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "im:write", "users:read"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "message.im"]}},
}


def a_workspace() -> tuple[Workspace, MovableClock]:
    """Three people in three zones, a public and a private channel, the app listening."""
    clock = MovableClock(START)
    ws = Workspace(clock, name="Harbour")
    ws.install_manifest(MANIFEST)
    ws.add_person("U0ANA", name="ana", real_name="Ana Silva", title="Intern", tz="Europe/Berlin")
    ws.add_person("U0BEN", name="ben", real_name="Ben Ito", title="Mentor", tz="Europe/Lisbon")
    ws.add_person(
        "U0PRIYA", name="priya", real_name="Priya Rao", title="Coordinator", tz="Asia/Kolkata"
    )
    ws.add_channel("general", members=["U0ANA", "U0BEN", "U0PRIYA"], bot=True)
    ws.add_channel("coordinators", private=True, members=["U0PRIYA"], bot=True)
    ws.mpim(["U0ANA", "U0BEN"])
    ws.connect(to_bolt_app(an_app(ws)))
    return ws, clock


def an_app(ws: Workspace) -> App:
    """The app: what each listener does is what the browser tests look for."""
    app = App(
        signing_secret=ws.signing_secret,
        authorize=lambda: AuthorizeResult(
            enterprise_id=None,
            team_id=ws.team_id,
            bot_token=ws.bot_token,
            bot_id=ws.bot_id,
            bot_user_id=ws.bot_user_id,
        ),
        process_before_response=True,
    )

    def in_process(context: Any, next: Callable[[], None]) -> None:
        context["client"] = ws.client()
        next()

    app.use(in_process)
    app.command("/show")(show)
    app.command("/show-form")(show_form)
    app.command("/whisper")(whisper)
    app.command("/fail")(fail)
    app.shortcut("form")(open_form)
    app.shortcut("keep")(keep)
    app.action("accept")(accept)
    app.action("add")(add)
    app.action("closer")(look_closer)
    app.action(re.compile(".*"))(tell)
    app.options(re.compile(".*"))(zones)
    app.view("form")(submit_form)
    app.view("second")(submit_second)
    app.view_closed("form")(lambda ack: ack())
    app.event("app_home_opened")(publish)
    app.event("message")(listen)
    return app


def show(ack: Ack, command: Json, client: WebClient) -> None:
    """Post the letter and the controls, or every block there is."""
    if command["text"] == "controls":
        messages = [gallery.letter(), gallery.controls()]
    else:
        messages = gallery.shows()
    for number, blocks in enumerate(messages, 1):
        client.chat_postMessage(
            channel=command["user_id"], text=f"Message {number} of the show", blocks=blocks
        )
    ack()


def show_form(ack: Ack, command: Json, client: WebClient) -> None:
    client.views_open(trigger_id=command["trigger_id"], view=gallery.form())
    ack()


def whisper(ack: Ack, command: Json) -> None:
    ack(f"You said {command['text'] or 'nothing'}.")


def fail() -> None:
    raise RuntimeError("This command fails on purpose.")


def open_form(ack: Ack, shortcut: Json, client: WebClient) -> None:
    client.views_open(trigger_id=shortcut["trigger_id"], view=gallery.form())
    ack()


def keep(ack: Ack, shortcut: Json, client: WebClient) -> None:
    client.chat_postEphemeral(
        channel=shortcut["channel"]["id"],
        user=shortcut["user"]["id"],
        text=f"Kept: {shortcut['message']['text']}",
    )
    ack()


def accept(ack: Ack, body: Json, client: WebClient) -> None:
    """The letter becomes what is still true."""
    client.chat_update(
        channel=body["channel"]["id"],
        ts=body["message"]["ts"],
        text="You are Ana's mentor",
        blocks=[
            {"type": "section", "block_id": "done", "text": mrkdwn("*You are Ana Silva's mentor*")},
            {"type": "context", "elements": [mrkdwn("● Accepted on Wed 10 June.")]},
        ],
    )
    ack()


def add(ack: Ack, body: Json, client: WebClient) -> None:
    """The form grows; what is typed stays."""
    view = body["view"]
    blocks = view["blocks"]
    if not any(block["block_id"] == "second_goal" for block in blocks):
        second = field("second_goal", {"type": "plain_text_input"}, optional=True)
        place = next(n for n, block in enumerate(blocks) if block["block_id"] == "goal")
        blocks = [*blocks[: place + 1], second, *blocks[place + 1 :]]
    kept = {key: view[key] for key in ("type", "callback_id", "title", "submit", "close")}
    client.views_update(view_id=view["id"], hash=view["hash"], view={**kept, "blocks": blocks})
    ack()


def look_closer(ack: Ack, body: Json, client: WebClient) -> None:
    client.views_push(trigger_id=body["trigger_id"], view=gallery.side_look())
    ack()


def tell(ack: Ack, body: Json, action: Json, client: WebClient) -> None:
    """Every other control is answered with what arrived."""
    chosen = [action[key] for key in action if key.startswith("selected_") or key == "value"]
    if "channel" in body:
        client.chat_postMessage(
            channel=body["channel"]["id"], text=f"{action['action_id']}: {_shown(chosen)}"
        )
    ack()


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return str(value["value"])
    return str(value)


def zones(ack: Ack, payload: Json) -> None:
    wanted = payload["value"].lower()
    ack(options=[option(zone, zone) for zone in ZONES if wanted in zone.lower()])


def submit_form(ack: Ack, view: Json, body: Json, client: WebClient) -> None:
    """Refuse one word, fail on another, else go on to the second page."""
    values = {block: entry["it"] for block, entry in view["state"]["values"].items()}
    goal = values["goal"]["value"]
    if goal == "boom":
        raise RuntimeError("This submission fails on purpose.")
    if goal == "refuse":
        ack(response_action="errors", errors={"goal": "Write one goal, for example: SQL."})
        return
    kept = {
        "type": "modal",
        "callback_id": "second",
        "title": plain("Your profile, 2 of 3"),
        "submit": plain("Save"),
        "blocks": [
            {"type": "section", "block_id": "said", "text": mrkdwn(f"*Saved:* {goal}")},
            field("why", {"type": "plain_text_input", "multiline": True}, optional=True),
            {"type": "actions", "elements": [button("Back", "back")]},
        ],
    }
    ack(response_action="update", view=kept)


def submit_second(ack: Ack, body: Json, client: WebClient) -> None:
    client.chat_postMessage(channel=body["user"]["id"], text="Your profile is saved.")
    ack()


def publish(ack: Ack, event: Json, client: WebClient) -> None:
    if event["tab"] == "home":
        client.views_publish(user_id=event["user"], view=gallery.home())
    ack()


def listen(ack: Ack, event: Json, client: WebClient) -> None:
    client.chat_postMessage(channel=event["channel"], text=f"I heard: {event['text']}")
    ack()
