"""Did they meet? Asking both, keeping what each says, and giving up asking.

A yes from either side is enough: the meeting was held. Two answers that differ count as held,
and each reads only their own.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort.model import Person
from bot.cohort.settings import whole
from bot.meeting import meetings, sides
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting.model import Answer, Meeting, MeetingState
from bot.outbox.model import Kind, Letter, LetterState
from bot.refusal import Refusal


class StillToCome(Refusal):
    """This meeting is still to come: {when}. I ask when it is over."""


def ask(session: Session, meeting_id: int, now: datetime) -> None:
    """The meeting is over: ask both."""
    meeting = meetings.locked(session, meeting_id)
    meeting.ask_at = None
    if meeting.state is not MeetingState.PLANNED:
        return
    if not sides.is_live(meeting.pairing):
        meetings.close_ended(session, meeting_id, now)
        return
    meeting.settle_at = _silent_at(meeting, now)
    outbox.cancel(session, "the meeting is over", kind=m.AGENDA, subject=meeting.id)
    outbox.refresh(session, m.PLANNED, m.AGENDA, subject=meeting.id, now=now)
    for place in (meeting.pairing.intern, meeting.pairing.mentor):
        _post(session, meeting, after.ASK, place.person_id, due_at=now, now=now)
    meetings.refresh_homes(session, meeting.pairing, now)


def asked(session: Session, meeting: Meeting, person_id: int, now: datetime) -> None:
    """The question goes out to this person: prepare the one reminder, and wait for an answer
    from here on. A question that waits for Monday, or for the end of a leave, is not reminded of
    before it was read."""
    due_at = now + timedelta(hours=whole(meeting.pairing.cohort, "ask_again_hours"))
    _post(session, meeting, after.ASK_AGAIN, person_id, due_at=due_at, now=now)
    silent_at = _silent_at(meeting, now)
    meeting.settle_at = max(meeting.settle_at or silent_at, silent_at)


def settle(session: Session, meeting_id: int, now: datetime) -> None:
    """Nobody has said anything after the reminder: not known, and nobody is asked again. Somebody
    who could not be asked yet is waited for."""
    meeting = meetings.locked(session, meeting_id)
    meeting.settle_at = None
    if meeting.state is MeetingState.PLANNED:
        asks_at = _asks_at(session, meeting)
        if asks_at is not None:
            meeting.settle_at = _silent_at(meeting, max(asks_at, now))
            return
        meeting.state = MeetingState.UNKNOWN
        _stop_asking(session, meeting, "nobody answered")
        meetings.bring_up_to_date(session, meeting, now)


def answer(session: Session, meeting: Meeting, said: Answer, *, by: Person, now: datetime) -> bool:
    """Keep what one side says; False when they had said so already.

    Raises StillToCome before the meeting begins, MeetingCancelled for one that was called off.
    """
    if meeting.state is MeetingState.CANCELLED:
        raise meetings.MeetingCancelled
    me, _other = sides.facing(meeting.pairing, by.id)
    if meeting.starts_at > now:
        raise StillToCome(when=me.reads(meeting.starts_at))
    column = "intern_answer" if by.id == meeting.pairing.intern.person_id else "mentor_answer"
    if getattr(meeting, column) is said:
        return False
    setattr(meeting, column, said)
    if said is Answer.YES and meeting.held_said_by is None:
        meeting.held_said_by = by.id
    held = Answer.YES in (meeting.intern_answer, meeting.mentor_answer)
    meeting.state = MeetingState.HELD if held else MeetingState.NOT_HELD
    meeting.ask_at = meeting.settle_at = None
    session.flush()
    _stop_asking(session, meeting, "answered already")
    meetings.bring_up_to_date(session, meeting, now)
    return True


def answers(meeting: Meeting, person_id: int) -> tuple[Answer | None, Answer | None]:
    """What this person said, and what the other one said."""
    if person_id == meeting.pairing.intern.person_id:
        return meeting.intern_answer, meeting.mentor_answer
    return meeting.mentor_answer, meeting.intern_answer


def _post(
    session: Session,
    meeting: Meeting,
    kind: Kind,
    person_id: int,
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    outbox.post(
        session,
        kind,
        key=f"{kind.name}:{meeting.id}:{meeting.version}:{person_id}",
        workspace_id=meeting.workspace_id,
        cohort_id=meeting.pairing.cohort_id,
        person_id=person_id,
        subject=meeting.id,
        data={"version": meeting.version},
        due_at=due_at,
        now=now,
    )


def _silent_at(meeting: Meeting, asked_at: datetime) -> datetime:
    """When a question asked then has gone unanswered for good: it is "not known"."""
    return asked_at + timedelta(hours=whole(meeting.pairing.cohort, "ask_stop_hours"))


def _asks_at(session: Session, meeting: Meeting) -> datetime | None:
    """When the last question that still waits for its reader's hours goes out."""
    return session.scalar(
        sa.select(sa.func.max(Letter.due_at)).where(
            Letter.kind == after.ASK.name,
            Letter.subject == meeting.id,
            Letter.state.in_((LetterState.PENDING, LetterState.CLAIMED)),
        )
    )


def _stop_asking(session: Session, meeting: Meeting, reason: str) -> None:
    for kind in (after.ASK, after.ASK_AGAIN):
        outbox.cancel(session, reason, kind=kind, subject=meeting.id)
