"""What is known of pairs, read for any number of them with the same few queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin.model import CheckIn, Knows, Round
from bot.cohort import roster
from bot.cohort.calendar import zone_or
from bot.cohort.hours import Away
from bot.cohort.model import Cohort
from bot.cohort.settings import SETTINGS, setting, whole
from bot.concern import signals
from bot.concern.model import Concern
from bot.concern.signals import Facts, Thresholds
from bot.meeting import facts as meetings
from bot.pairing import pairings
from bot.pairing.model import Pairing, PairingState


@dataclass(frozen=True)
class ContactWish:
    """Somebody asks that a coordinator talks with them, or with both."""

    membership_id: int
    knows: Knows
    at: datetime


@dataclass(frozen=True)
class Side:
    """One person's check-ins in a pair, oldest first, and the row of the newest answer."""

    membership_id: int
    person_id: int
    checkins: tuple[signals.CheckIn, ...] = ()
    newest_answer: int | None = None


@dataclass(frozen=True)
class Evidence:
    """A pair's facts, and what lies beside them."""

    facts: Facts
    sides: tuple[Side, ...]
    wishes: tuple[ContactWish, ...] = ()
    planned: datetime | None = None  # the next meeting's start

    @property
    def waiting_since(self) -> datetime:
        """The last held meeting, or the introduction."""
        return max(self.facts.held, default=self.facts.introduced_at)


def of_pairings(
    session: Session, cohort: Cohort, pairings: Sequence[Pairing], now: datetime
) -> dict[int, Evidence]:
    """The evidence about each of these pairings of one cohort, by pairing id."""
    ids = [pairing.id for pairing in pairings]
    people = {m.person_id for p in pairings for m in (p.intern, p.mentor)}
    met = meetings.of_pairings(session, ids, now)
    away = roster.leaves_of(session, people)
    cleared = _cleared(session, ids)
    rows = _check_ins(session, ids)
    zone = zone_or(cohort.zone, roster.FALLBACK_ZONE)
    found = {}
    for pairing in pairings:
        mine = rows[pairing.id]
        sides = tuple(
            _side(m.id, m.person_id, mine, away.get(m.person_id, ()), zone, now)
            for m in (pairing.intern, pairing.mentor)
        )
        facts = Facts(
            introduced_at=introduced_at(pairing),
            held=met[pairing.id].held,
            interval_days=whole(cohort, "interval_days"),
            frozen=tuple(
                span for m in (pairing.intern, pairing.mentor) for span in away.get(m.person_id, ())
            ),
            unanswered_meeting=met[pairing.id].unanswered,
            checkins=tuple(side.checkins for side in sides),
            zone=zone,
            cleared_at=cleared.get(pairing.id),
            ended=pairing.state is not PairingState.ACTIVE,
        )
        wishes = _wishes(mine, cleared.get(pairing.id))
        found[pairing.id] = Evidence(facts, sides, wishes, met[pairing.id].planned)
    return found


def introduced_at(pairing: Pairing) -> datetime:
    """When the wait for a first meeting begins."""
    return pairings.waits_from(pairing.cohort, pairing.started_at)


def wishes_of(session: Session, pairing_ids: Collection[int]) -> dict[int, tuple[ContactWish, ...]]:
    """Contact wishes that no coordinator has cleared yet, by pairing."""
    rows = _check_ins(session, pairing_ids)
    cleared = _cleared(session, pairing_ids)
    return {i: _wishes(rows[i], cleared.get(i)) for i in pairing_ids}


def thresholds(cohort: Cohort) -> Thresholds:
    """The cohort's own thresholds."""
    return Thresholds.from_settings({name: setting(cohort, name) for name in SETTINGS})


@dataclass(frozen=True)
class _Row:
    """One check-in, without its words."""

    id: int
    membership_id: int
    mean: float | None
    knows: Knows | None
    knows_at: datetime | None
    asked_at: datetime
    sent_at: datetime | None
    changed_at: datetime | None
    watch_at: datetime | None
    closes_at: datetime
    closed: bool


def _check_ins(session: Session, pairing_ids: Collection[int]) -> dict[int, list[_Row]]:
    """Check-ins of these pairings by pairing, in the order of their rounds."""
    rows = session.execute(
        sa.select(
            CheckIn.pairing_id,
            CheckIn.id,
            CheckIn.membership_id,
            CheckIn.open_with,
            CheckIn.agree,
            CheckIn.moved_forward,
            CheckIn.knows,
            CheckIn.knows_at,
            CheckIn.asked_at,
            CheckIn.sent_at,
            CheckIn.changed_at,
            CheckIn.watch_at,
            Round.closes_at,
            Round.closed_at,
        )
        .join(Round, Round.id == CheckIn.round_id)
        .where(CheckIn.pairing_id.in_(pairing_ids))
        .order_by(Round.number, CheckIn.id)
    )
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        scores = [score for score in (row.open_with, row.agree, row.moved_forward) if score]
        found[row.pairing_id].append(
            _Row(
                id=row.id,
                membership_id=row.membership_id,
                mean=sum(scores) / len(scores) if row.changed_at and scores else None,
                knows=row.knows,
                knows_at=row.knows_at,
                asked_at=row.asked_at,
                sent_at=row.sent_at,
                changed_at=row.changed_at,
                watch_at=row.watch_at,
                closes_at=row.closes_at,
                closed=row.closed_at is not None,
            )
        )
    return found


def _side(
    membership_id: int, person_id: int, rows: list[_Row], away: Away, zone: str, now: datetime
) -> Side:
    """One person's check-ins. Left out: rounds still open without an answer, answers that wait
    for their author's choice who should know, and silence nobody can hold against them (the
    letter never went out, or they were on leave)."""
    known: list[signals.CheckIn] = []
    newest: int | None = None
    for row in rows:
        if row.membership_id != membership_id:
            continue
        if row.changed_at is not None and row.mean is not None:
            if row.watch_at is None or row.watch_at <= now:
                known.append(signals.CheckIn(row.changed_at, row.mean))
                newest = row.id
        elif row.closed and row.sent_at is not None and not _away(row, away, zone):
            known.append(signals.CheckIn(row.closes_at, None))
    return Side(membership_id, person_id, tuple(known), newest)


def _away(row: _Row, away: Away, zone: str) -> bool:
    asked = roster.local_date(row.asked_at, zone)
    closed = roster.local_date(row.closes_at, zone)
    return any(first <= closed and asked < back for first, back in away)


def _wishes(rows: list[_Row], cleared: datetime | None) -> tuple[ContactWish, ...]:
    """Each side's newest wish: who first asked for a talk alone and then for one with both wants
    the second."""
    asked = [
        ContactWish(row.membership_id, row.knows, row.knows_at)
        for row in rows
        if row.knows in (Knows.COORDINATOR_ME, Knows.COORDINATOR_BOTH)
        and row.knows_at is not None
        and (cleared is None or row.knows_at > cleared)
    ]
    asked.sort(key=lambda wish: wish.at)
    return tuple({wish.membership_id: wish for wish in asked}.values())


def _cleared(session: Session, pairing_ids: Collection[int]) -> dict[int, datetime]:
    """When a coordinator last cleared a concern about each pairing."""
    rows = session.execute(
        sa.select(Concern.pairing_id, sa.func.max(Concern.cleared_at))
        .where(Concern.pairing_id.in_(pairing_ids), Concern.cleared_by.is_not(None))
        .group_by(Concern.pairing_id)
    )
    return {pairing_id: at for pairing_id, at in rows if at is not None}
