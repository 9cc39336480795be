"""Reading what a person submitted, whatever shape it arrives in.

Slack sends `view.state.values[block_id][action_id]`; a forged or broken payload may lack
anything or hold the wrong type. Readers return None (or nothing) then, and never raise
anything but a Refusal.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bot.refusal import Invalid, NotYours

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{1,31}")
_LARGEST = 2**31 - 1  # what both databases hold in an integer


def clean(text: str) -> str:
    """A person's words as both databases can hold them: no NUL, no half of a surrogate pair."""
    return _UNSTORABLE.sub("", text).strip()


def is_slack_id(text: str) -> bool:
    """Whether this can be the id of a person, team or conversation."""
    return _SLACK_ID.fullmatch(text) is not None


def team_and_user(body: Mapping[str, Any]) -> tuple[str, str]:
    """Whose request this is, from any kind of payload; empty strings when it does not say."""
    event = body.get("event") if isinstance(body.get("event"), Mapping) else {}
    user = body.get("user_id") or body.get("user") or (event or {}).get("user") or ""
    team = body.get("team_id") or body.get("team") or ""
    if isinstance(user, Mapping):
        team = team or user.get("team_id") or ""
        user = user.get("id") or ""
    if isinstance(team, Mapping):
        team = team.get("id") or ""
    return str(team), str(user)


class Form:
    """A submitted view."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        state = view.get("state")
        values = state.get("values") if isinstance(state, Mapping) else None
        self._values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        self._metadata = _metadata(view.get("private_metadata"))
        self.view_id = _identity(view.get("id")) or ""
        self.hash = view.get("hash")

    def has(self, block: str) -> bool:
        """Whether the form had this input."""
        return isinstance(self._values.get(block), Mapping)

    def number(self, name: str) -> int | None:
        """A row id the form carried in its metadata."""
        value = self._metadata.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if 0 <= value <= _LARGEST else None

    def row(self, name: str) -> int:
        """The same, for forms that make no sense without it. Raises NotYours."""
        value = self.number(name)
        if value is None:
            raise NotYours
        return value

    def text(self, block: str, most: int = 3000) -> str:
        """What was typed, cleaned. Raises Invalid when it is longer than `most`."""
        value = self._input(block).get("value")
        words = clean(value) if isinstance(value, str) else ""
        if len(words) > most:
            raise Invalid(field=block, words=f"Please stay below {most} characters.")
        return words

    def decimal(self, block: str) -> float | None:
        """A number input's value."""
        try:
            return float(self.text(block))
        except ValueError:
            return None

    def choice(self, block: str) -> str | None:
        """The chosen option's value."""
        return _option(self._input(block).get("selected_option"))

    def choices(self, block: str) -> list[str]:
        """The chosen options' values, in order, without repeats."""
        chosen = self._input(block).get("selected_options")
        values = [_option(o) for o in chosen] if isinstance(chosen, list) else []
        return list(dict.fromkeys(v for v in values if v is not None))

    def person(self, block: str) -> str | None:
        """The chosen person's Slack id."""
        return _identity(self._input(block).get("selected_user"))

    def people(self, block: str) -> list[str]:
        """The chosen people's Slack ids, without repeats."""
        chosen = self._input(block).get("selected_users")
        ids = chosen if isinstance(chosen, list) else []
        return list(dict.fromkeys(i for i in map(_identity, ids) if i is not None))

    def channel(self, block: str) -> str | None:
        """The chosen conversation's Slack id."""
        return _identity(self._input(block).get("selected_conversation"))

    def day(self, block: str) -> date | None:
        """The chosen day."""
        try:
            return date.fromisoformat(str(self._input(block).get("selected_date")))
        except ValueError:
            return None

    def clock_time(self, block: str) -> time | None:
        """The chosen time of day."""
        try:
            return time.fromisoformat(str(self._input(block).get("selected_time"))[:5])
        except ValueError:
            return None

    def _input(self, block: str) -> Mapping[str, Any]:
        element = self._values.get(block)
        inner: object = next(iter(element.values()), {}) if isinstance(element, Mapping) else {}
        return inner if isinstance(inner, Mapping) else {}


def row_id(action: Mapping[str, Any]) -> int:
    """The row id a button, menu or select carries: "31", or "pause.57". Raises NotYours."""
    chosen = action.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, Mapping) else action.get("value")
    digits = str(value).rpartition(".")[2]
    if not re.fullmatch(r"[0-9]{1,9}", digits):
        raise NotYours
    return int(digits)


def picked(action: Mapping[str, Any]) -> str:
    """Which option of a menu or select was chosen: "pause" of "pause.57"; "" when none."""
    chosen = action.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, Mapping) else None
    return str(value).partition(".")[0] if value else ""


def metadata(**rows: int | None) -> str:
    """What a form carries: row ids and a version, as `private_metadata`."""
    return json.dumps({name: value for name, value in rows.items() if value is not None})


def _metadata(text: object) -> Mapping[str, Any]:
    try:
        value = json.loads(text) if isinstance(text, str) and text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _option(chosen: object) -> str | None:
    return _string(chosen.get("value")) if isinstance(chosen, Mapping) else None


def _identity(value: object) -> str | None:
    return value if isinstance(value, str) and is_slack_id(value) else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
