"""What an operator watches, counted in the database: never to whom, never what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.database import dialect
from bot.outbox.model import Bucket, Instance, Letter, LetterState, Priority

WAITING = (LetterState.PENDING, LetterState.CLAIMED, LetterState.SENDING)
QUANTILES = (50, 90, 99, 100)  # of lateness, in per cent
_LATELY = timedelta(hours=1)
_WAITED_FOR = Letter.priority < Priority.TIDY


@dataclass(frozen=True)
class Vitals:
    """The least one must know."""

    backlog: int  # letters that are due and not yet sent, and somebody waits for
    ticked_at: datetime | None  # real time: when any worker was last at work
    paused: bool  # nothing is sent until somebody decides


@dataclass(frozen=True)
class Pace:
    """How fast one of Slack's methods may be called."""

    method: str
    rate: float  # calls a second
    closed_until: datetime | None


@dataclass(frozen=True)
class Figures:
    """Everything that is counted."""

    letters: dict[tuple[str, LetterState], int]  # by kind and state
    due: int  # pending, due, and somebody waits for it
    later: int  # pending, for a later moment or when nothing else is to do
    sent_last_hour: int
    calls_last_minute: int  # letters merged into one message are one call
    lateness: dict[int, float]  # per cent -> seconds after the due moment; of the last hour
    paces: tuple[Pace, ...]
    ticked_at: datetime | None
    paused: bool


def vitals(session: Session, now: datetime) -> Vitals:
    """Two small questions."""
    due = sa.select(sa.func.count()).where(
        Letter.state.in_(WAITING), Letter.due_at <= now, _WAITED_FOR
    )
    ticked_at, paused = _instance(session)
    return Vitals(session.scalar(due) or 0, ticked_at, paused)


def gather(session: Session, now: datetime) -> Figures:
    """All figures at this moment; five questions, whatever the number of letters."""
    is_due = sa.case((sa.and_(Letter.due_at <= now, _WAITED_FOR), 1), else_=0)
    letters: dict[tuple[str, LetterState], int] = {}
    due = later = 0
    for kind, state, count, of_them_due in session.execute(
        sa.select(Letter.kind, Letter.state, sa.func.count(), sa.func.sum(is_due)).group_by(
            Letter.kind, Letter.state
        )
    ):
        letters[(kind, state)] = count
        if state is LetterState.PENDING:
            due += of_them_due
            later += count - of_them_due
    calls = sa.select(sa.func.count(Letter.marker.distinct())).where(
        Letter.sending_at > now - timedelta(minutes=1), Letter.sending_at <= now
    )
    sent, lateness = _lateness(session, now)
    ticked_at, paused = _instance(session)
    return Figures(
        letters=letters,
        due=due,
        later=later,
        sent_last_hour=sent,
        calls_last_minute=session.scalar(calls) or 0,
        lateness=lateness,
        paces=_paces(session),
        ticked_at=ticked_at,
        paused=paused,
    )


def _instance(session: Session) -> tuple[datetime | None, bool]:
    row = session.execute(
        sa.select(sa.func.max(Instance.ticked_at), sa.func.count(Instance.paused_at))
    ).one()
    return row[0], bool(row[1])


def _lateness(session: Session, now: datetime) -> tuple[int, dict[int, float]]:
    """How many letters went in the last hour, and how late that share of them went at most. A
    letter that was put off, because its reader slept, counts from the moment it was put off to; one
    that had to be tried again, from the moment it was meant to go."""
    meant = Letter.meant
    late: sa.ColumnElement[Any]
    if dialect(session) == "postgresql":
        late = sa.func.extract("epoch", Letter.sent_at - meant)
    else:
        late = (sa.func.julianday(Letter.sent_at) - sa.func.julianday(meant)) * 86400.0
    ranked = (
        sa.select(
            late.label("late"),
            sa.func.row_number().over(order_by=late).label("place"),
            sa.func.count().over().label("many"),
        )
        .where(
            Letter.state == LetterState.SENT,
            # The index; a letter is sent when, or seconds after, its sending began.
            Letter.sending_at > now - _LATELY,
            _WAITED_FOR,
        )
        .subquery()
    )
    places = [(ranked.c.many * share + 99) // 100 for share in QUANTILES]
    rows = session.execute(
        sa.select(ranked.c.place, ranked.c.late, ranked.c.many).where(ranked.c.place.in_(places))
    ).all()
    if not rows:
        return 0, {}
    many = int(rows[0][2])
    by_place = {int(place): max(0.0, float(seconds)) for place, seconds, _many in rows}
    return many, {share: by_place[(many * share + 99) // 100] for share in QUANTILES}


def _paces(session: Session) -> tuple[Pace, ...]:
    """With several workspaces the slowest of each method."""
    rows = session.execute(
        sa.select(Bucket.method, sa.func.min(Bucket.rate), sa.func.max(Bucket.closed_until))
        .group_by(Bucket.method)
        .order_by(Bucket.method)
    )
    return tuple(Pace(method, rate / 60, closed) for method, rate, closed in rows)
