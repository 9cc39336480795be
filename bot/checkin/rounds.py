"""Rounds: when a cohort is asked how it goes, who is asked, and until when.

The weeks come from the cohort's calendar; a round opens on Wednesday at a setting's hour in the
cohort's zone and closes at the next opening, after a setting's days, or with the programme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.checkin.messages import CHECK_IN, REMINDER
from bot.checkin.model import CheckIn, Round, RoundKind
from bot.cohort import calendar, planning, roster
from bot.cohort.hours import Away
from bot.cohort.model import Cohort, Membership, MembershipState
from bot.cohort.planning import Occurrence
from bot.cohort.settings import whole
from bot.database import insert_all_once
from bot.pairing.model import Pairing, PairingState

PLAN = "rounds"
PAIRS = 100  # asked in one transaction; the others a second later


def plan(session: Session, cohort_id: int, now: datetime) -> None:
    """Put the rounds where the cohort's calendar has them. A round that has opened stays; one
    whose time is over before it could open never takes place."""
    cohort = session.get_one(Cohort, cohort_id)
    known = {row.number: row for row in _rounds(session, cohort_id)}
    for wanted, opens_at in _calendar(cohort):
        row = known.get(wanted.number)
        if row is None:
            row = Round(workspace_id=cohort.workspace_id, cohort_id=cohort.id, number=wanted.number)
            session.add(row)
            known[wanted.number] = row
        if row.opened_at is None:
            row.week = wanted.week
            row.kind = RoundKind(wanted.kind)
            row.opens_at = opens_at
    _drop_surplus(session, cohort, known)
    _set_closings(cohort, [known[number] for number in sorted(known)], now)
    planning.mark_planned(session, cohort, PLAN)


def occurrences(cohort: Cohort) -> list[Occurrence]:
    """When each round opens."""
    return [Occurrence(at, CHECK_IN.name, round_.number) for round_, at in _calendar(cohort)]


def _calendar(cohort: Cohort) -> list[tuple[calendar.Round, datetime]]:
    found = []
    for wanted in calendar.rounds(cohort.weeks):
        monday = calendar.monday_of_week(wanted.week, cohort.starts_on)
        wednesday = monday + timedelta(days=calendar.WEDNESDAY)
        found.append((wanted, roster.moment(cohort, wednesday, whole(cohort, "check_in_hour"))))
    return found


def _drop_surplus(session: Session, cohort: Cohort, known: dict[int, Round]) -> None:
    """Rounds of a longer programme than this one has become."""
    last = calendar.rounds(cohort.weeks)[-1].number
    for number in [n for n in known if n > last]:
        row = known.pop(number)
        if row.opened_at is None:
            session.delete(row)


def _set_closings(cohort: Cohort, rows: Sequence[Round], now: datetime) -> None:
    open_for = timedelta(days=whole(cohort, "check_in_days"))
    for position, row in enumerate(rows):
        if row.opened_at is not None and row.closed_at is not None:
            continue
        following = [later.opens_at for later in rows[position + 1 : position + 2]]
        row.closes_at = min(row.opens_at + open_for, cohort.ends_at, *following)
        if row.opened_at is None:
            over = row.closes_at <= max(now, row.opens_at)
            row.closed_at = now if over else None
            row.ask_at = None if over else row.opens_at


def ask(session: Session, round_id: int, now: datetime) -> None:
    """Open the round, and ask everybody in an active pair who has not been asked.

    Once a day while the round stays open long enough, the same looks for pairs made meanwhile
    and for people who are back from leave. Nobody on leave is asked.
    """
    row = session.get_one(Round, round_id)
    row.ask_at = None
    if now >= row.closes_at:
        close(session, round_id, now)
        return
    row.opened_at = row.opened_at or now
    missing = _not_asked(session, row, now)
    _ask_all(session, row, missing[: 2 * PAIRS], now)
    if len(missing) > 2 * PAIRS:
        row.ask_at = now + timedelta(seconds=1)
        return
    hour = time(whole(row.cohort, "check_in_hour"))
    zone = calendar.zone_or(row.cohort.zone, roster.FALLBACK_ZONE)
    tomorrow = calendar.next_local(now, hour, zone)
    if row.closes_at - tomorrow >= timedelta(days=whole(row.cohort, "late_pair_days")):
        row.ask_at = tomorrow


def _not_asked(session: Session, row: Round, now: datetime) -> list[tuple[Pairing, Membership]]:
    """Both sides of every active pair, without those asked, away or gone."""
    asked = set(
        session.execute(
            sa.select(CheckIn.pairing_id, CheckIn.membership_id).where(CheckIn.round_id == row.id)
        ).all()
    )
    pairings = session.scalars(
        sa.select(Pairing)
        .where(Pairing.cohort_id == row.cohort_id, Pairing.state == PairingState.ACTIVE)
        .order_by(Pairing.id)
    ).all()
    sides = [
        (pairing, member)
        for pairing in pairings
        for member in (pairing.intern, pairing.mentor)
        if (pairing.id, member.id) not in asked
    ]
    away = roster.leaves_of(session, {member.person_id for _p, member in sides})
    return [(p, m) for p, m in sides if _reachable(m, away.get(m.person_id, ()), row.cohort, now)]


def _reachable(member: Membership, away: Away, cohort: Cohort, now: datetime) -> bool:
    if member.state is not MembershipState.ACTIVE or member.person.left_slack_at is not None:
        return False
    today = roster.local_date(now, roster.zone_of(member.person, cohort))
    return not roster.on_leave(away, today)


def _ask_all(
    session: Session, row: Round, sides: Sequence[tuple[Pairing, Membership]], now: datetime
) -> None:
    insert_all_once(
        session,
        CheckIn,
        [
            {
                "workspace_id": row.workspace_id,
                "round_id": row.id,
                "pairing_id": pairing.id,
                "membership_id": member.id,
                "asked_at": now,
            }
            for pairing, member in sides
        ],
    )
    asked = session.execute(
        sa.select(CheckIn.id, Membership.person_id)
        .join(Membership, Membership.id == CheckIn.membership_id)
        .where(CheckIn.round_id == row.id, CheckIn.asked_at == now)
        .order_by(CheckIn.id)
    )
    outbox.post_all(
        session,
        CHECK_IN,
        (
            {
                "key": f"check_in:{made}",
                "workspace_id": row.workspace_id,
                "cohort_id": row.cohort_id,
                "person_id": person_id,
                "subject": made,
                "not_after": row.closes_at,
            }
            for made, person_id in asked
        ),
        now=now,
    )


def remind(session: Session, check_in_id: int, now: datetime) -> None:
    """The one reminder, to somebody who has not answered while the round is open."""
    check_in = session.get_one(CheckIn, check_in_id)
    check_in.remind_at = None
    if check_in.answered_at is None and is_open(check_in.round, now):
        outbox.post(
            session,
            REMINDER,
            key=f"check_in.reminder:{check_in.id}",
            workspace_id=check_in.workspace_id,
            person_id=check_in.membership.person_id,
            cohort_id=check_in.round.cohort_id,
            subject=check_in.id,
            not_after=check_in.round.closes_at,
            now=now,
        )


def close(session: Session, round_id: int, now: datetime) -> None:
    """The round is over: nobody is asked, reminded or heard any more. In the letters of who did
    not answer the button goes, when nothing more urgent is to do."""
    row = session.get_one(Round, round_id)
    row.closed_at = row.closed_at or now
    row.ask_at = None
    silent = session.scalars(
        sa.select(CheckIn.id).where(CheckIn.round_id == round_id, CheckIn.answered_at.is_(None))
    ).all()
    outbox.tidy(session, CHECK_IN, REMINDER, subjects=silent, now=now)


def is_open(row: Round, now: datetime) -> bool:
    """Whether answers to this round are still taken."""
    return row.opened_at is not None and row.closed_at is None and now < row.closes_at


def following(session: Session, cohort_id: int, now: datetime) -> Round | None:
    """The next round that has not opened; None after the last."""
    return session.scalars(
        sa.select(Round)
        .where(
            Round.cohort_id == cohort_id,
            Round.opened_at.is_(None),
            Round.closed_at.is_(None),
            Round.opens_at > now,
        )
        .order_by(Round.opens_at)
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Coverage:
    """How many of those asked in a round have answered."""

    number: int
    asked: int
    answered: int
    closes_at: datetime
    is_open: bool


def coverage(session: Session, cohort_id: int, now: datetime) -> Coverage | None:
    """The newest round's coverage; None before the first has opened."""
    row = session.scalars(
        sa.select(Round)
        .where(Round.cohort_id == cohort_id, Round.opened_at.is_not(None))
        .order_by(Round.opens_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    asked, answered = session.execute(
        sa.select(sa.func.count(CheckIn.id), sa.func.count(CheckIn.answered_at)).where(
            CheckIn.round_id == row.id
        )
    ).one()
    return Coverage(row.number, asked, answered, row.closes_at, is_open(row, now))


def _rounds(session: Session, cohort_id: int) -> Sequence[Round]:
    return session.scalars(sa.select(Round).where(Round.cohort_id == cohort_id)).all()
