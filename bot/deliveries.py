"""What Slack delivered to the bot: each command, click, form and event counts once, however often
it arrives; and what could not be handled is kept."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, InWorkspace


class Delivery(InWorkspace, Base):
    """A request that changed something: written in the transaction that made the change."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "key"),
        sa.Index("ix_delivery_at", "at"),
    )

    key: Mapped[str] = mapped_column(sa.String(255))  # what makes it the same request
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class BrokenDelivery(InWorkspace, Base):
    """A request on which the bot broke, kept whole so that it can be handled again."""

    __tablename__ = "broken_delivery"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "reference"),)

    reference: Mapped[str] = mapped_column(sa.String(16))  # what the person was told
    kind: Mapped[str] = mapped_column(sa.String(32))
    payload: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(sa.String(255))  # its type, never what somebody wrote
    at: Mapped[datetime]
    replayed_at: Mapped[datetime | None]
