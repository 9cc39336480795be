"""users.*: the people of the workspace."""

from typing import TYPE_CHECKING, Any

from bot.sandbox.api import Args, method, need
from bot.sandbox.errors import ApiError
from bot.sandbox.methods.pages import page

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]

# Above this many people Slack insists on pages.
WITHOUT_LIMIT = 500


@method("users.info", tier=4, scopes=("users:read",))
def info(ws: "Workspace", args: Args) -> Json:
    """One person."""
    person = ws.people.get(args.text("user", required=True))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": ws.user_object(person, locale=args.flag("include_locale"))}


@method("users.list", tier=2, scopes=("users:read",))
def list_users(ws: "Workspace", args: Args) -> Json:
    """Everybody, page by page: bots, Slackbot and deactivated people too."""
    people = list(ws.people.values())
    if not args.number("limit", 0) and len(people) > WITHOUT_LIMIT:
        raise ApiError("limit_required")
    shown, metadata = page(args, people, default=WITHOUT_LIMIT)
    locale = args.flag("include_locale")
    return {
        "members": [ws.user_object(person, locale=locale) for person in shown],
        "cache_ts": int(ws.clock().timestamp()),
        "response_metadata": metadata,
    }


@method("users.lookupByEmail", tier=3, scopes=("users:read.email",))
def lookup_by_email(ws: "Workspace", args: Args) -> Json:
    """The person with this address; deactivated people are not found."""
    wanted = args.text("email", required=True).casefold()
    for person in ws.people.values():
        if person.email.casefold() == wanted and not person.deleted:
            return {"user": ws.user_object(person)}
    raise ApiError("users_not_found")


@method("users.conversations", tier=3)
def conversations(ws: "Workspace", args: Args) -> Json:
    """The channels the app (or a named person) is in, as far as the app may know them."""
    from bot.sandbox.methods.conversations import channel_object

    need(ws, "channels:read", "groups:read")
    user = args.text("user") or ws.bot_user_id
    kinds = (args.text("types") or "public_channel").split(",")
    found = [
        channel_object(ws, channel)
        for channel in ws.conversations.values()
        if channel.kind == "channel"
        and user in channel.members
        and ("private_channel" if channel.private else "public_channel") in kinds
        and (not channel.private or ws.bot_user_id in channel.members)
    ]
    shown, metadata = page(args, found, default=100)
    return {"channels": shown, "response_metadata": metadata}
