"""What waits for somebody's decision: a database that was copied or restored sends nothing until
one is made, and after an outage what fell due meanwhile can be sent or skipped."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.outbox.model import Instance, Letter, LetterState
from bot.outbox.post import EDIT, HOME

SKIPPED = "skipped after an outage"
MEANWHILE = "fell due in an outage: "
"""How the reason begins of a letter that fell due in an outage and was put off since, because its
reader got another one, or sleeps: it still belongs to the backlog, whenever it is due now."""
HELD = MEANWHILE + "one message for each person"

_OPERATOR = "the operator"
_ALL = "-all"  # of a decision that ended a pause: about all that was due until then
_OVER = "over"  # instead of a decision: nothing is left to decide about


@dataclass(frozen=True)
class Standing:
    """Something to decide. A pause: nothing is sent until then. A backlog: it is sent, one
    message for each person in the first hour, unless somebody says no."""

    paused_reason: str  # "" for a backlog, which pauses nothing
    since: datetime  # of the pause, or when the outage ended
    away_from: datetime | None  # the outage, where there was one
    away_until: datetime | None
    waiting: int  # letters the decision is about

    @property
    def paused(self) -> bool:
        return bool(self.paused_reason)


@dataclass(frozen=True)
class Decision:
    """What was decided last, and by whom: a Slack id, or "the operator"."""

    send: bool
    by: str
    at: datetime


def standing(session: Session, *, now: datetime) -> Standing | None:
    """What somebody has to decide; None when nothing waits for a decision."""
    row = _open(session)
    if row is None:
        return None
    waiting = session.scalar(sa.select(sa.func.count(Letter.id)).where(_meant(row, now))) or 0
    if row.paused_at is None and not waiting:
        return None
    return Standing(
        paused_reason=(row.paused_reason or "paused") if row.paused_at else "",
        since=row.paused_at or row.away_until or now,
        away_from=row.away_from,
        away_until=row.away_until,
        waiting=waiting,
    )


def resume(session: Session, *, send: bool, now: datetime, by: str = _OPERATOR) -> int:
    """End the pause, and decide about the letters that wait; returns how many that concerns.

    `send` leaves them to the sender, which cancels by itself what comes too late to be of use;
    without it they are cancelled. Edits and Home tabs go in any case: they show how things are
    now. Where there is nothing to decide, because somebody was faster, nothing changes.
    """
    row = _open(session, lock=True)
    if row is None:
        return 0
    meant = _meant(row, now)
    if send:
        concerned = session.scalar(sa.select(sa.func.count(Letter.id)).where(meant)) or 0
    else:
        done = session.execute(
            sa.update(Letter)
            .where(meant)
            .values(state=LetterState.CANCELLED, reason=SKIPPED, owner=None, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        concerned = int(getattr(done, "rowcount", 0))
    word = ("send" if send else "skip") + (_ALL if row.paused_at else "")
    row.paused_at = None
    row.paused_reason = ""
    row.decided_at = now
    row.decided = f"{word} {by}"
    session.flush()
    return concerned


def is_decided(row: Instance) -> bool:
    """Whether somebody has decided about the outage that ends now. Nobody was at work while
    nothing might be sent: who ended that pause has, and is not asked again. A decision about an
    earlier outage, made while nobody was at work, says nothing about this one."""
    if row.decided_at is None or row.away_from is None or row.decided_at < row.away_from:
        return False
    return row.decided.partition(" ")[0].endswith(_ALL)


def skip_meanwhile(session: Session, workspace_id: int, now: datetime) -> None:
    """What fell due while nobody was at work is written only now, by the jobs. Where somebody has
    decided to skip that time, it is skipped too."""
    row = session.scalars(sa.select(Instance).where(Instance.workspace_id == workspace_id)).first()
    if row is None or row.away_until is None or not row.decided.startswith("skip"):
        return
    if row.decided_at is None or row.decided_at < row.away_until:
        return
    session.execute(
        sa.update(Letter)
        .where(_waiting(row), Letter.due_at <= now)
        .values(state=LetterState.CANCELLED, reason=SKIPPED, owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def over(session: Session, workspace_id: int, now: datetime) -> bool:
    """Whether a backlog has just come to its end without a decision, because nothing of it waits
    any more; True once."""
    row = _open(session)
    if row is None or row.paused_at is not None or row.workspace_id != workspace_id:
        return False
    # What is on its way may come back, and wait again.
    on_its_way = sa.and_(
        Letter.workspace_id == workspace_id,
        Letter.state == LetterState.SENDING,
        Letter.meant < row.away_until,
    )
    left = sa.select(Letter.id).where(sa.or_(_meant(row, now), on_its_way)).limit(1)
    if session.scalar(left) is not None:
        return False
    row.decided_at, row.decided = now, _OVER
    session.flush()
    return True


def last_back(session: Session) -> datetime | None:
    """When the last outage ended."""
    return session.scalar(sa.select(sa.func.max(Instance.away_until)))


def decision(session: Session) -> Decision | None:
    """What was decided last; None when nothing ever was, or the last backlog went by itself."""
    found = session.scalars(
        sa.select(Instance)
        .where(Instance.decided_at.is_not(None), Instance.decided != _OVER)
        .order_by(Instance.decided_at.desc())
        .limit(1)
    ).first()
    if found is None or found.decided_at is None:
        return None
    word, _, by = found.decided.partition(" ")
    return Decision(send=word.removesuffix(_ALL) == "send", by=by, at=found.decided_at)


def _open(session: Session, *, lock: bool = False) -> Instance | None:
    """The instance about which something can be decided: a paused one first."""
    undecided = sa.or_(Instance.decided_at.is_(None), Instance.decided_at < Instance.away_until)
    wanted = (
        sa.select(Instance)
        .where(
            sa.or_(
                Instance.paused_at.is_not(None),
                sa.and_(Instance.away_until.is_not(None), undecided),
            )
        )
        .order_by(Instance.paused_at.is_(None), Instance.id)
        .limit(1)
    )
    return session.scalars(wanted.with_for_update() if lock else wanted).first()


def _meant(row: Instance, now: datetime) -> sa.ColumnElement[bool]:
    """The letters a decision is about: all that are due while nothing may be sent, else those
    that fell due while nobody was at work."""
    due = Letter.due_at <= now
    if row.paused_at is None:
        # What is due at the moment somebody is back belongs to now.
        # What waited already when the outage began waited through it.
        meanwhile = Letter.meant < row.away_until
        due = sa.or_(meanwhile, Letter.reason.startswith(MEANWHILE))
    return sa.and_(_waiting(row), due)


def _waiting(row: Instance) -> sa.ColumnElement[bool]:
    return sa.and_(
        Letter.workspace_id == row.workspace_id,
        Letter.state.in_((LetterState.PENDING, LetterState.CLAIMED)),
        Letter.kind.not_in((EDIT.name, HOME.name)),
    )
