"""The blocks a message or view is made of. Lengths are cut here where Slack would refuse the
whole message."""

from collections.abc import Sequence
from typing import Any

from bot.blocks.elements import Element, element, mrkdwn, plain
from bot.blocks.text import cut

Block = dict[str, Any]


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
    control: Element,
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
        element=control,
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


def _block(kind: str, block_id: str | None, **parts: Any) -> Block:
    return element(kind, None, **parts) | ({"block_id": block_id} if block_id else {})
