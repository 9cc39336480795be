"""How each letter of this room reads at the moment it goes out, and later when it is edited."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.cohort import naming, roster
from bot.cohort.model import Membership, MembershipState, Person, Role
from bot.cohort.settings import whole
from bot.outbox.model import Cancelled, Kind, Letter, Render
from bot.pairing import candidates, offers, requests, standing
from bot.pairing import messages as m
from bot.pairing import messages_pairing as words
from bot.pairing import messages_request as asks
from bot.pairing.matching import Reason, ReasonKind
from bot.pairing.model import (
    Offer,
    OfferState,
    Pairing,
    PairingState,
    Place,
    PlaceState,
    Request,
    RequestState,
)
from bot.pairing.phrases import all_in_common, skill_names


def offer(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """O1 and O2, and what became of them. The offer's time runs from its first sending."""
    found = session.get_one(Offer, letter.subject)
    if found.state is not OfferState.OPEN:
        return _settled(found, now) if letter.sent_ts else Cancelled("the request has moved on")
    reminder = letter.kind == m.OFFER_REMINDER.name
    if not letter.sent_ts and not reminder:
        offers.sent(session, found, now=now)
    return m.offer(standing.of_offer(session, found, now=now), letter.id, reminder=reminder)


def _settled(found: Offer, now: datetime) -> Message:
    intern = found.request.intern.person
    return m.offer_settled(
        found.state,
        m.called(intern),
        naming.full(intern),
        found.decided_at or now,
        roster.zone_of(found.mentor.person, found.mentor.cohort),
    )


def offer_full(session: Session, letter: Letter, now: datetime) -> Message:
    """Why a yes was not possible."""
    mentor = session.get_one(Offer, letter.subject).mentor.person
    taken = mentor.capacity - candidates.room_of(session, mentor)
    return m.no_room(taken, mentor.capacity)


def waitlist(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Q7."""
    request = session.get_one(Request, letter.subject)
    if request.state is not RequestState.WAITING:
        if not letter.sent_ts:
            return Cancelled("the intern does not wait any more")
        return asks.waitlist_over("That wait is over.")
    intern = request.intern
    zone = roster.zone_of(intern.person, intern.cohort)
    return asks.waitlist(
        request.id,
        standing.coordinator_of(session, intern),
        request.sent_at or now,
        zone,
        letter.id,
    )


def place(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Q8. It says no more of the mentor than a suggestion does."""
    found = session.get_one(Place, letter.subject)
    mentor, intern = found.mentor.person, found.request.intern
    if found.state is not PlaceState.OFFERED:
        if not letter.sent_ts:
            return Cancelled("the place is not free any more")
        return asks.place_settled(found.state.value, m.called(mentor))
    reasons = candidates.pair_reasons(session, intern, found.mentor, now=now)
    helped = next((r.values for r in reasons if r.kind is ReasonKind.SKILLS), ())
    return asks.place(
        found.id,
        m.named(mentor),
        m.short(mentor, "this mentor"),
        skill_names(helped[:3]),
        found.lapses_at,
        roster.zone_of(intern.person, intern.cohort),
        intern.person.locale,
        letter.id,
    )


def introduction(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The pair's first group message."""
    pairing = session.get_one(Pairing, letter.subject)
    pair = standing.of_pair(pairing)
    if pairing.state is not PairingState.ACTIVE:
        if not letter.sent_ts:
            return Cancelled("the pairing has ended")
        return words.introduction_over(pair, pairing.ended_at or now, pairing.cohort.zone)
    common = all_in_common(_facts(pairing))
    return words.introduction(pair, common, pairing.intern.person, pairing.mentor.person)


def _facts(pairing: Pairing) -> list[Reason]:
    return [
        Reason(
            ReasonKind(fact["kind"]),
            tuple(fact.get("values", ())),
            tuple(fact.get("goals", ())),
            fact.get("count"),
        )
        for fact in pairing.facts.get("commonalities", [])
    ]


def pairing_ended(session: Session, letter: Letter, now: datetime) -> Message:
    """To each of the two, kindly."""
    pairing = session.get_one(Pairing, letter.subject)
    cohort = pairing.cohort.name
    if letter.person_id == pairing.mentor.person_id:
        gone = _has_left(pairing.intern)
        return words.ended_for_mentor(m.called(pairing.intern.person), cohort, letter.id, left=gone)
    find = requests.current(session, pairing.intern) is None
    return words.ended_for_intern(
        m.called(pairing.mentor.person),
        cohort,
        letter.id,
        left=_has_left(pairing.mentor),
        find=find,
    )


def _has_left(place: Membership) -> bool:
    return place.state is MembershipState.LEFT or place.person.left_slack_at is not None


# ---- the coordinators' channel


def waiting_line(session: Session, letter: Letter, now: datetime) -> Message:
    """Somebody is on the waitlist."""
    request = session.get_one(Request, letter.subject)
    if request.state is not RequestState.WAITING and letter.sent_ts:
        return asks.settled_line(f"{m.named(request.intern.person)} does not wait any more.")
    return asks.waiting_line(m.named(request.intern.person), request.cohort_id)


def unpaired_line(session: Session, letter: Letter, now: datetime) -> Message:
    """Nobody has said yes for some working days."""
    request = session.get_one(Request, letter.subject)
    name = m.named(request.intern.person)
    if request.state not in (RequestState.ASKING, RequestState.WAITING) and letter.sent_ts:
        return asks.settled_line(f"{name} does not wait any more.")
    days = whole(request.cohort, "unpaired_days")
    return asks.unpaired_line(name, days, request.cohort_id)


def help_line(session: Session, letter: Letter, now: datetime) -> Message:
    """An intern would like to talk to a coordinator."""
    request = session.get_one(Request, letter.subject)
    return asks.help_line(m.named(request.intern.person))


def pair_line(session: Session, letter: Letter, now: datetime) -> Message:
    """A new pair, and how many interns have a mentor by now."""
    pairing = session.get_one(Pairing, letter.subject)
    pair = standing.of_pair(pairing)
    if pairing.state is not PairingState.ACTIVE and letter.sent_ts:
        at = pairing.ended_at or now
        return words.pair_line_over(pair, pairing.end_reason, at, pairing.cohort.zone)
    paired, interns = _coverage(session, pairing.cohort_id)
    return words.pair_line(pair, paired, interns)


def _coverage(session: Session, cohort_id: int) -> tuple[int, int]:
    paired = session.scalar(
        sa.select(sa.func.count(sa.distinct(Pairing.intern_id))).where(
            Pairing.cohort_id == cohort_id, Pairing.state == PairingState.ACTIVE
        )
    )
    interns = session.scalar(
        sa.select(sa.func.count())
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.cohort_id == cohort_id,
            Membership.role == Role.INTERN,
            Membership.state == MembershipState.ACTIVE,
            Person.left_slack_at.is_(None),
        )
    )
    return paired or 0, interns or 0


LETTERS: tuple[tuple[Kind, Render], ...] = (
    (m.OFFER, offer),
    (m.OFFER_REMINDER, offer),
    (m.OFFER_FULL, offer_full),
    (m.WAITLIST, waitlist),
    (m.PLACE, place),
    (m.INTRODUCTION, introduction),
    (m.PAIRING_ENDED, pairing_ended),
    (m.WAITING_LINE, waiting_line),
    (m.UNPAIRED_LINE, unpaired_line),
    (m.HELP_LINE, help_line),
    (m.PAIR_LINE, pair_line),
)
