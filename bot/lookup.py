"""Asking Slack about people and channels. Answers are Slack's own objects, as dicts.

What Slack does not know, or will not show to this bot, is None; anything else it refuses is
raised as the SDK raises it.
"""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

Slack = WebClient
"""For those who hand a client on and never call it themselves."""

Found = Mapping[str, Any]

PAGE = 200  # people or members in one answer, as Slack recommends
_MOST_MEMBERS = 1000
_HIDDEN_PERSON = ("user_not_found", "user_not_visible", "users_not_found")
_HIDDEN_CHANNEL = ("channel_not_found", "not_in_channel", "invalid_channel")


def people_page(slack: Slack, cursor: str | None) -> tuple[list[Found], str | None]:
    """One page of everybody in the workspace, and where the next one starts (None: the last).

    A cursor Slack has forgotten starts from the beginning.
    """
    try:
        answer = slack.users_list(limit=PAGE, cursor=cursor or "", include_locale=True)
    except SlackApiError as error:
        if not cursor or _code(error) != "invalid_cursor":
            raise
        answer = slack.users_list(limit=PAGE, include_locale=True)
    return list(answer["members"]), _next(answer)


def person(slack: Slack, slack_id: str) -> Found | None:
    """One person; None when Slack knows nobody by this id."""
    try:
        found: Found = slack.users_info(user=slack_id, include_locale=True)["user"]
    except SlackApiError as error:
        if _code(error) in _HIDDEN_PERSON:
            return None
        raise
    return found


def channel(slack: Slack, channel_id: str) -> Found | None:
    """One channel; None for one that does not exist or is private without the bot."""
    try:
        found: Found = slack.conversations_info(channel=channel_id)["channel"]
    except SlackApiError as error:
        if _code(error) in _HIDDEN_CHANNEL:
            return None
        raise
    return found


def channel_members(slack: Slack, channel_id: str) -> list[str]:
    """Slack ids of those inside, bots among them; the first thousand."""
    members: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(members) < _MOST_MEMBERS:
        answer = slack.conversations_members(channel=channel_id, limit=PAGE, cursor=cursor)
        members.extend(answer["members"])
        cursor = _next(answer)
    return members


def _next(answer: Any) -> str | None:
    return (answer.get("response_metadata") or {}).get("next_cursor") or None


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error"))
