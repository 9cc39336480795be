"""What people see, as Block Kit: small builders that return the dicts Slack wants.

Text from a person goes through `escape` before it stands in mrkdwn; plain_text needs nothing.
Lengths are cut here where Slack would refuse the whole message.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]
Option = dict[str, Any]

SHAPES = {"green": "●", "amber": "▲", "red": "■", "grey": "○", "done": "●", "open": "○"}

# Who sees it: the storyboard's sentences, used as they are.
ONLY_YOU = "Only you see this."
MENTOR_ASKED = "The mentor you ask sees this; coordinators see only that you asked."
THAT_YOU_MET = "Coordinators see that you met, never what you wrote."
KEPT = "I keep this; nobody reads it."


def you_and(name: str) -> str:
    """Who sees it, for a pair: "Only you and Ben see this."."""
    return f"Only you and {name} see this."


# ---- text


def escape(text: str) -> str:
    """A person's words, safe inside mrkdwn: no mention, link or broadcast can come from them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote(text: str) -> str:
    """A person's words as a quotation, escaped, every line marked."""
    return "\n".join(f"> {line}" for line in escape(text).splitlines() or [""])


def mention(slack_id: str) -> str:
    """A person, as Slack shows them."""
    return f"<@{slack_id}>"


def cut(text: str, most: int) -> str:
    """At most `most` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def listed(names: Sequence[str], word: str = "and") -> str:
    """ "Ana", "Ana and Ben", "Ana, Ben and Cho"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """ "1 pair", "3 pairs"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


_MARKUP = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>|<(?:[^|>]*)\|([^>]*)>")


def spoken_text(mrkdwn: str) -> str:
    """mrkdwn as a screen reader should say it: no shapes, emoji or marks."""
    text = _MARKUP.sub(lambda m: m.group(1) or m.group(2) or "", mrkdwn)
    text = re.sub(r":[a-z0-9_+-]+:", "", text)
    text = re.sub(r"(?m)^> ?", "", text)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    text = re.sub(r"[●▲■○•]\s?", "", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def plain(text: str) -> Element:
    """A plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Element:
    """A mrkdwn object that links nothing by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


# ---- blocks


def section(text: str, accessory: Element | None = None, block_id: str | None = None) -> Block:
    """A paragraph, with at most one element beside it."""
    return _block("section", block_id, text=mrkdwn(cut(text, 3000)), accessory=accessory)


def fields(*texts: str) -> Block:
    """Two columns of short texts, ten at the most."""
    return _block("section", None, fields=[mrkdwn(cut(text, 2000)) for text in texts[:10]])


def header(text: str) -> Block:
    """A headline."""
    return _block("header", None, text=plain(cut(text, 150)))


def context(text: str, block_id: str | None = None) -> Block:
    """A small line."""
    return _block("context", block_id, elements=[mrkdwn(cut(text, 2000))])


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def alert(text: str, level: str = "error") -> Block:
    """What is wrong with a whole form (modals only)."""
    return _block("alert", None, text=mrkdwn(cut(text, 200)), level=level)


def actions(*elements: Element | None, block_id: str | None = None) -> Block:
    """A row of buttons; what is None is left out."""
    return _block("actions", block_id, elements=[e for e in elements if e])


def field_block(
    label: str,
    element: Element,
    block_id: str,
    *,
    optional: bool = False,
    hint: str = "",
    heard: bool = False,
) -> Block:
    """A form's input under a stable id. `heard`: a change is sent at once."""
    return _block(
        "input",
        block_id,
        label=plain(label),
        element=element,
        optional=optional,
        hint=plain(hint) if hint else None,
        dispatch_action=heard or None,
    )


def bar_chart(title: str, categories: Sequence[str], series: dict[str, Sequence[int]]) -> Block:
    """A native chart. Slack chooses the colours, so no series is called after one."""
    return {
        "type": "data_visualization",
        "title": cut(title, 50),
        "chart": {
            "type": "bar",
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(categories, values, strict=True)
                    ],
                }
                for name, values in series.items()
            ],
            "axis_config": {"categories": list(categories), "x_label": "Week", "y_label": "Pairs"},
        },
    }


# ---- elements


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
    return _element(
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
    return _element("overflow", action, options=list(options[:5]), confirm=confirm)


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
    return _element(
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
    return _element(
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
    return _element(
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
    return _element(
        "external_select",
        action,
        placeholder=plain(placeholder),
        min_query_length=2,
        initial_option=chosen,
    )


def radios(action: str, options: Sequence[Option], *, chosen: int | str | None = None) -> Element:
    """One of up to ten options, all visible."""
    return _element(
        "radio_buttons", action, options=list(options), initial_option=_initial(options, chosen)
    )


def person_select(
    action: str, *, chosen: str | None = None, placeholder: str = "Choose a person"
) -> Element:
    """One person of the workspace."""
    return _element("users_select", action, initial_user=chosen, placeholder=plain(placeholder))


def people_select(
    action: str, *, chosen: Sequence[str] = (), placeholder: str = "Choose people"
) -> Element:
    """Several people of the workspace."""
    return _element(
        "multi_users_select",
        action,
        initial_users=list(chosen) or None,
        placeholder=plain(placeholder),
    )


def channel_select(action: str, *, chosen: str | None = None) -> Element:
    """A channel, private ones included."""
    return _element(
        "conversations_select",
        action,
        initial_conversation=chosen,
        placeholder=plain("Choose a channel"),
        filter={"include": ["private", "public"], "exclude_bot_users": True},
    )


def date_picker(action: str, chosen: date | None = None) -> Element:
    """A day, without a zone."""
    return _element("datepicker", action, initial_date=chosen.isoformat() if chosen else None)


def time_picker(action: str, chosen: time | None = None) -> Element:
    """A time of day, without a zone."""
    return _element("timepicker", action, initial_time=f"{chosen:%H:%M}" if chosen else None)


def text_input(
    action: str, *, value: str = "", most: int = 3000, lines: bool = False, example: str = ""
) -> Element:
    """Free text; the placeholder is an example."""
    return _element(
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
    return _element(
        "number_input",
        action,
        is_decimal_allowed=decimals,
        initial_value=f"{value:g}",
        min_value=f"{least:g}",
        max_value=f"{most:g}",
    )


# ---- whole surfaces


@dataclass(frozen=True)
class Message:
    """A message as the outbox sends it.

    `footer` stays apart from `blocks`, so that several letters can become one message with one
    footer. `text` is what screen readers and notifications say: no shapes, no markup.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)
    footer: str = ""
    thread_of: int | None = None  # the letter this one answers in a thread
    broadcast: bool = False  # a thread reply that is also shown in the channel

    def all_blocks(self) -> list[Block]:
        """The blocks as sent, footer last."""
        return [*self.blocks, context(self.footer)] if self.footer else list(self.blocks)


def modal(
    callback: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str | None = None,
    metadata: str = "",
) -> dict[str, Any]:
    """A modal view; one without a submit button ends with "Done"."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(cut(title, 24)),
        "close": plain(close or ("Cancel" if submit else "Done")),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    return view | {"submit": plain(cut(submit, 24))} if submit else view


def home_view(blocks: Sequence[Block]) -> dict[str, Any]:
    """A Home tab."""
    return {"type": "home", "blocks": list(blocks)[:100]}


def letter(
    headline: str,
    *body: str,
    buttons: Sequence[Element] = (),
    menu: Element | None = None,
    footer: str = "",
    beside: Element | None = None,
    text: str = "",
) -> Message:
    """A letter in the one order they all have: headline, body, buttons, footer.

    `headline` and `body` are mrkdwn; `beside` stands next to the body. `text` overrides the
    spoken version, which otherwise reads: headline. body. You can: … footer.
    """
    words = "\n".join([f"*{headline}*", *body])
    blocks = [section(words, beside)]
    if buttons or menu:
        blocks.append(actions(*buttons, menu))
    return Message(text or _spoken(headline, body, (*buttons, beside), footer), blocks, footer)


def _spoken(
    headline: str, body: Sequence[str], elements: Sequence[Element | None], footer: str
) -> str:
    labels = [
        e["text"]["text"].rstrip("…").lower() for e in elements if e and e["type"] == "button"
    ]
    who = footer.replace(" The menu pauses letters.", "")
    said = [spoken_text(headline), *(spoken_text(line) for line in body)]
    sentences = [s if s.endswith((".", "?", "!", ":")) else f"{s}." for s in said if s]
    if labels:
        sentences.append(f"You can: {', '.join(labels)}.")
    if who:
        sentences.append(spoken_text(who))
    return cut(" ".join(" ".join(sentences).split()), 500)


def merged(parts: Sequence[Message]) -> Message:
    """Up to three letters of one person as one message: dividers, one primary, one footer."""
    if len(parts) == 1:
        return parts[0]
    word = {2: "Two", 3: "Three"}.get(len(parts), str(len(parts)))
    blocks: list[Block] = [section(f"*{word} things for today*")]
    for position, part in enumerate(parts):
        blocks.append(divider())
        blocks.extend(part.blocks if position == 0 else [_calm(b) for b in part.blocks])
    footer = " ".join(dict.fromkeys(s for p in parts for s in _sentences(p.footer)))
    text = cut(f"{word} things for today. " + " ".join(p.text for p in parts), 1500)
    return Message(text, blocks, footer)


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.?!]+[.?!]|[^.?!]+$", text.strip()) if text else []


def _calm(block: Block) -> Block:
    if block["type"] != "actions":
        return block
    return block | {
        "elements": [{k: v for k, v in e.items() if k != "style"} for e in block["elements"]]
    }


def without_charts(message: Message) -> Message:
    """The same facts in text: what goes out when Slack refuses a chart."""
    return replace(message, blocks=[b for b in message.blocks if b["type"] != "data_visualization"])


def _initial(options: Sequence[Option], chosen: int | str | None) -> Option | None:
    return next((o for o in options if chosen is not None and o["value"] == str(chosen)), None)


def _block(kind: str, block_id: str | None, **parts: Any) -> Block:
    return _element(kind, None, **parts) | ({"block_id": block_id} if block_id else {})


def _element(kind: str, action: str | None, **parts: Any) -> Element:
    made: Element = {"type": kind}
    if action:
        made["action_id"] = action
    return made | {name: part for name, part in parts.items() if part is not None}
