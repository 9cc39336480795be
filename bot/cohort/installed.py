"""The workspace as the sender asks for it: whether the app is installed there, and who is gone."""

from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from bot.cohort.model import Person, Workspace
from bot.outbox.outcome import outcome

log = structlog.get_logger(__name__)


# Built once: every letter asks.
_STOPPED = sa.select(Workspace.id).where(Workspace.stopped_reason.is_not(None)).limit(1)


def workspaces(session: Session) -> list[int]:
    """The ids of the workspaces in this database; none before the first installation."""
    return list(session.scalars(sa.select(Workspace.id).order_by(Workspace.id)))


def stopped(session: Session) -> bool:
    """Whether Slack has said that the app is gone: then nothing is sent."""
    return session.scalar(_STOPPED) is not None


def stop(session: Session, reason: str) -> None:
    """The app is gone: keep everything, call nobody, until it is installed again. The log says
    so once, with what to do."""
    running = sa.update(Workspace).where(Workspace.stopped_reason.is_(None))
    if getattr(session.execute(running.values(stopped_reason=reason)), "rowcount", 0):
        log.warning("workspace_stopped", code=reason, do=outcome(reason).advice)


def left_slack(session: Session, person_id: int, now: datetime) -> None:
    """Slack says this person cannot be reached any more."""
    session.execute(
        sa.update(Person)
        .where(Person.id == person_id, Person.left_slack_at.is_(None))
        .values(left_slack_at=now)
    )
