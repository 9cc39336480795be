"""Which cohorts a feature still has to plan: new ones, and those whose dates have changed.

A feature that works by the calendar (rounds, prompts, digests) declares a job over
`to_plan("rounds")` and ends its verb with `mark_planned`. What it plans it takes from its
`occurrences`, which list what the calendar holds up to the cohort's end without any row.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.model import Cohort, CohortState, Planned


@dataclass(frozen=True, order=True)
class Occurrence:
    """Something a cohort's calendar holds: when, the kind of letter it brings, and which of its
    row it is (a week of the cohort, or a round)."""

    at: datetime
    kind: str
    number: int


def to_plan(what: str) -> sa.Select[int, datetime]:
    """(cohort id, since when) for open cohorts whose newest calendar `what` does not know."""
    return sa.select(Cohort.id, Cohort.calendar_set_at).where(
        Cohort.state == CohortState.OPEN,
        ~sa.exists().where(
            Planned.cohort_id == Cohort.id,
            Planned.what == what,
            Planned.calendar_version == Cohort.calendar_version,
        ),
    )


def mark_planned(session: Session, cohort: Cohort, what: str) -> None:
    """`what` has been planned for the cohort's present calendar."""
    row = session.scalars(
        sa.select(Planned).where(Planned.cohort_id == cohort.id, Planned.what == what)
    ).first()
    if row is None:
        row = Planned(workspace_id=cohort.workspace_id, cohort_id=cohort.id, what=what)
        session.add(row)
    row.calendar_version = cohort.calendar_version
