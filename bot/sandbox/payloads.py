"""The payloads Slack sends: commands, clicks, submissions, shortcuts, suggestions."""

from typing import TYPE_CHECKING, Any

from bot.sandbox.conversations import Conversation, Message
from bot.sandbox.inputs import without_inputs
from bot.sandbox.methods.chat import message_object
from bot.sandbox.people import Person
from bot.sandbox.views import snapshot

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
# Every app has one; nobody checks it any more.
VERIFICATION = "sandbox-verification"


def channel_name(channel: Conversation) -> str:
    """The name Slack gives in payloads: private conversations hide theirs."""
    if channel.kind == "im":
        return "directmessage"
    return "privategroup" if channel.private and channel.kind == "channel" else channel.name


def frame(ws: "Workspace", person: Person) -> Json:
    """What every interaction carries."""
    return {
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": ws.team_id,
        },
        "api_app_id": ws.app_id,
        "token": VERIFICATION,
        "team": {"id": ws.team_id, "domain": ws.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _response_url(
    ws: "Workspace", person: Person, channel: Conversation, ts: str | None = None
) -> str:
    return ws.response_base + ws.tickets.respond(channel.id, person.id, ws.clock(), ts)


def command(
    ws: "Workspace", person: Person, name: str, text: str, channel: Conversation
) -> dict[str, str]:
    """A slash command's form."""
    return {
        "token": VERIFICATION,
        "team_id": ws.team_id,
        "team_domain": ws.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": ws.app_id,
        "is_enterprise_install": "false",
        "response_url": _response_url(ws, person, channel),
        "trigger_id": ws.tickets.trigger(person.id),
    }


def in_message(ws: "Workspace", person: Person, message: Message) -> Json:
    """Where a click in a message happened. An ephemeral message is not sent along."""
    channel = ws.conversations[message.channel]
    found: Json = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral,
        },
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "response_url": _response_url(ws, person, channel, message.ts),
        "state": {"values": _chosen(message, person)},
    }
    if message.thread_ts:
        found["container"]["thread_ts"] = message.thread_ts
    if not message.ephemeral:
        found["message"] = message_object(ws, message)
    return found


def _chosen(message: Message, person: Person) -> Json:
    return {key: dict(entries) for key, entries in message.state.get(person.id, {}).items()}


def in_view(view: Json) -> Json:
    """Where a click in a view happened: no channel, no message, no response_url."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": snapshot(view)}


def block_actions(ws: "Workspace", person: Person, where: Json, action: Json) -> Json:
    """A click or choice."""
    return {
        "type": "block_actions",
        **frame(ws, person),
        "trigger_id": ws.tickets.trigger(person.id),
        **where,
        "actions": [action],
    }


def block_suggestion(
    ws: "Workspace", person: Person, where: Json, block: Json, element: Json, query: str
) -> Json:
    """A question for the options of an external select."""
    where = {key: item for key, item in where.items() if key not in ("response_url", "state")}
    return {
        "type": "block_suggestion",
        **frame(ws, person),
        **where,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
    }


def view_submission(ws: "Workspace", person: Person, view: Json) -> Json:
    """A submitted modal."""
    return {
        "type": "view_submission",
        **frame(ws, person),
        "trigger_id": ws.tickets.trigger(person.id),
        "view": snapshot(view),
        "response_urls": [],
    }


def view_closed(ws: "Workspace", person: Person, view: Json, *, cleared: bool) -> Json:
    """A modal closed by hand; what stood in its input blocks is not told."""
    values = without_inputs(view["blocks"], view["state"]["values"])
    return {
        "type": "view_closed",
        **frame(ws, person),
        "view": {**view, "state": {"values": values}},
        "is_cleared": cleared,
    }


def shortcut(ws: "Workspace", person: Person, callback_id: str) -> Json:
    """A global shortcut; it has no response_url."""
    return {
        "type": "shortcut",
        **frame(ws, person),
        "action_ts": ws.next_ts(),
        "callback_id": callback_id,
        "trigger_id": ws.tickets.trigger(person.id),
    }


def message_shortcut(ws: "Workspace", person: Person, callback_id: str, message: Message) -> Json:
    """A shortcut used on a message."""
    channel = ws.conversations[message.channel]
    return {
        "type": "message_action",
        **frame(ws, person),
        "action_ts": ws.next_ts(),
        "callback_id": callback_id,
        "trigger_id": ws.tickets.trigger(person.id),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message.ts,
        "message": message_object(ws, message),
        "response_url": _response_url(ws, person, channel, message.ts),
    }
