"""The coordinators' channel: private, with the bot inside, before anything is reported there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import lookup
from bot.cohort.model import Person
from bot.refusal import Invalid


@dataclass(frozen=True)
class Checked:
    """A channel that will do, and who reads along there (Slack ids)."""

    id: str
    members: tuple[str, ...]


def check(slack: lookup.Slack, channel_id: str, *, field: str) -> Checked:
    """Ask Slack whether this channel can hold names of pairs in trouble.

    Raises Invalid beside `field`: the bot is not inside, everybody can read it, or nobody can
    write there any more.
    """
    found = lookup.channel(slack, channel_id)
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
    return Checked(channel_id, tuple(lookup.channel_members(slack, channel_id)))


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
