"""How fast Slack may be called: one bucket for each workspace and method, in the database, so that
all workers share it; and a pace for each conversation.

Slack names tiers, not figures for messages; what it accepts is learned. A bucket starts low, grows
by a twentieth a minute while it is emptied without a complaint, and shrinks by three tenths when
Slack says 429; then it stays closed for as long as Slack asked. The rate it has learned is kept.
Moments are the programme's: the demo and the tests live through a busy morning in an instant.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.database import insert_once
from bot.outbox.model import Bucket, Letter, Priority
from bot.outbox.post import EDIT, HOME


@dataclass(frozen=True)
class Limit:
    """Calls a minute to begin with and at most, and how many may be made at once after a rest."""

    start: float
    most: float
    burst: float


LIMITS = {
    # "Several hundred a minute" for a workspace; 525 in practice, and 50 at once.
    "chat.postMessage": Limit(240, 510, 40),
    # Tiers 3 and 4: at least 50 and 100 in any minute, so burst and a minute's rate stay below.
    "chat.update": Limit(30, 60, 20),
    "chat.postEphemeral": Limit(60, 120, 40),
    "views.publish": Limit(60, 120, 40),
    "conversations.open": Limit(30, 60, 20),
    "conversations.history": Limit(30, 60, 20),
    "users.info": Limit(60, 120, 40),
}
GROWTH, SHRINKAGE = 1.05, 0.7
SPARED = 0.5  # of a burst, by what nobody waits for: who clicks meanwhile finds that much room
SLOWEST = 6.0  # calls a minute; a bucket that shrank for ever would never be emptied again
LEARNS_EVERY = timedelta(minutes=1)

PACE = 5  # messages to one conversation within ...
PACE_WINDOW = timedelta(seconds=5)  # ... this: one a second, and short bursts

Where = tuple[int | None, str | None, tuple[int, ...]]
"""A conversation: a person, a channel, or a group of people."""


class NotNow(Exception):
    """Slack lets nobody call this method now; whoever wants to asks again at a later tick."""


class Buckets:
    """The buckets of some methods at this moment, locked until the transaction ends. Whoever
    calls other methods waits for none of them: a round of letters can take long."""

    def __init__(
        self, session: Session, now: datetime, methods: Collection[str] = LIMITS.keys()
    ) -> None:
        self._session = session
        self._now = now
        rows = session.scalars(
            sa.select(Bucket)
            .where(Bucket.method.in_(methods))
            .order_by(Bucket.id)
            .with_for_update()
        )
        self._known = {(row.workspace_id, row.method): row for row in rows}
        for bucket in self._known.values():
            _fill(bucket, now)

    def empty(self) -> list[tuple[int, str]]:
        """(workspace, method) for which no call can be made now."""
        return [key for key, bucket in self._known.items() if not _open(bucket, self._now)]

    def take(self, workspace_id: int, method: str, *, leaving: float = 0) -> bool:
        """Take one call; False when none can be made now and `leaving` calls left for others."""
        bucket = self._bucket(workspace_id, method)
        if not _open(bucket, self._now, leaving):
            return False
        bucket.tokens -= 1
        return True

    def room(self, workspace_id: int, method: str, *, leaving: float = 0) -> int:
        """How many calls can be made now; `leaving` as above."""
        bucket = self._known.get((workspace_id, method))
        if bucket is None:
            return int(LIMITS[method].burst - leaving)
        open_ = _open(bucket, self._now, leaving)
        return max(1, int(bucket.tokens - leaving)) if open_ else 0

    def close(self, workspace_id: int, method: str, seconds: int) -> None:
        """Slack refused a call of this method and said when to come back."""
        _close(self._bucket(workspace_id, method), self._now, seconds)

    def _bucket(self, workspace_id: int, method: str) -> Bucket:
        found = self._known.get((workspace_id, method))
        if found is None:
            _make(self._session, workspace_id, method, self._now)
            found = self._session.scalars(_bucket_of(workspace_id, method).with_for_update()).one()
            self._known[workspace_id, method] = found
        return found


def spare(session: Session, workspace_id: int, method: str, now: datetime) -> int:
    """How many calls can be made now by somebody who waits for no bucket: nothing is locked, and
    `charge` says afterwards how many there were."""
    bucket = session.scalars(_bucket_of(workspace_id, method)).first()
    if bucket is None:
        return int(LIMITS[method].burst)
    session.expunge(bucket)  # this is a look; the row stays as it is
    _fill(bucket, now)
    return int(bucket.tokens) if _open(bucket, now) else 0


def charge(
    session: Session,
    workspace_id: int,
    method: str,
    calls: int,
    now: datetime,
    *,
    wait: int | None = None,
) -> None:
    """So many calls were made; `wait`: the last was refused, for so many seconds. A bucket that
    somebody holds at this moment is not waited for: these few are then made good by what Slack
    allows beyond our rate, and who holds it hears the same refusal."""
    _make(session, workspace_id, method, now)
    wanted = _bucket_of(workspace_id, method).with_for_update(skip_locked=True)
    bucket = session.scalars(wanted).first()
    if bucket is not None:
        _fill(bucket, now)
        bucket.tokens = max(0.0, bucket.tokens - calls)
        if wait is not None:
            _close(bucket, now, wait)


def _bucket_of(workspace_id: int, method: str) -> sa.Select[Bucket]:
    return sa.select(Bucket).where(Bucket.workspace_id == workspace_id, Bucket.method == method)


def _make(session: Session, workspace_id: int, method: str, now: datetime) -> None:
    """A bucket that nobody has used yet is full."""
    limit = LIMITS[method]
    insert_once(
        session,
        Bucket,
        workspace_id=workspace_id,
        method=method,
        tokens=limit.burst,
        filled_at=now,
        rate=limit.start,
        learned_at=now,
    )


def leaves(priority: int, method: str) -> float:
    """How many calls a letter of this priority leaves for others."""
    return LIMITS[method].burst * SPARED if priority == Priority.TIDY else 0


def opens_at(session: Session, now: datetime, methods: Mapping[str, float]) -> datetime:
    """When the first of these methods (each with how many calls are left for others) can be
    called by a letter that could not go now: when its bucket has a call again, or in a second,
    when a conversation may have rested."""
    known = session.scalars(sa.select(Bucket).where(Bucket.method.in_(methods))).all()
    moments = [_next_call(bucket, now, methods[bucket.method]) for bucket in known]
    if len(known) < len(methods) or now in moments:
        return now + timedelta(seconds=1)
    return min(moments)


def _open(bucket: Bucket, now: datetime, leaving: float = 0) -> bool:
    enough = bucket.tokens >= 1 + leaving - 1e-9
    return enough and (bucket.closed_until is None or bucket.closed_until <= now)


def _close(bucket: Bucket, now: datetime, seconds: int) -> None:
    until = now + timedelta(seconds=seconds)
    if bucket.closed_until is None or bucket.closed_until <= now:
        # Several lanes may hear the same complaint: it counts once.
        bucket.rate = max(SLOWEST, bucket.rate * SHRINKAGE)
    bucket.closed_until = max(bucket.closed_until or until, until)
    bucket.learned_at = bucket.closed_until  # silence teaches nothing
    bucket.tokens = 1.0  # when it opens again, one call finds out


def _next_call(bucket: Bucket, now: datetime, leaving: float = 0) -> datetime:
    """`now` itself when a call can be made."""
    filled = max(bucket.filled_at, bucket.closed_until or bucket.filled_at)
    missing = max(0.0, 1 + leaving - bucket.tokens) * 60 / bucket.rate
    # Rounded up: a microsecond early would be one more look for nothing.
    at = filled + timedelta(microseconds=-(-missing * 1_000_000 // 1))
    return max(now, at)


def _fill(bucket: Bucket, now: datetime) -> None:
    """Bring tokens and rate to this moment. A clock that stepped back brings nothing."""
    limit = LIMITS.get(bucket.method) or Limit(bucket.rate, bucket.rate, 1)
    # While Slack wants to be left alone nothing is saved up for afterwards.
    since = max(bucket.filled_at, bucket.closed_until or bucket.filled_at)
    passed = (now - since).total_seconds()
    closed = bucket.closed_until is not None and bucket.closed_until > now
    hungry = bucket.tokens < limit.burst / 2 and not closed
    if passed > 0:
        bucket.tokens = min(limit.burst, bucket.tokens + passed * bucket.rate / 60)
        bucket.filled_at = now
    elif now < bucket.filled_at:
        bucket.filled_at = now
    if hungry and now - bucket.learned_at >= LEARNS_EVERY:
        bucket.rate = min(limit.most, bucket.rate * GROWTH)
        bucket.learned_at = now


# ---- the pace of each conversation


def where(letter: Letter) -> Where:
    """The conversation a letter goes to."""
    return letter.person_id, letter.channel, tuple(letter.group or ())


class Pace:
    """How many messages each conversation got in the last seconds, from any worker."""

    def __init__(self, session: Session, now: datetime) -> None:
        rows = session.execute(
            sa.select(Letter.person_id, Letter.channel, Letter.group, Letter.marker).where(
                Letter.sending_at > now - PACE_WINDOW,
                Letter.sending_at <= now,
                Letter.kind.not_in((EDIT.name, HOME.name)),
            )
        )
        self._went: dict[Where, set[str]] = {}
        for person_id, channel, group, marker in rows:
            self._went.setdefault((person_id, channel, tuple(group or ())), set()).add(marker)

    def full(self) -> Collection[Where]:
        """Conversations that must rest."""
        return [place for place, went in self._went.items() if len(went) >= PACE]

    def take(self, place: Where, name: str) -> bool:
        """Count one message called `name`; False when the conversation must rest."""
        went = self._went.setdefault(place, set())
        if len(went) >= PACE:
            return False
        went.add(name)
        return True


def without(
    empty: Iterable[tuple[int, str]], kinds: dict[str, str]
) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave out letters whose method cannot be called. `kinds`: kind -> method."""
    found = []
    for workspace_id, method in empty:
        names = [kind for kind, its in kinds.items() if its == method]
        if names:
            found.append(
                sa.not_(sa.and_(Letter.workspace_id == workspace_id, Letter.kind.in_(names)))
            )
    return found
