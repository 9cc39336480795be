"""Pairings: an intern and a mentor, from the introduction to the end."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import listed
from bot.cohort import hours as working
from bot.cohort import roster
from bot.cohort.model import Cohort, Membership, MembershipState, Person
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.pairing import asking, candidates, locks, places
from bot.pairing import messages as m
from bot.pairing.model import (
    OPEN_REQUEST,
    EndReason,
    Offer,
    OfferState,
    PairEnded,
    Pairing,
    PairingKind,
    PairingState,
    Request,
    RequestState,
    Taken,
    TooLateToUndo,
)
from bot.refusal import NotYours

FIRST_HOUR = 9  # the programme's first morning
UNDO = timedelta(days=1)


def active(session: Session, cohort_id: int) -> Sequence[Pairing]:
    """The pairs of a cohort, the oldest first."""
    return session.scalars(
        sa.select(Pairing)
        .where(Pairing.cohort_id == cohort_id, Pairing.state == PairingState.ACTIVE)
        .order_by(Pairing.id)
    ).all()


def of_person(session: Session, person: Person) -> Sequence[Pairing]:
    """The pairs this person is in now, as intern or as mentor, the oldest first."""
    mine = sa.select(Membership.id).where(Membership.person_id == person.id)
    return session.scalars(
        sa.select(Pairing)
        .where(
            sa.or_(Pairing.intern_id.in_(mine), Pairing.mentor_id.in_(mine)),
            Pairing.state == PairingState.ACTIVE,
        )
        .order_by(Pairing.id)
    ).all()


def partners(session: Session, places: Sequence[Membership], reader: Person) -> dict[int, str]:
    """With whom these members are paired, in words, by membership: "paired with Ben Ito". A
    coordinator reads nothing of a pair of their own."""
    ids = [place.id for place in places]
    rows = session.scalars(
        sa.select(Pairing)
        .where(
            sa.or_(Pairing.intern_id.in_(ids), Pairing.mentor_id.in_(ids)),
            Pairing.state == PairingState.ACTIVE,
        )
        .order_by(Pairing.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        if reader.id not in (row.intern.person_id, row.mentor.person_id):
            found.setdefault(row.intern_id, []).append(m.named(row.mentor.person))
            found.setdefault(row.mentor_id, []).append(m.named(row.intern.person))
    return {place: f"paired with {listed(names)}" for place, names in found.items()}


def main_of(session: Session, intern: Membership) -> Pairing | None:
    """The intern's active main pairing."""
    return session.scalars(
        sa.select(Pairing).where(
            Pairing.intern_id == intern.id,
            Pairing.state == PairingState.ACTIVE,
            Pairing.kind == PairingKind.MAIN,
        )
    ).one_or_none()


def partner(pairing: Pairing, person: Person) -> Person:
    """The other one of the two. Raises NotYours for somebody who is neither."""
    if pairing.intern.person_id == person.id:
        return pairing.mentor.person
    if pairing.mentor.person_id == person.id:
        return pairing.intern.person
    raise NotYours


def owned(session: Session, pairing_id: int, person: Person) -> Pairing:
    """The pairing, if this person is one of the two. Raises NotYours."""
    pairing = in_workspace(session, pairing_id, person.workspace_id)
    partner(pairing, person)
    return pairing


def in_workspace(session: Session, pairing_id: int, workspace_id: int) -> Pairing:
    """The pairing with this id. Raises NotYours when there is none in the workspace."""
    pairing = session.scalars(
        sa.select(Pairing).where(Pairing.id == pairing_id, Pairing.workspace_id == workspace_id)
    ).one_or_none()
    if pairing is None:
        raise NotYours
    return pairing


def waits_from(cohort: Cohort, started_at: datetime) -> datetime:
    """When the wait for a first meeting begins: with the pairing, but not before the
    programme's first morning."""
    return max(started_at, roster.moment(cohort, cohort.starts_on, FIRST_HOUR))


def plan_again(session: Session, person: Person, now: datetime) -> None:
    """An intern is in another zone: the wait for a first meeting is counted in working days
    there."""
    for pairing in session.scalars(
        sa.select(Pairing)
        .join(Membership, Membership.id == Pairing.intern_id)
        .where(
            Membership.person_id == person.id,
            Pairing.state == PairingState.ACTIVE,
            Pairing.nudge_at.is_not(None),
        )
    ):
        since = waits_from(pairing.cohort, pairing.started_at)
        pairing.nudge_at = first_nudge(session, pairing.intern, since=since)


def first_nudge(session: Session, intern: Membership, *, since: datetime) -> datetime:
    """When to see whether a first meeting is planned: so many of the intern's working days
    later, leave left out."""
    hours, away = asking.hours_and_leave(session, intern)
    wait = whole(intern.cohort, "first_meeting_days")
    return working.add_working_days(hours, since, wait, away)


def make(
    session: Session,
    intern: Membership,
    mentor: Membership,
    *,
    request: Request | None,
    by: Person | None,
    now: datetime,
) -> int:
    """Pair the two and introduce them; returns the pairing's id.

    The caller has locked mentor and intern and has looked at the room. The database refuses a
    second active mentor: Taken.
    """
    shared = candidates.pair_commonalities(intern, mentor, now=now)
    pairing_id = insert_once(
        session,
        Pairing,
        workspace_id=intern.workspace_id,
        cohort_id=intern.cohort_id,
        intern_id=intern.id,
        mentor_id=mentor.id,
        kind=PairingKind.MAIN,
        state=PairingState.ACTIVE,
        request_id=request.id if request else None,
        made_by=by.id if by else None,
        started_at=now,
        nudge_at=first_nudge(session, intern, since=waits_from(intern.cohort, now)),
        facts={"commonalities": [asdict(reason) for reason in shared]},
    )
    if pairing_id is None:
        raise Taken(intern=m.called(intern.person))
    _introduce(session, pairing_id, intern, mentor, now=now)
    if request is not None:
        places.release(session, request.id, now=now)
        asking.tell_change(session, request, now=now)
    close_requests(session, intern, now=now)
    asking.fill_others(session, mentor.person, now=now)
    _homes(session, intern, mentor, now=now)
    return pairing_id


def _introduce(
    session: Session, pairing_id: int, intern: Membership, mentor: Membership, *, now: datetime
) -> None:
    outbox.post(
        session,
        m.INTRODUCTION,
        key=f"introduction:{pairing_id}",
        workspace_id=intern.workspace_id,
        cohort_id=intern.cohort_id,
        group=[intern.person_id, mentor.person_id],
        subject=pairing_id,
        now=now,
    )
    outbox.post(
        session,
        m.PAIR_LINE,
        key=f"pair:{pairing_id}",
        workspace_id=intern.workspace_id,
        cohort_id=intern.cohort_id,
        channel=intern.cohort.channel,
        subject=pairing_id,
        now=now,
    )


def close_requests(session: Session, intern: Membership, *, now: datetime) -> None:
    """Nobody is asked for this intern any more."""
    for request in session.scalars(
        sa.select(Request).where(Request.intern_id == intern.id, Request.state.in_(OPEN_REQUEST))
    ).all():
        asking.take_back(session, request.id, now=now)
        request.state = RequestState.CLOSED
        request.closed_at = now
        places.release(session, request.id, now=now)
        asking.tell_change(session, request, now=now)


def end(session: Session, pairing_id: int, reason: EndReason, *, now: datetime) -> None:
    """End a pairing. Both are told kindly, except at the programme's end, where the closing
    letter does; the mentor's room goes to who waits. Raises PairEnded the second time."""
    pairing = session.get_one(Pairing, pairing_id)
    mentor = locks.mentor(session, pairing.mentor.person_id)
    done = session.execute(
        sa.update(Pairing)
        .where(Pairing.id == pairing_id, Pairing.state == PairingState.ACTIVE)
        .values(state=PairingState.ENDED, ended_at=now, end_reason=reason, nudge_at=None)
    )
    if not locks.changed(done):
        raise PairEnded
    outbox.cancel(session, "the pairing has ended", kind=m.INTRODUCTION, subject=pairing_id)
    outbox.refresh(session, m.INTRODUCTION, m.PAIR_LINE, subject=pairing_id, now=now)
    if reason is not EndReason.PROGRAMME_END:
        _tell_both(session, pairing, now=now)
        places.offer_room(session, mentor, now=now)
    _homes(session, pairing.intern, pairing.mentor, now=now)


def _tell_both(session: Session, pairing: Pairing, *, now: datetime) -> None:
    for place in (pairing.intern, pairing.mentor):
        if place.state is not MembershipState.ACTIVE or place.person.left_slack_at is not None:
            continue
        outbox.post(
            session,
            m.PAIRING_ENDED,
            key=f"pairing.ended:{pairing.id}:{place.person_id}",
            workspace_id=pairing.workspace_id,
            cohort_id=pairing.cohort_id,
            person_id=place.person_id,
            subject=pairing.id,
            now=now,
        )


def undo(session: Session, pairing_id: int, *, now: datetime) -> None:
    """Take an acceptance back within a day: the request asks the next choice, or waits.

    Raises TooLateToUndo after that, PairEnded when the pairing is over already.
    """
    pairing = session.get_one(Pairing, pairing_id)
    if now - pairing.started_at > UNDO:
        raise TooLateToUndo
    end(session, pairing_id, EndReason.UNDONE, now=now)
    if pairing.request_id is None:
        return
    session.execute(
        sa.update(Offer)
        .where(Offer.request_id == pairing.request_id, Offer.state == OfferState.ACCEPTED)
        # To both it reads like an offer that moved on; nobody is asked twice.
        .values(state=OfferState.LAPSED, decided_at=now)
    )
    request = locks.request(session, pairing.request_id)
    for offer_id in session.scalars(sa.select(Offer.id).where(Offer.request_id == request.id)):
        outbox.refresh(session, m.OFFER, m.OFFER_REMINDER, subject=offer_id, now=now)
    request.state, request.closed_at = RequestState.WAITING, None
    session.flush()
    asking.move_on(session, request.id, now=now)


def _homes(session: Session, intern: Membership, mentor: Membership, *, now: datetime) -> None:
    outbox.refresh_home(session, intern.workspace_id, intern.person_id, mentor.person_id, now=now)
