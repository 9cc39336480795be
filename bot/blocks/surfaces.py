"""Messages, letters, modals and Home tabs: whole surfaces."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.blocks.elements import Element, plain
from bot.blocks.layout import Block, actions, context, divider, section
from bot.blocks.text import SPOKEN, cut, spoken_text

_MENU = "The menu pauses letters."


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
    labels = [spoken_label(e["text"]["text"]) for e in elements if e and e["type"] == "button"]
    who = footer.replace(f" {_MENU}", "")
    said = [spoken_text(headline), *(spoken_text(line) for line in body)]
    sentences = [s if s.endswith((".", "?", "!", ":")) else f"{s}." for s in said if s]
    if labels:
        sentences.append(f"You can: {', '.join(labels)}.")
    if who:
        sentences.append(spoken_text(who))
    return cut(" ".join(" ".join(sentences).split()), SPOKEN)


def spoken_label(label: str) -> str:
    """A button's words inside a sentence: "Ask Tom" is heard as "ask Tom", and I stay I."""
    label = label.rstrip("…")
    return label if label.startswith("I ") else label[:1].lower() + label[1:]


def merged(parts: Sequence[Message]) -> Message:
    """Up to three letters of one person as one message: dividers, one primary, one footer."""
    if len(parts) == 1:
        return parts[0]
    word = {2: "Two", 3: "Three"}.get(len(parts), str(len(parts)))
    blocks: list[Block] = [section(f"*{word} things for today*")]
    for position, part in enumerate(parts):
        blocks.append(divider())
        blocks.extend(part.blocks if position == 0 else [_calm(b) for b in part.blocks])
    said = dict.fromkeys(s for p in parts for s in _sentences(p.footer))
    footer = " ".join(sorted(said, key=lambda sentence: sentence == _MENU))  # the menu's last
    news = f"{word} things for today."
    # Each letter is heard, also behind a long one.
    share = (SPOKEN - len(news)) // len(parts) - 1
    text = " ".join([news, *(cut(part.text, share) for part in parts)])
    return Message(text, blocks, footer)


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in re.findall(r"[^.?!]+[.?!]|[^.?!]+$", text.strip())]


def _calm(block: Block) -> Block:
    if block["type"] != "actions":
        return block
    return block | {
        "elements": [{k: v for k, v in e.items() if k != "style"} for e in block["elements"]]
    }


def without_charts(message: Message) -> Message:
    """The same facts in text: what goes out when Slack refuses a chart."""
    return replace(message, blocks=[b for b in message.blocks if b["type"] != "data_visualization"])
