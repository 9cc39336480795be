"""Claiming: which due letters this sender takes now, and which have to wait for their turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Database, dialect
from bot.outbox import limiter, presence
from bot.outbox.budget import SPREAD
from bot.outbox.limiter import Buckets, Pace
from bot.outbox.marks import mark_claimed
from bot.outbox.model import (
    NO_NEWS,
    Budget,
    Instance,
    Letter,
    LetterState,
    Priority,
    Program,
    Surface,
)
from bot.outbox.packing import MERGE, Parcel, finish, pack, put_back, recipients
from bot.outbox.post import EDIT, HOME
from bot.outbox.presence import Away

BATCH = 100
FEWEST = 20  # of one method: many are put off, and a claim has its own cost
MOST_LATE = 300  # letters of an outage in one round
_CLAIMING = 0x6C657474  # the advisory lock's name; any number nobody else uses

_ORDER = (Letter.priority, Letter.due_at, Letter.id)

METHODS = {
    Surface.MESSAGE: "chat.postMessage",
    Surface.EDIT: "chat.update",
    Surface.EPHEMERAL: "chat.postEphemeral",
    Surface.HOME: "views.publish",
}


@dataclass(frozen=True)
class Claimed:
    """What goes out now, and whether another look can find more."""

    parcels: list[Parcel]
    more: bool


class Claiming:
    """Takes letters for one sender, as many as Slack lets it send now."""

    def __init__(
        self, db: Database, clock: Clock, program: Program, owner: str, lease: timedelta
    ) -> None:
        self._db = db
        self._clock = clock
        self._program = program
        self._owner = owner
        self._lease = lease
        self._codes: dict[int, str] = {}
        self.methods = {kind: METHODS[surface] for kind, (_v, surface, _r) in self._known.items()}

    @property
    def _known(self) -> dict[str, tuple[int, Surface, object]]:
        return {**self._program.renders, EDIT.name: (EDIT.version, Surface.EDIT, None)}

    def method_of(self, kind: str) -> str:
        """The method that sends letters of this kind; of one that is not known, a message's."""
        return self.methods.get(kind, METHODS[Surface.MESSAGE])

    def claim(self) -> Claimed:
        """Take what is due, within hours and budget, and no faster than Slack allows."""
        now = self._clock()
        with self._db.begin() as session:
            if self._program.stopped(session) or presence.paused(session):
                return Claimed([], more=False)
            if dialect(session) == "postgresql":
                # One at a time: two senders that cannot see what the other takes would each find
                # room in the same person's day.
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIMING)))
            buckets, pace = Buckets(session, now, METHODS.values()), Pace(session, now)
            away = presence.away(session, now)
            found = self._due(session, buckets, pace, now, away)
            found += self._soon(session, found, now)
            if away and away.written:
                found += self._late(session, found, away)
            letters = [letter for letter in found if self._is_known(letter)]
            people = {i for letter in letters for i in recipients(letter)}
            readers = self._program.readers(session, people)
            allowances = self._program.allowances(session, people)
            parcels = pack(session, letters, readers, allowances, now, away)
            going = [parcel for parcel in parcels if self._may_go(parcel, buckets, pace)]
            mark_claimed(session, [i for p in going for i in p.ids], self._owner, self._lease)
            # Everything taken was put back: the next look would find the same.
            waiting = sum(len(p.letters) for p in parcels) - sum(len(p.letters) for p in going)
            return Claimed(going, more=len(found) > waiting)

    def code(self, workspace_id: int) -> str:
        """The code of this database, which every letter carries; "" before a worker has begun."""
        if workspace_id not in self._codes:
            wanted = sa.select(Instance.code).where(Instance.workspace_id == workspace_id)
            with self._db.read() as session:
                found = session.scalar(wanted)
            if found is None:
                return ""
            self._codes[workspace_id] = found
        return self._codes[workspace_id]

    def take_back(self) -> None:
        """Parked letters that this version knows wait for their turn again."""
        parked = sa.select(Letter).where(Letter.state == LetterState.PARKED)
        with self._db.read() as session:
            if session.scalar(parked.with_only_columns(sa.func.count())) == 0:
                return
        with self._db.begin() as session:
            for letter in session.scalars(parked.with_for_update(skip_locked=True)):
                if self._newest(letter) >= letter.version:
                    letter.state = LetterState.PENDING
                    letter.reason = ""

    def _due(
        self, session: Session, buckets: Buckets, pace: Pace, now: datetime, away: Away | None
    ) -> list[Letter]:
        resting = pace.full()
        people = [person for person, _channel, _group in resting if person is not None]
        channels = [channel for _person, channel, _group in resting if channel is not None]
        wanted = sa.select(Letter.id, Letter.workspace_id, Letter.kind, Letter.priority).where(
            Letter.state == LetterState.PENDING,
            Letter.due_at <= now,
            *limiter.without(buckets.empty(), self.methods),
        )
        if away and not away.written:
            # What fell due in the outage goes together, once it is all there.
            wanted = wanted.where(Letter.priority == Priority.ANSWER)
        if people:
            # Edits and Home tabs are no messages: they do not wait.
            paced = Letter.kind.not_in((EDIT.name, HOME.name))
            wanted = wanted.where(
                sa.or_(Letter.person_id.is_(None), Letter.person_id.not_in(people), sa.not_(paced))
            )
        if channels:
            wanted = wanted.where(sa.or_(Letter.channel.is_(None), Letter.channel.not_in(channels)))
        rows = session.execute(wanted.order_by(*_ORDER).limit(BATCH)).all()
        chosen = self._as_many_as_can_go(buckets, rows)
        return list(
            session.scalars(
                sa.select(Letter)
                .where(
                    Letter.id.in_(chosen),
                    # It may have been sent, or moved, between the two looks.
                    Letter.state == LetterState.PENDING,
                    Letter.due_at <= now,
                )
                .order_by(*_ORDER)
                # Held by a transaction that changes what they say: the next round has them.
                .with_for_update(skip_locked=True)
            )
        )

    def _as_many_as_can_go(
        self, buckets: Buckets, rows: Sequence[sa.Row[int, int, str, int]]
    ) -> list[int]:
        """The first of these letters, for each method as many as its bucket can take if all of
        them merge. Whatever else were looked at here, while nobody else may write, would only be
        put back; a click must not wait for that."""
        room: dict[tuple[int, str, float], int] = {}
        chosen = []
        for letter_id, workspace_id, kind, priority in rows:
            method = self.method_of(kind)
            leaving = limiter.leaves(priority, method)
            left = room.get((workspace_id, method, leaving))
            if left is None:
                left = MERGE * buckets.room(workspace_id, method, leaving=leaving)
                left = left if leaving else max(FEWEST, left)
            if left:
                chosen.append(letter_id)
                left -= 1
            room[workspace_id, method, leaving] = left
        return chosen

    def _soon(self, session: Session, found: list[Letter], now: datetime) -> list[Letter]:
        """What the same people would get in a few minutes: one message then does for all, and
        the second does not find the day full."""
        counted = Letter.state == LetterState.PENDING, Letter.budget == Budget.COUNTED
        people = {x.person_id for x in found if x.budget is Budget.COUNTED and x.person_id}
        if not people:
            return []
        return list(
            session.scalars(
                sa.select(Letter)
                .where(
                    *counted,
                    Letter.person_id.in_(people),
                    Letter.due_at > now,
                    Letter.due_at <= now + SPREAD,
                )
                .order_by(*_ORDER)
                .with_for_update(skip_locked=True)
            )
        )

    def _late(self, session: Session, found: list[Letter], away: Away) -> list[Letter]:
        """What else fell due in an outage for the same people: of all that, what cannot wait an
        hour is for the one message that each of them gets now."""
        people = {i for letter in found for i in recipients(letter)}
        return list(
            session.scalars(
                sa.select(Letter)
                .where(
                    Letter.state == LetterState.PENDING,
                    Letter.priority.not_in(NO_NEWS),
                    Letter.person_id.in_(people),
                    Letter.due_at <= away.until,
                    Letter.id.not_in([letter.id for letter in found]),
                )
                .order_by(Letter.not_after.asc().nulls_last(), *_ORDER)
                .limit(MOST_LATE)
                .with_for_update(skip_locked=True)
            )
        )

    def _may_go(self, parcel: Parcel, buckets: Buckets, pace: Pace) -> bool:
        """Take what the parcel needs; one that has to wait stays as it was."""
        letter = parcel.letters[0]
        method = self.methods[letter.kind]
        paced = method not in (METHODS[Surface.EDIT], METHODS[Surface.HOME])
        leaving = limiter.leaves(letter.priority, method)
        if (not paced or pace.take(limiter.where(letter), f"now {letter.id}")) and buckets.take(
            letter.workspace_id, method, leaving=leaving
        ):
            return True
        for one in parcel.letters:
            put_back(one, "waits for its turn: Slack takes only so many at once")
        return False

    def _is_known(self, letter: Letter) -> bool:
        if self._newest(letter) >= letter.version:
            return True
        finish(letter, LetterState.PARKED, "this version of the bot does not know this letter")
        return False

    def _newest(self, letter: Letter) -> int:
        """The newest version of its kind that this code can write; 0 for an unknown kind."""
        known = self._known.get(letter.kind)
        return known[0] if known else 0
