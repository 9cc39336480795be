"""Whether a request is shaped as Slack shapes its requests.

Listeners may rely on what is checked here: what is missing or of another type never reaches
them, and whoever sent it reads a refusal. Everything else they read through `bot.forms`.
"""

from collections.abc import Mapping
from typing import Any


def is_sound(body: Mapping[str, Any]) -> bool:
    """Whether the parts that listeners take for granted are there, in any kind of request."""
    if not all(_is_mapping_or_none(body.get(part)) for part in ("container", "channel", "view")):
        return False
    if "event" in body:
        return _is_event(body["event"])
    if "command" in body:
        return _has_texts(body, "trigger_id")
    kinds = {
        "block_actions": _is_click,
        "view_submission": _is_submission,
        "shortcut": _is_shortcut,
        "message_action": _is_shortcut,
        "block_suggestion": _is_question,
        "view_closed": _is_submission,
    }
    known = kinds.get(str(body.get("type")))
    return known is not None and known(body)


def disarm(body: dict[str, Any]) -> None:
    """Take out of an unsound request what Bolt itself would stumble over, so that it gets as far
    as being refused. A sound one stays as it is."""
    if not is_sound(body):
        for part in ("actions", "view", "event", "message"):
            body.pop(part, None)


def _is_click(body: Mapping[str, Any]) -> bool:
    actions = body.get("actions")
    return (
        _has_texts(body, "trigger_id")
        and isinstance(actions, list)
        and len(actions) > 0
        and all(isinstance(one, Mapping) and _has_texts(one, "action_id") for one in actions)
        and isinstance(body.get("response_url") or "", str)
        # Without a place it came from there is nobody to answer.
        and (_is_view(body["view"]) if body.get("view") else bool(body.get("channel")))
    )


def _is_submission(body: Mapping[str, Any]) -> bool:
    return _is_view(body.get("view")) and _has_texts(body["view"], "callback_id")


def _is_shortcut(body: Mapping[str, Any]) -> bool:
    return _has_texts(body, "callback_id", "trigger_id")


def _is_question(body: Mapping[str, Any]) -> bool:
    return _has_texts(body, "action_id")


def _is_event(event: object) -> bool:
    if not isinstance(event, Mapping) or not _has_texts(event, "type"):
        return False
    return event["type"] != "user_change" or isinstance(event.get("user"), Mapping)


def _is_view(view: object) -> bool:
    if not isinstance(view, Mapping) or not _has_texts(view, "id", "type"):
        return False
    blocks = view.get("blocks")
    return isinstance(blocks, list) and all(isinstance(one, Mapping) for one in blocks)


def _has_texts(part: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(part.get(name), str) and part[name] for name in names)


def _is_mapping_or_none(part: object) -> bool:
    return part is None or isinstance(part, Mapping)
