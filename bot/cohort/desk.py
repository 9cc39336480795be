"""What the coordinators' listeners share: which cohort, and who was named."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot import forms
from bot.clock import Clock
from bot.cohort import directory, people, roster
from bot.cohort.model import Cohort, CohortState, Person, Role
from bot.database import Database, aside
from bot.outbox import limiter
from bot.times import spoken_date

Body = dict[str, Any]
_ASKED_AT_ONCE = 8  # people Slack is asked about while somebody waits


def cohort_named(body: Body) -> int | None:
    """The cohort a button carries; None for a command."""
    actions = body.get("actions")
    return forms.row_id(actions[0]) if actions and actions[0].get("value") else None


def open_cohort(session: Session, person: Person, cohort_id: int | None) -> Cohort:
    """That cohort, or the newest one this person coordinates. Raises CohortEnded for one that is
    over."""
    cohort = _newest(session, person) if cohort_id is None else None
    cohort = cohort or roster.require_coordinator(session, person, cohort_id)
    if cohort.state is CohortState.ENDED:
        day = spoken_date(cohort.ended_at or cohort.ends_at, roster.zone_of(person, cohort))
        people.require_open(cohort, day)
    return cohort


def _newest(session: Session, person: Person) -> Cohort | None:
    """Their newest open cohort, else their newest."""
    found = roster.memberships(session, person, Role.COORDINATOR, open_only=False)
    running = [place.cohort for place in found if place.cohort.state is CohortState.OPEN]
    return next(iter([*running, *(place.cohort for place in found)]), None)


def meet(client: Any, db: Database, body: Body, slack_ids: Sequence[str], clock: Clock) -> None:
    """Ask Slack about people the bot has not met, so that bots and switched-off accounts are
    known before anybody is added. Those beyond the first few, and beyond what Slack lets us ask
    now, are asked about by the worker."""
    now = clock()
    with db.read() as session:
        workspace_id = roster.workspace_of(session, body).id
        named = [slack_id for slack_id in slack_ids if forms.is_slack_id(slack_id)]
        unknown = directory.unknown_among(session, workspace_id, named)
        room = limiter.spare(session, workspace_id, directory.ASKING, now) if unknown else 0
    asked = unknown[: min(_ASKED_AT_ONCE, room)]
    if not asked:
        return
    told = directory.ask_at_once(client, asked)
    # Not what was asked for: that is still to come, and may be refused.
    with aside(), db.begin() as session:
        directory.write(session, workspace_id, told.people, now)
        limiter.charge(session, workspace_id, directory.ASKING, told.calls, now, wait=told.wait)
