"""Requests, the mentors an intern chose, offers, places for the waitlist, and pairings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Cohort, Membership
from bot.database import Base, InWorkspace, one_of
from bot.refusal import Refusal


class MovedOn(Refusal):
    """This request has moved on. Nothing to do."""


class Taken(Refusal):
    """{intern} has found a mentor. Thank you for offering."""


class NoRoom(Refusal):
    """You have {taken} of {capacity} interns. To take another, change your capacity:
    `/mentor profile`."""


class HasMentor(Refusal):
    """{mentor} is your mentor. To change that, talk to {whom}."""


class MentorsDoNotAsk(Refusal):
    """You are a mentor here. Requests reach you."""


class CoordinatorsDoNotAsk(Refusal):
    """You coordinate {cohort}. Interns ask for a mentor; you can pair two people by hand:
    `/cohort people`."""


class NobodyChosen(Refusal):
    """Choose at least one mentor. Nothing has been sent."""


class FiveChosen(Refusal):
    """Five mentors are chosen already. Remove one first."""


class NoLongerFree(Refusal):
    """{mentor} has no room any more. Choose again; your line is kept."""


class NotAsking(Refusal):
    """This request is not open any more. Where you stand: `/mentor-request`"""


class PlaceGone(Refusal):
    """{mentor} has no room any more. You keep your place on the waitlist."""


class AlreadyPaired(Refusal):
    """{intern} has a mentor already: {mentor}. End that pairing first."""


class MentorFull(Refusal):
    """{mentor} has {taken} of {capacity} interns. Choose another mentor, or ask {mentor} to
    raise the capacity."""


class MentorSilent(Refusal):
    """{mentor} has not said yet how many interns fit. Remind {mentor} of the profile first."""


class TooLateToUndo(Refusal):
    """An acceptance can be undone for a day. You can end the pairing instead."""


class OwnPair(Refusal):
    """This is your own pair. Please ask another coordinator."""


class PairEnded(Refusal):
    """This pairing has ended already. Nothing to do."""


class RequestState(StrEnum):
    DRAFT = "draft"  # goals written, choosing
    ASKING = "asking"  # an offer is with a mentor
    WAITING = "waiting"  # on the waitlist
    PAIRED = "paired"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"  # the programme ended, the intern left, or a coordinator paired them


OPEN_REQUEST = (RequestState.DRAFT, RequestState.ASKING, RequestState.WAITING)


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    FILLED = "filled"  # the mentor's last place went to somebody else
    WITHDRAWN = "withdrawn"


class PlaceState(StrEnum):
    OFFERED = "offered"
    TAKEN = "taken"
    PASSED = "passed"  # "keep waiting", or silence
    GONE = "gone"  # the room went elsewhere; it may be offered again


class PairingKind(StrEnum):
    MAIN = "main"
    SECOND = "second"
    COVER = "cover"


class PairingState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a pairing ended; all that is kept, and no-fault by wording."""

    PROGRAMME_END = "programme_end"
    MATCH_CHANGED = "match_changed"
    LEFT = "left"
    UNDONE = "undone"
    TIME = "time"
    OTHER = "other"


class Request(InWorkspace, Base):
    """An intern asks for a mentor. At most one is open for each intern in a cohort."""

    __tablename__ = "request"
    __table_args__ = (
        sa.Index(
            "uq_request_open",
            "cohort_id",
            "intern_id",
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'asking', 'waiting')"),
            postgresql_where=sa.text("state IN ('draft', 'asking', 'waiting')"),
        ),
    )

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    intern_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    state: Mapped[RequestState] = mapped_column(one_of(RequestState), default=RequestState.DRAFT)
    line: Mapped[str] = mapped_column(sa.Text, default="")  # every mentor asked reads it
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]  # kept when asking again: the longest wait goes first
    looked_at: Mapped[datetime | None]  # mentors who join after this are looked at for the waiting
    unpaired_at: Mapped[datetime | None]  # when coordinators hear that nobody has said yes yet
    closed_at: Mapped[datetime | None]

    intern: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)
    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)
    choices: Mapped[list["Choice"]] = relationship(
        order_by="Choice.rank", cascade="all, delete-orphan", lazy="selectin"
    )


class Choice(InWorkspace, Base):
    """One mentor on an intern's list; nobody but the intern ever sees the order."""

    __tablename__ = "choice"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "mentor_id"),
        sa.CheckConstraint("rank BETWEEN 1 AND 5", name="rank"),
    )

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    rank: Mapped[int]

    mentor: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)


class Offer(InWorkspace, Base):
    """A request put to one mentor, until a date."""

    __tablename__ = "offer"
    __table_args__ = (
        # A mentor is asked once for a request; again only when a last place had gone elsewhere.
        sa.Index(
            "uq_offer_once",
            "request_id",
            "mentor_id",
            unique=True,
            sqlite_where=sa.text("state != 'filled'"),
            postgresql_where=sa.text("state != 'filled'"),
        ),
        sa.Index(
            "uq_offer_open",
            "request_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_offer_mentor_state", "mentor_id", "state"),
    )

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"))
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    state: Mapped[OfferState] = mapped_column(one_of(OfferState), default=OfferState.OPEN)
    reason: Mapped[str] = mapped_column(sa.String(24), default="")  # of a no; nobody reads it
    created_at: Mapped[datetime]
    # The three below are set when the letter goes out: the time runs from there.
    sent_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    lapses_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    request: Mapped[Request] = relationship(lazy="joined", innerjoin=True)
    mentor: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)


class Place(InWorkspace, Base):
    """New room with a mentor, offered to the intern who has waited longest."""

    __tablename__ = "place"
    __table_args__ = (sa.UniqueConstraint("request_id", "mentor_id"),)

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"))
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    state: Mapped[PlaceState] = mapped_column(one_of(PlaceState), default=PlaceState.OFFERED)
    offered_at: Mapped[datetime]
    lapses_at: Mapped[datetime]

    request: Mapped[Request] = relationship(lazy="joined", innerjoin=True)
    mentor: Mapped[Membership] = relationship(lazy="joined", innerjoin=True)


class Pairing(InWorkspace, Base):
    """An intern and a mentor. At most one active main pairing for each intern."""

    __tablename__ = "pairing"
    __table_args__ = (
        sa.Index(
            "uq_pairing_main",
            "intern_id",
            unique=True,
            sqlite_where=sa.text("state = 'active' AND kind = 'main'"),
            postgresql_where=sa.text("state = 'active' AND kind = 'main'"),
        ),
        sa.Index("ix_pairing_cohort_state", "cohort_id", "state"),
        sa.Index("ix_pairing_mentor_state", "mentor_id", "state"),
    )

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    intern_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    kind: Mapped[PairingKind] = mapped_column(one_of(PairingKind, "kind"), default=PairingKind.MAIN)
    state: Mapped[PairingState] = mapped_column(one_of(PairingState), default=PairingState.ACTIVE)
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("request.id"))
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # a coordinator
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None] = mapped_column(one_of(EndReason, "end_reason"))
    nudge_at: Mapped[datetime | None]  # when to see whether a first meeting is planned
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # commonalities told at the start

    intern: Mapped[Membership] = relationship(
        lazy="joined", innerjoin=True, foreign_keys=[intern_id]
    )
    mentor: Mapped[Membership] = relationship(
        lazy="joined", innerjoin=True, foreign_keys=[mentor_id]
    )
    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)
