"""What the bot has shown, as Slack's own record has it: messages, views and answers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.conversations import elements
from tests.support.town import Town

Json = dict[str, Any]


@dataclass(frozen=True)
class Surface:
    """One thing the bot has shown: "message", "modal" or "home", and its JSON."""

    kind: str
    shown: Json
    method: str
    ts: str = ""

    @property
    def elements(self) -> list[Json]:
        """Everything to press or fill in."""
        return [e for _block, e in elements(self.shown.get("blocks") or [])]


def surfaces(town: Town) -> Iterator[Surface]:
    """Everything shown so far, in order, refused or not."""
    for entry in town.slack.log:
        if entry.direction == "to_bot":
            yield from _answered(entry)
            continue
        given = {k: _decoded(v) if k in ("blocks", "view") else v for k, v in entry.request.items()}
        if entry.what.startswith("views."):
            yield Surface(given["view"]["type"], given["view"], entry.what)
        elif entry.what in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
            ts = entry.answer.get("ts", "") if entry.what == "chat.postMessage" else ""
            yield Surface("message", given, entry.what, ts)
        elif entry.what == "response_url" and not given.get("delete_original"):
            yield Surface("message", given, entry.what)


def _answered(entry: Any) -> Iterator[Surface]:
    answer = entry.answer if isinstance(entry.answer, dict) else {}
    if "view" in answer:
        yield Surface(answer["view"]["type"], answer["view"], "answer")
    elif "text" in answer:
        yield Surface("message", answer, "answer")


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
