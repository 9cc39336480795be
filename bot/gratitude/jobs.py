"""When people are asked whether somebody helped them."""

import sqlalchemy as sa

from bot.cohort import planning
from bot.cohort.model import Cohort, CohortState
from bot.gratitude import prompts
from bot.gratitude.model import ThanksWeek
from bot.schedule import Job

JOBS: tuple[Job, ...] = (
    Job("plan-thanks", planning.to_plan(prompts.PLAN), prompts.plan),
    Job(
        "ask-for-thanks",
        sa.select(ThanksWeek.id, ThanksWeek.opens_at)
        .join(Cohort, Cohort.id == ThanksWeek.cohort_id)
        .where(ThanksWeek.opened_at.is_(None), Cohort.state == CohortState.OPEN),
        prompts.ask,
    ),
)
