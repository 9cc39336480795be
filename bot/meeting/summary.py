"""What a pair keeps of a meeting: one insight, up to three actions.

Actions are written as drafts, seen by their writer alone, until the summary is saved; the other
side may then edit it for so many hours, and after that it stands.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort.model import Person
from bot.cohort.settings import whole
from bot.meeting import actions, meetings, sides
from bot.meeting import messages_after as after
from bot.meeting.model import Action, ActionState, Meeting, MeetingState
from bot.refusal import FormChanged, NotYours, Refusal


class NotHeld(Refusal):
    """A summary belongs to a meeting that took place. Say first that you met."""


class SummaryStands(Refusal):
    """This summary stands now. What is new belongs to your next meeting."""


class EnoughActions(Refusal):
    """Three actions are enough for one meeting. Change one of them instead."""


def check_open(meeting: Meeting) -> None:
    """Raises NotHeld or SummaryStands when there is nothing to write any more."""
    if meeting.state is not MeetingState.HELD:
        raise NotHeld
    if meeting.summary_at is not None and meeting.stands_at is None:
        raise SummaryStands


def seen(meeting: Meeting) -> int:
    """Which saved summary this is; a form opened on another one is stale."""
    return int(meeting.summary_at.timestamp()) if meeting.summary_at else 0


def shown(session: Session, meeting: Meeting, person_id: int) -> Sequence[Action]:
    """The actions of a summary as this person sees them while writing, own drafts included."""
    return session.scalars(
        sa.select(Action)
        .where(
            Action.meeting_id == meeting.id,
            sa.or_(
                Action.state.in_((ActionState.OPEN, ActionState.DONE)),
                sa.and_(Action.state == ActionState.DRAFT, Action.written_by == person_id),
            ),
        )
        .order_by(Action.id)
    ).all()


def keep(
    session: Session,
    meeting: Meeting,
    entry: after.Entry | None,
    *,
    editing: int | None,
    by: Person,
    now: datetime,
) -> None:
    """Keep the action that was in the inputs: a new draft, or a change of the one `editing`.

    An emptied action is removed. Raises EnoughActions above three, NotYours for an action of
    another meeting.
    """
    check_open(meeting)
    there = shown(session, meeting, by.id)
    if editing is not None:
        mine = next((action for action in there if action.id == editing), None)
        if mine is None:
            raise NotYours
        _change(session, mine, entry, now)
    elif entry is not None:
        if any(_says(action, entry) for action in there):
            return  # the same button twice
        if len(there) >= after.ACTIONS_MOST:
            raise EnoughActions
        session.add(
            Action(
                workspace_id=meeting.workspace_id,
                meeting_id=meeting.id,
                pairing_id=meeting.pairing_id,
                owner_id=entry.owner_id,
                written_by=by.id,
                text=entry.text,
                due_on=entry.due_on,
                state=ActionState.DRAFT,
                created_at=now,
            )
        )
    session.flush()


def save(
    session: Session, meeting: Meeting, insight: str, *, opened_on: int, by: Person, now: datetime
) -> None:
    """Save the summary with the drafts of this person; the other side reads it.

    Raises FormChanged when the other one saved since the form was opened.
    """
    check_open(meeting)
    _me, other = sides.facing(meeting.pairing, by.id)
    if opened_on != seen(meeting) and meeting.insight_by != by.id:
        raise FormChanged(what=f"{other.called} has saved a summary")
    drafts = [a for a in shown(session, meeting, by.id) if a.state is ActionState.DRAFT]
    first = meeting.summary_at is None
    if insight != meeting.insight or first:
        meeting.insight, meeting.insight_by = insight, by.id
    meeting.summary_at = now
    meeting.stands_at = meeting.stands_at or now + timedelta(
        hours=whole(meeting.pairing.cohort, "summary_hours")
    )
    for draft in drafts:
        draft.state = ActionState.OPEN
        draft.remind_at = actions.reminder_at(session, draft, now)
    session.flush()
    if first and (insight or shown(session, meeting, by.id)):
        outbox.post(
            session,
            after.SUMMARY_SAVED,
            key=f"meeting.summary:{meeting.id}",
            workspace_id=meeting.workspace_id,
            cohort_id=meeting.pairing.cohort_id,
            person_id=other.id,
            subject=meeting.id,
            now=now,
        )
    _refresh(session, meeting, now)


def stand(session: Session, meeting_id: int, now: datetime) -> None:
    """Its hours have gone by without a change of mind: the summary stands."""
    meeting = session.get_one(Meeting, meeting_id)
    meeting.stands_at = None
    session.execute(
        sa.delete(Action).where(Action.meeting_id == meeting.id, Action.state == ActionState.DRAFT)
    )
    session.flush()
    _refresh(session, meeting, now)


def most_days(meeting: Meeting) -> int:
    """How many days ahead an action may be due."""
    return whole(meeting.pairing.cohort, "action_days")


def _change(session: Session, action: Action, entry: after.Entry | None, now: datetime) -> None:
    if entry is None:
        if action.state is ActionState.DRAFT:
            session.delete(action)
        elif action.state is ActionState.OPEN:
            action.state, action.decided_at, action.remind_at = ActionState.DROPPED, now, None
        return
    due_moved = action.due_on != entry.due_on or action.owner_id != entry.owner_id
    action.text, action.owner_id, action.due_on = entry.text, entry.owner_id, entry.due_on
    if due_moved and action.state is ActionState.OPEN:
        action.postponed += 1
        session.flush()
        session.refresh(action)
        action.remind_at = actions.reminder_at(session, action, now)


def _says(action: Action, entry: after.Entry) -> bool:
    return (action.text, action.owner_id, action.due_on) == (
        entry.text,
        entry.owner_id,
        entry.due_on,
    )


def _refresh(session: Session, meeting: Meeting, now: datetime) -> None:
    kinds = (after.ASK, after.ASK_AGAIN, after.SUMMARY_SAVED)
    outbox.refresh(session, *kinds, subject=meeting.id, now=now)
    meetings.refresh_homes(session, meeting.pairing, now)
