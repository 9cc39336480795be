"""Actions: who does what by when, one reminder to the owner, and how it ended."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import roster
from bot.cohort.calendar import local
from bot.cohort.model import Cohort, CohortState, Membership, Person
from bot.cohort.settings import whole
from bot.meeting import agenda, meetings, sides
from bot.meeting import messages_after as after
from bot.meeting.model import Action, ActionState, Meeting
from bot.pairing.model import Pairing, PairingState
from bot.refusal import NotYours

_PAIR = sa.orm.joinedload(Action.meeting, innerjoin=True).joinedload(Meeting.pairing)
# Put together once: this is what people press most.
_OWNED = (
    sa.select(Action)
    .where(
        Action.id == sa.bindparam("action"),
        Action.workspace_id == sa.bindparam("workspace"),
        Action.owner_id == sa.bindparam("owner"),
        Action.state != ActionState.DRAFT,
    )
    # Whoever decides looks at the pair as well, and at nobody's profile.
    .options(
        _PAIR,
        sa.orm.lazyload(Action.owner),
        *(
            _PAIR.joinedload(side).lazyload(what)
            for side in (Pairing.intern, Pairing.mentor)
            for what in (Membership.person, Membership.cohort)
        ),
    )
    .with_for_update(of=Action, key_share=True)
    .execution_options(populate_existing=True)
)


def owned(session: Session, action_id: int, person: Person) -> Action:
    """An action by an id from outside, locked. Only its owner may decide about it: NotYours."""
    action = session.scalars(
        _OWNED, {"action": action_id, "workspace": person.workspace_id, "owner": person.id}
    ).first()
    if action is None:
        raise NotYours
    if not sides.is_live(action.meeting.pairing):
        raise sides.PairingOver
    return action


def open_of(session: Session, person_id: int, limit: int = 5) -> Sequence[Action]:
    """What this person has taken on and not decided, in pairings that go on, soonest first."""
    return session.scalars(
        sa.select(Action)
        .join(Pairing, Pairing.id == Action.pairing_id)
        .join(Cohort, Cohort.id == Pairing.cohort_id)
        .where(
            Action.owner_id == person_id,
            Action.state == ActionState.OPEN,
            Pairing.state == PairingState.ACTIVE,
            Cohort.state == CohortState.OPEN,
        )
        .order_by(Action.due_on, Action.id)
        .limit(limit)
    ).all()


def decide(session: Session, action: Action, state: ActionState, *, now: datetime) -> None:
    """Done, dropped, or open again. The same twice changes nothing."""
    if action.state is state:
        return
    action.state = state
    action.decided_at = None if state is ActionState.OPEN else now
    if state is not ActionState.OPEN:
        action.remind_at = None
    session.flush()
    _refresh(session, action, now)


def postpone(session: Session, action: Action, due_on: date, *, now: datetime) -> None:
    """Another date for an action; its owner is reminded anew."""
    if action.due_on == due_on and action.state is ActionState.OPEN:
        return
    action.state, action.decided_at = ActionState.OPEN, None
    action.due_on = due_on
    action.postponed += 1
    action.remind_at = reminder_at(session, action, now)
    session.flush()
    _refresh(session, action, now)


def reminder_at(session: Session, action: Action, now: datetime) -> datetime | None:
    """The morning of the owner's last working day before the action is due; None when that has
    passed: somebody who just wrote it needs no reminder."""
    moment = _last_morning(session, action)
    return moment if moment and moment > now else None


def _last_morning(session: Session, action: Action) -> datetime | None:
    owner = session.get_one(Person, action.owner_id)
    hours = roster.hours_of(owner, _zone(session, action, owner))
    away = roster.leaves_of(session, [owner.id]).get(owner.id, ())
    return agenda.day_before(hours, action.due_on, hours.start, away)


def plan_again(session: Session, person: Person, now: datetime) -> None:
    """The owner is in another zone: reminders that have not come are for the morning there; one
    whose morning has passed comes at once."""
    for action in session.scalars(
        sa.select(Action).where(
            Action.owner_id == person.id,
            Action.state == ActionState.OPEN,
            Action.remind_at.is_not(None),
        )
    ):
        moment = _last_morning(session, action)
        action.remind_at = max(moment, now) if moment else action.remind_at


def remind(session: Session, action_id: int, now: datetime) -> None:
    """Write to the owner, once for each date; nobody else is told."""
    action = session.get_one(Action, action_id)
    action.remind_at = None
    if action.state is not ActionState.OPEN or not sides.is_live(action.meeting.pairing):
        return
    zone = _zone(session, action, action.owner)
    outbox.post(
        session,
        after.ACTION_DUE,
        key=f"action.due:{action.id}:{action.postponed}",
        workspace_id=action.workspace_id,
        cohort_id=action.meeting.pairing.cohort_id,
        person_id=action.owner_id,
        subject=action.id,
        data={"postponed": action.postponed},
        not_after=local(action.due_on, time(23, 59), zone),
        now=now,
    )


def _zone(session: Session, action: Action, owner: Person) -> str:
    cohort = session.scalars(
        sa.select(Cohort)
        .join(Pairing, Pairing.cohort_id == Cohort.id)
        .where(Pairing.id == action.pairing_id)
    ).one()
    return roster.zone_of(owner, cohort)


def _refresh(session: Session, action: Action, now: datetime) -> None:
    outbox.cancel(session, "decided already", kind=after.ACTION_DUE, subject=action.id)
    outbox.refresh(session, after.ACTION_DUE, subject=action.id, now=now)
    kinds = (after.ASK, after.ASK_AGAIN, after.SUMMARY_SAVED)
    outbox.refresh(session, *kinds, subject=action.meeting_id, now=now)
    meetings.refresh_homes(session, action.meeting.pairing, now)


def next_date(action: Action, today: date) -> date:
    """What the form for a new date starts with: a week after the old one, or from today."""
    longest = today + timedelta(days=whole(action.meeting.pairing.cohort, "action_days"))
    return min(max(action.due_on, today) + timedelta(days=7), longest)
