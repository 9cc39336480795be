"""conversations.*: looking at and opening conversations."""

from typing import TYPE_CHECKING, Any

from bot.sandbox.api import Args, method, need
from bot.sandbox.conversations import Conversation, Message
from bot.sandbox.errors import ApiError
from bot.sandbox.methods.chat import message_object
from bot.sandbox.methods.pages import page

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]

_FAMILY = {"im": "im", "mpim": "mpim"}
MOST_USERS = 8


def family(channel: Conversation) -> str:
    """The first half of the scopes for it: im, mpim, groups or channels."""
    return _FAMILY.get(channel.kind) or ("groups" if channel.private else "channels")


def channel_object(ws: "Workspace", channel: Conversation, *, count: bool = False) -> Json:
    """A conversation as the Web API shows it."""
    shown: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_channel": channel.kind == "channel" and not channel.private,
        "is_group": channel.kind == "channel" and channel.private,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.private,
        "is_archived": channel.archived,
        "context_team_id": ws.team_id,
    }
    if channel.kind == "im":
        other = channel.members[0]
        return shown | {"user": other, "is_user_deleted": ws.people[other].deleted}
    shown |= {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_member": ws.bot_user_id in channel.members,
        "is_general": False,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
    if count:
        shown["num_members"] = len(channel.members)
    return shown


def known(ws: "Workspace", args: Args, verb: str) -> Conversation:
    """The conversation of a call, if the app may know of it and has the scope for its kind."""
    channel = ws.conversations.get(args.text("channel", required=True))
    if channel is None:
        raise ApiError("channel_not_found")
    need(ws, f"{family(channel)}:{verb}")
    if channel.private and ws.bot_user_id not in channel.members:
        raise ApiError("channel_not_found")
    return channel


@method("conversations.open", tier=3)
def open_conversation(ws: "Workspace", args: Args) -> Json:
    """Open a direct message (1 user) or a group message (2 to 8); the same set, the same one."""
    if args.text("channel"):
        channel = ws.conversations.get(args.text("channel"))
        if channel is None or ws.bot_user_id not in channel.members:
            raise ApiError("channel_not_found")
        return _opened(ws, args, channel, existed=True)
    users = [user for user in args.text("users", required=True).split(",") if user]
    users = [user for user in dict.fromkeys(users) if user != ws.bot_user_id]
    if not users:
        raise ApiError("not_enough_users")
    if len(users) > MOST_USERS:
        raise ApiError("too_many_users")
    need(ws, "im:write" if len(users) == 1 else "mpim:write")
    for user in users:
        if user not in ws.people:
            raise ApiError("user_not_found")
        if ws.people[user].deleted:
            raise ApiError("user_disabled")
    if len(users) == 1:
        if ws.people[users[0]].is_bot:
            raise ApiError("cannot_dm_bot")
        return _opened(ws, args, ws.im(users[0]), existed=False)
    existed = ws.mpim(users, create=False)
    found = existed or ws.mpim(users, create=not args.flag("prevent_creation"))
    if found is None:
        raise ApiError("channel_not_found")
    return _opened(ws, args, found, existed=existed is not None)


def _opened(ws: "Workspace", args: Args, channel: Conversation, *, existed: bool) -> Json:
    shown = channel_object(ws, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": existed, "already_open": existed}


@method("conversations.info", tier=3)
def info(ws: "Workspace", args: Args) -> Json:
    """One conversation."""
    channel = known(ws, args, "read")
    return {"channel": channel_object(ws, channel, count=args.flag("include_num_members"))}


@method("conversations.members", tier=4)
def members(ws: "Workspace", args: Args) -> Json:
    """Who is in it, page by page: bots and deactivated people too."""
    found, metadata = page(args, known(ws, args, "read").members, default=100)
    return {"members": found, "response_metadata": metadata}


@method("conversations.list", tier=2)
def list_conversations(ws: "Workspace", args: Args) -> Json:
    """Conversations of the asked kinds; private ones only where the app is a member."""
    kinds = {kind.strip() for kind in (args.text("types") or "public_channel").split(",")}
    if not kinds <= {"public_channel", "private_channel", "mpim", "im"}:
        raise ApiError("invalid_types")
    for kind, scope in (
        ("public_channel", "channels:read"),
        ("private_channel", "groups:read"),
        ("mpim", "mpim:read"),
        ("im", "im:read"),
    ):
        if kind in kinds:
            need(ws, scope)
    found = [
        channel_object(ws, channel, count=True)
        for channel in ws.conversations.values()
        if _kind(channel) in kinds
        and (not channel.private or ws.bot_user_id in channel.members)
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    shown, metadata = page(args, found, default=100)
    return {"channels": shown, "response_metadata": metadata}


def _kind(channel: Conversation) -> str:
    if channel.kind != "channel":
        return channel.kind
    return "private_channel" if channel.private else "public_channel"


def _readable(ws: "Workspace", args: Args) -> Conversation:
    channel = known(ws, args, "history")
    if ws.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _between(args: Args, message: Message) -> bool:
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "9999999999"
    low, high, at = _stamp(oldest), _stamp(latest), _stamp(message.ts)
    return low <= at <= high if args.flag("inclusive") else low < at < high


def _stamp(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds), int((micros + "000000")[:6])
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None


@method("conversations.history", tier=3)
def history(ws: "Workspace", args: Args) -> Json:
    """Messages, newest first; thread replies only when broadcast, ephemerals never."""
    channel = _readable(ws, args)
    found = [
        message_object(ws, message, metadata=args.flag("include_all_metadata"))
        for message in reversed(channel.messages)
        if not message.ephemeral
        and (not message.thread_ts or message.reply_broadcast or message.thread_ts == message.ts)
        and _between(args, message)
    ]
    shown, metadata = page(args, found, default=100)
    more = bool(metadata["next_cursor"])
    return {"messages": shown, "has_more": more, "response_metadata": metadata}


@method("conversations.replies", tier=3)
def replies(ws: "Workspace", args: Args) -> Json:
    """A thread: its first message and the replies, oldest first."""
    channel = _readable(ws, args)
    ts = args.text("ts", required=True)
    if channel.find(ts) is None:
        raise ApiError("thread_not_found")
    found = [
        message_object(ws, message, metadata=args.flag("include_all_metadata"))
        for message in channel.messages
        if not message.ephemeral and ts in (message.ts, message.thread_ts)
    ]
    shown, metadata = page(args, found, default=1000)
    more = bool(metadata["next_cursor"])
    return {"messages": shown, "has_more": more, "response_metadata": metadata}
