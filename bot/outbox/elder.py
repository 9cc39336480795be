"""Whether another installation already writes with this token.

Two databases with one token know nothing of each other, but both write to the same people, and
every letter carries the code of the database it came from. A young database therefore looks into
the first few direct messages it writes to: who was there before goes on, and the newcomer sends
nothing until somebody decides.
"""

import threading
from datetime import timedelta

import sqlalchemy as sa
import structlog
from slack_sdk import WebClient

from bot.clock import Clock
from bot.database import Database
from bot.outbox import call
from bot.outbox.model import Instance, Letter, LetterState

log = structlog.get_logger(__name__)

YOUNG = timedelta(days=7)  # a database that has sent for longer was there first
LOOKS = 3  # direct messages a new process looks into
ANOTHER = "another installation writes with the same token"


class Elder:
    """Looks for letters of another installation, a few times after the start."""

    def __init__(self, db: Database, slack: WebClient, clock: Clock) -> None:
        self._db = db
        self._slack = slack
        self._clock = clock
        self._lock = threading.Lock()
        self._left = LOOKS

    def is_there(self, letter: Letter, slack_id: str) -> bool:
        """Whether another installation wrote to this person before this database ever sent
        anything. Then everything is paused."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            with self._db.read() as session:
                first = session.scalar(
                    sa.select(sa.func.min(Letter.sent_at)).where(Letter.state == LetterState.SENT)
                )
                mine = session.scalars(
                    sa.select(Instance).where(Instance.workspace_id == letter.workspace_id)
                ).first()
            now = self._clock()
            if mine is None or mine.decided_at is not None:
                return False  # somebody has decided that this one sends
            if first is not None and first < now - YOUNG:
                return False
            try:
                theirs = call.letter_of_another(self._slack, slack_id, mine.code, now - YOUNG)
            except call.Refused as refused:
                log.warning("other_installation_not_looked_for", code=refused.code)
                return False
            if theirs is None or (first is not None and first < theirs):
                return False
            with self._db.begin() as session:
                session.execute(
                    sa.update(Instance)
                    .where(Instance.id == mine.id, Instance.paused_at.is_(None))
                    .values(paused_at=now, paused_reason=ANOTHER)
                )
            log.error("nothing_is_sent", why=ANOTHER, do="python -m bot outbox resume --help")
            return True
