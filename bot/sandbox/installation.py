"""The app as installed: what its manifest grants it and asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Command:
    """A slash command of the app."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A global or message shortcut of the app."""

    name: str
    type: str
    callback_id: str
    description: str = ""


@dataclass
class Installation:
    """The app's rights; without a manifest (`scopes`, `events` None) it may and hears all."""

    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: dict[str, Command] | None = None
    shortcuts: dict[str, Shortcut] | None = None
    socket_mode: bool = False
    home_tab: bool = True
    messages_tab: bool = True
    messages_read_only: bool = False
    refusal: str | None = None
    manifest: dict[str, Any] = field(default_factory=dict)

    def lacks(self, alternatives: frozenset[str]) -> bool:
        """None of the scopes that would do was granted."""
        return bool(alternatives) and self.scopes is not None and not alternatives & self.scopes

    def hears(self, event: str) -> bool:
        return self.events is None or event in self.events

    @property
    def provided(self) -> str:
        return ",".join(sorted(self.scopes)) if self.scopes is not None else ""


def installation_of(manifest: Mapping[str, Any]) -> Installation:
    """Read a manifest (v2)."""
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    home = features.get("app_home", {})
    commands = [
        Command(
            entry["command"],
            entry.get("description", ""),
            entry.get("usage_hint", ""),
            entry.get("should_escape", False),
        )
        for entry in features.get("slash_commands", ())
    ]
    shortcuts = [
        Shortcut(entry["name"], entry["type"], entry["callback_id"], entry.get("description", ""))
        for entry in features.get("shortcuts", ())
    ]
    return Installation(
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
        commands={command.command: command for command in commands},
        shortcuts={shortcut.callback_id: shortcut for shortcut in shortcuts},
        socket_mode=settings.get("socket_mode_enabled", False),
        home_tab=home.get("home_tab_enabled", False),
        messages_tab=home.get("messages_tab_enabled", True),
        messages_read_only=home.get("messages_tab_read_only_enabled", False),
        manifest=dict(manifest),
    )
