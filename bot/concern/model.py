"""How each pair is doing over time, and what coordinators do about it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Cohort, Person
from bot.concern.signals import Level as Level  # re-exported: the rows hold it
from bot.database import Base, InWorkspace, one_of
from bot.pairing.model import Pairing


class ConcernState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    TALKED = "talked"
    SNOOZED = "snoozed"
    CLEARED = "cleared"


class Ending(StrEnum):
    """Why a concern is over."""

    MET = "met"  # the pair has met
    PASSED = "passed"  # the reason is gone
    COORDINATOR = "coordinator"  # by hand, with a note
    ENDED = "ended"  # the pairing is over


class PairLevel(InWorkspace, Base):
    """A pair had this level from one moment to another. Rows are never overwritten: the
    digest's chart is drawn from them."""

    __tablename__ = "pair_level"
    __table_args__ = (
        sa.Index(
            "uq_pair_level_now",
            "pairing_id",
            unique=True,
            sqlite_where=sa.text("to_at IS NULL"),
            postgresql_where=sa.text("to_at IS NULL"),
        ),
        sa.Index("ix_pair_level_cohort_from", "cohort_id", "from_at"),
    )

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"), index=True)
    level: Mapped[Level] = mapped_column(one_of(Level, "level"))
    codes: Mapped[list[Any]] = mapped_column(default=list)  # exact codes: B1, B2, B5, S1, S2
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]


class Watch(InWorkspace, Base):
    """When a cohort's pairs are looked at next; one row a cohort."""

    __tablename__ = "watch"
    __table_args__ = (sa.UniqueConstraint("cohort_id"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    next_at: Mapped[datetime]

    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)


class Concern(InWorkspace, Base):
    """A pair needs care. One living message in the coordinators' channel each."""

    __tablename__ = "concern"
    __table_args__ = (
        sa.Index(
            "uq_concern_open",
            "pairing_id",
            unique=True,
            sqlite_where=sa.text("state != 'cleared'"),
            postgresql_where=sa.text("state != 'cleared'"),
        ),
        sa.Index("ix_concern_cohort_state", "cohort_id", "state"),
    )

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"))
    state: Mapped[ConcernState] = mapped_column(one_of(ConcernState), default=ConcernState.OPEN)
    level: Mapped[Level] = mapped_column(one_of(Level, "level"))
    codes: Mapped[list[Any]] = mapped_column(default=list)
    waiting_since: Mapped[datetime]  # the last held meeting, or the introduction
    met_at: Mapped[datetime]  # the newest held meeting the watch has seen; later ones wake it
    opened_at: Mapped[datetime]
    red_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]  # when coordinators were told in their channel
    step: Mapped[int] = mapped_column(default=0)  # how far up the ladder of nudges it is
    next_step_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    talked_at: Mapped[datetime | None]
    snoozed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    snoozed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    ending: Mapped[Ending | None] = mapped_column(one_of(Ending, "ending"))
    note: Mapped[str] = mapped_column(sa.Text, default="")  # coordinators only

    pairing: Mapped[Pairing] = relationship(lazy="joined", innerjoin=True)
    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)
    taker: Mapped[Person | None] = relationship(lazy="joined", foreign_keys=[taken_by])
    snoozer: Mapped[Person | None] = relationship(lazy="joined", foreign_keys=[snoozed_by])
    clearer: Mapped[Person | None] = relationship(lazy="joined", foreign_keys=[cleared_by])
