"""The people of the workspace, and the user objects the Web API shows of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

COLOURS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "2b6836", "d58247")


@dataclass
class Person:
    """Somebody with an account; bots have one too."""

    id: str
    name: str
    real_name: str
    title: str = ""
    tz: str = "UTC"
    locale: str = "en-GB"
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    email: str = ""
    deleted: bool = False
    updated: int = 0
    bot_id: str | None = None
    read: dict[str, str] = field(default_factory=dict)

    def local(self, at: datetime) -> datetime:
        """`at` on this person's wall clock."""
        return at.astimezone(ZoneInfo(self.tz))


def zone_label(tz: str, at: datetime) -> str:
    """A short name for a zone: its city and its abbreviation on that day."""
    city = tz.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} ({at.astimezone(ZoneInfo(tz)).tzname()})"


def user_object(
    person: Person, team_id: str, now: datetime, *, locale: bool = False, email: bool = False
) -> dict[str, Any]:
    """The user object. A deactivated person's has no zone and no roles, as in Slack."""
    profile: dict[str, Any] = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "status_text": "",
        "status_emoji": "",
        "team": team_id,
    }
    if email and person.email:
        profile["email"] = person.email
    if person.bot_id:
        profile["bot_id"] = person.bot_id
    found: dict[str, Any] = {
        "id": person.id,
        "team_id": team_id,
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
    }
    if person.deleted:
        return found
    offset = person.local(now).utcoffset()
    found |= {
        "color": COLOURS[sum(person.id.encode()) % len(COLOURS)],
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": zone_label(person.tz, now),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": person.is_admin or person.is_owner,
        "is_owner": person.is_owner,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
    }
    if locale:
        found["locale"] = person.locale
    return found
