"""Writing the digest when it goes out."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.cohort.model import Cohort, CohortState
from bot.digest import backlog, facts, report
from bot.digest.messages import BACKLOG, DIGEST
from bot.outbox.model import Cancelled, Kind, Letter, Render


def digest(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The cohort's Monday, read at this moment."""
    cohort = session.get_one(Cohort, letter.subject)
    if cohort.state is not CohortState.OPEN:
        return Cancelled("the programme has ended")
    return report.message(facts.gather(session, cohort, now=now))


LETTERS: tuple[tuple[Kind, Render], ...] = ((DIGEST, digest), (BACKLOG, backlog.letter))
