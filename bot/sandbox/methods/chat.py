"""chat.*: posting, changing and deleting messages."""

from typing import TYPE_CHECKING, Any

from bot.limits import TEXT_LENGTH
from bot.sandbox.api import Args, method
from bot.sandbox.conversations import Conversation, Message
from bot.sandbox.errors import ApiError
from bot.sandbox.respond import check_content

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]

# Slack cuts longer texts off.
LONGEST_TEXT = 40_000


def message_object(ws: "Workspace", message: Message, *, metadata: bool = True) -> Json:
    """A message as the Web API and payloads show it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": ws.team_id,
    }
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": ws.app_id}
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.ts}
    if metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown


def content(args: Args) -> Json:
    """text, blocks, attachments and metadata of a call, checked against Slack's limits."""
    blocks = args.json("blocks", "invalid_blocks_format")
    found = {
        "text": args.text("text")[:LONGEST_TEXT],
        "blocks": blocks or [],
        "attachments": args.json("attachments") or [],
    }
    if args.text("markdown_text"):
        if found["text"] or blocks:
            raise ApiError("markdown_text_conflict")
        found["text"] = args.text("markdown_text")
    check_content({**found, "blocks": blocks or []})
    return found


def metadata_of(args: Args) -> Json | None:
    """Message metadata; event_type and event_payload are needed."""
    found = args.json("metadata")
    if found is None:
        return None
    if not isinstance(found, dict) or not found.get("event_type"):
        raise ApiError("invalid_metadata_format")
    return {"event_type": found["event_type"], "event_payload": found.get("event_payload") or {}}


def writable(ws: "Workspace", channel_id: str) -> Conversation:
    """The conversation the app may write into; a person's id opens the direct message."""
    if channel_id in ws.people:
        person = ws.people[channel_id]
        if person.is_bot:
            raise ApiError("cannot_dm_bot")
        # A deactivated person's message is stored and reported as sent, like any other.
        channel = ws.im(channel_id)
    else:
        found = ws.conversations.get(channel_id)
        if found is None or (found.private and ws.bot_user_id not in found.members):
            raise ApiError("channel_not_found")
        channel = found
    if channel.archived:
        raise ApiError("is_archived")
    if channel.kind == "im" and not ws.installation.messages_tab:
        raise ApiError("messages_tab_disabled")
    if ws.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def own_message(ws: "Workspace", args: Args, refusal: str) -> tuple[Conversation, Message]:
    """A message of the app itself that everybody sees; ephemerals cannot be found."""
    channel = writable(ws, args.text("channel", required=True))
    message = channel.find(args.text("ts", required=True))
    if message is None or message.ephemeral:
        raise ApiError("message_not_found")
    if message.user != ws.bot_user_id:
        raise ApiError(refusal)
    return channel, message


@method("chat.postMessage", tier=None, scopes=("chat:write",))
def post_message(ws: "Workspace", args: Args) -> Json:
    """Post into a channel, group or direct message; a person's id opens the direct message."""
    channel = writable(ws, args.text("channel", required=True))
    thread = args.text("thread_ts") or None
    message = ws.store(
        channel.id,
        ws.bot_user_id,
        metadata=metadata_of(args),
        thread_ts=thread,
        reply_broadcast=bool(thread) and args.flag("reply_broadcast"),
        **content(args),
    )
    ws.ledger.store(
        message.at,
        to=channel.members[0] if channel.kind == "im" else channel.id,
        channel=channel.id,
        ts=message.ts,
        text=message.text,
        metadata=message.metadata,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_object(ws, message)}


@method("chat.update", tier=3, scopes=("chat:write",))
def update(ws: "Workspace", args: Args) -> Json:
    """Change an own message. Text without blocks removes the blocks; blocks leave no mark."""
    channel, message = own_message(ws, args, "cant_update_message")
    if len(args.text("text")) > TEXT_LENGTH:
        raise ApiError("msg_too_long")
    new = content(args)
    ws.rewrite(message, new["text"], new["blocks"])
    message.attachments = new["attachments"]
    if "metadata" in args:
        message.metadata = metadata_of(args)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message_object(ws, message),
    }


@method("chat.delete", tier=3, scopes=("chat:write",))
def delete(ws: "Workspace", args: Args) -> Json:
    """Delete an own message."""
    channel, message = own_message(ws, args, "cant_delete_message")
    channel.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", tier=4, scopes=("chat:write",))
def post_ephemeral(ws: "Workspace", args: Args) -> Json:
    """A message only one member of the channel sees. "ok" does not mean it was seen."""
    channel = writable(ws, args.text("channel", required=True))
    user = args.text("user", required=True)
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    message = ws.store(
        channel.id,
        ws.bot_user_id,
        ephemeral=True,
        to=user,
        thread_ts=args.text("thread_ts") or None,
        **content(args),
    )
    return {"message_ts": message.ts}


@method("chat.getPermalink", tier=None)
def get_permalink(ws: "Workspace", args: Args) -> Json:
    """A link to a message."""
    channel = writable(ws, args.text("channel", required=True))
    ts = args.text("message_ts", required=True)
    if channel.find(ts) is None:
        raise ApiError("message_not_found")
    place = f"https://{ws.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": place}
