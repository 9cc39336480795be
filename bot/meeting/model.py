"""Meetings of a pair, what each side said about them, and the actions that came out."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Person
from bot.database import Base, InWorkspace, one_of
from bot.pairing.model import Pairing


class MeetingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"  # a yes from either side
    NOT_HELD = "not_held"
    UNKNOWN = "unknown"  # nobody said, or the two differ
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What one side says about "Did you meet?"."""

    YES = "yes"
    MOVED = "moved"
    NO = "no"


class ActionState(StrEnum):
    DRAFT = "draft"  # written in a summary that is not saved yet; only its writer sees it
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Smaller(StrEnum):
    """What a pair does in a week that is too full for their usual meeting."""

    SHORT = "short"  # 15 minutes
    WRITTEN = "written"  # three written questions
    SKIP = "skip"  # no meeting this week, on purpose


class Meeting(InWorkspace, Base):
    """One meeting of a pair. Moving it changes `starts_at` and counts `version` up."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("minutes BETWEEN 5 AND 180", name="minutes"),
        sa.Index("ix_meeting_pairing_starts", "pairing_id", "starts_at"),
        # One meeting of a pair at one moment: the second click on "Plan meeting" changes nothing.
        sa.Index(
            "uq_meeting_planned",
            "pairing_id",
            "starts_at",
            unique=True,
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        ),
    )

    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"))
    state: Mapped[MeetingState] = mapped_column(one_of(MeetingState), default=MeetingState.PLANNED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(sa.Text, default="")
    # Who planned it, or who moved or cancelled it last.
    planned_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    ask_at: Mapped[datetime | None]  # when "Did you meet?" is due; None once asked
    settle_at: Mapped[datetime | None]  # when silence turns into "not known"
    intern_answer: Mapped[Answer | None] = mapped_column(one_of(Answer, "intern_answer"))
    mentor_answer: Mapped[Answer | None] = mapped_column(one_of(Answer, "mentor_answer"))
    held_said_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    insight: Mapped[str] = mapped_column(sa.Text, default="")
    insight_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    summary_at: Mapped[datetime | None]
    stands_at: Mapped[datetime | None]  # until then both may edit the summary; None: it stands

    pairing: Mapped[Pairing] = relationship(lazy="joined", innerjoin=True)
    actions: Mapped[list["Action"]] = relationship(
        order_by="Action.id", back_populates="meeting", lazy="selectin"
    )


class Action(InWorkspace, Base):
    """Something one of the two does by a date."""

    __tablename__ = "action"
    __table_args__ = (sa.Index("ix_action_owner_state", "owner_id", "state"),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"), index=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    due_on: Mapped[date]
    state: Mapped[ActionState] = mapped_column(one_of(ActionState), default=ActionState.OPEN)
    postponed: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]  # the day before it is due, in the owner's hours
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="actions")
    owner: Mapped[Person] = relationship(lazy="joined", innerjoin=True, foreign_keys=[owner_id])


class WeekChoice(InWorkspace, Base):
    """What one of a pair chose for a week; the other sees it, and a later choice replaces it."""

    __tablename__ = "week_choice"
    __table_args__ = (sa.UniqueConstraint("pairing_id", "monday"),)

    pairing_id: Mapped[int] = mapped_column(sa.ForeignKey("pairing.id"))
    monday: Mapped[date]  # of that week, in the cohort's zone
    choice: Mapped[Smaller] = mapped_column(one_of(Smaller, "choice"))
    chosen_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    chosen_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # counts changes of mind
