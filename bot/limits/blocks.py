"""The blocks: which surface each may stand on, and its own limits.

Newer kinds (tables, charts, cards and their like) are in `bot/limits/displays.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.limits import displays
from bot.limits.elements import check_element, check_image
from bot.limits.report import PLAIN, Report

Block = Mapping[str, Any]

EVERYWHERE = ("message", "modal", "home")
NOT_MODAL = ("message", "home")

SURFACES: dict[str, tuple[str, ...]] = {
    "section": EVERYWHERE,
    "header": EVERYWHERE,
    "divider": EVERYWHERE,
    "context": EVERYWHERE,
    "actions": EVERYWHERE,
    "input": EVERYWHERE,
    "image": EVERYWHERE,
    "rich_text": EVERYWHERE,
    "video": EVERYWHERE,
    "card": EVERYWHERE,
    "alert": ("modal",),
    "carousel": NOT_MODAL,
    "container": NOT_MODAL,
    "table": NOT_MODAL,
    "data_table": NOT_MODAL,
    # One list of Slack's allows charts on Home tabs, a real workspace did not.
    "data_visualization": ("message",),
    "markdown": ("message",),
    "context_actions": ("message",),
    "plan": ("message",),
    "task_card": ("message",),
}


def check_block(report: Report, block: object, at: str, *, nested: bool = False) -> None:
    """One block and everything in it."""
    if not isinstance(block, Mapping):
        report.add(at, "must be a block")
        return
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in SURFACES:
        report.add(f"{at}/type", f"unsupported type: {kind}")
        return
    if report.surface not in SURFACES[kind]:
        report.add(at, f"{kind} is not available in a {report.surface}")
    if nested and kind in ("container", "carousel"):
        report.add(at, f"{kind} cannot stand inside another block")
    _check_block_id(report, block, at)
    _CHECKS[kind](report, block, at)


def _check_block_id(report: Report, block: Block, at: str) -> None:
    report.string(block, "block_id", at, most=255)
    block_id = block.get("block_id")
    if isinstance(block_id, str):
        if block_id in report.block_ids:
            report.add(f"{at}/block_id", f"block_id {block_id!r} already exists")
        report.block_ids.add(block_id)


def _section(report: Report, block: Block, at: str) -> None:
    if not block.get("text") and not block.get("fields"):
        report.add(at, "a section needs text or fields")
    report.text(block, "text", at, most=3000)
    for index, text in enumerate(report.items(block, "fields", at, most=10, required=False)):
        report.text_object(text, f"{at}/fields/{index}", most=2000)
    report.flag(block, "expand", at)
    if "accessory" in block:
        check_element(
            report, block["accessory"], f"{at}/accessory", block="section", action_ids=set()
        )


def _header(report: Report, block: Block, at: str) -> None:
    report.text(block, "text", at, most=150, kinds=PLAIN, required=True)


def _divider(report: Report, block: Block, at: str) -> None:
    """Nothing in it."""


def _context(report: Report, block: Block, at: str) -> None:
    for index, element in enumerate(report.items(block, "elements", at, most=10)):
        place = f"{at}/elements/{index}"
        if isinstance(element, Mapping) and element.get("type") in ("plain_text", "mrkdwn"):
            report.text_object(element, place, most=3000)
        else:
            check_element(report, element, place, block="context", action_ids=set())


def _actions(report: Report, block: Block, at: str) -> None:
    action_ids: set[str] = set()
    for index, element in enumerate(report.items(block, "elements", at, most=25)):
        place = f"{at}/elements/{index}"
        check_element(report, element, place, block="actions", action_ids=action_ids)


def _input(report: Report, block: Block, at: str) -> None:
    report.text(block, "label", at, most=2000, kinds=PLAIN, required=True)
    report.text(block, "hint", at, most=2000, kinds=PLAIN)
    report.flag(block, "optional", at)
    report.flag(block, "dispatch_action", at)
    if "element" not in block:
        report.add(f"{at}/element", "missing required field: element")
    else:
        check_element(report, block["element"], f"{at}/element", block="input", action_ids=set())


def _image(report: Report, block: Block, at: str) -> None:
    check_image(report, block, at)
    report.text(block, "title", at, most=2000, kinds=PLAIN)


def _video(report: Report, block: Block, at: str) -> None:
    report.text(block, "title", at, most=200, kinds=PLAIN, required=True)
    report.string(block, "author_name", at, most=50)
    report.string(block, "alt_text", at, most=2000, required=True)
    report.string(block, "video_url", at, most=3000, required=True)
    report.string(block, "thumbnail_url", at, most=3000, required=True)


def _card(report: Report, block: Block, at: str) -> None:
    if not any(block.get(key) for key in ("hero_image", "title", "actions", "body")):
        report.add(at, "a card needs hero_image, title, actions or body")
    for key, most in (("title", 150), ("subtitle", 150), ("body", 200), ("subtext", 200)):
        report.text(block, key, at, most=most)
    action_ids: set[str] = set()
    for index, button in enumerate(report.items(block, "actions", at, most=3, required=False)):
        place = f"{at}/actions/{index}"
        check_element(report, button, place, block="card", action_ids=action_ids)


def _carousel(report: Report, block: Block, at: str) -> None:
    for index, card in enumerate(report.items(block, "elements", at, most=10)):
        place = f"{at}/elements/{index}"
        if not isinstance(card, Mapping) or card.get("type") != "card":
            report.add(place, "a carousel holds cards")
        else:
            check_block(report, card, place, nested=True)


def _container(report: Report, block: Block, at: str) -> None:
    report.text(block, "title", at, most=150)
    report.flag(block, "is_collapsible", at)
    report.flag(block, "default_collapsed", at)
    key = "child_blocks" if "child_blocks" in block else "blocks"
    for index, child in enumerate(report.items(block, key, at, most=10)):
        check_block(report, child, f"{at}/{key}/{index}", nested=True)


def _context_actions(report: Report, block: Block, at: str) -> None:
    action_ids: set[str] = set()
    for index, element in enumerate(report.items(block, "elements", at, most=5)):
        place = f"{at}/elements/{index}"
        check_element(report, element, place, block="context_actions", action_ids=action_ids)


_CHECKS: dict[str, Callable[[Report, Block, str], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": displays.check_rich_text,
    "video": _video,
    "card": _card,
    "alert": displays.check_alert,
    "carousel": _carousel,
    "container": _container,
    "table": displays.check_table,
    "data_table": displays.check_data_table,
    "data_visualization": displays.check_chart,
    "markdown": displays.check_markdown,
    "context_actions": _context_actions,
    "plan": displays.check_plan,
    "task_card": displays.check_task_card,
}
