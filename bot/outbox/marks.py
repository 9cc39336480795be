"""The steps of one message's way out, each one statement on all its letters. Built once: every
message needs them, and the first question is asked every second."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.database import table_of
from bot.outbox.call import Receipt
from bot.outbox.model import Letter, LetterState


def dead(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Letters whose sender has not been heard of for a lease."""
    return sa.and_(
        Letter.state.in_((LetterState.CLAIMED, LetterState.SENDING)),
        Letter.lease_until <= now,
    )


_LETTERS = table_of(Letter)
_THESE = _LETTERS.c.id.in_(sa.bindparam("ids", expanding=True))

_STILL_MINE = (
    sa.select(Letter)
    .where(
        _THESE,
        Letter.owner == sa.bindparam("owner"),
        Letter.state == LetterState.CLAIMED,
        Letter.lease_until > sa.bindparam("now"),
    )
    .order_by(Letter.priority, Letter.due_at, Letter.id)
    # Nobody cancels them or takes them over between this look and the commit.
    .with_for_update()
)
_ANYTHING = (
    sa.select(Letter.id)
    .where(
        sa.or_(
            sa.and_(Letter.state == LetterState.PENDING, Letter.due_at <= sa.bindparam("now")),
            dead(sa.bindparam("real")),
        )
    )
    .limit(1)
)
_CLAIMED = sa.update(_LETTERS).where(_THESE).values(state=LetterState.CLAIMED)
_SENDING = (
    sa.update(_LETTERS)
    .where(_THESE)
    .values(state=LetterState.SENDING, attempt=_LETTERS.c.attempt + 1, reason="")
)
_SENT = (
    sa.update(_LETTERS)
    .where(
        _THESE,
        _LETTERS.c.marker == sa.bindparam("its"),
        _LETTERS.c.state.in_(
            (
                LetterState.SENDING,
                LetterState.PENDING,
                LetterState.CLAIMED,
                LetterState.UNKNOWN,
                LetterState.FAILED,
            )
        ),
    )
    .values(state=LetterState.SENT, owner=None, lease_until=None, reason="")
)


def anything(session: Session, now: datetime) -> bool:
    """Whether a letter is due, or was left behind by a sender that died."""
    return session.scalar(_ANYTHING, {"now": now, "real": system_clock()}) is not None


def mark_claimed(session: Session, ids: Sequence[int], owner: str, lease: timedelta) -> None:
    """These letters, which are locked, are this sender's for a lease."""
    until = system_clock() + lease
    session.connection().execute(_CLAIMED, {"ids": ids, "owner": owner, "lease_until": until})


def still_mine(session: Session, ids: Sequence[int], owner: str) -> list[Letter]:
    """Those of these letters that the sender called `owner` still holds, locked until the
    transaction ends."""
    about = {"ids": ids, "owner": owner, "now": system_clock()}
    return list(session.scalars(_STILL_MINE, about))


def mark_sending(
    session: Session, ids: Sequence[int], marker: str, now: datetime, lease: timedelta
) -> None:
    """These letters, which are still ours, are on their way under this marker."""
    marks = {"marker": marker, "sending_at": now, "lease_until": system_clock() + lease}
    # `sent_at` counts for the budget even if the answer gets lost.
    session.connection().execute(_SENDING, {"ids": ids, "sent_at": now, **marks})


def record_sent(
    session: Session, ids: Sequence[int], marker: str, receipt: Receipt, now: datetime
) -> None:
    """These letters stand in Slack, there, under this marker.

    An answer that comes late, after somebody else has given the letter back, counts all the
    same: it must not go out again. One that is on its way again has another marker by then.
    """
    place = {"sent_at": now, "sent_channel": receipt.channel, "sent_ts": receipt.ts}
    session.connection().execute(_SENT, {"ids": ids, "its": marker, **place})
