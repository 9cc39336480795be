"""Showing a modal where the person is: a new one, in the place of the one they look at, or above
it."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.slack import SlackClient

View = dict[str, Any]


def show(client: SlackClient, body: Mapping[str, Any], view: View) -> None:
    """Replace the modal the click came from, or open one."""
    if in_modal(body):
        client.views_update(view_id=str(body["view"]["id"]), view=view)
    else:
        client.views_open(trigger_id=str(body["trigger_id"]), view=view)


def show_above(client: SlackClient, body: Mapping[str, Any], view: View) -> None:
    """A side look: open a modal, above the one the click came from where there is one."""
    opener = client.views_push if in_modal(body) else client.views_open
    opener(trigger_id=str(body["trigger_id"]), view=view)


def in_modal(body: Mapping[str, Any]) -> bool:
    """Whether the click came from a modal."""
    view = body.get("view")  # of any shape, where a broken request is refused
    return isinstance(view, Mapping) and view.get("type") == "modal"


def redraw(
    client: SlackClient, body: Mapping[str, Any], view: View, again: Callable[[], View]
) -> None:
    """Redraw the modal the click came from, if it is still the one that was seen.

    Two taps in a row: the second still carries the old hash. Then `again` draws what is saved
    by now, and that is shown.
    """
    seen = body["view"]
    try:
        client.views_update(view_id=str(seen["id"]), hash=seen.get("hash"), view=view)
    except Exception as failed:
        if _code(failed) != "hash_conflict":
            raise
        client.views_update(view_id=str(seen["id"]), view=again())


def _code(failed: Exception) -> str:
    """Slack's word for what went wrong; "" for any other exception."""
    answer = getattr(failed, "response", None)
    return str(answer.get("error", "")) if answer is not None else ""
