"""What falls due in the watch over pairs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.checkin.model import CheckIn
from bot.cohort import planning
from bot.cohort.model import Cohort, CohortState
from bot.concern import care, ladder, watch
from bot.concern.messages import NUDGE
from bot.concern.model import Concern, ConcernState, PairLevel, Watch
from bot.meeting.model import Meeting, MeetingState, WeekChoice
from bot.outbox import EDIT, Letter, LetterState
from bot.pairing.model import Pairing, PairingState
from bot.schedule import Job


def settle_nudge(session: Session, letter_id: int, now: datetime) -> None:
    """The pair has chosen a smaller week: the nudges that asked say so."""
    letter = session.get_one(Letter, letter_id)
    outbox.refresh(session, NUDGE, subject=letter.subject or 0, now=now)


_edit = sa.orm.aliased(Letter)

JOBS: tuple[Job, ...] = (
    Job("plan-watch", due=planning.to_plan(watch.PLAN), each=watch.plan),
    Job(
        "retire-levels",
        due=sa.select(PairLevel.id, Pairing.ended_at)  # type: ignore[arg-type]
        .join(Pairing, Pairing.id == PairLevel.pairing_id)
        .where(PairLevel.to_at.is_(None), Pairing.state == PairingState.ENDED),
        each=watch.retire,
    ),
    Job(
        "look-at-answers",
        due=sa.select(CheckIn.id, CheckIn.watch_at).where(  # type: ignore[arg-type]
            CheckIn.watch_at.is_not(None)
        ),
        each=watch.look_at_answer,
    ),
    Job(
        "look-at-meetings",
        due=sa.select(Concern.id, sa.func.max(Meeting.starts_at))
        .join(Meeting, Meeting.pairing_id == Concern.pairing_id)
        .where(
            Concern.state != ConcernState.CLEARED,
            Meeting.state == MeetingState.HELD,
            Meeting.starts_at > Concern.met_at,
        )
        .group_by(Concern.id),
        each=watch.look_at_meeting,
    ),
    Job(
        "look-at-pairs",
        due=sa.select(Watch.id, Watch.next_at)
        .join(Cohort, Cohort.id == Watch.cohort_id)
        .where(Cohort.state == CohortState.OPEN),
        each=watch.look,
    ),
    Job(
        "climb-ladder",
        due=sa.select(Concern.id, Concern.next_step_at).where(  # type: ignore[arg-type]
            Concern.state == ConcernState.OPEN, Concern.next_step_at.is_not(None)
        ),
        each=ladder.climb,
    ),
    Job(
        "wake-concerns",
        due=sa.select(Concern.id, Concern.snoozed_until).where(  # type: ignore[arg-type]
            Concern.state == ConcernState.SNOOZED, Concern.snoozed_until.is_not(None)
        ),
        each=care.wake_up,
    ),
    Job(
        "settle-nudges",
        due=sa.select(Letter.id, WeekChoice.chosen_at)
        .join(Concern, Concern.id == Letter.subject)
        .join(WeekChoice, WeekChoice.pairing_id == Concern.pairing_id)
        .where(
            Letter.kind == NUDGE.name,
            Letter.state == LetterState.SENT,
            WeekChoice.chosen_at >= Letter.sent_at,
            ~sa.exists().where(
                _edit.kind == EDIT.name,
                _edit.subject == Letter.id,
                _edit.created_at >= WeekChoice.chosen_at,
            ),
        ),
        each=settle_nudge,
    ),
)
