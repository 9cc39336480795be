"""The manifest against Slack's schema for version 2, written down here."""

import json
from typing import Any

import jsonschema
import pytest

from bot import manifest


def closed(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }


def text(least: int, most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most}


def several(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {
        "type": "array",
        "items": items,
        "minItems": 1,
        "maxItems": most,
        "uniqueItems": True,
    }


YES_OR_NO = {"type": "boolean"}
HTTPS = {"type": "string", "pattern": "^https://"}

SCHEMA = closed(
    ["display_information"],
    _metadata=closed(major_version={"const": 2}, minor_version={"type": "integer"}),
    display_information=closed(
        ["name"],
        name=text(1, 35),
        description=text(1, 140),
        long_description=text(175, 4000),
        background_color={"type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
    ),
    features=closed(
        app_home=closed(
            home_tab_enabled=YES_OR_NO,
            messages_tab_enabled=YES_OR_NO,
            messages_tab_read_only_enabled=YES_OR_NO,
        ),
        bot_user=closed(
            ["display_name"],
            display_name={**text(1, 80), "pattern": "^[a-z0-9_.-]+$"},
            always_online=YES_OR_NO,
        ),
        shortcuts=several(
            closed(
                ["name", "type", "callback_id", "description"],
                name=text(1, 24),
                type={"enum": ["global", "message"]},
                callback_id=text(1, 255),
                description=text(1, 150),
            ),
            10,
        ),
        slash_commands=several(
            closed(
                ["command", "description"],
                command={**text(2, 32), "pattern": "^/"},
                description=text(1, 2000),
                usage_hint=text(1, 1000),
                should_escape=YES_OR_NO,
                url=HTTPS,
            ),
            50,
        ),
    ),
    oauth_config=closed(
        redirect_urls=several(HTTPS, 1000),
        scopes=closed(bot=several(text(1, 100), 255), bot_optional=several(text(1, 100), 255)),
        token_management_enabled=YES_OR_NO,
        pkce_enabled=YES_OR_NO,
    ),
    settings=closed(
        event_subscriptions=closed(request_url=HTTPS, bot_events=several(text(1, 100), 100)),
        interactivity=closed(
            ["is_enabled"],
            is_enabled=YES_OR_NO,
            request_url=HTTPS,
            message_menu_options_url=HTTPS,
        ),
        org_deploy_enabled=YES_OR_NO,
        socket_mode_enabled=YES_OR_NO,
        token_rotation_enabled=YES_OR_NO,
    ),
)


def addresses(part: Any) -> list[str]:
    """Every https address anywhere in the manifest."""
    if isinstance(part, dict):
        return [one for value in part.values() for one in addresses(value)]
    if isinstance(part, list):
        return [one for value in part for one in addresses(value)]
    return [part] if isinstance(part, str) and part.startswith("https://") else []


@pytest.mark.parametrize("url", [None, "https://bot.example.org"])
def test_slack_accepts_the_manifest(url: str | None) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(manifest.build(url))


def test_the_schema_refuses_what_slack_refuses() -> None:
    wrong = manifest.build()
    wrong["display_information"]["long_description"] = "short"
    wrong["features"]["shortcuts"] = []
    wrong["settings"]["surprise"] = True
    assert len(list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(wrong))) == 3


def test_without_an_address_it_is_socket_mode() -> None:
    made = manifest.build()
    assert made["settings"]["socket_mode_enabled"] is True
    assert addresses(made) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example.org",
        "https://bot.example.org/",
        " https://bot.example.org/slack/events ",
        "https://bot.example.org/slack/events/",
    ],
)
def test_with_an_address_every_entrance_is_http(url: str) -> None:
    made = manifest.build(url)
    assert made["settings"]["socket_mode_enabled"] is False
    # three commands, clicks and forms, options of selects, events
    assert addresses(made) == ["https://bot.example.org/slack/events"] * 6


def test_over_http_selects_know_where_to_ask_for_their_options() -> None:
    settings = manifest.build("https://bot.example.org")["settings"]
    asked = settings["interactivity"]["message_menu_options_url"]
    assert asked == "https://bot.example.org/slack/events"
    assert manifest.build()["settings"]["interactivity"] == {"is_enabled": True}


def test_an_address_below_a_path_keeps_it() -> None:
    made = manifest.build("https://example.org:8443/bots/cohort")
    assert addresses(made)[0] == "https://example.org:8443/bots/cohort/slack/events"


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.example.org",
        "bot.example.org",
        "https://",
        "",
        "https://bot.example.org/?a=1",
        "https://bot.example.org/#a",
        "https://me:pw@bot.example.org",
        "https://bot.example.org/a b",
        "https://[bad",
    ],
)
def test_an_address_slack_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(manifest.AddressError):
        manifest.build(url)


def test_the_words_people_type_and_the_rights_the_bot_needs() -> None:
    made = manifest.build()
    features, settings = made["features"], made["settings"]
    assert [one["command"] for one in features["slash_commands"]] == [
        "/mentor-request",
        "/mentor",
        "/cohort",
    ]
    assert all(one["should_escape"] and one["usage_hint"] for one in features["slash_commands"])
    assert [(one["type"], one["callback_id"]) for one in features["shortcuts"]] == [
        ("global", "request.shortcut"),
        ("global", "thanks.shortcut"),
    ]
    assert made["oauth_config"]["scopes"]["bot"] == [
        "commands",
        "chat:write",
        "im:write",
        "im:history",
        "mpim:write",
        "users:read",
        "channels:read",
        "groups:read",
    ]
    assert settings["event_subscriptions"]["bot_events"] == [
        "app_home_opened",
        "message.im",
        "user_change",
        "app_uninstalled",
        "tokens_revoked",
    ]
    assert features["app_home"]["home_tab_enabled"]
    assert not features["app_home"]["messages_tab_read_only_enabled"]


def test_the_printed_manifest_is_json() -> None:
    made = manifest.build("https://bot.example.org")
    assert json.loads(manifest.to_json(made)) == made
