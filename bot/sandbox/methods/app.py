"""auth.*, apps.*, team.*, bots.* and blocks.*: about the app itself."""

from typing import TYPE_CHECKING, Any

from bot.limits import Problem, check_message, check_view
from bot.sandbox.api import Args, method
from bot.sandbox.errors import ApiError

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@method("auth.test", tier=None)
def auth_test(ws: "Workspace", args: Args) -> Json:
    """Whose token this is."""
    return {
        "url": f"https://{ws.domain}.slack.com/",
        "team": ws.name,
        "user": ws.bot.name,
        "team_id": ws.team_id,
        "user_id": ws.bot_user_id,
        "bot_id": ws.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier=3, bearer="app")
def connections_open(ws: "Workspace", args: Args) -> Json:
    """Where Socket Mode connects to."""
    if ws.open_link is None or not ws.installation.socket_mode:
        raise ApiError("socket_mode_not_enabled")
    return {"url": ws.open_link()}


@method("team.info", tier=3, scopes=("team:read",))
def team_info(ws: "Workspace", args: Args) -> Json:
    """The workspace."""
    return {"team": {"id": ws.team_id, "name": ws.name, "domain": ws.domain}}


@method("bots.info", tier=3, scopes=("users:read",))
def bots_info(ws: "Workspace", args: Args) -> Json:
    """The app's bot."""
    if args.text("bot") not in ("", ws.bot_id):
        raise ApiError("bot_not_found")
    shown = {
        "id": ws.bot_id,
        "deleted": False,
        "name": ws.bot.name,
        "app_id": ws.app_id,
        "user_id": ws.bot_user_id,
        "updated": ws.bot.updated,
    }
    return {"bot": shown}


@method("api.test", tier=4, bearer="anybody")
def api_test(ws: "Workspace", args: Args) -> Json:
    """Says yes, or the error asked for."""
    if args.text("error"):
        raise ApiError(args.text("error"))
    return {}


@method("blocks.validate", tier=None, bearer="anybody")
def validate(ws: "Workspace", args: Args) -> Json:
    """Check `blocks`, a `message` or a `view` without posting anything; needs no token."""
    view, message = args.json("view"), args.json("message")
    blocks = args.json("blocks", "invalid_blocks_format")
    if view is not None:
        code, problems = "invalid_view", check_view(view) if isinstance(view, dict) else []
    elif message is not None:
        code = "invalid_message"
        problems = check_message(message) if isinstance(message, dict) else []
    elif blocks is not None:
        code, problems = "invalid_blocks", check_message({"blocks": blocks})
    else:
        raise ApiError("invalid_arguments")
    if problems:
        raise ApiError(code, errors=[_shown(problem) for problem in problems])
    return {}


def _shown(problem: Problem) -> Json:
    return {
        "pointer": problem.pointer,
        "code": "invalid",
        "message": problem.message,
        "constraint": problem.message,
    }
