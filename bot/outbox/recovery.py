"""After a crash, or an answer that got lost: what was claimed goes back at once, and what was
being sent is looked up in the direct message's history before anything is repeated."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock, system_clock
from bot.database import Database
from bot.outbox import call
from bot.outbox.model import Letter, LetterState, Program, Surface
from bot.outbox.packing import LEASE, finish, put_off, recipients
from bot.outbox.post import EDIT

log = structlog.get_logger(__name__)

BACKOFF = (2, 8, 30, 120, 600, 1800)  # seconds before each next attempt


def record_sent(session: Session, ids: list[int], receipt: call.Receipt, now: datetime) -> None:
    """These letters stand in Slack, there."""
    session.execute(
        sa.update(Letter)
        .where(Letter.id.in_(ids), Letter.state == LetterState.SENDING)
        .values(
            state=LetterState.SENT,
            sent_at=now,
            sent_channel=receipt.channel,
            sent_ts=receipt.ts,
            owner=None,
            lease_until=None,
            reason="",
        )
    )


class Recovery:
    """Settles what a dead sender, or a lost answer, left behind."""

    def __init__(
        self, db: Database, slack: WebClient, clock: Clock, program: Program, owner: str
    ) -> None:
        self._db = db
        self._slack = slack
        self._clock = clock
        self._program = program
        self._owner = owner

    def run(self) -> None:
        """Give back and look up everything whose lease is over."""
        with self._db.read() as session:
            if not session.scalar(sa.select(sa.func.count()).where(dead(system_clock()))):
                return
        with self._db.begin() as session:
            if self._program.stopped(session):
                return
            # Two workers may notice at once, or the sender may still be at it after all.
            found = session.scalars(
                sa.select(Letter).where(dead(system_clock())).with_for_update(skip_locked=True)
            ).all()
            unclear = [letter for letter in found if letter.state is LetterState.SENDING]
            for letter in found:
                letter.owner = self._owner if letter in unclear else None
                letter.lease_until = system_clock() + LEASE if letter in unclear else None
                if letter not in unclear:
                    letter.state = LetterState.PENDING
            people = self._program.readers(session, {i for x in unclear for i in recipients(x)})
        for marker in dict.fromkeys(letter.marker for letter in unclear):
            letters = [letter for letter in unclear if letter.marker == marker]
            person = letters[0].person_id
            self._settle(letters, people[person].slack_id if person in people else None)

    def _settle(self, letters: list[Letter], slack_id: str | None) -> None:
        """Find out whether an unclear message arrived, and act on it."""
        first = letters[0]
        surface = self._surface(first)
        found: call.Receipt | None = None
        looked = surface in (Surface.EDIT, Surface.HOME)  # repeating these changes nothing
        if surface is Surface.MESSAGE and slack_id and first.marker:
            since = first.sending_at or self._clock()
            try:
                found = call.look_up(self._slack, slack_id, first.marker, since)
                looked = True
            except call.Refused as refused:
                log.warning("look-up refused", letters=[x.id for x in letters], code=refused.code)
        now = self._clock()
        with self._db.begin() as session:
            if found:
                record_sent(session, [x.id for x in letters], found, now)
                return
            for letter in session.scalars(
                sa.select(Letter).where(
                    Letter.id.in_([x.id for x in letters]),
                    Letter.owner == self._owner,
                    Letter.state == LetterState.SENDING,
                )
            ):
                _decide(letter, looked=looked, now=now)

    def _surface(self, letter: Letter) -> Surface:
        if letter.kind == EDIT.name:
            return Surface.EDIT
        known = self._program.renders.get(letter.kind)
        return known[1] if known else Surface.MESSAGE


def dead(now: datetime) -> sa.ColumnElement[bool]:
    """Letters whose sender has not been heard of for a lease."""
    return sa.and_(
        Letter.state.in_((LetterState.CLAIMED, LetterState.SENDING)),
        Letter.lease_until <= now,
    )


def _decide(letter: Letter, *, looked: bool, now: datetime) -> None:
    """It is not there: send again, unless we could not look or have tried often enough."""
    if not looked:
        finish(letter, LetterState.UNKNOWN, "Slack's answer got lost")
    elif letter.attempt >= len(BACKOFF):
        finish(letter, LetterState.FAILED, "Slack did not take it, six times")
    else:
        letter.sent_at = None
        put_off(letter, now + timedelta(seconds=BACKOFF[letter.attempt - 1]))
