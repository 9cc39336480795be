"""Meetings: planning one, moving it, cancelling it, and telling both."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox, times
from bot.cohort import hours as working
from bot.cohort import roster
from bot.cohort.hours import Away, Hours
from bot.cohort.model import Person
from bot.cohort.settings import whole
from bot.database import insert_once
from bot.meeting import agenda, sides
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting.model import Answer, Meeting, MeetingState
from bot.outbox.budget import shared_open
from bot.outbox.model import Budget, Kind
from bot.pairing.model import Pairing
from bot.refusal import FormChanged, Invalid, NotYours, Refusal

_HOUR = timedelta(hours=1)
_HALF_HOUR = timedelta(minutes=30)


class MeetingOver(Refusal):
    """This meeting is over. To plan another one: `/mentor meet`."""


class MeetingCancelled(Refusal):
    """This meeting is cancelled. To plan another one: `/mentor meet`."""


# ---- looking


def owned(session: Session, meeting_id: int, person: Person) -> Meeting:
    """A meeting by an id from outside, locked until the end of the transaction.

    Raises NotYours unless this person is one of the two, PairingOver once the pair has ended.
    """
    meeting = session.scalars(
        sa.select(Meeting)
        .where(Meeting.id == meeting_id, Meeting.workspace_id == person.workspace_id)
        .with_for_update(of=Meeting, key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if meeting is None:
        raise NotYours
    sides.facing(meeting.pairing, person.id)
    if not sides.is_live(meeting.pairing):
        raise sides.PairingOver
    return meeting


def locked(session: Session, meeting_id: int) -> Meeting:
    """A meeting as it is now, until the end of the transaction: no answer comes in between."""
    held = {"of": Meeting, "key_share": True}
    return session.get_one(Meeting, meeting_id, with_for_update=held)


def coming(session: Session, person_id: int, now: datetime, limit: int = 5) -> Sequence[Meeting]:
    """The person's planned meetings that are not over, the next one first."""
    return session.scalars(
        sa.select(Meeting)
        .join(Pairing, Pairing.id == Meeting.pairing_id)
        .where(
            sides.with_person(person_id),
            Meeting.state == MeetingState.PLANNED,
            Meeting.ends_at > now,
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(limit)
    ).all()


def next_of(session: Session, pairing_id: int, now: datetime) -> datetime | None:
    """When this pair meets next, if that is planned."""
    return session.scalar(
        sa.select(sa.func.min(Meeting.starts_at)).where(
            Meeting.pairing_id == pairing_id,
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > now,
        )
    )


def suggested(
    session: Session, pairing: Pairing, me: sides.Side, now: datetime, *, minutes: int | None = None
) -> m.Draft:
    """What an empty form starts with: the first half hour from tomorrow on that suits both."""
    hours, away = _hours(session, pairing)
    at = now + timedelta(days=1)
    at = _next_half_hour(at)
    for _day in range(14):
        found = working.next_both_open(*hours, at) or at
        free = [not roster.on_leave(a, _local(found, h)) for h, a in zip(hours, away, strict=True)]
        if all(free):
            at = found
            break
        at = found + timedelta(days=1)
    shown = _next_half_hour(at).astimezone(ZoneInfo(me.zone))
    usual = minutes or whole(pairing.cohort, "meeting_minutes")
    return m.Draft(shown.date(), time(shown.hour, shown.minute), usual)


def draft_of(meeting: Meeting, me: sides.Side) -> m.Draft:
    """The same for a meeting that is moved."""
    shown = meeting.starts_at.astimezone(ZoneInfo(me.zone))
    return m.Draft(shown.date(), time(shown.hour, shown.minute), meeting.minutes, meeting.place)


def doubt(session: Session, pairing: Pairing, by: Person, at: datetime) -> str:
    """What to say about a time that does not suit the other one; "" when it does."""
    _me, other = sides.facing(pairing, by.id)
    hours, away = _hours(session, pairing)
    place = 0 if other.id == pairing.intern.person_id else 1
    day = _local(at, hours[place])
    for first, back in away[place]:
        if first <= day < back:
            return m.on_leave(other, back)
    return "" if working.is_open(hours[place], at) else m.outside_hours(other, at)


def check_time(pairing: Pairing, starts_at: datetime, now: datetime) -> None:
    """Raises Invalid beside a time that has passed, or a date after the programme's end."""
    cohort = pairing.cohort
    if starts_at <= now:
        raise Invalid(field="time", words="That is in the past. Choose a later time.")
    if starts_at >= cohort.ends_at:
        last = times.spoken_date(cohort.ends_at, cohort.zone)
        words = f"The programme ends on {last}. Choose an earlier day."
        raise Invalid(field="date", words=words)


# ---- doing


def plan(
    session: Session,
    pairing: Pairing,
    *,
    by: Person,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    now: datetime,
) -> Meeting:
    """Plan a meeting and tell both. The same moment twice is one meeting.

    Raises Invalid beside the date or time that does not fit.
    """
    check_time(pairing, starts_at, now)
    _lock_pair(session, pairing.id)
    made = insert_once(
        session,
        Meeting,
        workspace_id=pairing.workspace_id,
        pairing_id=pairing.id,
        state=MeetingState.PLANNED,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        place=place,
        planned_by=by.id,
        created_at=now,
        ask_at=_ask_at(pairing, starts_at, minutes),
    )
    if made is not None:
        _announce(session, session.get_one(Meeting, made), now)
        outbox.refresh(session, m.FIRST, subject=pairing.id, now=now)
    return session.scalars(
        sa.select(Meeting).where(
            Meeting.pairing_id == pairing.id,
            Meeting.starts_at == starts_at,
            Meeting.state == MeetingState.PLANNED,
        )
    ).one()


def movable(meeting: Meeting, now: datetime) -> None:
    """Raises MeetingCancelled or MeetingOver for a meeting that cannot get another time."""
    if meeting.state is MeetingState.CANCELLED:
        raise MeetingCancelled
    said_moved = Answer.MOVED in (meeting.intern_answer, meeting.mentor_answer)
    waits = meeting.state is MeetingState.PLANNED
    if not waits and not (said_moved and meeting.state is MeetingState.NOT_HELD):
        raise MeetingOver


def move(
    session: Session,
    meeting: Meeting,
    *,
    by: Person,
    version: int,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    now: datetime,
) -> Meeting:
    """Give a meeting another time and tell both; what was sent about the old time follows.

    Raises FormChanged when it was moved since the form was opened, Invalid beside a time that
    does not fit, MeetingCancelled or MeetingOver.
    """
    movable(meeting, now)
    me, other = sides.facing(meeting.pairing, by.id)
    wanted = (starts_at, minutes, place)
    if (meeting.starts_at, meeting.minutes, meeting.place) == wanted:
        return meeting
    if version != meeting.version:
        mover = "you" if meeting.planned_by == me.id else other.called
        raise FormChanged(what=f"{mover} moved it to {me.reads(meeting.starts_at)}")
    check_time(meeting.pairing, starts_at, now)
    _lock_pair(session, meeting.pairing_id)
    if _taken(session, meeting, starts_at):
        raise Invalid(field="time", words="You two have a meeting at that time already.")
    _forget_letters(session, meeting, "the meeting moved")
    new_time = meeting.starts_at != starts_at
    meeting.starts_at, meeting.minutes, meeting.place = wanted
    meeting.ends_at = starts_at + timedelta(minutes=minutes)
    meeting.state = MeetingState.PLANNED
    meeting.planned_by = by.id
    meeting.version += 1
    meeting.ask_at = _ask_at(meeting.pairing, starts_at, minutes)
    meeting.settle_at = None
    if new_time:
        meeting.intern_answer = meeting.mentor_answer = meeting.held_said_by = None
    session.flush()
    bring_up_to_date(session, meeting, now)
    _announce(session, meeting, now)
    return meeting


def cancel(session: Session, meeting: Meeting, *, by: Person, now: datetime) -> None:
    """Cancel a meeting that has not begun and tell both. A second click changes nothing.

    Raises MeetingOver once it has begun.
    """
    if meeting.state is MeetingState.CANCELLED:
        return
    if meeting.state is not MeetingState.PLANNED or meeting.starts_at <= now:
        raise MeetingOver
    _close(session, meeting, MeetingState.CANCELLED, "the meeting was cancelled", now)
    meeting.planned_by = by.id
    _tell(session, meeting, m.CANCELLED, f"meeting.cancelled:{meeting.id}", now)


def close_ended(session: Session, meeting_id: int, now: datetime) -> None:
    """The pairing is over: what was planned is quietly off, what was not answered stays open."""
    meeting = locked(session, meeting_id)
    if meeting.state is not MeetingState.PLANNED:
        return
    state = MeetingState.CANCELLED if meeting.starts_at > now else MeetingState.UNKNOWN
    _close(session, meeting, state, "the pairing has ended", now)


def bring_up_to_date(session: Session, meeting: Meeting, now: datetime) -> None:
    """Everything sent about a meeting shows what is true now, on both Home tabs too."""
    kinds = (m.PLANNED, m.AGENDA, after.ASK, after.ASK_AGAIN)
    outbox.refresh(session, *kinds, subject=meeting.id, now=now)
    outbox.refresh(session, m.FIRST, subject=meeting.pairing_id, now=now)
    refresh_homes(session, meeting.pairing, now)


def refresh_homes(session: Session, pairing: Pairing, now: datetime) -> None:
    """Both see something new on their Home tab."""
    people = (pairing.intern.person_id, pairing.mentor.person_id)
    outbox.refresh_home(session, pairing.workspace_id, *people, now=now)


# ---- inside


def _lock_pair(session: Session, pairing_id: int) -> None:
    """One at a time may give this pair's meetings a moment."""
    session.execute(
        sa.select(Pairing.id).where(Pairing.id == pairing_id).with_for_update(key_share=True)
    )


def _taken(session: Session, meeting: Meeting, starts_at: datetime) -> bool:
    other = sa.select(Meeting.id).where(
        Meeting.pairing_id == meeting.pairing_id,
        Meeting.starts_at == starts_at,
        Meeting.state == MeetingState.PLANNED,
        Meeting.id != meeting.id,
    )
    return session.scalar(other) is not None


def _close(
    session: Session, meeting: Meeting, state: MeetingState, reason: str, now: datetime
) -> None:
    meeting.state = state
    meeting.ask_at = meeting.settle_at = None
    session.flush()
    _forget_letters(session, meeting, reason)
    bring_up_to_date(session, meeting, now)


def _forget_letters(session: Session, meeting: Meeting, reason: str) -> None:
    for kind in (m.PLANNED, m.AGENDA, after.ASK, after.ASK_AGAIN):
        outbox.cancel(session, reason, kind=kind, subject=meeting.id)


def _announce(session: Session, meeting: Meeting, now: datetime) -> None:
    """The group message at once, and each one's agenda for the day before."""
    key = f"meeting.planned:{meeting.id}:{meeting.version}"
    _tell(session, meeting, m.PLANNED, key, now)
    pairing = meeting.pairing
    pair = zip((pairing.intern, pairing.mentor), *_hours(session, pairing), strict=True)
    for place, hours, away in pair:
        outbox.post(
            session,
            m.AGENDA,
            key=f"meeting.agenda:{meeting.id}:{meeting.version}:{place.person_id}",
            workspace_id=meeting.workspace_id,
            cohort_id=pairing.cohort_id,
            person_id=place.person_id,
            subject=meeting.id,
            data={"version": meeting.version},
            due_at=agenda.due_at(hours, away, meeting.starts_at, now),
            not_after=meeting.starts_at,
            now=now,
        )
    refresh_homes(session, pairing, now)


def _tell(session: Session, meeting: Meeting, kind: Kind, key: str, now: datetime) -> None:
    pairing = meeting.pairing
    pair = [pairing.intern.person_id, pairing.mentor.person_id]
    found = roster.readers(session, set(pair))
    # In hours both share; but news that would come too late there comes at once.
    late = shared_open([found[i] for i in pair], now) > max(now, meeting.starts_at - _HOUR)
    outbox.post(
        session,
        replace(kind, budget=Budget.NOW) if late else kind,
        key=key,
        workspace_id=meeting.workspace_id,
        cohort_id=pairing.cohort_id,
        group=pair,
        subject=meeting.id,
        data={"version": meeting.version},
        not_after=max(meeting.starts_at, now + _HOUR),
        now=now,
    )


def _ask_at(pairing: Pairing, starts_at: datetime, minutes: int) -> datetime:
    wait = whole(pairing.cohort, "ask_after_minutes")
    return starts_at + timedelta(minutes=minutes + wait)


def _hours(session: Session, pairing: Pairing) -> tuple[tuple[Hours, Hours], tuple[Away, Away]]:
    """When intern and mentor work, and their leave."""
    people = (pairing.intern.person, pairing.mentor.person)
    intern, mentor = (roster.hours_of(p, roster.zone_of(p, pairing.cohort)) for p in people)
    away = roster.leaves_of(session, [p.id for p in people])
    return (intern, mentor), (away.get(people[0].id, ()), away.get(people[1].id, ()))


def _local(at: datetime, hours: Hours) -> date:
    return roster.local_date(at, hours.zone)


def _next_half_hour(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    floor = at.replace(minute=at.minute - at.minute % 30, second=0, microsecond=0)
    return floor if floor == at else floor + _HALF_HOUR
