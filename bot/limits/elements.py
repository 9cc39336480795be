"""The elements inside blocks: buttons, selects, pickers, inputs. Which block and which surface
each may stand in, and its own limits."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.limits.report import (
    PLAIN,
    Report,
    check_confirm,
    check_option,
    check_option_groups,
    check_options,
    same_option,
)

Element = Mapping[str, Any]

EVERYWHERE = frozenset({"message", "modal", "home"})
PICKED = frozenset({"section", "actions", "input"})
CLICKED = frozenset({"section", "actions"})
TYPED = frozenset({"input"})
# The types allow a multi-select in an actions block; Slack refuses to post it.
MULTI = frozenset({"section", "input"})

PLACES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "button": (CLICKED | {"card"}, EVERYWHERE),
    "overflow": (CLICKED, EVERYWHERE),
    "image": (frozenset({"section", "context"}), EVERYWHERE),
    "static_select": (PICKED, EVERYWHERE),
    "external_select": (PICKED, EVERYWHERE),
    "users_select": (PICKED, EVERYWHERE),
    "conversations_select": (PICKED, EVERYWHERE),
    "channels_select": (PICKED, EVERYWHERE),
    "multi_static_select": (MULTI, EVERYWHERE),
    "multi_external_select": (MULTI, EVERYWHERE),
    "multi_users_select": (MULTI, EVERYWHERE),
    "multi_conversations_select": (MULTI, EVERYWHERE),
    "multi_channels_select": (MULTI, EVERYWHERE),
    "checkboxes": (PICKED, EVERYWHERE),
    "radio_buttons": (PICKED, EVERYWHERE),
    "datepicker": (PICKED, EVERYWHERE),
    "timepicker": (PICKED, EVERYWHERE),
    "datetimepicker": (frozenset({"actions", "input"}), frozenset({"message", "modal"})),
    "plain_text_input": (TYPED, EVERYWHERE),
    "rich_text_input": (TYPED, frozenset({"modal", "home"})),
    "email_text_input": (TYPED, frozenset({"message", "modal"})),
    "url_text_input": (TYPED, frozenset({"message", "modal"})),
    "number_input": (TYPED, frozenset({"modal"})),
    "file_input": (TYPED, frozenset({"modal"})),
    "feedback_buttons": (frozenset({"context_actions"}), frozenset({"message"})),
    "icon_button": (frozenset({"context_actions"}), frozenset({"message"})),
}

_DECIMAL = re.compile(r"-?\d+(\.\d+)?\Z")
_WHOLE = re.compile(r"-?\d+\Z")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")


def check_element(
    report: Report, element: object, at: str, *, block: str, action_ids: set[str]
) -> None:
    """One element of a block of type `block`; `action_ids` are those already used in it."""
    if not isinstance(element, Mapping):
        report.add(at, "must be an element")
        return
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in PLACES:
        report.add(f"{at}/type", f"unsupported element: {kind}")
        return
    blocks, surfaces = PLACES[kind]
    if block not in blocks:
        report.add(at, f"unsupported element in {block}: {kind}")
    elif report.surface not in surfaces:
        report.add(at, f"{kind} is not available in a {report.surface}")
    if kind != "image":
        _check_action_id(report, element, at, action_ids)
        check_confirm(report, element, at)
        _check_focus(report, element, at)
        report.text(element, "placeholder", at, most=150, kinds=PLAIN)
    _CHECKS[kind](report, element, at)


def _check_action_id(report: Report, element: Element, at: str, action_ids: set[str]) -> None:
    report.string(element, "action_id", at, most=255)
    action_id = element.get("action_id")
    if isinstance(action_id, str):
        if action_id in action_ids:
            report.add(f"{at}/action_id", f"action_id {action_id!r} already exists in this block")
        action_ids.add(action_id)


def _check_focus(report: Report, element: Element, at: str) -> None:
    report.flag(element, "focus_on_load", at)
    if element.get("focus_on_load") is True:
        report.focused += 1
        if report.focused > 1:
            report.add(f"{at}/focus_on_load", "only one element may have focus_on_load")


def _button(report: Report, element: Element, at: str) -> None:
    report.text(element, "text", at, most=75, kinds=PLAIN, required=True)
    report.string(element, "value", at, most=2000)
    report.string(element, "url", at, most=3000)
    report.string(element, "accessibility_label", at, most=75)
    report.one_of(element, "style", at, ("primary", "danger"))


def _overflow(report: Report, element: Element, at: str) -> None:
    check_options(report, element, at, most=5, url=True)


def check_image(report: Report, element: Element, at: str) -> None:
    """An image, as an element or a block: where it comes from, and what it shows in words."""
    report.string(element, "alt_text", at, most=2000, required=True)
    if ("image_url" in element) == ("slack_file" in element):
        report.add(at, "one of image_url and slack_file is needed")
    report.string(element, "image_url", at, most=3000)


def _static_options(report: Report, element: Element, at: str) -> list[Any]:
    if ("options" in element) == ("option_groups" in element):
        report.add(at, "one of options and option_groups is needed")
        return []
    if "options" in element:
        return check_options(report, element, at, most=100)
    return check_option_groups(report, element, at)


def _initial_option(report: Report, element: Element, at: str, options: list[Any]) -> None:
    initial = element.get("initial_option")
    if initial is not None and not any(same_option(initial, option) for option in options):
        report.add(f"{at}/initial_option", "must be one of the options")


def _initial_options(report: Report, element: Element, at: str, options: list[Any]) -> None:
    if "initial_options" not in element:
        return
    for index, initial in enumerate(report.items(element, "initial_options", at, most=100)):
        if not any(same_option(initial, option) for option in options):
            report.add(f"{at}/initial_options/{index}", "must be one of the options")


def _static_select(report: Report, element: Element, at: str) -> None:
    _initial_option(report, element, at, _static_options(report, element, at))


def _multi_static_select(report: Report, element: Element, at: str) -> None:
    _initial_options(report, element, at, _static_options(report, element, at))
    _max_selected(report, element, at)


def _max_selected(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "max_selected_items", at, least=1, most=None)


def _whole_number(
    report: Report, element: Element, key: str, at: str, *, least: int, most: int | None
) -> None:
    value = element.get(key)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        report.add(f"{at}/{key}", "must be a whole number")
    elif value < least or (most is not None and value > most):
        report.add(f"{at}/{key}", f"must be {least} to {most}" if most else f"at least {least}")


def _external_select(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "min_query_length", at, least=0, most=None)
    if "initial_option" in element:
        check_option(report, element["initial_option"], f"{at}/initial_option")


def _multi_external_select(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "min_query_length", at, least=0, most=None)
    if "initial_options" in element:
        for index, option in enumerate(report.items(element, "initial_options", at, most=100)):
            check_option(report, option, f"{at}/initial_options/{index}")
    _max_selected(report, element, at)


def _id_select(report: Report, element: Element, at: str) -> None:
    if "response_url_enabled" in element and (
        report.surface != "modal" or element["type"] == "users_select"
    ):
        report.add(f"{at}/response_url_enabled", "only for conversation inputs in modals")


def _multi_id_select(report: Report, element: Element, at: str) -> None:
    _max_selected(report, element, at)


def _checkboxes(report: Report, element: Element, at: str) -> None:
    options = check_options(report, element, at, most=10, mrkdwn=True)
    _initial_options(report, element, at, options)


def _radio_buttons(report: Report, element: Element, at: str) -> None:
    options = check_options(report, element, at, most=10, mrkdwn=True)
    _initial_option(report, element, at, options)


def _datepicker(report: Report, element: Element, at: str) -> None:
    initial = element.get("initial_date")
    if initial is None:
        return
    try:
        if not isinstance(initial, str) or date.fromisoformat(initial).isoformat() != initial:
            raise ValueError
    except ValueError:
        report.add(f"{at}/initial_date", "must be a date, YYYY-MM-DD")


def _timepicker(report: Report, element: Element, at: str) -> None:
    initial = element.get("initial_time")
    if initial is not None and not (isinstance(initial, str) and _TIME.match(initial)):
        report.add(f"{at}/initial_time", "must be a time, HH:mm")


def _datetimepicker(report: Report, element: Element, at: str) -> None:
    initial = element.get("initial_date_time")
    if initial is not None and not (isinstance(initial, int) and len(str(initial)) == 10):
        report.add(f"{at}/initial_date_time", "must be Unix seconds of 10 digits")


def _dispatch(report: Report, element: Element, at: str) -> None:
    config = element.get("dispatch_action_config")
    if config is None:
        return
    at = f"{at}/dispatch_action_config"
    if not isinstance(config, Mapping):
        report.add(at, "must be an object")
        return
    for index, word in enumerate(report.items(config, "trigger_actions_on", at, most=2)):
        if word not in ("on_enter_pressed", "on_character_entered"):
            report.add(f"{at}/trigger_actions_on/{index}", f"unknown: {word}")


def _plain_text_input(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "min_length", at, least=0, most=3000)
    _whole_number(report, element, "max_length", at, least=1, most=3000)
    low, high = element.get("min_length"), element.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report.add(f"{at}/min_length", "must not be more than max_length")
    most = high if isinstance(high, int) else 3000
    report.string(element, "initial_value", at, most=most, least=0)
    report.flag(element, "multiline", at)
    _dispatch(report, element, at)


def _rich_text_input(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "min_lines", at, least=1, most=100)
    _whole_number(report, element, "max_lines", at, least=1, most=100)
    _dispatch(report, element, at)


def _address_input(report: Report, element: Element, at: str) -> None:
    report.string(element, "initial_value", at, most=3000, least=0)
    _dispatch(report, element, at)


def _number_input(report: Report, element: Element, at: str) -> None:
    decimal = element.get("is_decimal_allowed")
    if not isinstance(decimal, bool):
        report.add(f"{at}/is_decimal_allowed", "missing required field: is_decimal_allowed")
    shape = _DECIMAL if decimal else _WHOLE
    for key in ("initial_value", "min_value", "max_value"):
        value = element.get(key)
        if value is not None and not (isinstance(value, str) and shape.match(value)):
            report.add(f"{at}/{key}", "must be a number written as a string")
    _dispatch(report, element, at)


def _file_input(report: Report, element: Element, at: str) -> None:
    _whole_number(report, element, "max_files", at, least=1, most=10)


def _feedback_buttons(report: Report, element: Element, at: str) -> None:
    for key in ("positive_button", "negative_button"):
        button = element.get(key)
        if not isinstance(button, Mapping):
            report.add(f"{at}/{key}", f"missing required field: {key}")
            continue
        report.text(button, "text", f"{at}/{key}", most=75, kinds=PLAIN, required=True)
        report.string(button, "value", f"{at}/{key}", most=2000, required=True)


def _icon_button(report: Report, element: Element, at: str) -> None:
    report.one_of(element, "icon", at, ("trash",))
    report.text(element, "text", at, most=75, kinds=PLAIN, required=True)


_CHECKS: dict[str, Callable[[Report, Element, str], None]] = {
    "button": _button,
    "overflow": _overflow,
    "image": check_image,
    "static_select": _static_select,
    "external_select": _external_select,
    "users_select": _id_select,
    "conversations_select": _id_select,
    "channels_select": _id_select,
    "multi_static_select": _multi_static_select,
    "multi_external_select": _multi_external_select,
    "multi_users_select": _multi_id_select,
    "multi_conversations_select": _multi_id_select,
    "multi_channels_select": _multi_id_select,
    "checkboxes": _checkboxes,
    "radio_buttons": _radio_buttons,
    "datepicker": _datepicker,
    "timepicker": _timepicker,
    "datetimepicker": _datetimepicker,
    "plain_text_input": _plain_text_input,
    "rich_text_input": _rich_text_input,
    "email_text_input": _address_input,
    "url_text_input": _address_input,
    "number_input": _number_input,
    "file_input": _file_input,
    "feedback_buttons": _feedback_buttons,
    "icon_button": _icon_button,
}
