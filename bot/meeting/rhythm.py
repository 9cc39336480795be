"""The rhythm of a pair: the nudge to a first meeting, and weeks that are too full for one."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import roster
from bot.cohort.model import Cohort, Person
from bot.database import insert_once
from bot.meeting import meetings, sides
from bot.meeting import messages as m
from bot.meeting import messages_rhythm as words
from bot.meeting.model import Meeting, MeetingState, Smaller, WeekChoice
from bot.outbox.model import Kind, Letter
from bot.pairing import pairings
from bot.pairing.model import Pairing


def monday(cohort: Cohort, now: datetime) -> date:
    """The Monday of this week, where the cohort is."""
    today = roster.local_date(now, cohort.zone)
    return today - timedelta(days=today.weekday())


def choose_smaller(
    session: Session, pairing_id: int, *, by: Person, choice: Smaller, now: datetime
) -> WeekChoice:
    """Take this week smaller; the other one reads it in the group message. A later choice
    replaces an earlier one, the same twice changes nothing. Raises NotYours, PairingOver.

    Fifteen minutes are told by the meeting that is planned then, not by the choice.
    """
    pairing = sides.pairing_of(session, pairing_id, by)
    week = monday(pairing.cohort, now)
    wanted = sa.select(WeekChoice).where(
        WeekChoice.pairing_id == pairing_id, WeekChoice.monday == week
    )
    made = insert_once(
        session,
        WeekChoice,
        workspace_id=pairing.workspace_id,
        pairing_id=pairing_id,
        monday=week,
        choice=choice,
        chosen_by=by.id,
        chosen_at=now,
    )
    row = session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()
    if made is None:
        if row.choice is choice:
            return row
        row.choice, row.chosen_by, row.chosen_at = choice, by.id, now
        row.version += 1
        session.flush()
        outbox.cancel(session, "another choice", kind=words.WEEK, subject=row.id)
        outbox.refresh(session, words.WEEK, subject=row.id, now=now)
    if choice is not Smaller.SHORT:
        _tell(session, pairing, row, now)
    outbox.refresh(session, m.FIRST, subject=pairing_id, now=now)
    meetings.refresh_homes(session, pairing, now)
    return row


def skip_week(session: Session, pairing_id: int, *, by: Person, now: datetime) -> WeekChoice:
    """No meeting this week, on purpose; both know. Raises NotYours, PairingOver."""
    return choose_smaller(session, pairing_id, by=by, choice=Smaller.SKIP, now=now)


def this_week(
    session: Session, pairing_ids: Collection[int], now: datetime
) -> dict[int, WeekChoice]:
    """What pairs have chosen for the week that holds `now`: one query for any number."""
    rows = session.execute(
        sa.select(WeekChoice, Cohort)
        .join(Pairing, Pairing.id == WeekChoice.pairing_id)
        .join(Cohort, Cohort.id == Pairing.cohort_id)
        .where(
            WeekChoice.pairing_id.in_(pairing_ids),
            WeekChoice.chosen_at > now - timedelta(days=8),
        )
    )
    return {row.pairing_id: row for row, cohort in rows if row.monday == monday(cohort, now)}


def bring_nudge_up_to_date(
    session: Session, workspace_id: int, channel: str, ts: str, now: datetime
) -> None:
    """The nudge that was answered, in all its copies, whichever part of the programme wrote it."""
    answered = session.scalars(
        sa.select(Letter).where(
            Letter.workspace_id == workspace_id,
            Letter.sent_channel == channel,
            Letter.sent_ts == ts,
            Letter.subject.is_not(None),
        )
    ).all()
    for letter in answered:
        if letter.subject is not None:
            outbox.refresh(session, Kind(letter.kind), subject=letter.subject, now=now)


def nudge_first(session: Session, pairing_id: int, now: datetime) -> None:
    """No first meeting is planned after three working days: write to both, once. Somebody on
    leave is waited for."""
    pairing = session.get_one(Pairing, pairing_id)
    pairing.nudge_at = None
    if not sides.is_live(pairing) or has_begun(session, pairing_id):
        return
    back = _back_from_leave(session, pairing, now)
    if back is not None:
        pairing.nudge_at = back
        return
    # The programme may have moved to a later start since.
    since = pairings.waits_from(pairing.cohort, pairing.started_at)
    due = pairings.first_nudge(session, pairing.intern, since=since)
    if due > now:
        pairing.nudge_at = due
        return
    for place in (pairing.intern, pairing.mentor):
        outbox.post(
            session,
            m.FIRST,
            key=f"meeting.first:{pairing_id}:{place.person_id}",
            workspace_id=pairing.workspace_id,
            cohort_id=pairing.cohort_id,
            person_id=place.person_id,
            subject=pairing_id,
            now=now,
        )


def has_begun(session: Session, pairing_id: int) -> bool:
    """Whether the pair has a meeting behind it or before it."""
    known = sa.select(Meeting.id).where(
        Meeting.pairing_id == pairing_id,
        Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)),
    )
    return session.scalar(known.limit(1)) is not None


def _back_from_leave(session: Session, pairing: Pairing, now: datetime) -> datetime | None:
    """When the last of the two is back at work; None when both are here."""
    people = (pairing.intern.person, pairing.mentor.person)
    away = roster.leaves_of(session, [p.id for p in people])
    readers = roster.readers(session, {p.id for p in people})
    gone = [
        p
        for p in people
        if roster.on_leave(
            away.get(p.id, ()), roster.local_date(now, roster.zone_of(p, pairing.cohort))
        )
    ]
    return max((readers[p.id].next_open(now) for p in gone), default=None)


def _tell(session: Session, pairing: Pairing, row: WeekChoice, now: datetime) -> None:
    outbox.post(
        session,
        words.WEEK,
        key=f"meeting.week:{row.id}:{row.version}",
        workspace_id=pairing.workspace_id,
        cohort_id=pairing.cohort_id,
        group=[pairing.intern.person_id, pairing.mentor.person_id],
        subject=row.id,
        data={"version": row.version},
        now=now,
    )
