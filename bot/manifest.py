"""The app's manifest: what Slack is told about the bot when the app is created.

Only commands, shortcuts, scopes and events that are in use. Without an address the bot is
reached over Socket Mode, with one over HTTP.
"""

import json
from typing import Any
from urllib.parse import urlsplit

ENTRANCE = "/slack/events"
"""The path on which all of Slack reaches the bot over HTTP."""

REQUEST_SHORTCUT = "request.shortcut"
THANKS_SHORTCUT = "thanks.shortcut"

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("/mentor-request", "Ask for a mentor", "opens a form, filled from your profile"),
    ("/mentor", "Your mentorship at a glance", "[profile | meet | thanks | leave | help]"),
    ("/cohort", "For coordinators: the cohort", "[new | people | status | digest | settings]"),
)
"""(command, description, usage hint), as people see them while they type."""

SHORTCUTS: tuple[tuple[str, str, str], ...] = (
    ("Request a mentor", REQUEST_SHORTCUT, "Ask for a mentor who fits your goals"),
    ("Say thanks", THANKS_SHORTCUT, "Send a private word of thanks"),
)
"""(name, callback id, description) of the global shortcuts."""

SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "im:history",
    "mpim:write",
    "users:read",
    "channels:read",
    "groups:read",
)
EVENTS = ("app_home_opened", "message.im", "user_change", "app_uninstalled", "tokens_revoked")

_ABOUT = (
    "cohort-bot runs the mentorship programme of an internship cohort inside Slack. Interns ask "
    "for a mentor with /mentor-request and get suggestions with reasons; mentors say yes or no "
    "with one button. The bot introduces the pair, helps the two to plan their meetings and to "
    "follow up, asks now and then how it goes, and carries thanks. Coordinators read on Monday "
    "morning which pair needs a human. Answers and notes stay with the people who wrote them."
)


class AddressError(Exception):
    """The address cannot be one at which Slack reaches the bot; the text says why."""


def build(url: str | None = None) -> dict[str, Any]:
    """The manifest (version 2). `url` is the bot's public address, like https://bot.example.org.

    Raises AddressError when Slack could not use the address.
    """
    entrance = _entrance(url) if url is not None else None
    where = {} if entrance is None else {"url": entrance}
    requests = {} if entrance is None else {"request_url": entrance}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "cohort-bot",
            "description": "Runs the mentorship programme of an internship cohort",
            "long_description": _ABOUT,
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "cohort-bot", "always_online": True},
            "shortcuts": [
                {"name": name, "type": "global", "callback_id": key, "description": description}
                for name, key, description in SHORTCUTS
            ],
            "slash_commands": [
                {
                    "command": command,
                    **where,
                    "description": description,
                    "usage_hint": hint,
                    # Mentions arrive as ids, not as names that may change or repeat.
                    "should_escape": True,
                }
                for command, description, hint in COMMANDS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(EVENTS)},
            "interactivity": _interactivity(entrance),
            "org_deploy_enabled": False,
            "socket_mode_enabled": entrance is None,
            "token_rotation_enabled": False,
        },
    }


def _interactivity(entrance: str | None) -> dict[str, Any]:
    """Clicks and forms; over HTTP also where selects ask for their options while people type."""
    if entrance is None:
        return {"is_enabled": True}
    return {
        "is_enabled": True,
        "request_url": entrance,
        "message_menu_options_url": entrance,
    }


def to_json(manifest: dict[str, Any]) -> str:
    """The manifest as Slack's page takes it (it reads JSON and YAML)."""
    return json.dumps(manifest, indent=2, ensure_ascii=False)


def _entrance(url: str) -> str:
    """The address of the bot's entrance under `url`, which may already end with it."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        raise AddressError(f"{url} is not an address.") from None
    if parts.scheme != "https" or not host:
        raise AddressError("The address must start with https://, like https://bot.example.org.")
    if parts.query or parts.fragment or parts.username or any(c.isspace() for c in parts.path):
        raise AddressError("Give the plain address, without user, question mark, # or spaces.")
    path = parts.path.rstrip("/").removesuffix(ENTRANCE)
    return f"https://{parts.netloc}{path}{ENTRANCE}"
