"""The coordinators' channel: private, with the bot inside, before anything is reported there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cohort.model import Person
from bot.refusal import Invalid

_HIDDEN = ("channel_not_found", "not_in_channel", "invalid_channel")
_PAGE = 200  # members in one answer, as Slack recommends
_MOST_MEMBERS = 1000


@dataclass(frozen=True)
class Checked:
    """A channel that will do, and who reads along there (Slack ids)."""

    id: str
    members: tuple[str, ...]


def check(slack: WebClient, channel_id: str, *, field: str) -> Checked:
    """Ask Slack whether this channel can hold names of pairs in trouble.

    Raises Invalid beside `field`: the bot is not inside, everybody can read it, or nobody can
    write there any more.
    """
    found = _ask(slack, channel_id)
    if found is None or not found.get("is_member", True):
        name = f"#{found['name']}" if found and found.get("name") else "that channel"
        raise Invalid(
            field=field,
            words=f"I am not in {name}. Type /invite @cohort-bot there, then press again.",
        )
    name = f"#{found.get('name') or 'that channel'}"
    if found.get("is_im") or found.get("is_mpim"):
        raise Invalid(field=field, words="Choose a private channel, not a direct message.")
    if not found.get("is_private"):
        raise Invalid(
            field=field,
            words=f"Everybody can read {name}, and concerns name pairs. Choose a private channel.",
        )
    if found.get("is_archived"):
        raise Invalid(field=field, words=f"{name} is archived. Choose another channel.")
    return Checked(channel_id, tuple(_members(slack, channel_id)))


def reading_along(
    session: Session, workspace_id: int, checked: Checked, coordinators: Collection[str]
) -> Sequence[Person]:
    """Members of the channel who do not coordinate the cohort: they would read names."""
    others = [member for member in checked.members if member not in set(coordinators)]
    return session.scalars(
        sa.select(Person)
        .where(
            Person.workspace_id == workspace_id,
            Person.slack_id.in_(others),
            Person.is_bot.is_(False),
            Person.left_slack_at.is_(None),
        )
        .order_by(sa.func.lower(Person.name), Person.id)
    ).all()


def _ask(slack: WebClient, channel_id: str) -> Mapping[str, Any] | None:
    """The channel; None for one that does not exist or is private without the bot."""
    try:
        found: Mapping[str, Any] = slack.conversations_info(channel=channel_id)["channel"]
    except SlackApiError as error:
        if error.response.get("error") in _HIDDEN:
            return None
        raise
    return found


def _members(slack: WebClient, channel_id: str) -> list[str]:
    """Slack ids of those inside, bots among them; the first thousand."""
    members: list[str] = []
    cursor = ""
    while len(members) < _MOST_MEMBERS:
        answer = slack.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor)
        members.extend(answer["members"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return members
