"""The whole surface: a message, a modal or a Home tab, and what is counted across its blocks."""

import json
from collections.abc import Mapping
from typing import Any

from bot.limits.blocks import check_block
from bot.limits.report import PLAIN, Problem, Report

# chat.update refuses more, so a message that may be edited later has to stay below it.
TEXT_LENGTH = 4000
VIEW_BYTES = 250_000
MARKDOWN_LENGTH = 12_000
_COUNTED = {"table": 1, "data_visualization": 2}


def check_message(payload: Mapping[str, Any]) -> list[Problem]:
    """Everything Slack would refuse in `text`, `blocks` and `attachments` of a message.

    A missing `text` is not reported: Slack accepts blocks alone.
    """
    report = Report("message")
    if payload.get("text"):
        report.string(payload, "text", "", most=TEXT_LENGTH)
    blocks = report.items(payload, "blocks", "", most=50, least=0, required=False)
    _check_blocks(report, blocks, "/blocks")
    attachments = report.items(payload, "attachments", "", most=100, least=0, required=False)
    for index, attachment in enumerate(attachments):
        if isinstance(attachment, Mapping):
            place = f"/attachments/{index}"
            inner = report.items(attachment, "blocks", place, most=50, least=0, required=False)
            _check_blocks(report, inner, f"{place}/blocks")
    return report.problems


def check_view(view: Mapping[str, Any]) -> list[Problem]:
    """Everything Slack would refuse in a modal or a Home tab."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [Problem("/type", "must be modal or home")]
    report = Report("modal" if kind == "modal" else "home")
    if view_bytes(view) > VIEW_BYTES:
        report.add("", f"the view is larger than {VIEW_BYTES} bytes")
    report.string(view, "private_metadata", "", most=3000, least=0)
    report.string(view, "callback_id", "", most=255, least=0)
    report.string(view, "external_id", "", most=255, least=0)
    blocks = report.items(view, "blocks", "", most=100)
    _check_blocks(report, blocks, "/blocks")
    if kind == "modal":
        _check_frame(report, view, blocks)
    return report.problems


def view_bytes(view: Mapping[str, Any]) -> int:
    """The size of the view as JSON."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())


def _check_frame(report: Report, view: Mapping[str, Any], blocks: list[Any]) -> None:
    report.text(view, "title", "", most=24, kinds=PLAIN, required=True)
    report.text(view, "submit", "", most=24, kinds=PLAIN)
    report.text(view, "close", "", most=24, kinds=PLAIN)
    for key in ("clear_on_close", "notify_on_close"):
        report.flag(view, key, "")
    if not view.get("submit") and any(_type(block) == "input" for block in blocks):
        report.add("/submit", "a modal with an input block needs a submit")


def _check_blocks(report: Report, blocks: list[Any], at: str) -> None:
    for index, block in enumerate(blocks):
        check_block(report, block, f"{at}/{index}")
    for kind, most in _COUNTED.items():
        places = [index for index, block in enumerate(blocks) if _type(block) == kind]
        for index in places[most:]:
            report.add(f"{at}/{index}", f"only {most} {kind} allowed in a message")
    written = sum(
        len(block["text"])
        for block in blocks
        if _type(block) == "markdown" and isinstance(block.get("text"), str)
    )
    if written > MARKDOWN_LENGTH:
        report.add(at, f"all markdown blocks together: at most {MARKDOWN_LENGTH} characters")


def _type(block: object) -> object:
    return block.get("type") if isinstance(block, Mapping) else None
