"""When digests fall due."""

from datetime import datetime

import sqlalchemy as sa

from bot.cohort import planning
from bot.cohort.model import Cohort, CohortState
from bot.digest import mondays
from bot.digest.model import DigestPlan
from bot.schedule import Job

# The condition leaves no None, which the type of a column cannot say.
_DUE: sa.Select[int, datetime] = (
    sa.select(DigestPlan.id, DigestPlan.next_at)  # type: ignore[assignment]
    .join(Cohort, Cohort.id == DigestPlan.cohort_id)
    .where(DigestPlan.next_at.is_not(None), Cohort.state == CohortState.OPEN)
)

JOBS: tuple[Job, ...] = (
    Job("plan-digest", planning.to_plan(mondays.PLAN), mondays.plan),
    Job("send-digest", _DUE, mondays.send),
)
