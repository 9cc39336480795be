"""What each letter about meetings says when it goes out, and what it says later.

A render serves the first sending and every edit: a letter not sent yet whose reason is gone
cancels itself, a sent one is brought up to date.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import blocks
from bot.blocks import Message
from bot.meeting import agenda, record, rhythm, sides
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting import messages_rhythm as words
from bot.meeting.model import (
    Action,
    ActionState,
    Meeting,
    MeetingState,
    Smaller,
    WeekChoice,
)
from bot.outbox.model import Cancelled, Kind, Letter, Render
from bot.pairing.model import Pairing

_GONE = Cancelled("what it was about is gone")
_OVER = Cancelled("the pairing has ended")


# ---- the group message


def planned(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """M2: the meeting is planned, or moved; later what became of it."""
    meeting = session.get(Meeting, letter.subject)
    if meeting is None:
        return _GONE
    shown = _appointment(session, meeting)
    if letter.data.get("version") != meeting.version:
        return m.meeting_moved_on(shown) if letter.sent_ts else Cancelled("the meeting moved")
    if meeting.state is MeetingState.CANCELLED:
        if not letter.sent_ts:
            return Cancelled("the meeting is cancelled")
        return m.meeting_cancelled(shown, by=_by(shown, meeting), pairing_id=None, news=False)
    if meeting.state is not MeetingState.PLANNED or meeting.starts_at <= now:
        return m.meeting_over(shown) if letter.sent_ts else Cancelled("the meeting is over")
    if not sides.is_live(meeting.pairing):
        return _OVER if not letter.sent_ts else m.meeting_over(shown)
    return m.meeting_planned(
        shown, agenda_comes=agenda.comes_later(meeting.starts_at, letter.created_at)
    )


def cancelled(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The news that a meeting is cancelled."""
    meeting = session.get(Meeting, letter.subject)
    if meeting is None:
        return _GONE
    live = sides.is_live(meeting.pairing)
    if not letter.sent_ts and (not live or meeting.state is not MeetingState.CANCELLED):
        return _OVER
    shown = _appointment(session, meeting)
    return m.meeting_cancelled(
        shown,
        by=_by(shown, meeting),
        pairing_id=meeting.pairing_id if live else None,
        news=True,
    )


def week(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """How the pair takes this week."""
    choice = session.get(WeekChoice, letter.subject)
    if choice is None:
        return _GONE
    current = letter.data.get("version") == choice.version and choice.choice is not Smaller.SHORT
    if not current:
        return words.week_changed() if letter.sent_ts else Cancelled("another choice")
    pairing = session.get_one(Pairing, choice.pairing_id)
    if not sides.is_live(pairing) and not letter.sent_ts:
        return _OVER
    by, _other = sides.facing(pairing, choice.chosen_by)
    prompts = agenda.prompts(pairing.cohort, choice.monday)
    return words.week(by, choice.choice, prompts, pairing.id if sides.is_live(pairing) else None)


# ---- to each of the two


def the_agenda(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """M3: what is open, the day before."""
    meeting = session.get(Meeting, letter.subject)
    if meeting is None or letter.person_id is None:
        return _GONE
    pairing = meeting.pairing
    me, other = sides.facing(pairing, letter.person_id)
    here = letter.data.get("version") == meeting.version and sides.is_live(pairing)
    if not here or meeting.state is not MeetingState.PLANNED or meeting.starts_at <= now:
        if not letter.sent_ts:
            return Cancelled("the meeting is no longer to come")
        return m.agenda_past(_past_agenda(meeting, me, other, letter))
    todos = agenda.todos(session, pairing.id)
    prompt = agenda.prompt(pairing.cohort, meeting)
    return m.agenda(
        _appointment(session, meeting),
        me,
        other,
        todos,
        prompt,
        now=now,
        menu=blocks.letter_menu(letter.id),
    )


def _past_agenda(meeting: Meeting, me: sides.Side, other: sides.Side, letter: Letter) -> str:
    if letter.data.get("version") != meeting.version:
        return f"Your meeting with {other.called} moved to {me.reads(meeting.starts_at)}"
    if meeting.state is MeetingState.CANCELLED:
        return f"Your meeting with {other.called} on {me.day(meeting.starts_at)} is cancelled"
    return f"Your meeting with {other.called} was on {me.reads(meeting.starts_at)}"


def did_you_meet(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """M4 and its one reminder, whose time runs from the sending; after an answer, what was
    said."""
    meeting = session.get(Meeting, letter.subject)
    if meeting is None or letter.person_id is None:
        return _GONE
    me, other = sides.facing(meeting.pairing, letter.person_id)
    if letter.data.get("version") != meeting.version:
        moved = after.moved_to(me, other, meeting.starts_at)
        return moved if letter.sent_ts else Cancelled("the meeting moved")
    live = sides.is_live(meeting.pairing)
    shown = _record(session, meeting, me)
    if meeting.state is MeetingState.PLANNED and live:
        if not letter.sent_ts and letter.kind == after.ASK.name:
            record.asked(session, meeting, letter.person_id, now)
        return after.did_you_meet(
            shown,
            me,
            other,
            now=now,
            menu=blocks.letter_menu(letter.id),
            again=letter.kind == after.ASK_AGAIN.name,
        )
    if not letter.sent_ts:
        return Cancelled("answered already") if live else _OVER
    return after.answered(shown, me, other)


def summary_saved(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """M6: what the other side wrote."""
    meeting = session.get(Meeting, letter.subject)
    if meeting is None or letter.person_id is None:
        return _GONE
    if not sides.is_live(meeting.pairing) and not letter.sent_ts:
        return _OVER
    me, other = sides.facing(meeting.pairing, letter.person_id)
    return after.summary_letter(_record(session, meeting, me), me, other, meeting.stands_at)


def action_due(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """M7: the owner's reminder; later how the action ended."""
    action = session.get(Action, letter.subject)
    if action is None or letter.person_id is None:
        return _GONE
    pairing = action.meeting.pairing
    live = sides.is_live(pairing)
    current = letter.data.get("postponed") == action.postponed
    mine = action.owner_id == letter.person_id
    if not letter.sent_ts and not (live and current and mine and action.state is ActionState.OPEN):
        return Cancelled("nothing is left to remind of")
    if action.state in (ActionState.DONE, ActionState.DROPPED):
        me, _other = sides.facing(pairing, letter.person_id)
        on = me.day(action.decided_at or now)
        done = action.state is ActionState.DONE
        return after.action_decided(action.id, action.text, done=done, on=on, live=live and mine)
    if not (current and live and mine):
        return after.action_later(action.text, action.due_on)
    me, other = sides.facing(pairing, letter.person_id)
    menu = blocks.letter_menu(letter.id)
    return after.action_due(action.id, action.text, action.due_on, me, other, now=now, menu=menu)


def first_meeting(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """N1: no first meeting yet."""
    pairing = session.get(Pairing, letter.subject)
    if pairing is None or letter.person_id is None:
        return _GONE
    begun = rhythm.has_begun(session, pairing.id)
    chosen = rhythm.this_week(session, [pairing.id], now).get(pairing.id)
    if not letter.sent_ts and (begun or chosen or not sides.is_live(pairing)):
        return Cancelled("no nudge is needed")
    _me, other = sides.facing(pairing, letter.person_id)
    if begun:
        return m.first_meeting_past(f"You and {other.called} have a meeting")
    if not sides.is_live(pairing):
        return m.first_meeting_past("Nothing to plan any more")
    if chosen is not None:
        return m.first_meeting_past(words.chosen(chosen.choice))
    menu = blocks.letter_menu(letter.id)
    return m.first_meeting(other, pairing.id, skip=words.SKIP, menu=menu)


# ---- from rows to plain values


def _appointment(session: Session, meeting: Meeting) -> m.Appointment:
    intern, mentor = sides.both(meeting.pairing)
    by = intern if meeting.planned_by == intern.id else mentor
    return m.Appointment(
        meeting.id,
        meeting.starts_at,
        meeting.minutes,
        meeting.place,
        intern,
        mentor,
        by,
        moved=meeting.version > 1,
    )


def _by(shown: m.Appointment, meeting: Meeting) -> str:
    return shown.by.called if sides.is_live(meeting.pairing) else ""


def _record(session: Session, meeting: Meeting, me: sides.Side) -> after.Record:
    mine, theirs = record.answers(meeting, me.id)
    kept = session.scalars(
        sa.select(Action)
        .where(
            Action.meeting_id == meeting.id,
            Action.state.in_((ActionState.OPEN, ActionState.DONE)),
        )
        .order_by(Action.id)
    )
    return after.Record(
        meeting.id,
        meeting.starts_at,
        mine,
        theirs,
        insight=meeting.insight,
        insight_by=meeting.insight_by,
        actions=[after.Kept(a.id, a.text, a.owner_id, a.due_on) for a in kept],
        saved=meeting.summary_at is not None,
        may_edit=meeting.summary_at is None or meeting.stands_at is not None,
        live=sides.is_live(meeting.pairing),
    )


LETTERS: tuple[tuple[Kind, Render], ...] = (
    (m.PLANNED, planned),
    (m.CANCELLED, cancelled),
    (m.AGENDA, the_agenda),
    (m.FIRST, first_meeting),
    (words.WEEK, week),
    (after.ASK, did_you_meet),
    (after.ASK_AGAIN, did_you_meet),
    (after.SUMMARY_SAVED, summary_saved),
    (after.ACTION_DUE, action_due),
)
