"""Channels that Slack does not let the bot write to: their letters fail without a call, and once
an hour one tries again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.database import insert_once
from bot.outbox.model import StoppedChannel

PROBE = timedelta(hours=1)


def stop(session: Session, workspace_id: int, channel: str, code: str, now: datetime) -> bool:
    """Slack refused this channel with this code. True the first time: then somebody should hear
    of it."""
    made = insert_once(
        session,
        StoppedChannel,
        workspace_id=workspace_id,
        channel=channel,
        code=code,
        since=now,
        again_at=now + PROBE,
    )
    if made is not None:
        return True
    session.execute(
        sa.update(StoppedChannel)
        .where(StoppedChannel.workspace_id == workspace_id, StoppedChannel.channel == channel)
        .values(code=code, again_at=now + PROBE)
    )
    return False


def is_stopped(session: Session, channels: Collection[str], now: datetime) -> dict[str, str]:
    """Which of these channels are stopped, with Slack's code: one query. One whose hour is over
    is left out: a letter may try (`may_try`, so that it is one letter)."""
    if not channels:
        return {}
    rows = session.execute(
        sa.select(StoppedChannel.channel, StoppedChannel.code).where(
            StoppedChannel.channel.in_(channels), StoppedChannel.again_at > now
        )
    )
    return {row.channel: row.code for row in rows}


def may_try(session: Session, channel: str, now: datetime) -> bool:
    """Whether a letter may go to this channel: always when it is not stopped, else one letter an
    hour, whoever asks first."""
    tried = session.execute(
        sa.update(StoppedChannel)
        .where(StoppedChannel.channel == channel, StoppedChannel.again_at <= now)
        .values(again_at=now + PROBE)
    )
    if cast(sa.CursorResult[Any], tried).rowcount:
        return True
    known = sa.select(StoppedChannel.id).where(StoppedChannel.channel == channel)
    return session.scalar(known) is None


def open_again(session: Session, channel: str) -> bool:
    """A letter went through, or somebody says it will. False when it was not stopped."""
    gone = session.execute(sa.delete(StoppedChannel).where(StoppedChannel.channel == channel))
    return bool(cast(sa.CursorResult[Any], gone).rowcount)
