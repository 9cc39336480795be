"""Whether a request is shaped as Slack shapes its requests.

Listeners may rely on what is checked here: what is missing or of another type never reaches
them, and whoever sent it reads a refusal. Everything else they read through `bot.forms`.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.forms import is_slack_id

# Stamps and tickets of Slack's: they become part of keys in the database.
_PLAIN = re.compile(r"[\x21-\x7e]{1,255}")


def is_sound(body: Mapping[str, Any]) -> bool:
    """Whether the parts that listeners take for granted are there, in any kind of request."""
    if not all(_is_mapping_or_none(body.get(part)) for part in ("container", "channel", "view")):
        return False
    if "event" in body:
        return _is_event(body["event"])
    if "command" in body:
        return _are_plain(body, "trigger_id")
    container, channel = body.get("container") or {}, body.get("channel") or {}
    if not _are_plain_or_none(container, "channel_id", "message_ts"):
        return False
    if channel and not is_slack_id(str(channel.get("id"))):
        return False
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
        _are_plain(body, "trigger_id")
        and isinstance(actions, list)
        and len(actions) > 0
        and all(_is_action(one) for one in actions)
        and isinstance(body.get("response_url") or "", str)
        # Without a place it came from there is nobody to answer.
        and (_is_view(body["view"]) if body.get("view") else bool(body.get("channel")))
    )


def _is_action(action: object) -> bool:
    return (
        isinstance(action, Mapping)
        and _are_plain(action, "action_id")
        and _are_plain_or_none(action, "action_ts")
    )


def _is_submission(body: Mapping[str, Any]) -> bool:
    return _is_view(body.get("view")) and _are_plain(body["view"], "callback_id")


def _is_shortcut(body: Mapping[str, Any]) -> bool:
    return _are_plain(body, "callback_id", "trigger_id")


def _is_question(body: Mapping[str, Any]) -> bool:
    return _are_plain(body, "action_id")


def _is_event(event: object) -> bool:
    if not isinstance(event, Mapping) or not _are_plain(event, "type"):
        return False
    if event["type"] != "user_change":
        return True
    user = event.get("user")
    return isinstance(user, Mapping) and is_slack_id(str(user.get("id")))


def _is_view(view: object) -> bool:
    if not isinstance(view, Mapping) or not _are_plain(view, "id", "type"):
        return False
    blocks = view.get("blocks")
    return isinstance(blocks, list) and all(_is_block(one) for one in blocks)


def _is_block(block: object) -> bool:
    return isinstance(block, Mapping) and isinstance(block.get("block_id", ""), str)


def _are_plain(part: Mapping[str, Any], *names: str) -> bool:
    return all(_is_plain(part.get(name)) for name in names)


def _are_plain_or_none(part: Mapping[str, Any], *names: str) -> bool:
    return all(part.get(name) is None or _is_plain(part[name]) for name in names)


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and _PLAIN.fullmatch(text) is not None


def _is_mapping_or_none(part: object) -> bool:
    return part is None or isinstance(part, Mapping)
