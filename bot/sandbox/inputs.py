"""What people type and choose: Slack's `state.values`, from initial values to submitted ones."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.conversations import elements
from bot.sandbox.errors import Refused

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]

# Element type -> (the key of its value, the key of its initial value).
KEYS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_URL = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_MANY = ("multi_", "checkboxes", "file_input")


def is_stateful(element: Mapping[str, Any]) -> bool:
    """Whether the element keeps a value; buttons and overflow menus do not."""
    return element.get("type") in KEYS


def initial_entry(element: Mapping[str, Any]) -> Json:
    """The state of an untouched element: its initial value, null, or an empty list."""
    kind = element["type"]
    key, initial = KEYS[kind]
    value = element.get(initial)
    if value is None and kind.startswith(_MANY):
        value = []
    entry = {"type": kind, key: value}
    if kind == "timepicker" and "timezone" in element:
        entry["timezone"] = element["timezone"]
    return entry


def values_of(blocks: list[Json], before: Values | None = None) -> Values:
    """The complete state of `blocks`. What stood in `before` under the same block and action
    ids, in an element of the same type, stays; everything else starts with its initial value."""
    values: Values = {}
    for block, element in elements(blocks):
        if is_stateful(element):
            block_id, action_id = block["block_id"], element["action_id"]
            kept = (before or {}).get(block_id, {}).get(action_id)
            if kept is None or kept.get("type") != element["type"]:
                kept = initial_entry(element)
            values.setdefault(block_id, {})[action_id] = kept
    return values


def without_inputs(blocks: list[Json], values: Values) -> Values:
    """The state as view_closed shows it: input blocks left out."""
    inputs = {block["block_id"] for block in blocks if block.get("type") == "input"}
    return {block_id: entry for block_id, entry in values.items() if block_id not in inputs}


def options_of(element: Mapping[str, Any]) -> list[Json]:
    """The options an element offers by itself, those of its groups included."""
    found = list(element.get("options") or ())
    for group in element.get("option_groups") or ():
        found += group.get("options") or ()
    return found


def typed(
    element: Mapping[str, Any],
    value: Any,
    *,
    exists: Callable[[str], bool],
    suggested: Iterable[Json] = (),
) -> Json:
    """The state entry after a person chose or typed `value`; Refused when Slack's client would
    not let them. Options are named by their value, people and channels by id."""
    kind = element["type"]
    entry = initial_entry(element)
    key = KEYS[kind][0]
    if kind.startswith(_MANY) and kind != "file_input":
        chosen = [value] if isinstance(value, str) else list(value or ())
        limit = element.get("max_selected_items")
        if limit is not None and len(chosen) > limit:
            raise Refused(f"You can select at most {limit} items.")
        entry[key] = [_choice(element, item, exists, suggested) for item in chosen]
    elif value is None or value == "":
        entry[key] = None
    elif kind.endswith("_select") or kind == "radio_buttons":
        entry[key] = _choice(element, value, exists, suggested)
    else:
        entry[key] = _written(element, value)
    return entry


def _choice(
    element: Mapping[str, Any], value: Any, exists: Callable[[str], bool], suggested: Iterable[Json]
) -> Any:
    kind = str(element["type"]).removeprefix("multi_")
    if kind in ("users_select", "conversations_select", "channels_select"):
        if not exists(value):
            raise Refused(f"{value} is not in this workspace.")
        return value
    wanted = value.get("value") if isinstance(value, Mapping) else value
    offered = [*options_of(element), *suggested]
    for option in offered:
        if option.get("value") == wanted:
            return option
    known = ", ".join(str(option.get("value")) for option in offered) or "none"
    raise Refused(f"There is no option {wanted!r}; there are: {known}.")


def _written(element: Mapping[str, Any], value: Any) -> Any:
    kind = element["type"]
    if kind == "datepicker":
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            raise Refused(f"{value!r} is not a date.") from None
    if kind == "timepicker":
        if not isinstance(value, str) or not _TIME.match(value):
            raise Refused(f"{value!r} is not a time.")
        return value
    if kind == "datetimepicker":
        if not isinstance(value, int) or len(str(value)) != 10:
            raise Refused(f"{value!r} is not a moment in Unix seconds.")
        return value
    if kind == "file_input":
        raise Refused("Files cannot be uploaded here.")
    if kind == "rich_text_input":
        part = {"type": "text", "text": str(value)}
        return {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [part]}],
        }
    most = element.get("max_length", 3000)
    if len(str(value)) > most:
        raise Refused(f"This can be at most {most} characters, is {len(str(value))}.")
    return str(value)


def problems_on_submit(blocks: list[Json], values: Values) -> dict[str, str]:
    """What Slack's client itself refuses to submit: block id -> sentence."""
    found: dict[str, str] = {}
    for block, element in elements(blocks):
        if block.get("type") != "input" or not is_stateful(element):
            continue
        entry = values[block["block_id"]][element["action_id"]]
        value = entry[KEYS[element["type"]][0]]
        if value in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = "Please complete this required field."
        elif problem := _shape_problem(element, value):
            found[block["block_id"]] = problem
    return found


def _shape_problem(element: Mapping[str, Any], value: Any) -> str | None:
    match element["type"]:
        case "plain_text_input":
            least = element.get("min_length", 0)
            return f"Please enter at least {least} characters." if len(value) < least else None
        case "email_text_input":
            return None if _EMAIL.match(value) else "Please enter a valid email address."
        case "url_text_input":
            return None if _URL.match(value) else "Please enter a valid URL."
        case "number_input":
            return _number_problem(element, value)
    return None


def _number_problem(element: Mapping[str, Any], value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or (
        not element.get("is_decimal_allowed") and number != number.to_integral_value()
    ):
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < Decimal(low):
        return f"Please enter a number of at least {low}."
    if high is not None and number > Decimal(high):
        return f"Please enter a number of at most {high}."
    return None


_ECHOED = ("placeholder", "initial_option", "initial_options", "initial_date", "initial_time")


def action_of(block: Json, element: Json, *, entry: Json | None, value: Any, ts: str) -> Json:
    """The action in a block_actions payload. `entry` is the new state of a stateful element,
    `value` what a button carries or the option chosen from an overflow menu."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if entry is not None:
        action |= {key: item for key, item in entry.items() if key != "type"}
        action |= {key: element[key] for key in _ECHOED if key in element}
    elif element["type"] == "overflow":
        action["selected_option"] = value
    else:
        if "text" in element:
            action["text"] = element["text"]
        if value is not None:
            action["value"] = value
        if "style" in element:
            action["style"] = element["style"]
    return action
