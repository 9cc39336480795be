"""Rounds of check-ins, and what each side answered."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Cohort, Membership
from bot.database import Base, InWorkspace, one_of
from bot.pairing.model import Pairing


class RoundKind(StrEnum):
    CHECK = "check"
    MID = "mid"
    FINAL = "final"


class Audience(StrEnum):
    """Who may read the one free sentence."""

    NOBODY = "nobody"
    PAIR = "pair"
    COORDINATOR = "coordinator"


class Knows(StrEnum):
    """Who should know about a low answer; the person's own choice."""

    COORDINATOR_ME = "me"  # a coordinator talks with me
    COORDINATOR_BOTH = "both"
    NOBODY = "nobody"


class Round(InWorkspace, Base):
    """One check-in round of a cohort."""

    __tablename__ = "round"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "number"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    number: Mapped[int]
    week: Mapped[int]
    kind: Mapped[RoundKind] = mapped_column(one_of(RoundKind, "kind"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    ask_at: Mapped[datetime | None]  # when to ask who has not been asked yet; None: nobody more
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # without `opened_at`: it never took place

    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)


class CheckIn(InWorkspace, Base):
    """One side of one pair in one round. The scores are 1 to 5; `moved_forward` may be 0:
    "we have not met yet"."""

    __tablename__ = "check_in"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "pairing_id", "membership_id"),
        sa.CheckConstraint(
            "open_with BETWEEN 1 AND 5 AND agree BETWEEN 1 AND 5 AND moved_forward BETWEEN 0 AND 5",
            name="scores",
        ),
    )

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"), index=True)
    membership_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    open_with: Mapped[int | None]  # R1, bond
    agree: Mapped[int | None]  # R2, agreement on the work
    moved_forward: Mapped[int | None]  # R3, effect; 0: not met yet
    wish: Mapped[str] = mapped_column(sa.Text, default="")
    wish_for: Mapped[Audience] = mapped_column(
        one_of(Audience, "wish_for"), default=Audience.NOBODY
    )
    knows: Mapped[Knows | None] = mapped_column(one_of(Knows, "knows"))  # None: was not asked
    knows_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # when the letter went out; silence before it is not theirs
    remind_at: Mapped[datetime | None]  # when the one reminder is due; None: none is
    answered_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]  # the newest answer
    # When the watch takes the newest answer into account: at once, or when the person has chosen
    # who should know, at most a day later. None: it has.
    watch_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship(lazy="joined", innerjoin=True)
    pairing: Mapped[Pairing] = relationship(lazy="joined", innerjoin=True)
    membership: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)

    @property
    def mean(self) -> float | None:
        """Mean of the answered items; without R3 when they have not met. None: unanswered."""
        if self.answered_at is None or self.open_with is None or self.agree is None:
            return None
        scores = [self.open_with, self.agree]
        if self.moved_forward:
            scores.append(self.moved_forward)
        return sum(scores) / len(scores)
