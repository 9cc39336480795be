"""What is known of pairs' meetings, for those who watch over them: counts and dates, no words."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.model import Cohort
from bot.meeting import rhythm
from bot.meeting.model import Action, ActionState, Meeting, MeetingState, Smaller, WeekChoice
from bot.pairing.model import Pairing


@dataclass(frozen=True)
class PairFacts:
    """One pair's meetings at a moment."""

    held: tuple[datetime, ...] = ()  # starts, oldest first
    planned: datetime | None = None  # the start of the next one
    unanswered: bool = False  # one has passed since the last held, and nobody said if they met
    chosen: Smaller | None = None  # how they take this week, when they chose


@dataclass(frozen=True)
class Week:
    """How many pairs of a cohort met in a span of time. Only counts, no names."""

    met: int = 0
    met_twice: int = 0
    meetings: int = 0


def of_pairings(
    session: Session, pairing_ids: Collection[int], now: datetime
) -> dict[int, PairFacts]:
    """Facts for each of these pairings, in two queries for any number of them."""
    if not pairing_ids:
        return {}
    rows = session.execute(
        sa.select(Meeting.pairing_id, Meeting.state, Meeting.starts_at, Meeting.ends_at)
        .where(Meeting.pairing_id.in_(pairing_ids))
        .order_by(Meeting.starts_at)
    ).all()
    of_pair: dict[int, list[tuple[MeetingState, datetime, datetime]]] = {}
    for pairing_id, state, starts_at, ends_at in rows:
        of_pair.setdefault(pairing_id, []).append((state, starts_at, ends_at))
    chosen = rhythm.this_week(session, pairing_ids, now)
    return {
        pairing_id: _facts(of_pair.get(pairing_id, []), chosen.get(pairing_id), now)
        for pairing_id in pairing_ids
    }


def week(session: Session, cohort: Cohort, since: datetime, until: datetime) -> Week:
    """How many pairs met from `since` on and before `until`: one query."""
    rows = session.scalars(
        sa.select(Meeting.pairing_id)
        .join(Pairing, Pairing.id == Meeting.pairing_id)
        .where(
            Pairing.cohort_id == cohort.id,
            Meeting.state == MeetingState.HELD,
            Meeting.starts_at >= since,
            Meeting.starts_at < until,
        )
    )
    counts = Counter(rows)
    twice = sum(1 for n in counts.values() if n > 1)
    return Week(met=len(counts), met_twice=twice, meetings=sum(counts.values()))


def totals(session: Session, pairing_ids: Collection[int]) -> tuple[int, int]:
    """How many meetings these pairings held, and how many actions were done."""
    held = session.scalar(
        sa.select(sa.func.count()).where(
            Meeting.pairing_id.in_(pairing_ids), Meeting.state == MeetingState.HELD
        )
    )
    done = session.scalar(
        sa.select(sa.func.count()).where(
            Action.pairing_id.in_(pairing_ids), Action.state == ActionState.DONE
        )
    )
    return held or 0, done or 0


def _facts(
    meetings: list[tuple[MeetingState, datetime, datetime]],
    choice: WeekChoice | None,
    now: datetime,
) -> PairFacts:
    held = tuple(at for state, at, _end in meetings if state is MeetingState.HELD)
    last = held[-1] if held else None
    coming = [at for state, at, _ in meetings if state is MeetingState.PLANNED and at > now]
    silent = any(
        end <= now and (last is None or at > last)
        for state, at, end in meetings
        if state in (MeetingState.PLANNED, MeetingState.UNKNOWN)
    )
    return PairFacts(held, min(coming, default=None), silent, choice.choice if choice else None)
