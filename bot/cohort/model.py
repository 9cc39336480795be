"""Workspaces, people, cohorts and who is in them, and what outsiders are told."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.database import Base, InWorkspace, one_of
from bot.refusal import Refusal


class Stranger(Refusal):
    """You are not in a mentorship cohort yet. If you expected to be, ask {whom}."""


class NoCohortYet(Refusal):
    """There is no cohort here yet. A workspace owner can start one: `/cohort new`."""


class NotCoordinator(Refusal):
    """`/cohort` is for coordinators: {whom}. For your own mentorship: `/mentor`."""


class NotCoordinatorYet(NotCoordinator):
    """`/cohort` is for coordinators: {whom}. To start a cohort of your own: `/cohort new`."""


class NoCohortForYou(NotCoordinator):
    """`/cohort` is for coordinators: {whom}. You are in no mentorship cohort yet. If you expected
    to be, ask a coordinator."""


class Removed(Refusal):
    """You are no longer in {cohort}. Questions: {whom}."""


class Ended(Refusal):
    """{cohort} ended on {day}."""


class AccountOff(Refusal):
    """Slack says that this account is switched off. If you are back: I look once a day, try again
    tomorrow."""


class AnotherWorkspace(Refusal):
    """This bot serves another workspace. Whoever installed it can add yours."""


class Role(StrEnum):
    """What a person is in one cohort. An intern has no other role there."""

    INTERN = "intern"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"


class MembershipState(StrEnum):
    ACTIVE = "active"
    LEFT = "left"  # said "not this time", was removed, or left Slack


class CohortState(StrEnum):
    OPEN = "open"
    ENDED = "ended"


class Workspace(Base):
    """One Slack workspace; every other row hangs from it."""

    __tablename__ = "workspace"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    bot_user_id: Mapped[str] = mapped_column(sa.String(32))
    # Set when Slack says the app is gone; no call is made until somebody installs it again.
    stopped_reason: Mapped[str | None] = mapped_column(sa.String(64))
    sync_at: Mapped[datetime | None]  # when to read the next page of the list of people
    sync_cursor: Mapped[str | None] = mapped_column(sa.String(255))  # Slack's; None: the first


class Person(InWorkspace, Base):
    """Somebody in the workspace, with the profile that belongs to them in every cohort."""

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "slack_id"),)

    slack_id: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(sa.String(255), default="")
    zone: Mapped[str | None] = mapped_column(sa.String(64))  # Slack's; None: the cohort's stands in
    locale: Mapped[str] = mapped_column(sa.String(16), default="en-GB")
    left_slack_at: Mapped[datetime | None]
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)  # may create cohorts; owners too
    home_opened_at: Mapped[datetime | None]  # nobody's Home tab is published unseen
    look_up_at: Mapped[datetime | None]  # Slack has not told us about them yet
    paused_until: Mapped[datetime | None]  # no counted letters before this

    # The profile. None or empty: not told yet.
    profile_saved_at: Mapped[datetime | None]
    skills: Mapped[list[Any]] = mapped_column(default=list)  # slugs a mentor can help with
    capacity: Mapped[int] = mapped_column(default=0)  # interns at a time, over all cohorts
    how_i_work: Mapped[str] = mapped_column(sa.Text, default="")
    style: Mapped[list[Any]] = mapped_column(default=list)  # four of 1..5 or None
    values: Mapped[list[Any]] = mapped_column(default=list)  # up to three slugs
    languages: Mapped[list[Any]] = mapped_column(default=list)
    work_days: Mapped[list[Any]] = mapped_column(default=list)  # 0 is Monday; empty: Mon to Fri
    work_from: Mapped[time | None] = mapped_column(sa.Time)
    work_until: Mapped[time | None] = mapped_column(sa.Time)

    @property
    def first_name(self) -> str:
        """What messages call them."""
        return self.name.split()[0] if self.name.split() else self.name


class Cohort(InWorkspace, Base):
    """One run of the programme: who may coordinate it, when it is, where it reports."""

    __tablename__ = "cohort"
    __table_args__ = (
        sa.CheckConstraint("weeks BETWEEN 6 AND 16", name="weeks"),
        sa.UniqueConstraint("workspace_id", "name"),
    )

    name: Mapped[str] = mapped_column(sa.String(80))
    starts_on: Mapped[date]
    weeks: Mapped[int]
    zone: Mapped[str] = mapped_column(sa.String(64))
    channel: Mapped[str] = mapped_column(sa.String(32))  # the coordinators' channel, a Slack id
    state: Mapped[CohortState] = mapped_column(one_of(CohortState), default=CohortState.OPEN)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what differs from defaults
    contacts: Mapped[str] = mapped_column(sa.Text, default="")  # where to turn in distress
    version: Mapped[int] = mapped_column(default=1)  # a form opened on an older one is stale
    calendar_version: Mapped[int] = mapped_column(default=1)  # counts changes of dates and zone
    calendar_set_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # the afternoon of the last Friday, in UTC
    ended_at: Mapped[datetime | None]


class Membership(InWorkspace, Base):
    """A person in a cohort, with a role; for an intern also the goals."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.UniqueConstraint("cohort_id", "person_id", "role"),
        sa.Index("ix_membership_person_state", "person_id", "state"),
    )

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    state: Mapped[MembershipState] = mapped_column(
        one_of(MembershipState), default=MembershipState.ACTIVE
    )
    goals: Mapped[list[Any]] = mapped_column(default=list)  # [{"text", "skills"}], first first
    note: Mapped[str] = mapped_column(sa.Text, default="")  # what the mentor should know
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    thanks_skipped: Mapped[int] = mapped_column(default=0)

    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True, foreign_keys=[person_id])


class Leave(InWorkspace, Base):
    """A pause with a return date. Timers freeze and letters wait; no reason is asked."""

    __tablename__ = "leave"
    __table_args__ = (sa.CheckConstraint("back_on > first_on", name="dates"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    first_on: Mapped[date]  # in the person's zone
    back_on: Mapped[date]  # the first day they are here again
    back_at: Mapped[datetime]  # the morning of that day, where the person is
    told_back_at: Mapped[datetime | None]  # when "welcome back" was posted
    created_at: Mapped[datetime]


class Planned(InWorkspace, Base):
    """What a feature has planned for a cohort, and from which version of its calendar.

    A changed start date raises `Cohort.calendar_version`; each feature then plans again.
    """

    __tablename__ = "planned"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "what"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    what: Mapped[str] = mapped_column(sa.String(32))
    calendar_version: Mapped[int]
