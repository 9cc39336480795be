"""What falls due for check-ins: planning, closing before the next one opens, asking, reminding."""

import sqlalchemy as sa

from bot.checkin import rounds
from bot.checkin.model import CheckIn, Round
from bot.cohort import planning
from bot.cohort.model import Cohort, CohortState
from bot.schedule import Job

JOBS: tuple[Job, ...] = (
    Job("plan-rounds", due=planning.to_plan(rounds.PLAN), each=rounds.plan),
    Job(
        "close-rounds",
        due=sa.select(Round.id, Round.closes_at).where(
            Round.opened_at.is_not(None), Round.closed_at.is_(None)
        ),
        each=rounds.close,
    ),
    Job(
        "ask-check-ins",
        due=sa.select(Round.id, Round.ask_at)  # type: ignore[arg-type]  # not None, see below
        .join(Cohort, Cohort.id == Round.cohort_id)
        .where(
            Round.ask_at.is_not(None),
            Round.closed_at.is_(None),
            Cohort.state == CohortState.OPEN,
        ),
        each=rounds.ask,
    ),
    Job(
        "remind-unanswered-check-ins",
        due=sa.select(CheckIn.id, CheckIn.remind_at).where(  # type: ignore[arg-type]
            CheckIn.remind_at.is_not(None)
        ),
        each=rounds.remind,
    ),
)
