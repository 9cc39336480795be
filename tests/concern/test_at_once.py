"""A coordinator's click and the watch at the same moment, on a database with many writers."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.concern import concerns, watch
from bot.concern.model import Concern, ConcernState, Level
from bot.database import Database
from tests.support import people


def a_concern(session: Session, clock: MovableClock) -> int:
    cohort = people.a_cohort(session)
    intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
    pairing = people.a_pairing(session, intern, mentor)
    concern = Concern(
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        pairing_id=pairing.id,
        state=ConcernState.SNOOZED,
        level=Level.AMBER,
        codes=["B2"],
        waiting_since=clock(),
        met_at=clock(),
        opened_at=clock(),
    )
    session.add(concern)
    session.flush()
    return concern.id


def test_the_watch_waits_for_a_click_on_the_same_concern(db: Database, clock: MovableClock) -> None:
    if db.sqlite:
        pytest.skip("SQLite has one writer at a time")
    with db.begin() as session:
        concern_id = a_concern(session, clock)

    with db.begin() as click, db.read() as job:
        concerns.locked(click, concern_id).state = ConcernState.TAKEN
        click.flush()
        job.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        pairing = job.scalars(sa.select(Concern)).one().pairing
        with pytest.raises(sa.exc.OperationalError):
            watch.look_again(job, pairing, clock())
        job.rollback()
