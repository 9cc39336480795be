"""After a crash, or an answer that got lost: what was claimed goes back at once, and what was
being sent is looked up in the direct message's history before anything is repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock, system_clock
from bot.database import Database
from bot.outbox import call, presence
from bot.outbox.limiter import Buckets
from bot.outbox.marks import dead, record_sent
from bot.outbox.model import Letter, LetterState, Program, Reader, Surface
from bot.outbox.outcome import Then
from bot.outbox.packing import finish, put_off, recipients
from bot.outbox.post import EDIT

log = structlog.get_logger(__name__)

LOOKING = ("conversations.open", "conversations.history")
AT_ONCE = 20  # messages looked up in one go
LOOK_AGAIN = 10  # real seconds until a refused look-up is tried again, at least
GIVE_UP_LOOKING = timedelta(days=1)
BACKOFF = (2, 8, 30, 120, 600, 1800)  # seconds before each next attempt


class Recovery:
    """Settles what a dead sender, or a lost answer, left behind."""

    def __init__(
        self,
        db: Database,
        slack: WebClient,
        clock: Clock,
        program: Program,
        owner: str,
        lease: timedelta,
    ) -> None:
        self._db = db
        self._slack = slack
        self._clock = clock
        self._program = program
        self._owner = owner
        self._lease = lease

    def run(self) -> None:
        """Give back and look up everything whose lease is over, no faster than Slack lets us
        look; one message at a time, so that no lease ends while others are looked up."""
        with self._db.read() as session:
            if not session.scalar(sa.select(Letter.id).where(dead(system_clock())).limit(1)):
                return
        self._give_back()
        for _message in range(AT_ONCE):
            taken = self._take()
            if taken is None:
                break
            self._settle(*taken)

    def _give_back(self) -> None:
        """What was only claimed goes back at once."""
        claimed = (
            sa.select(Letter.id)
            .where(dead(system_clock()), Letter.state == LetterState.CLAIMED)
            .with_for_update(skip_locked=True)
        )
        with self._db.begin() as session:
            found = session.scalars(claimed).all()
            session.execute(
                sa.update(Letter)
                .where(Letter.id.in_(found))
                .values(state=LetterState.PENDING, owner=None, lease_until=None)
            )

    def _take(self) -> "tuple[list[Letter], _Look | None] | None":
        """One unclear message becomes ours, with where to look; None when there is none, or
        Slack does not let us look just now."""
        with self._db.begin() as session:
            if self._program.stopped(session) or presence.paused(session):
                return None
            # Not those of what is sent: who claims holds them, and may stand still meanwhile.
            buckets = Buckets(session, self._clock(), LOOKING)
            unclear = dead(system_clock()), Letter.state == LetterState.SENDING
            # Two workers may notice at once, or the sender may still be at it after all.
            first = session.scalars(
                sa.select(Letter)
                .where(*unclear)
                .order_by(Letter.lease_until, Letter.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if first is None:
                return None
            letters = session.scalars(
                sa.select(Letter)
                .where(*unclear, Letter.marker == first.marker)
                .order_by(Letter.id)
                .with_for_update(skip_locked=True)
            ).all()
            readers = self._program.readers(session, set(recipients(first)))
            look = self._where(session, first, readers)
            if look is not None and not look.may(buckets):
                return None  # still unclear; another tick has its turn
            for letter in letters:
                letter.owner = self._owner
                letter.lease_until = system_clock() + self._lease
            return list(letters), look

    def _where(
        self, session: Session, letter: Letter, readers: Mapping[int, Reader]
    ) -> "_Look | None":
        """Where the history of a direct message can be read; None where nobody can look."""
        reader = readers.get(letter.person_id or 0)
        if self._surface(letter) is not Surface.MESSAGE or not letter.marker or reader is None:
            return None
        # The direct message keeps its id: one letter that arrived there tells it.
        known = session.scalar(
            sa.select(Letter.sent_channel)
            .where(
                Letter.person_id == letter.person_id,
                Letter.state == LetterState.SENT,
                Letter.sent_channel.startswith("D"),
            )
            .limit(1)
        )
        since = letter.sending_at or self._clock()
        return _Look(letter.workspace_id, reader.slack_id, known, letter.marker, since)

    def _settle(self, letters: list[Letter], look: "_Look | None") -> None:
        """Find out whether an unclear message arrived, and act on it."""
        first = letters[0]
        found: call.Receipt | None = None
        # Repeating an edit or a Home tab changes nothing.
        looked = self._surface(first) in (Surface.EDIT, Surface.HOME)
        if look is not None:
            try:
                found = look.up(self._slack)
                looked = True
            except call.Refused as refused:
                log.warning("look_up_refused", letters=[x.id for x in letters], code=refused.code)
                if refused.then in (Then.RETRY, Then.STOP_WORKSPACE):
                    self._later(letters, look, refused)
                    return
        now = self._clock()
        with self._db.begin() as session:
            if found and first.marker:
                record_sent(session, [x.id for x in letters], first.marker, found, now)
                return
            for letter in session.scalars(self._still(letters)):
                _decide(letter, looked=looked, now=now)

    def _later(self, letters: list[Letter], look: "_Look", refused: call.Refused) -> None:
        """Slack does not let us look just now: the letter stays unclear, and is looked up again;
        once a day has passed without a look, nobody knows."""
        wait = max(refused.retry_after, LOOK_AGAIN)
        with self._db.begin() as session:
            if refused.then is Then.STOP_WORKSPACE:
                self._program.stop(session, refused.code)
            if refused.code == "ratelimited":
                method = refused.method or "conversations.history"
                Buckets(session, self._clock(), LOOKING).close(
                    look.workspace_id, method, refused.retry_after
                )
            for letter in session.scalars(self._still(letters)):
                if self._clock() - (letter.sending_at or self._clock()) > GIVE_UP_LOOKING:
                    finish(letter, LetterState.UNKNOWN, "Slack's answer got lost")
                else:
                    letter.owner = None  # nobody's: whoever comes first then looks
                    letter.lease_until = system_clock() + timedelta(seconds=wait)

    def _still(self, letters: list[Letter]) -> sa.Select[Letter]:
        return (
            sa.select(Letter)
            .where(
                Letter.id.in_([x.id for x in letters]),
                Letter.marker == letters[0].marker,  # this attempt, and no later one
                Letter.owner == self._owner,
                Letter.state == LetterState.SENDING,
            )
            .with_for_update()
        )

    def _surface(self, letter: Letter) -> Surface:
        if letter.kind == EDIT.name:
            return Surface.EDIT
        known = self._program.renders.get(letter.kind)
        return known[1] if known else Surface.MESSAGE


def _decide(letter: Letter, *, looked: bool, now: datetime) -> None:
    """It is not there: send again, unless we could not look or have tried often enough."""
    if not looked:
        finish(letter, LetterState.UNKNOWN, "Slack's answer got lost")
    elif letter.attempt >= len(BACKOFF):
        finish(letter, LetterState.FAILED, "Slack did not take it, six times")
    else:
        letter.sent_at = None
        wait = timedelta(seconds=BACKOFF[letter.attempt - 1])
        put_off(letter, now + wait, "Slack did not take it; tried again")


@dataclass(frozen=True)
class _Look:
    """Where and for what to look."""

    workspace_id: int
    slack_id: str
    channel: str | None
    marker: str
    since: datetime

    def may(self, buckets: Buckets) -> bool:
        """Whether Slack lets us look now; takes the calls it needs."""
        if self.channel is None and not buckets.take(self.workspace_id, "conversations.open"):
            return False
        return buckets.take(self.workspace_id, "conversations.history")

    def up(self, slack: WebClient) -> call.Receipt | None:
        """The message, if it is there. Raises Refused when Slack does not let us look."""
        return call.look_up(slack, self.slack_id, self.marker, self.since, channel=self.channel)
