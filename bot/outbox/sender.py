"""The sender: takes due letters, delivers them on several lanes, and writes down what came of it.

The protocol, one conditional change a step:
pending -> claimed (owner, lease) -> sending (attempt, marker; committed before the call)
-> sent | cancelled | failed | unknown -> (looked up) -> sent | pending.
After a crash only rows in `sending` are unclear, one a lane at most, and those are looked up,
never repeated blindly.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.blocks import Message, without_charts
from bot.clock import Clock, monotonic, system_clock
from bot.database import AWAY, Database, dialect, is_busy
from bot.outbox import call, groups, limiter, presence, stopped
from bot.outbox.claiming import METHODS, Claiming
from bot.outbox.elder import Elder
from bot.outbox.limiter import Buckets
from bot.outbox.marks import anything, mark_sending, record_sent, still_mine
from bot.outbox.model import HomeView, Letter, LetterState, Program, Surface
from bot.outbox.outcome import Then
from bot.outbox.packing import LEASE, Parcel, finish, put_off
from bot.outbox.post import EDIT, HOME
from bot.outbox.recovery import Recovery
from bot.outbox.refusals import STILL_COMING, note
from bot.outbox.writing import Unreadable, write
from bot.slack import before

log = structlog.get_logger(__name__)

ROUND = 5.0
"""Seconds after which a drain ends although there is more: the jobs have their turn too."""


class Sender:
    """Delivers letters. Several may run beside each other: a letter is one sender's at a time."""

    def __init__(
        self,
        db: Database,
        slack: WebClient,
        clock: Clock,
        program: Program,
        *,
        lanes: int = 1,
        lease: timedelta = LEASE,
        still_coming: timedelta = STILL_COMING,
        elder: Elder | None = None,
    ) -> None:
        """`lanes`: how many messages are on their way at once. `lease`: real time after which
        another sender takes a letter for abandoned; at least three of the longest call.
        `still_coming`: real time until a lost answer is looked for. `elder` looks for another
        installation with the same token."""
        self._db = db
        self._slack = slack
        self._clock = clock
        self._lease = lease
        self.program = program
        self.owner = f"sender-{secrets.token_hex(6)}"
        self.claiming = Claiming(db, clock, program, self.owner, lease)
        self._recovery = Recovery(db, slack, clock, program, self.owner, lease)
        self._lanes = lanes
        self._pool = ThreadPoolExecutor(lanes, thread_name_prefix="lane") if lanes > 1 else None
        self._in_hand: frozenset[int] = frozenset()  # letters of the round that runs
        self._elder = elder
        self._still_coming = still_coming
        self._new = True
        self._stopping = False

    def stop(self) -> None:
        """Take no new letter; those on their way are finished."""
        self._stopping = True

    def release(self) -> None:
        """Give claimed letters back, for the next sender to take at once; what somebody else
        holds at this moment is left to its lease."""
        self._give_back()

    def _give_back(self, *only: sa.ColumnElement[bool], **changes: Any) -> None:
        mine = (
            sa.select(Letter.id)
            .where(Letter.owner == self.owner, Letter.state == LetterState.CLAIMED, *only)
            .with_for_update(skip_locked=True)
        )
        with self._db.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(Letter.id.in_(session.scalars(mine).all()))
                .values(state=LetterState.PENDING, owner=None, lease_until=None, **changes)
            )

    def keep_alive(self) -> None:
        """Say that this sender still works on what it has in hand; one that was silent for a lease
        has lost its letters. What a round that broke off has left behind is not kept."""
        in_hand, now = self._in_hand, system_clock()
        if not in_hand:
            return
        with self._db.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(
                    Letter.id.in_(in_hand),
                    Letter.owner == self.owner,
                    Letter.state == LetterState.CLAIMED,
                    Letter.lease_until > now,
                )
                .values(lease_until=now + self._lease)
            )

    @property
    def heartbeat(self) -> float:
        """Seconds between two calls of `keep_alive`."""
        return self._lease.total_seconds() / 3

    def next_due(self, session: Session, now: datetime) -> datetime | None:
        """When the next letter can go after `now`; None when nothing waits, or somebody must
        decide first."""
        if self.program.stopped(session) or presence.paused(session):
            return None
        pending = Letter.state == LetterState.PENDING
        later = session.scalar(
            sa.select(sa.func.min(Letter.due_at)).where(pending, Letter.due_at > now)
        )
        waiting = session.execute(
            sa.select(Letter.kind, sa.func.min(Letter.priority))
            .where(pending, Letter.due_at <= now)
            .group_by(Letter.kind)
        ).all()
        if waiting:
            # It waits for its turn: until Slack takes more, or its conversation has rested.
            methods: dict[str, float] = {}
            for kind, priority in waiting:
                method = self.claiming.method_of(kind)
                leaving = limiter.leaves(priority, method)
                methods[method] = min(leaving, methods.get(method, leaving))
            turn = limiter.opens_at(session, now, methods)
            return turn if later is None else min(turn, later)
        return later

    def drain(self) -> int:
        """Send everything that can go now; returns how many messages went out."""
        if self._new:
            # A newer version may know what an older one has parked.
            self.claiming.take_back()
            self._new = False
        sent = 0
        if not self._anything():
            return 0
        self.recover()
        began = monotonic()
        while not self._stopping and monotonic() - began < ROUND:
            claimed = self.claiming.claim()
            self._in_hand = frozenset(i for parcel in claimed.parcels for i in parcel.ids)
            try:
                sent += self._deliver_all(claimed.parcels)
            finally:
                self._in_hand = frozenset()
            if not claimed.more:
                break
        return sent

    def recover(self) -> None:
        """Take up what a dead sender left behind. Beside the rounds, since one can take long."""
        self._recovery.run()

    def _anything(self) -> bool:
        """Whether there is anything to do at all: most ticks end here, without a writing
        transaction."""
        with self._db.read() as session:
            return anything(session, self._clock())

    # ---- lanes

    def _deliver_all(self, parcels: list[Parcel]) -> int:
        """Each conversation stays in one lane, so that its messages come in order."""
        conversations: dict[limiter.Where, list[Parcel]] = {}
        for parcel in parcels:
            conversations.setdefault(limiter.where(parcel.letters[0]), []).append(parcel)
        runs = list(conversations.values())
        if self._pool is None or len(runs) < 2:
            return sum(self._run(run) for run in runs)
        running = [self._pool.submit(self._run, run) for run in runs]
        # Each lane comes to its end, whatever happened on another.
        wait(running)
        return sum(one.result() for one in running)

    def _run(self, parcels: list[Parcel]) -> int:
        sent = 0
        for parcel in parcels:
            if self._stopping:
                break
            sent += self._deliver_safely(parcel)
        return sent

    def _deliver_safely(self, parcel: Parcel) -> int:
        """Whatever is wrong with one message, the next ones go; it is tried again when its lease
        ends. A database that goes away ends the round, and keeps no letter from the next."""
        try:
            return self._deliver(parcel)
        except sa.exc.OperationalError as error:
            if not is_busy(error):
                with suppress(*AWAY):
                    self.release()
                raise
            # Somebody holds what the words are about: this one has another turn, the next ones go.
            log.info("held_by_another_transaction", letters=parcel.ids)
            with suppress(*AWAY):
                soon = self._clock() + timedelta(seconds=2)
                self._give_back(Letter.id.in_(parcel.ids), due_at=soon, meant_at=Letter.meant)
            return 0
        except AWAY:
            with suppress(*AWAY):
                self.release()
            raise
        except Exception:
            log.exception("message_not_sent", letters=parcel.ids)
            return 0

    # ---- sending

    def _deliver(self, parcel: Parcel) -> int:
        marker = secrets.token_hex(12)
        try:
            if not groups.opened(
                self._db, self._slack, self._clock(), parcel
            ) or self._elder_is_there(parcel):
                return 0
            if not self._start(parcel, marker):
                return 0
            receipt = self._call(parcel, marker)
        except call.Refused as refused:
            self._refused(parcel, refused)
            return 0
        with self._db.begin() as session:
            record_sent(session, parcel.ids, marker, receipt, self._clock())
            if parcel.letters[0].channel is not None and parcel.target is None:
                stopped.open_again(session, parcel.letters[0].channel)
        return 1

    def _elder_is_there(self, parcel: Parcel) -> bool:
        """Whether this database must not send at all; then the letter waits with all others."""
        letter = parcel.letters[0]
        if self._elder is None or letter.person_id is None or letter.kind in (EDIT.name, HOME.name):
            return False
        if not self._elder.is_there(letter, parcel.people[0]):
            return False
        self.release()
        return True

    def _start(self, parcel: Parcel, marker: str) -> bool:
        """Render, and mark as sending, in one committed transaction. False: nothing to send."""
        while True:
            try:
                return self._start_all(parcel, marker)
            except Unreadable as bad:
                # One letter that cannot be rendered must not stop the others.
                self._fail(bad.letter_id)

    def _fail(self, letter_id: int) -> None:
        with self._db.begin() as session:
            for letter in still_mine(session, [letter_id], self.owner):
                finish(letter, LetterState.FAILED, "could not be rendered")

    def _start_all(self, parcel: Parcel, marker: str) -> bool:
        now, started = self._clock(), monotonic()
        with self._db.begin() as session:
            if dialect(session) == "postgresql":
                # A click may hold what the words are about, and wait for this letter. Whoever
                # clicked is served; the letter comes a second later.
                session.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))
            mine = still_mine(session, parcel.ids, self.owner)
            if not mine or not self._may_go(session, mine, now):
                return False
            if not write(session, self.program, parcel, mine, now):
                return False
            mark_sending(session, parcel.ids, marker, now, self._lease)
        # A process that was frozen must not write what somebody else has sent meanwhile.
        parcel.deadline = started + self._lease.total_seconds() / 2
        return True

    def _may_go(self, session: Session, letters: list[Letter], now: datetime) -> bool:
        """Whether nothing has happened since the claim: the app removed, the channel lost."""
        if self.program.stopped(session):
            for letter in letters:
                put_off(letter, now, "the app is not installed")
            return False
        channel = letters[0].channel
        if channel is None or letters[0].kind == EDIT.name:
            return True
        code = stopped.is_stopped(session, [channel], now).get(channel)
        if code is None and stopped.may_try(session, channel, now):
            return True
        for letter in letters:
            finish(letter, LetterState.FAILED, code or "not_in_channel")
        return False

    def _call(self, parcel: Parcel, marker: str) -> call.Receipt:
        message = parcel.message
        try:
            return self._call_once(parcel, message, marker)
        except call.Refused as refused:
            # Nothing was posted: the same facts once more, without charts.
            if refused.then is not Then.PLAIN or not isinstance(message, Message):
                raise
            log.warning("blocks_refused", letters=parcel.ids, where=refused.where)
            bare = without_charts(message)
            if bare.blocks == message.blocks:
                raise
            return self._call_once(parcel, bare, marker)

    def _call_once(
        self, parcel: Parcel, message: Message | HomeView | None, marker: str
    ) -> call.Receipt:
        with before(parcel.deadline):
            if isinstance(message, HomeView):
                return call.publish(self._slack, parcel.user, message.view)
            assert message is not None  # noqa: S101 (_start sets it)
            if parcel.target is not None:
                target = parcel.target
                return call.edit(self._slack, parcel.address, target.sent_ts or "", message)
            if self._method(parcel.letters[0]) == METHODS[Surface.EPHEMERAL]:
                return call.whisper(self._slack, parcel.address, parcel.user, message)
        return call.post(
            self._slack,
            parcel.address,
            message,
            marker,
            parcel.thread_ts,
            deadline=parcel.deadline,
            sender=self.claiming.code(parcel.letters[0].workspace_id),
        )

    def _method(self, letter: Letter) -> str:
        return self.claiming.methods[letter.kind]

    # ---- what came of it

    def _refused(self, parcel: Parcel, refused: call.Refused) -> None:
        now = self._clock()
        log.warning("letter_refused", letters=parcel.ids, code=refused.code, then=refused.then)
        with self._db.begin() as session:
            letters = session.scalars(
                sa.select(Letter).where(
                    Letter.id.in_(parcel.ids),
                    Letter.owner == self.owner,
                    Letter.state.in_((LetterState.SENDING, LetterState.CLAIMED)),
                )
            ).all()
            if refused.code == "ratelimited":
                first = parcel.letters[0]
                opening = any(letter.state is LetterState.CLAIMED for letter in letters)
                method = "conversations.open" if opening else self._method(first)
                buckets = Buckets(session, now, [method])
                buckets.close(first.workspace_id, method, refused.retry_after)
            for letter in letters:
                note(session, self.program, letter, refused, now, self._still_coming)
