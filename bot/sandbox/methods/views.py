"""views.*: modals and Home tabs."""

from typing import TYPE_CHECKING, Any

from bot.sandbox.api import Args, method
from bot.sandbox.errors import ApiError
from bot.sandbox.tickets import Trigger
from bot.sandbox.views import snapshot

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def _view(args: Args) -> Any:
    return args.json("view", "invalid_arguments")


def _trigger(ws: "Workspace", args: Args) -> Trigger:
    trigger_id = args.text("trigger_id") or args.text("interactivity_pointer")
    if not trigger_id:
        raise ApiError("invalid_arguments")
    return ws.tickets.look(trigger_id)


@method("views.open", tier=4)
def open_view(ws: "Workspace", args: Args) -> Json:
    """Open a modal for whoever's interaction the trigger came from."""
    trigger = _trigger(ws, args)
    view = ws.views.open(trigger.user, _view(args))
    trigger.used = True
    return {"view": snapshot(view)}


@method("views.push", tier=4)
def push_view(ws: "Workspace", args: Args) -> Json:
    """Put a modal on top of the open one; three at most."""
    trigger = _trigger(ws, args)
    view = ws.views.push(trigger.user, _view(args))
    trigger.used = True
    return {"view": snapshot(view)}


@method("views.update", tier=4)
def update_view(ws: "Workspace", args: Args) -> Json:
    """Replace an open modal, by its id or external_id."""
    view_id, external_id = args.text("view_id") or None, args.text("external_id") or None
    if not view_id and not external_id:
        raise ApiError("invalid_arguments")
    view = ws.views.update(view_id, external_id, _view(args), args.text("hash"))
    return {"view": snapshot(view)}


@method("views.publish", tier=4)
def publish_view(ws: "Workspace", args: Args) -> Json:
    """Replace a person's Home tab."""
    if not ws.installation.home_tab:
        raise ApiError("not_enabled")
    user = args.text("user_id", required=True)
    if user not in ws.people:
        raise ApiError("user_not_found")
    return {"view": snapshot(ws.views.publish(user, _view(args), args.text("hash")))}
