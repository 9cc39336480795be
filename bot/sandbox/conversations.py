"""Conversations and their messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["im", "mpim", "channel"]


@dataclass
class Message:
    """One message. `to` names the only person who sees an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    ephemeral: bool = False
    to: str | None = None
    edited: bool = False
    thread_ts: str | None = None
    reply_broadcast: bool = False
    metadata: dict[str, Any] | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)
    bot_id: str | None = None
    response: bool = False
    # What each person has chosen or typed in this message: person -> block -> action -> state.
    state: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it was posted, in programme time."""
        seconds, micros = self.ts.split(".")
        return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micros))

    def texts(self) -> str:
        """All the words a person sees, one piece per line; the text only where no blocks are."""
        if not self.blocks:
            return self.text
        return "\n".join(words(self.blocks))

    @property
    def button_labels(self) -> list[str]:
        """What the buttons say, in order."""
        return [
            element["text"]["text"]
            for _, element in elements(self.blocks)
            if element.get("type") == "button"
        ]

    def seen_by(self, person: str) -> bool:
        return self.to is None or self.to == person


@dataclass
class Conversation:
    """A channel, a direct message or a group message. Members stand in the order they came."""

    id: str
    kind: Kind
    name: str = ""
    private: bool = False
    archived: bool = False
    members: list[str] = field(default_factory=list)
    created: int = 0
    creator: str = ""
    messages: list[Message] = field(default_factory=list)

    def find(self, ts: str) -> Message | None:
        """The message with this ts; from the end, where people click."""
        return next((message for message in reversed(self.messages) if message.ts == ts), None)

    def visible_to(self, person: str) -> list[Message]:
        return [message for message in self.messages if message.seen_by(person)]


def elements(
    blocks: list[dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every interactive element with the block it stands in, top to bottom."""
    for block in blocks:
        found: list[Any] = []
        match block.get("type"):
            case "section":
                found = [block.get("accessory")]
            case "input":
                found = [block.get("element")]
            case "actions" | "context_actions":
                found = block.get("elements") or []
            case "card":
                found = block.get("actions") or []
            case "carousel":
                yield from elements(block.get("elements") or [])
            case "container":
                yield from elements(block.get("child_blocks") or block.get("blocks") or [])
        for element in found:
            if isinstance(element, dict) and element.get("type") != "image":
                yield block, element


_WORD_KEYS = (
    "text",
    "title",
    "subtitle",
    "label",
    "hint",
    "body",
    "subtext",
    "caption",
    "name",
    "alt_text",
)
_SKIPPED = frozenset({"confirm", "metadata", "state", "initial_option", "initial_options"})


def words(value: Any) -> list[str]:
    """Every text inside blocks or a view, in reading order; dialogs not yet open left out."""
    found: list[str] = []
    if isinstance(value, list):
        for item in value:
            found += words(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str):
                if key in _WORD_KEYS and inner:
                    found.append(inner)
            elif key not in _SKIPPED:
                found += words(inner)
    return found
