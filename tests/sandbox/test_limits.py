"""What Slack refuses, and where it points to."""

import json
from typing import Any

import pytest

from bot.limits import check_message, check_view
from tests.sandbox.shapes import (
    actions,
    button,
    home,
    input_block,
    modal,
    options,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]


def pointers(blocks: list[Json]) -> list[str]:
    return [problem.pointer for problem in check_message({"text": "t", "blocks": blocks})]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": options("a", "b"), **more}


def chart(**more: Any) -> Json:
    return {
        "type": "data_visualization",
        "title": "States",
        "chart": {
            "type": "line",
            "series": [{"name": "Red", "data": [{"label": "W1", "value": 3}]}],
            "axis_config": {"categories": ["W1"], "x_label": "Week", "y_label": "Pairs"},
            **more,
        },
    }


PIE = {
    "type": "data_visualization",
    "title": "Now",
    "chart": {"type": "pie", "segments": [{"label": "Red", "value": 1}]},
}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}

FINE = [
    section("x" * 3000),
    {"type": "section", "fields": [plain("x" * 2000)] * 10},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [plain("x")] * 10},
    actions(*[button(f"b{n}") for n in range(25)]),
    {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "A tree"},
    {"type": "markdown", "text": "**x**"},
    chart(),
    PIE,
    TABLE,
    section("s", select(initial_option=options("a")[0])),
    section("s", {"type": "multi_users_select", "action_id": "m", "max_selected_items": 3}),
    section("s", {"type": "checkboxes", "action_id": "c", "options": options("a")}),
    section("s", {"type": "overflow", "action_id": "o", "options": options("a", "b")}),
    section("s", {"type": "datepicker", "action_id": "d", "initial_date": "2026-06-01"}),
    actions({"type": "datetimepicker", "action_id": "d", "initial_date_time": 1780297200}),
    input_block("i", {"type": "plain_text_input"}, dispatch_action=True),
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
    },
]


@pytest.mark.parametrize("block", FINE, ids=lambda block: block["type"])
def test_a_block_within_the_limits_has_no_problem(block: Json) -> None:
    assert check_message({"text": "t", "blocks": [block]}) == []


REFUSED: list[tuple[str, Json, str]] = [
    ("section text", section("x" * 3001), "/text/text"),
    ("empty section", {"type": "section"}, ""),
    ("empty text", section(""), "/text/text"),
    ("fields", {"type": "section", "fields": [plain("x")] * 11}, "/fields"),
    ("field length", {"type": "section", "fields": [plain("x" * 2001)]}, "/fields/0/text"),
    ("header length", {"type": "header", "text": plain("x" * 151)}, "/text/text"),
    (
        "header mrkdwn",
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "/text/type",
    ),
    ("context count", {"type": "context", "elements": [plain("x")] * 11}, "/elements"),
    ("context button", {"type": "context", "elements": [button("b")]}, "/elements/0"),
    ("actions count", actions(*[button(f"b{n}") for n in range(26)]), "/elements"),
    ("action ids", actions(button("b"), button("b")), "/elements/1/action_id"),
    (
        "multi in actions",
        actions({"type": "multi_users_select", "action_id": "m"}),
        "/elements/0",
    ),
    ("button label", actions(button("b", label="x" * 76)), "/elements/0/text/text"),
    ("button value", actions(button("b", value="x" * 2001)), "/elements/0/value"),
    ("button style", actions({**button("b"), "style": "loud"}), "/elements/0/style"),
    ("action id length", actions(button("b" * 256)), "/elements/0/action_id"),
    ("block id length", actions(button("b"), block_id="x" * 256), "/block_id"),
    ("alt text", {"type": "image", "image_url": "https://x.example/i.png"}, "/alt_text"),
    ("unknown block", {"type": "sparkles"}, "/type"),
    ("unknown element", section("s", {"type": "sparkles"}), "/accessory/type"),
    ("file block", {"type": "file"}, "/type"),
    ("no options", section("s", select(options=[])), "/accessory/options"),
    ("101 options", section("s", select(options=options("a") * 101)), "/accessory/options"),
    (
        "option length",
        section("s", select(options=[{"text": plain("x" * 76), "value": "v"}])),
        "/accessory/options/0/text/text",
    ),
    (
        "option value length",
        section("s", select(options=[{"text": plain("x"), "value": "v" * 151}])),
        "/accessory/options/0/value",
    ),
    (
        "initial option elsewhere",
        section("s", select(initial_option=options("c")[0])),
        "/accessory/initial_option",
    ),
    (
        "mrkdwn option in a select",
        section("s", select(options=[{"text": {"type": "mrkdwn", "text": "x"}, "value": "v"}])),
        "/accessory/options/0/text/type",
    ),
    (
        "placeholder",
        section("s", select(placeholder=plain("x" * 151))),
        "/accessory/placeholder/text",
    ),
    (
        "overflow count",
        section("s", {"type": "overflow", "action_id": "o", "options": options(*"abcdef")}),
        "/accessory/options",
    ),
    (
        "11 radio buttons",
        section(
            "s", {"type": "radio_buttons", "action_id": "r", "options": options(*"abcdefghijk")}
        ),
        "/accessory/options",
    ),
    (
        "impossible date",
        section("s", {"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"}),
        "/accessory/initial_date",
    ),
    (
        "confirm length",
        actions(
            {
                **button("b"),
                "confirm": {
                    "title": plain("t"),
                    "text": plain("x" * 301),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            }
        ),
        "/elements/0/confirm/text/text",
    ),
    (
        "datetimepicker in a section",
        section("s", {"type": "datetimepicker", "action_id": "d"}),
        "/accessory",
    ),
    (
        "number input in a message",
        input_block("i", {"type": "number_input", "is_decimal_allowed": False}),
        "/element",
    ),
    ("alert in a message", {"type": "alert", "text": plain("x")}, ""),
    ("chart title", {**PIE, "title": "x" * 51}, "/title"),
    ("chart kind", chart(type="radar"), "/chart/type"),
    (
        "chart point",
        chart(series=[{"name": "R", "data": [{"label": "W9", "value": 1}]}]),
        "/chart/series/0/data/0/label",
    ),
    (
        "pie of nothing",
        {**PIE, "chart": {"type": "pie", "segments": [{"label": "R", "value": 0}]}},
        "/chart/segments/0/value",
    ),
    (
        "wide table",
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]},
        "/rows/0",
    ),
    ("long table", {"type": "table", "rows": TABLE["rows"] * 101}, "/rows"),
    ("task title object", {"type": "task_card", "task_id": "1", "title": plain("x")}, "/title"),
]


@pytest.mark.parametrize(
    ("block", "where"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_block_outside_the_limits_is_pointed_at(block: Json, where: str) -> None:
    assert pointers([{"type": "divider"}, block]) == [f"/blocks/1{where}"]


def test_a_message_holds_fifty_blocks() -> None:
    assert pointers([{"type": "divider"}] * 50) == []
    assert pointers([{"type": "divider"}] * 51) == ["/blocks"]


def test_block_ids_are_unique_in_a_message() -> None:
    assert pointers([section("a", block_id="x"), section("b", block_id="x")]) == [
        "/blocks/1/block_id"
    ]


def test_one_table_two_charts_and_twelve_thousand_markdown_characters() -> None:
    assert pointers([TABLE, TABLE]) == ["/blocks/1"]
    assert pointers([PIE, PIE, PIE]) == ["/blocks/2"]
    assert pointers([{"type": "markdown", "text": "x" * 6001}] * 2) == ["/blocks"]


def test_a_text_that_could_not_be_edited_later_is_a_problem() -> None:
    assert [p.pointer for p in check_message({"text": "x" * 4001})] == ["/text"]
    assert check_message({"text": "x" * 4000}) == []


def view_pointers(view: Json) -> list[str]:
    return [problem.pointer for problem in check_view(view)]


@pytest.mark.parametrize(
    ("view", "where"),
    [
        (modal(title=plain("x" * 25)), "/title/text"),
        (modal(submit=plain("x" * 25)), "/submit/text"),
        (modal(close=plain("x" * 25)), "/close/text"),
        (modal(submit=None), "/submit"),
        (modal(private_metadata="x" * 3001), "/private_metadata"),
        (modal(callback_id="x" * 256), "/callback_id"),
        (modal(external_id="x" * 256), "/external_id"),
        (modal(*[section("x")] * 101), "/blocks"),
        (modal({"type": "markdown", "text": "x"}), "/blocks/0"),
        (modal(TABLE), "/blocks/0"),
        (modal(PIE), "/blocks/0"),
        (modal(text_input("a"), text_input("a")), "/blocks/1/block_id"),
        (modal({"type": "alert", "text": plain("x" * 201)}), "/blocks/0/text/text"),
        (modal(text_input(max_length=3001)), "/blocks/0/element/max_length"),
        (
            modal(text_input(max_length=5, initial_value="123456")),
            "/blocks/0/element/initial_value",
        ),
        (
            modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
            "/blocks/1/element/focus_on_load",
        ),
        (modal(input_block("n", {"type": "number_input"})), "/blocks/0/element/is_decimal_allowed"),
        (
            modal(
                input_block(
                    "n", {"type": "number_input", "is_decimal_allowed": False, "min_value": 1}
                )
            ),
            "/blocks/0/element/min_value",
        ),
        (home({"type": "alert", "text": plain("x")}), "/blocks/0"),
        (home(actions({"type": "datetimepicker", "action_id": "d"})), "/blocks/0/elements/0"),
        ({"type": "workflow", "blocks": []}, "/type"),
    ],
)
def test_a_view_outside_the_limits_is_pointed_at(view: Json, where: str) -> None:
    assert view_pointers(view) == [where]


def test_a_view_without_inputs_needs_no_submit() -> None:
    assert view_pointers(modal(section("x"), submit=None)) == []


def test_a_view_is_at_most_250_kilobytes() -> None:
    big = modal(*[section("é" * 3000) for _ in range(50)])
    assert len(json.dumps(big, ensure_ascii=False).encode()) > 250_000
    assert view_pointers(big) == [""]


def test_modals_show_alerts_and_homes_show_tables() -> None:
    assert view_pointers(modal({"type": "alert", "text": plain("x"), "level": "info"})) == []
    assert view_pointers(home(TABLE)) == []
