"""One of everything the page draws: messages, a modal with every input, a Home tab."""

from typing import Any

Json = dict[str, Any]

PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'%3E"
    "%3Crect width='40' height='40' fill='%235b2a86'/%3E%3C/svg%3E"
)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, description: str = "") -> Json:
    found: Json = {"text": plain(text), "value": value}
    if description:
        found["description"] = plain(description)
    return found


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


FRUIT = [option("Apple", "apple"), option("Banana", "banana"), option("Cherry", "cherry")]
GROUPS = [
    {"label": plain("Fruit"), "options": FRUIT},
    {"label": plain("Nuts"), "options": [option("Almond", "almond"), option("Hazel", "hazel")]},
]
SURE = {
    "title": plain("Withdraw your request?"),
    "text": plain("Ben hears that it is not needed any more."),
    "confirm": plain("Withdraw"),
    "deny": plain("Keep waiting"),
    "style": "danger",
}
MARKUP = (
    "*Bold*, _italic_, ~struck~ and `code`, 3*4*5 stays, <https://example.com|a link>, "
    "<@U0BEN> in <#C0GENERAL>, :wave: &amp; &lt;tag&gt; "
    "<!date^1780297200^{date_short_pretty} at {time}|1 June>\n> A quote\n```one\n  two```"
)


def letter() -> list[Json]:
    """A message with buttons, as a bot writes one."""
    return [
        {
            "type": "section",
            "block_id": "news",
            "text": mrkdwn("*Ana Silva would like you as a mentor*\nGoals: 1. Write better SQL"),
        },
        {
            "type": "actions",
            "block_id": "answer",
            "elements": [
                button("Accept Ana", "accept", style="primary", value="31"),
                button("Withdraw…", "withdraw", style="danger", value="31", confirm=SURE),
                button("Read more", "read", url="https://example.com/"),
                {
                    "type": "overflow",
                    "action_id": "menu",
                    "options": [
                        option("Pause letters for a week", "pause"),
                        option("Why this letter?", "why"),
                    ],
                },
            ],
        },
        {
            "type": "context",
            "block_id": "foot",
            "elements": [
                {"type": "image", "image_url": PICTURE, "alt_text": "the programme's mark"},
                mrkdwn("Until Fri 12 June, 16:00 (Lisbon). A no is fine."),
            ],
        },
    ]


def chart(kind: str) -> Json:
    if kind == "pie":
        segments = [{"label": "Met", "value": 12}, {"label": "Not yet", "value": 4}]
        return {
            "type": "data_visualization",
            "title": "Meetings",
            "chart": {"type": "pie", "segments": segments},
        }
    weeks = [f"Wk {n}" for n in range(1, 8)]
    lines = {
        "On track": [4, 9, 14, 18, 19, 18, 17],
        "Need care": [0, 1, 2, 1, 3, 3, 4],
        "Quiet": [3, 3, 2, 1, 0, 1, 1],
    }
    series = [
        {
            "name": name,
            "data": [{"label": w, "value": v} for w, v in zip(weeks, values, strict=True)],
        }
        for name, values in lines.items()
    ]
    axis = {"categories": weeks, "x_label": "Week", "y_label": "Pairs"}
    return {
        "type": "data_visualization",
        "title": "Pairs by week",
        "chart": {"type": kind, "series": series, "axis_config": axis},
    }


def cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def rich_text() -> Json:
    return {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Bring to the meeting", "style": {"bold": True}},
                    {"type": "text", "text": " with "},
                    {"type": "user", "user_id": "U0BEN"},
                    {"type": "emoji", "name": "tada"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
                    for text in ("a draft", "one question")
                ],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Ask first."}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "select 1"}]},
        ],
    }


def shows() -> list[list[Json]]:
    """Messages that together hold every block a message may have."""
    picture = {"type": "image", "image_url": PICTURE, "alt_text": "a mark"}
    card = {
        "type": "card",
        "title": plain("Mia Chen"),
        "subtitle": plain("Design, Lisbon"),
        "body": plain("I ask first, then say what I would do."),
        "actions": [button("Ask Mia", "ask")],
    }
    return [
        [
            {"type": "header", "text": plain(":wave: Ana, meet Ben. Ben, meet Ana!")},
            {"type": "section", "text": mrkdwn(MARKUP), "accessory": picture},
            {"type": "section", "fields": [mrkdwn("*When*\nTue 16 June"), mrkdwn("*Where*\n2.14")]},
            {"type": "divider"},
            {"type": "image", "title": plain("A mark"), "image_url": PICTURE, "alt_text": "a mark"},
            rich_text(),
            {
                "type": "markdown",
                "text": "## Heading\n**Bold** and [link](https://example.com)\n- a",
            },
        ],
        [
            {"type": "header", "text": plain("Summer interns, week 7 of 12")},
            {"type": "section", "text": mrkdwn("*22 pairs: ● 17 green, ▲ 3 amber, ■ 1 red*")},
            chart("bar"),
            {
                "type": "table",
                "rows": [
                    [cell("Measure"), cell("Start"), cell("Now")],
                    [cell("Confidence"), cell("3.1"), cell("3.8")],
                ],
                "column_settings": [{"align": "left"}, {"align": "right"}, {"align": "right"}],
            },
        ],
        [chart("line"), chart("area")],
        [
            chart("pie"),
            {
                "type": "data_table",
                "caption": "Pairs",
                "rows": [[cell("Pair"), cell("Met")], [cell("Ana and Ben"), cell("3")]],
            },
            card,
            {"type": "carousel", "elements": [card | {"title": plain("Ben Ito")}]},
            {
                "type": "container",
                "title": plain("More"),
                "child_blocks": [{"type": "section", "text": mrkdwn("Inside")}],
            },
            {
                "type": "context_actions",
                "elements": [
                    {
                        "type": "feedback_buttons",
                        "action_id": "rate",
                        "positive_button": {"text": plain("Good"), "value": "good"},
                        "negative_button": {"text": plain("Bad"), "value": "bad"},
                    },
                    {
                        "type": "icon_button",
                        "icon": "trash",
                        "text": plain("Delete"),
                        "action_id": "drop",
                    },
                ],
            },
        ],
    ]


def controls() -> list[Json]:
    """A message with every control that may stand outside an input block."""

    def place(kind: str, **more: Any) -> Json:
        return {"type": kind, "action_id": kind, **more}

    def row(name: str, element: Json) -> Json:
        return {"type": "section", "block_id": name, "text": mrkdwn(name), "accessory": element}

    hint = plain("Choose")
    return [
        {
            "type": "actions",
            "block_id": "pick",
            "elements": [
                place("static_select", placeholder=plain("Snooze"), options=FRUIT),
                place("datepicker", initial_date="2026-06-16"),
                place("timepicker", initial_time="15:00"),
                place("datetimepicker", initial_date_time=1781614800),
            ],
        },
        row("a person", place("users_select", placeholder=hint)),
        row("people", place("multi_users_select", placeholder=hint)),
        row("fruit and nuts", place("multi_static_select", placeholder=hint, option_groups=GROUPS)),
        row("a zone", place("external_select", placeholder=hint, min_query_length=1)),
        row("one of", place("radio_buttons", options=FRUIT)),
        row("any of", place("checkboxes", options=FRUIT)),
    ]


def field(name: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name.replace("_", " ").capitalize()),
        "element": {"action_id": "it", **element},
        **more,
    }


def form() -> Json:
    """A modal with every input kind; all but the goal may stay empty."""
    kinds: dict[str, Json] = {
        "skill": {"type": "static_select", "option_groups": GROUPS},
        "skills": {"type": "multi_static_select", "options": FRUIT, "max_selected_items": 2},
        "zone": {"type": "external_select", "min_query_length": 1},
        "zones": {"type": "multi_external_select", "min_query_length": 1},
        "to": {"type": "users_select", "initial_user": "U0BEN"},
        "interns": {"type": "multi_users_select"},
        "place": {"type": "conversations_select"},
        "places": {"type": "multi_conversations_select"},
        "channel": {"type": "channels_select"},
        "channels": {"type": "multi_channels_select"},
        "day": {"type": "datepicker"},
        "time": {"type": "timepicker", "initial_time": "09:00"},
        "moment": {"type": "datetimepicker"},
        "how": {"type": "radio_buttons", "options": FRUIT},
        "which": {
            "type": "checkboxes",
            "options": [{**FRUIT[0], "description": plain("red or green")}, *FRUIT[1:]],
        },
        "minutes": {
            "type": "number_input",
            "is_decimal_allowed": False,
            "min_value": "15",
            "max_value": "60",
        },
        "email": {"type": "email_text_input"},
        "link": {"type": "url_text_input"},
        "note": {"type": "rich_text_input"},
    }
    blocks: list[Json] = [
        {"type": "section", "text": mrkdwn("*What do you want to get better at?*")},
        {
            "type": "context",
            "elements": [mrkdwn("The mentor you ask sees this; coordinators do not.")],
        },
        {"type": "alert", "level": "warning", "text": plain("Choose at least one mentor.")},
        field(
            "goal",
            {
                "type": "plain_text_input",
                "max_length": 150,
                "placeholder": plain("Present my work without notes"),
            },
            hint=plain("One goal is enough."),
        ),
    ]
    blocks += [field(name, element, optional=True) for name, element in kinds.items()]
    blocks.append(
        {
            "type": "actions",
            "block_id": "more",
            "elements": [button("Add a goal", "add"), button("Look closer", "closer")],
        }
    )
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Your profile, 1 of 3"),
        "submit": plain("Next"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": blocks,
    }


def side_look() -> Json:
    return {
        "type": "modal",
        "callback_id": "side",
        "title": plain("First-meeting kit"),
        "close": plain("Done"),
        "blocks": [{"type": "section", "text": mrkdwn("*30 minutes:* 5 who we are")}],
    }


def home() -> Json:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Tomorrow, 15:00: you and Ben")},
            {
                "type": "section",
                "text": mrkdwn("Room 2.14, 30 minutes"),
                "accessory": button("Done", "done"),
            },
            {"type": "divider"},
            {"type": "context", "elements": [mrkdwn("Summer interns, week 4 of 12.")]},
        ],
    }


def types_in(value: Any) -> set[str]:
    """Every block and element type inside blocks or a view."""
    found: set[str] = set()
    if isinstance(value, list):
        for item in value:
            found |= types_in(item)
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            found.add(value["type"])
        for inner in value.values():
            found |= types_in(inner)
    return found
