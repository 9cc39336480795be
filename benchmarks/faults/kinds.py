"""The one kind of letter that is sent here, and how its number is read from what Slack stored."""

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.blocks import Message, letter
from bot.outbox import Budget, Kind, Letter

KIND = Kind("harness", Budget.NOW, max_age=timedelta(days=1))
_NUMBER = re.compile(r"Letter (\d+)\b")


def render(_session: Session, one: Letter, _now: datetime) -> Message:
    """Says which letter it is: a marker would be another one for each attempt."""
    return letter(words(one.id))


def words(number: int) -> str:
    """What the message of a letter says."""
    return f"Letter {number}"


def numbers_in(text: str) -> list[int]:
    """Which letters a message stands for: several where they were merged into one."""
    return [int(found) for found in _NUMBER.findall(text)]
