"""A letter, its kind, and the conversations the bot has opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.blocks import Message
from bot.database import Base, InWorkspace, one_of


class LetterState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"  # committed before the call: only these can be unclear after a crash
    SENT = "sent"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PARKED = "parked"  # of a kind or version this code does not know


class Budget(StrEnum):
    """What a letter may ask of its reader."""

    COUNTED = "counted"  # at most one a day and three a week, in working hours, can be paused
    HOURS = "hours"  # in working hours
    NOW = "now"  # the visible result of a click, or a channel's urgent line


class Surface(StrEnum):
    MESSAGE = "message"
    EDIT = "edit"  # brings a sent message up to date; subject: the letter
    EPHEMERAL = "ephemeral"  # only that person sees it, in `data["channel"]`
    HOME = "home"


class Priority(IntEnum):
    """Smaller goes first."""

    ANSWER = 0
    URGENT = 1
    LETTER = 2
    DIGEST = 3
    TIDY = 4  # brings up to date what nobody waits for; leaves Slack's room to what is


NO_NEWS = (Priority.ANSWER, Priority.TIDY)
"""What only answers a click or shows how things are: no part of the backlog of an outage."""


@dataclass(frozen=True)
class Kind:
    """A kind of letter, declared by the feature that writes it. `max_age`: how long after it
    was due it still makes sense to send it."""

    name: str
    budget: Budget = Budget.HOURS
    priority: Priority = Priority.LETTER
    surface: Surface = Surface.MESSAGE
    max_age: timedelta = timedelta(days=7)
    why: str = ""  # for "Why this letter?": one sentence
    version: int = 1


class Letter(InWorkspace, Base):
    """A message the bot starts. Exactly one of person, channel and group says to whom."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "key"),
        sa.Index("ix_letter_state_due", "state", "due_at"),
        sa.Index("ix_letter_person_sent", "person_id", "sent_at"),
        sa.Index("ix_letter_kind_subject", "kind", "subject"),
        sa.Index("ix_letter_marker", "marker"),
        sa.Index("ix_letter_sending_at", "sending_at"),
    )

    key: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[int] = mapped_column(default=1)
    subject: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cohort.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    channel: Mapped[str | None] = mapped_column(sa.String(32))
    group: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # person ids
    budget: Mapped[Budget] = mapped_column(one_of(Budget, "budget"))
    priority: Mapped[int]
    due_at: Mapped[datetime]
    meant_at: Mapped[datetime | None]  # when it was due before it had to be tried again
    not_after: Mapped[datetime | None]
    state: Mapped[LetterState] = mapped_column(one_of(LetterState), default=LetterState.PENDING)
    reason: Mapped[str] = mapped_column(sa.String(120), default="")
    created_at: Mapped[datetime]
    # The send protocol.
    attempt: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(sa.String(64))
    lease_until: Mapped[datetime | None]  # real time
    marker: Mapped[str | None] = mapped_column(sa.String(32))  # shared by letters merged into one
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    sent_channel: Mapped[str | None] = mapped_column(sa.String(32))
    sent_ts: Mapped[str | None] = mapped_column(sa.String(32))

    @hybrid_property
    def meant(self) -> datetime:
        """When it was meant to go: a retry moves `due_at`, and it is as late as it was."""
        return self.meant_at or self.due_at

    @meant.inplace.expression
    @classmethod
    def _meant(cls) -> sa.ColumnElement[datetime]:
        return sa.func.coalesce(cls.meant_at, cls.due_at)


class Conversation(InWorkspace, Base):
    """A group message the bot opened: the same people always meet in the same one."""

    __tablename__ = "conversation"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "people"),)

    people: Mapped[str] = mapped_column(sa.String(255))  # Slack ids, sorted, joined by commas
    channel: Mapped[str] = mapped_column(sa.String(32))


class Bucket(InWorkspace, Base):
    """How fast one of Slack's methods may be called; shared by all workers, by the programme's
    clock. Tokens come back at `rate`, which is learned from what Slack accepts."""

    __tablename__ = "bucket"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "method"),)

    method: Mapped[str] = mapped_column(sa.String(64))
    tokens: Mapped[float]  # calls that may be made at once
    filled_at: Mapped[datetime]  # when `tokens` was true
    rate: Mapped[float]  # calls a minute
    learned_at: Mapped[datetime]  # when `rate` last changed
    closed_until: Mapped[datetime | None]  # Slack said when to come back


class Instance(InWorkspace, Base):
    """This database as a sender: where it stands, when somebody was last at work on it, and why
    it sends nothing while somebody has to decide. One for each workspace."""

    __tablename__ = "instance"
    __table_args__ = (sa.UniqueConstraint("workspace_id"),)

    code: Mapped[str] = mapped_column(sa.String(32))  # random; every letter carries it
    place: Mapped[str] = mapped_column(sa.String(255))  # where the database stands: a copy differs
    ticked_at: Mapped[datetime | None]  # real time: a worker was last at work
    paused_at: Mapped[datetime | None]  # nothing is sent until somebody decides
    paused_reason: Mapped[str] = mapped_column(sa.String(120), default="")
    # The last time nobody worked for long: what was due in between is a backlog. While the jobs
    # still write it `away_until` is null.
    away_from: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    # What was decided last about a pause or a backlog, and by whom.
    decided_at: Mapped[datetime | None]
    decided: Mapped[str] = mapped_column(sa.String(64), default="")


class StoppedChannel(InWorkspace, Base):
    """A channel that Slack does not let the bot write to; its letters fail without a call."""

    __tablename__ = "stopped_channel"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "channel"),)

    channel: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(64))  # Slack's error
    since: Mapped[datetime]
    again_at: Mapped[datetime]  # one letter tries again then


@dataclass(frozen=True)
class Cancelled:
    """What a render returns when the letter has lost its reason to be sent."""

    reason: str


@dataclass(frozen=True)
class HomeView:
    """What the render of a Home letter returns."""

    view: dict[str, Any]


Render = Callable[[Session, Letter, datetime], Message | HomeView | Cancelled]


@dataclass(frozen=True)
class Allowance:
    """How many counted messages a person gets (the cohort's settings)."""

    per_day: int = 1
    per_week: int = 3


class Reader(Protocol):
    """What the outbox must know of a person; the cohort's roster tells it."""

    @property
    def slack_id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def gone(self) -> bool: ...
    @property
    def paused_until(self) -> datetime | None: ...

    def next_open(self, at: datetime) -> datetime:
        """`at` itself inside working hours and not on leave, else the next such moment."""
        ...

    def next_working_day(self, at: datetime) -> datetime:
        """The opening of the next working day after `at`'s local date."""
        ...


class Readers(Protocol):
    """Looks up readers: one query for any number of people."""

    def __call__(self, session: Session, person_ids: set[int]) -> dict[int, Reader]: ...


@dataclass(frozen=True)
class Program:
    """What the sender must know of the programme; `bot.program` makes it."""

    renders: Mapping[str, tuple[int, Surface, Render]]  # kind -> newest version, surface, render
    readers: Readers
    allowances: Callable[[Session, set[int]], dict[int, Allowance]]
    person_gone: Callable[[Session, int, datetime], None]
    workspaces: Callable[[Session], list[int]]
    stopped: Callable[[Session], bool]  # the app is gone from Slack: no calls
    stop: Callable[[Session, str], None]
    # (workspace, now), after a time in which nobody was at work: once when it is known what fell
    # due in it, and somebody may decide; and once when nothing of that waits any more.
    was_away: Callable[[Session, int, datetime], None]
    # (workspace, channel, Slack's code, now), once for each stop: somebody can mend it.
    channel_stopped: Callable[[Session, int, str, str, datetime], None]
