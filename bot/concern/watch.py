"""The watch: every morning at all pairs of a cohort, and at once at a new answer or meeting.

It writes each pair's level over time and hands on to the pair's concern. Thresholds alone set
the level; a person's wish that a coordinator talks with them counts as amber at least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin.model import CheckIn
from bot.cohort import calendar, planning, roster
from bot.cohort.model import Cohort
from bot.concern import concerns, evidence
from bot.concern.evidence import Evidence
from bot.concern.model import Concern, ConcernState, Ending, Level, PairLevel, Watch
from bot.concern.signals import CONTACT, Assessment, assess
from bot.database import insert_once
from bot.meeting.model import Meeting, MeetingState
from bot.pairing.model import Pairing, PairingState

PLAN = "watch"
LOOK_AT = time(9)  # in the cohort's zone


def plan(session: Session, cohort_id: int, now: datetime) -> None:
    """Look at the cohort's pairs from the next morning on."""
    cohort = session.get_one(Cohort, cohort_id)
    at = _next_look(cohort, now)
    insert_once(session, Watch, workspace_id=cohort.workspace_id, cohort_id=cohort.id, next_at=at)
    session.execute(sa.update(Watch).where(Watch.cohort_id == cohort.id).values(next_at=at))
    planning.mark_planned(session, cohort, PLAN)


def look(session: Session, watch_id: int, now: datetime) -> None:
    """The daily look at every active pair of a cohort."""
    row = session.get_one(Watch, watch_id)
    row.next_at = _next_look(row.cohort, now)
    pairings = session.scalars(
        sa.select(Pairing).where(
            Pairing.cohort_id == row.cohort_id, Pairing.state == PairingState.ACTIVE
        )
    ).all()
    _look_at(session, row.cohort, pairings, now)


def look_at_answer(session: Session, check_in_id: int, now: datetime) -> None:
    """A new answer, or a choice who should know: look at that pair at once."""
    check_in = session.get_one(CheckIn, check_in_id)
    check_in.watch_at = None
    session.flush()
    look_again(session, check_in.pairing, now)


def look_at_meeting(session: Session, concern_id: int, now: datetime) -> None:
    """A pair with a concern has met: look at it at once."""
    concern = concerns.locked(session, concern_id)
    look_again(session, concern.pairing, now)
    newest = session.scalar(
        sa.select(sa.func.max(Meeting.starts_at)).where(
            Meeting.pairing_id == concern.pairing_id, Meeting.state == MeetingState.HELD
        )
    )
    # Whatever came of it, this meeting has been seen.
    concern.met_at = max(concern.met_at, newest or concern.met_at)


def look_again(session: Session, pairing: Pairing, now: datetime) -> None:
    """Look at one pair, if it still is one."""
    if pairing.state is PairingState.ACTIVE:
        _look_at(session, pairing.cohort, [pairing], now)


def retire(session: Session, level_id: int, now: datetime) -> None:
    """The pairing is over: its last level ends with it, and its concern closes quietly."""
    row = session.get_one(PairLevel, level_id)
    pairing = session.get_one(Pairing, row.pairing_id)
    row.to_at = max(row.from_at, pairing.ended_at or now)
    concern = concerns.of_pairing(session, pairing.id)
    if concern is not None:
        concerns.close(session, concern, Ending.ENDED, now=now)


def _look_at(session: Session, cohort: Cohort, pairings: Sequence[Pairing], now: datetime) -> None:
    ids = [pairing.id for pairing in pairings]
    known = evidence.of_pairings(session, cohort, pairings, now)
    limits = evidence.thresholds(cohort)
    standing = {
        row.pairing_id: row
        for row in session.scalars(
            sa.select(PairLevel).where(PairLevel.pairing_id.in_(ids), PairLevel.to_at.is_(None))
        )
    }
    open_ones = {
        row.pairing_id: row
        for row in session.scalars(
            sa.select(Concern)
            .where(Concern.pairing_id.in_(ids), Concern.state != ConcernState.CLEARED)
            .order_by(Concern.id)
            # A coordinator's click waits, or has come first and is seen.
            .with_for_update(of=Concern, key_share=True)
            .execution_options(populate_existing=True)
        )
    }
    for pairing in pairings:
        about = known[pairing.id]
        level, codes = _judge(about, assess(about.facts, limits, now))
        _note_level(session, pairing, standing.get(pairing.id), level, codes, now)
        concerns.follow(session, pairing, open_ones.get(pairing.id), level, codes, about, now=now)


def _judge(about: Evidence, found: Assessment) -> tuple[Level, tuple[str, ...]]:
    """Level and codes, with a contact wish taken into account."""
    if not about.wishes:
        return found.level, found.codes
    level = Level.RED if found.level is Level.RED else Level.AMBER
    return level, (*found.codes, CONTACT)


def _note_level(
    session: Session,
    pairing: Pairing,
    standing: PairLevel | None,
    level: Level,
    codes: tuple[str, ...],
    now: datetime,
) -> None:
    """Levels are a history: a change ends one row and begins the next."""
    if standing is not None:
        if standing.level is level and tuple(standing.codes) == codes:
            return
        standing.to_at = now
        session.flush()  # the unique index allows one row that lasts
    session.add(
        PairLevel(
            workspace_id=pairing.workspace_id,
            cohort_id=pairing.cohort_id,
            pairing_id=pairing.id,
            level=level,
            codes=list(codes),
            from_at=now,
        )
    )


def _next_look(cohort: Cohort, now: datetime) -> datetime:
    return calendar.next_local(now, LOOK_AT, calendar.zone_or(cohort.zone, roster.FALLBACK_ZONE))


# ---- what the digest and the Home tab ask


def levels_now(session: Session, cohort_id: int) -> dict[int, Level]:
    """Every active pairing's level. A pair nobody has looked at yet is green."""
    rows = session.execute(
        sa.select(Pairing.id, PairLevel.level)
        .outerjoin(
            PairLevel, sa.and_(PairLevel.pairing_id == Pairing.id, PairLevel.to_at.is_(None))
        )
        .where(Pairing.cohort_id == cohort_id, Pairing.state == PairingState.ACTIVE)
    )
    return {pairing_id: level or Level.GREEN for pairing_id, level in rows}


@dataclass(frozen=True)
class WeekCount:
    """How the pairs stood at the end of a week, or now in the week that runs."""

    week: int
    on_track: int
    need_care: int
    quiet: int


def weekly_counts(
    session: Session, cohort: Cohort, upto_week: int, *, now: datetime
) -> tuple[WeekCount, ...]:
    """The pairs by week, from week 1 to `upto_week`, with two queries for any number of weeks."""
    pairings = session.execute(
        sa.select(Pairing.id, Pairing.started_at, Pairing.ended_at).where(
            Pairing.cohort_id == cohort.id
        )
    ).all()
    history: dict[int, list[tuple[datetime, datetime | None, Level]]] = {}
    for pairing_id, start, end, level in session.execute(
        sa.select(PairLevel.pairing_id, PairLevel.from_at, PairLevel.to_at, PairLevel.level).where(
            PairLevel.cohort_id == cohort.id
        )
    ):
        history.setdefault(pairing_id, []).append((start, end, level))
    counts = []
    for week in range(1, upto_week + 1):
        at = min(now, _end_of(cohort, week))
        levels = [
            _level_at(history.get(pairing_id, []), at)
            for pairing_id, start, end in pairings
            if start <= at and (end is None or end > at)
        ]
        care = sum(level in (Level.AMBER, Level.RED) for level in levels)
        quiet = sum(level is Level.GREY for level in levels)
        counts.append(WeekCount(week, len(levels) - care - quiet, care, quiet))
    return tuple(counts)


def _end_of(cohort: Cohort, week: int) -> datetime:
    monday = calendar.monday_of_week(week + 1, cohort.starts_on)
    return roster.moment(cohort, monday, 0) - timedelta(seconds=1)


def _level_at(rows: list[tuple[datetime, datetime | None, Level]], at: datetime) -> Level:
    return next(
        (level for start, end, level in rows if start <= at and (end is None or end > at)),
        Level.GREEN,
    )
