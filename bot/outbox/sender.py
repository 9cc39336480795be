"""The sender: claims due letters, renders them, delivers them, and writes down what came of it.

The protocol, one conditional change a step:
pending -> claimed (owner, lease) -> sending (attempt, marker; committed before the call)
-> sent | cancelled | failed | unknown -> (looked up) -> sent | pending.
After a crash only rows in `sending` are unclear, and those are looked up, never repeated blindly.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.blocks import Message, merged, without_charts
from bot.clock import Clock, system_clock
from bot.database import AWAY, Database, dialect, insert_once
from bot.outbox import call
from bot.outbox.model import (
    Cancelled,
    Conversation,
    HomeView,
    Letter,
    LetterState,
    Program,
    Surface,
)
from bot.outbox.outcome import Then
from bot.outbox.packing import LEASE, Parcel, finish, pack, put_off, recipients
from bot.outbox.post import EDIT
from bot.outbox.recovery import BACKOFF, Recovery, dead, record_sent

log = structlog.get_logger(__name__)

BATCH = 100
_CLAIMING = 0x6C657474  # the advisory lock's name; any number nobody else uses


class _NotYet(Exception):
    """The message to bring up to date is still on its way."""


class Sender:
    """Delivers letters. Several may run beside each other: a letter is one sender's at a time."""

    def __init__(self, db: Database, slack: WebClient, clock: Clock, program: Program) -> None:
        self._db = db
        self._slack = slack
        self._clock = clock
        self._program = program
        self._owner = f"sender-{secrets.token_hex(6)}"
        self._recovery = Recovery(db, slack, clock, program, self._owner)
        self._stopping = False

    def stop(self) -> None:
        """Take no new letter; the one in flight is finished."""
        self._stopping = True

    def release(self) -> None:
        """Give claimed letters back, for the next sender to take at once."""
        with self._db.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(Letter.owner == self._owner, Letter.state == LetterState.CLAIMED)
                .values(state=LetterState.PENDING, owner=None, lease_until=None)
            )

    def next_due(self, session: Session, now: datetime) -> datetime | None:
        """When the next letter falls due after `now`; None when nothing waits."""
        return session.scalar(
            sa.select(sa.func.min(Letter.due_at)).where(
                Letter.state == LetterState.PENDING, Letter.due_at > now
            )
        )

    def drain(self) -> int:
        """Send everything that is due now; returns how many messages went out."""
        sent = 0
        if not self._anything():
            return 0
        self._recovery.run()
        while not self._stopping:
            parcels, more = self._claim()
            for parcel in parcels:
                if self._stopping:
                    break
                sent += self._deliver_safely(parcel)
            if not more:
                break
        return sent

    def _deliver_safely(self, parcel: Parcel) -> int:
        """Whatever is wrong with one message, the next ones go; it is tried again when its lease
        ends. A database that goes away ends the round, and keeps no letter from the next."""
        try:
            return self._deliver(parcel)
        except AWAY:
            with suppress(*AWAY):
                self.release()
            raise
        except Exception:
            log.exception("message could not be sent", letters=parcel.ids)
            return 0

    def _anything(self) -> bool:
        """Whether there is anything to do at all: most ticks end here, without a writing
        transaction."""
        due = sa.and_(Letter.state == LetterState.PENDING, Letter.due_at <= self._clock())
        wanted = sa.select(Letter.id).where(sa.or_(due, dead(system_clock()))).limit(1)
        with self._db.read() as session:
            return session.scalar(wanted) is not None

    # ---- claiming

    def _claim(self) -> tuple[list[Parcel], bool]:
        """What goes out now, and whether there was anything to look at."""
        now = self._clock()
        with self._db.begin() as session:
            if self._program.stopped(session):
                return [], False
            if dialect(session) == "postgresql":
                # One at a time: two senders that cannot see what the other takes would each find
                # room in the same person's day.
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIMING)))
            letters = [x for x in self._due(session, now) if self._known(x)]
            for letter in letters:
                letter.state = LetterState.CLAIMED
                letter.owner = self._owner
                letter.lease_until = system_clock() + LEASE
            people = {i for x in letters for i in recipients(x)}
            readers = self._program.readers(session, people)
            allowances = self._program.allowances(session, people)
            return pack(session, letters, readers, allowances, now), bool(letters)

    def _due(self, session: Session, now: datetime) -> Sequence[Letter]:
        return session.scalars(
            sa.select(Letter)
            .where(Letter.state == LetterState.PENDING, Letter.due_at <= now)
            .order_by(Letter.priority, Letter.due_at, Letter.id)
            .limit(BATCH)
            # Held by a transaction that changes what they say: the next round has them.
            .with_for_update(skip_locked=True)
        ).all()

    def _known(self, letter: Letter) -> bool:
        known = (1,) if letter.kind == EDIT.name else self._program.renders.get(letter.kind)
        if known is not None and letter.version <= known[0]:
            return True
        finish(letter, LetterState.PARKED, "this version of the bot does not know this letter")
        return False

    # ---- sending

    def _deliver(self, parcel: Parcel) -> int:
        try:
            if not self._open_group(parcel):
                return 0
            marker = self._start(parcel)
            if marker is None:
                return 0
            receipt = self._call(parcel, marker)
        except call.Refused as refused:
            self._refused(parcel, refused)
            return 0
        self._done(parcel, receipt)
        return 1

    def _open_group(self, parcel: Parcel) -> bool:
        """A group message needs its conversation first. False: one person left, nobody to meet."""
        letter = parcel.letters[0]
        if not letter.group or letter.kind == EDIT.name:
            return True
        if len(parcel.people) < 2:
            with self._db.begin() as session:
                gone = session.get_one(Letter, letter.id)
                finish(gone, LetterState.CANCELLED, "one of the two has left Slack")
            return False
        names = ",".join(sorted(parcel.people))
        known = sa.select(Conversation.channel).where(
            Conversation.workspace_id == letter.workspace_id, Conversation.people == names
        )
        with self._db.read() as session:
            channel = session.scalar(known)
        if channel is None:
            channel = call.open_group(self._slack, parcel.people)
            with self._db.begin() as session:
                insert_once(
                    session,
                    Conversation,
                    workspace_id=letter.workspace_id,
                    people=names,
                    channel=channel,
                )
        parcel.address = channel
        return True

    def _start(self, parcel: Parcel) -> str | None:
        """Render, and mark as sending, in one committed transaction. None: nothing to send."""
        marker = secrets.token_hex(12)
        now = self._clock()
        with self._db.begin() as session:
            if dialect(session) == "postgresql":
                # A click may hold what the words are about, and wait for this letter. Whoever
                # clicked is served; the letter comes a second later.
                session.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))
            mine = session.scalars(
                sa.select(Letter)
                .where(
                    Letter.id.in_(parcel.ids),
                    Letter.owner == self._owner,
                    Letter.state == LetterState.CLAIMED,
                    Letter.lease_until > system_clock(),
                )
                .order_by(Letter.priority, Letter.due_at, Letter.id)
                # Nobody cancels them or takes them over between this look and the commit.
                .with_for_update()
            ).all()
            rendered = [(x, self._render(session, parcel, x, now)) for x in mine]
            ready = [(x, m) for x, m in rendered if m is not None]
            if not ready:
                return None
            parcel.letters = [x for x, _m in ready]
            texts = [m for _x, m in ready if isinstance(m, Message)]
            parcel.message = merged(texts) if texts else ready[0][1]
            self._address(session, parcel)
            for letter in parcel.letters:
                letter.state = LetterState.SENDING
                letter.attempt += 1
                letter.marker = marker
                letter.sending_at = now
                letter.sent_at = now  # counts for the budget even if the answer gets lost
                letter.lease_until = system_clock() + LEASE
        return marker

    def _render(
        self, session: Session, parcel: Parcel, letter: Letter, now: datetime
    ) -> Message | HomeView | None:
        made: Message | HomeView | Cancelled
        try:
            with session.begin_nested():
                if letter.kind == EDIT.name:
                    made = self._render_edit(session, parcel, letter, now)
                else:
                    made = self._program.renders[letter.kind][2](session, letter, now)
        except _NotYet:
            put_off(letter, now + timedelta(seconds=2))
            return None
        except AWAY:
            raise  # no fault of the letter
        except Exception:
            # One letter that cannot be rendered must not stop the others.
            log.exception("letter could not be rendered", letter=letter.id, kind=letter.kind)
            finish(letter, LetterState.FAILED, "could not be rendered")
            return None
        if isinstance(made, Cancelled):
            finish(letter, LetterState.CANCELLED, made.reason)
            return None
        return made

    def _render_edit(
        self, session: Session, parcel: Parcel, letter: Letter, now: datetime
    ) -> Message | Cancelled:
        """The message as it should read now: all letters that went out as one, joined again."""
        target = session.get(Letter, letter.subject)
        if target is not None and target.state in (LetterState.CLAIMED, LetterState.SENDING):
            raise _NotYet
        if target is None or not target.sent_ts:
            return Cancelled("there is no message to bring up to date")
        parcel.target = target
        parts: list[Message] = []
        for part in session.scalars(
            sa.select(Letter).where(Letter.marker == target.marker).order_by(Letter.id)
        ):
            made = self._program.renders[part.kind][2](session, part, now)
            if isinstance(made, Message):
                parts.append(made)
        return merged(parts) if parts else Cancelled("nothing is left to say")

    def _address(self, session: Session, parcel: Parcel) -> None:
        letter = parcel.letters[0]
        if parcel.target is not None:
            parcel.address = parcel.target.sent_channel or ""
        elif letter.person_id is not None:
            parcel.user = parcel.people[0]
            parcel.address = str(letter.data.get("channel") or parcel.user)
        elif letter.channel is not None:
            parcel.address = letter.channel
        if isinstance(parcel.message, Message) and parcel.message.thread_of:
            above = session.get(Letter, parcel.message.thread_of)
            parcel.thread_ts = above.sent_ts if above else None

    def _call(self, parcel: Parcel, marker: str) -> call.Receipt:
        message = parcel.message
        try:
            return self._call_once(parcel, message, marker)
        except call.Refused as refused:
            # Nothing was posted: the same facts once more, without charts.
            if refused.then is not Then.PLAIN or not isinstance(message, Message):
                raise
            log.warning("blocks refused", letters=parcel.ids, where=refused.where)
            bare = without_charts(message)
            if bare.blocks == message.blocks:
                raise
            return self._call_once(parcel, bare, marker)

    def _call_once(
        self, parcel: Parcel, message: Message | HomeView | None, marker: str
    ) -> call.Receipt:
        if isinstance(message, HomeView):
            return call.publish(self._slack, parcel.user, message.view)
        assert message is not None  # noqa: S101 (_start sets it)
        if parcel.target is not None:
            target = parcel.target
            return call.edit(self._slack, parcel.address, target.sent_ts or "", message)
        if self._surface(parcel.letters[0]) is Surface.EPHEMERAL:
            return call.whisper(self._slack, parcel.address, parcel.user, message)
        return call.post(self._slack, parcel.address, message, marker, parcel.thread_ts)

    def _surface(self, letter: Letter) -> Surface:
        if letter.kind == EDIT.name:
            return Surface.EDIT
        return self._program.renders[letter.kind][1]

    # ---- what came of it

    def _done(self, parcel: Parcel, receipt: call.Receipt) -> None:
        with self._db.begin() as session:
            record_sent(session, parcel.ids, receipt, self._clock())

    def _refused(self, parcel: Parcel, refused: call.Refused) -> None:
        now = self._clock()
        log.warning("letter refused", letters=parcel.ids, code=refused.code, then=refused.then)
        with self._db.begin() as session:
            for letter in session.scalars(
                sa.select(Letter).where(
                    Letter.id.in_(parcel.ids),
                    Letter.owner == self._owner,
                    Letter.state.in_((LetterState.SENDING, LetterState.CLAIMED)),
                )
            ):
                self._note(session, letter, refused, now)

    def _note(self, session: Session, letter: Letter, refused: call.Refused, now: datetime) -> None:
        unsent = letter.state is LetterState.CLAIMED  # opening the group failed: nothing was sent
        if refused.then is Then.RETRY or (unsent and refused.then is Then.UNCLEAR):
            letter.sent_at = None
            letter.attempt -= 0 if unsent else 1  # being told to wait is no attempt
            put_off(letter, now + timedelta(seconds=refused.retry_after or BACKOFF[0]))
        elif refused.then is Then.UNCLEAR:
            letter.lease_until = system_clock()  # the next drain looks it up
        elif refused.then is Then.STOP_WORKSPACE:
            self._program.stop(session, refused.code)
            letter.sent_at = None
            put_off(letter, now)
        else:
            letter.sent_at = None
            finish(letter, LetterState.FAILED, refused.code)
            if refused.then is Then.PERSON_GONE and letter.person_id is not None:
                self._program.person_gone(session, letter.person_id, now)
