"""What a digest tells, read at one moment: the standing, the weeks, the last seven days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin import rounds
from bot.checkin.rounds import Coverage
from bot.cohort.model import Cohort, Person
from bot.concern import watch
from bot.concern.watch import WeekCount
from bot.digest import standing
from bot.digest.standing import Standing
from bot.meeting import facts as meetings
from bot.meeting.facts import Week
from bot.pairing.model import Pairing, PairingState, Request, RequestState

FLOOR = 5  # people; a share of fewer would tell about single ones
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    """Everything one digest is made of."""

    standing: Standing
    weeks: tuple[WeekCount, ...]
    met: Week  # pairs that met in the last seven days
    all_pairs: int  # with those that are left out of the standing
    new_pairs: int  # in the last seven days
    check_ins: Coverage | None  # of the newest round, if it was open in the last seven days
    wanted: tuple[str, ...]  # skills that waiting interns look for, where enough of them wait


def gather(
    session: Session, cohort: Cohort, *, now: datetime, viewer: Person | None = None
) -> Facts:
    """A cohort's facts for its channel, or for one coordinator (`viewer`)."""
    stands = standing.of(session, cohort, now=now, viewer=viewer)
    newest = rounds.coverage(session, cohort.id, now)
    return Facts(
        standing=stands,
        weeks=watch.weekly_counts(session, cohort, stands.week, now=now),
        met=meetings.week(session, cohort, now - _WEEK, now),
        all_pairs=stands.pairs + stands.hidden,
        new_pairs=_new_pairs(session, cohort, now),
        check_ins=newest if newest and newest.closes_at > now - _WEEK else None,
        wanted=_wanted(session, cohort),
    )


def _new_pairs(session: Session, cohort: Cohort, now: datetime) -> int:
    found = session.scalar(
        sa.select(sa.func.count()).where(
            Pairing.cohort_id == cohort.id,
            Pairing.state == PairingState.ACTIVE,
            Pairing.started_at > now - _WEEK,
        )
    )
    return found or 0


def _wanted(session: Session, cohort: Cohort) -> tuple[str, ...]:
    waiting: Sequence[Request] = session.scalars(
        sa.select(Request)
        .where(Request.cohort_id == cohort.id, Request.state == RequestState.WAITING)
        .order_by(Request.waiting_since, Request.id)
    ).all()
    if len(waiting) < FLOOR:
        return ()  # whoever asks for a mentor reads that coordinators see only that they asked
    first = [goal["skills"][0] for r in waiting for goal in r.intern.goals[:1] if goal["skills"]]
    return tuple(dict.fromkeys(first))
