"""What falls due about meetings. Each verb moves its moment on, or closes the row."""

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from bot.meeting import actions, agenda, meetings, record, rhythm, summary
from bot.meeting.model import Action, Meeting, MeetingState
from bot.pairing.model import Pairing, PairingState
from bot.schedule import Job


def _due(row: Any, moment: Any, *conditions: Any) -> sa.Select[int, datetime]:
    """Rows that have a moment at all, and it."""
    wanted = sa.select(row.id, moment).where(moment.is_not(None), *conditions)
    return cast("sa.Select[int, datetime]", wanted)


JOBS: tuple[Job, ...] = (
    Job(
        "close-meetings-of-ended-pairings",
        _due(
            Meeting,
            Pairing.ended_at,
            Meeting.pairing_id == Pairing.id,
            Meeting.state == MeetingState.PLANNED,
            Pairing.state == PairingState.ENDED,
        ),
        meetings.close_ended,
    ),
    Job(
        "ask-whether-they-met",
        _due(Meeting, Meeting.ask_at, Meeting.state == MeetingState.PLANNED),
        record.ask,
    ),
    Job("settle-unanswered-meetings", _due(Meeting, Meeting.settle_at), record.settle),
    Job("let-summaries-stand", _due(Meeting, Meeting.stands_at), summary.stand),
    Job("remind-of-actions", _due(Action, Action.remind_at), actions.remind),
    Job(
        "nudge-to-a-first-meeting",
        _due(Pairing, Pairing.nudge_at, Pairing.state == PairingState.ACTIVE),
        rhythm.nudge_first,
    ),
)

# What is planned by a person's own hours, and planned again when they are in another zone.
MOVES = (agenda.plan_again, actions.plan_again)
