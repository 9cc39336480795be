"""Short ways to write blocks and views in these tests."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, accessory: Json | None = None, block_id: str | None = None) -> Json:
    block: Json = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    if accessory:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def button(action_id: str, value: str = "1", label: str = "Go") -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(label)}


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.title()), "value": value} for value in values]


def input_block(block_id: str, element: Json, **more: Any) -> Json:
    element = {"action_id": "it", **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": element,
        **more,
    }


def text_input(block_id: str = "name", **element: Any) -> Json:
    return input_block(block_id, {"type": "plain_text_input", **element})


def modal(*blocks: Json, callback_id: str = "form", **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("A form"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [text_input()],
        **more,
    }


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}]}
