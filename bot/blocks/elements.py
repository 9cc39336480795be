"""Everything a person can press, choose or fill in, as the dicts Slack wants."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from bot.blocks.text import cut

Element = dict[str, Any]
Option = dict[str, Any]


def plain(text: str) -> Element:
    """A plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Element:
    """A mrkdwn object that links nothing by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(
    label: str,
    action: str,
    value: int | str | None = None,
    *,
    primary: bool = False,
    confirm: Element | None = None,
    says: str = "",
) -> Element:
    """A verb to press. `value` is one row id; `says` replaces the label for screen readers."""
    return element(
        "button",
        action,
        text=plain(cut(label, 75)),
        value=None if value is None else str(value),
        style="primary" if primary else None,
        confirm=confirm,
        accessibility_label=cut(says, 75) if says else None,
    )


def confirm(title: str, text: str, yes: str, no: str, *, danger: bool = True) -> Element:
    """A question before what no button brings back."""
    dialog: Element = {
        "title": plain(cut(title, 100)),
        "text": mrkdwn(cut(text, 300)),
        "confirm": plain(cut(yes, 30)),
        "deny": plain(cut(no, 30)),
    }
    return dialog | {"style": "danger"} if danger else dialog


def option(label: str, value: int | str, description: str = "") -> Option:
    """One thing to choose."""
    chosen: Option = {"text": plain(cut(label, 75)), "value": str(value)}
    return chosen | {"description": plain(cut(description, 75))} if description else chosen


def overflow(action: str, options: Sequence[Option], confirm: Element | None = None) -> Element:
    """The (..) menu: one to five options."""
    return element("overflow", action, options=list(options[:5]), confirm=confirm)


def letter_menu(letter_id: int, *extra: Option, action: str = "letter.menu") -> Element:
    """The (..) that ends every unsolicited letter: pausing lives only there, so it is learned
    once. A feature that adds options of its own names its own action and hands on the rest."""
    return overflow(
        action,
        [
            option("Pause letters for a week", f"pause.{letter_id}"),
            option("Why this letter?", f"why.{letter_id}"),
            *extra,
        ],
    )


def select(
    action: str,
    options: Sequence[Option],
    *,
    chosen: int | str | None = None,
    placeholder: str = "Choose",
) -> Element:
    """One of up to 100 options."""
    return element(
        "static_select",
        action,
        options=list(options),
        placeholder=plain(placeholder),
        initial_option=_initial(options, chosen),
    )


def multi_select(
    action: str,
    options: Sequence[Option],
    *,
    chosen: Iterable[str] = (),
    most: int | None = None,
    placeholder: str = "Choose",
) -> Element:
    """Several of up to 100 options."""
    wanted = {str(value) for value in chosen}
    return element(
        "multi_static_select",
        action,
        options=list(options),
        placeholder=plain(placeholder),
        max_selected_items=most,
        initial_options=[o for o in options if o["value"] in wanted] or None,
    )


def grouped_multi_select(
    action: str,
    groups: Sequence[tuple[str, Sequence[Option]]],
    *,
    chosen: Iterable[str] = (),
    most: int | None = None,
    placeholder: str = "Choose",
) -> Element:
    """Several of many options, in named groups."""
    wanted = {str(value) for value in chosen}
    every = [o for _label, options in groups for o in options if o["value"] in wanted]
    return element(
        "multi_static_select",
        action,
        option_groups=[{"label": plain(cut(g, 75)), "options": list(o)} for g, o in groups],
        placeholder=plain(placeholder),
        max_selected_items=most,
        initial_options=every or None,
    )


def external_select(
    action: str, *, chosen: Option | None = None, placeholder: str = "Type to search"
) -> Element:
    """One of many options that the bot looks up while the person types."""
    return element(
        "external_select",
        action,
        placeholder=plain(placeholder),
        min_query_length=2,
        initial_option=chosen,
    )


def radios(action: str, options: Sequence[Option], *, chosen: int | str | None = None) -> Element:
    """One of up to ten options, all visible."""
    return element(
        "radio_buttons", action, options=list(options), initial_option=_initial(options, chosen)
    )


def person_select(
    action: str, *, chosen: str | None = None, placeholder: str = "Choose a person"
) -> Element:
    """One person of the workspace."""
    return element("users_select", action, initial_user=chosen, placeholder=plain(placeholder))


def people_select(
    action: str, *, chosen: Sequence[str] = (), placeholder: str = "Choose people"
) -> Element:
    """Several people of the workspace."""
    return element(
        "multi_users_select",
        action,
        initial_users=list(chosen) or None,
        placeholder=plain(placeholder),
    )


def channel_select(action: str, *, chosen: str | None = None) -> Element:
    """A channel, private ones included."""
    return element(
        "conversations_select",
        action,
        initial_conversation=chosen,
        placeholder=plain("Choose a channel"),
        filter={"include": ["private", "public"], "exclude_bot_users": True},
    )


def date_picker(action: str, chosen: date | None = None) -> Element:
    """A day, without a zone."""
    return element("datepicker", action, initial_date=chosen.isoformat() if chosen else None)


def time_picker(action: str, chosen: time | None = None) -> Element:
    """A time of day, without a zone."""
    return element("timepicker", action, initial_time=f"{chosen:%H:%M}" if chosen else None)


def text_input(
    action: str, *, value: str = "", most: int = 3000, lines: bool = False, example: str = ""
) -> Element:
    """Free text; the placeholder is an example."""
    return element(
        "plain_text_input",
        action,
        initial_value=value or None,
        max_length=most,
        multiline=lines,
        placeholder=plain(cut(example, 150)) if example else None,
    )


def number_input(
    action: str, value: float, *, least: float, most: float, decimals: bool = False
) -> Element:
    """A number within limits (modals only). Slack wants the limits as strings."""
    return element(
        "number_input",
        action,
        is_decimal_allowed=decimals,
        initial_value=f"{value:g}",
        min_value=f"{least:g}",
        max_value=f"{most:g}",
    )


def _initial(options: Sequence[Option], chosen: int | str | None) -> Option | None:
    return next((o for o in options if chosen is not None and o["value"] == str(chosen)), None)


def element(kind: str, action: str | None, **parts: Any) -> Element:
    made: Element = {"type": kind}
    if action:
        made["action_id"] = action
    return made | {name: part for name, part in parts.items() if part is not None}
