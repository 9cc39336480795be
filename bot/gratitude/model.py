"""Thanks: a private letter from one person to another."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Membership, Person
from bot.database import Base, InWorkspace, one_of


class PromptState(StrEnum):
    ASKED = "asked"
    WRITTEN = "written"
    SKIPPED = "skipped"


class Thanks(InWorkspace, Base):
    """Words for one person; nobody else reads or counts them."""

    __tablename__ = "thanks"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "form"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    form: Mapped[str] = mapped_column(sa.String(64))  # the form's id: one form, one letter
    created_at: Mapped[datetime]

    giver: Mapped[Person] = relationship(lazy="joined", innerjoin=True, foreign_keys=[from_id])
    receiver: Mapped[Person] = relationship(lazy="joined", innerjoin=True, foreign_keys=[to_id])


class ThanksPrompt(InWorkspace, Base):
    """One "Has somebody helped you lately?" to one member."""

    __tablename__ = "thanks_prompt"
    __table_args__ = (sa.UniqueConstraint("membership_id", "week"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    membership_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    week: Mapped[int]
    state: Mapped[PromptState] = mapped_column(one_of(PromptState), default=PromptState.ASKED)
    asked_at: Mapped[datetime]
    thanks_id: Mapped[int | None] = mapped_column(sa.ForeignKey("thanks.id"))  # what came of it

    thanks: Mapped[Thanks | None] = relationship(lazy="joined")
    membership: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)


class ThanksWeek(InWorkspace, Base):
    """When a cohort's members are asked; one row a prompt week."""

    __tablename__ = "thanks_week"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "week"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    week: Mapped[int]
    opens_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
