"""The forms about meetings, filled from the rows for the person who opens them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cohort.calendar import local
from bot.cohort.model import Person
from bot.forms import Form
from bot.meeting import meetings, sides, summary
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting.model import Action, Meeting
from bot.pairing.model import Pairing
from bot.refusal import FormChanged, Invalid, NotYours

_WEEK = 7  # days; an action's preset


def plan_form(
    session: Session,
    person: Person,
    pairing: Pairing,
    now: datetime,
    *,
    draft: m.Draft | None = None,
    minutes: int | None = None,
    choose: bool = False,
    **warning: Any,
) -> dict[str, Any]:
    """The form for a new meeting of this pair; `choose` lets somebody with several pairs say
    which one."""
    me, other = sides.facing(pairing, person.id)
    pairs = []
    if choose:
        others = ((p.id, sides.facing(p, person.id)[1]) for p in sides.pairings_of(session, person))
        pairs = [(pairing_id, each.named) for pairing_id, each in others]
    draft = draft or meetings.suggested(session, pairing, me, now, minutes=minutes)
    planned = meetings.next_of(session, pairing.id, now)
    return m.plan_form(
        me, other, draft, pairing_id=pairing.id, pairs=pairs, planned=planned, **warning
    )


def move_form(
    session: Session,
    person: Person,
    meeting: Meeting,
    now: datetime,
    *,
    draft: m.Draft | None = None,
    **warning: Any,
) -> dict[str, Any]:
    """The form for another time, prefilled. Raises MeetingOver, MeetingCancelled."""
    meetings.movable(meeting, now)
    me, other = sides.facing(meeting.pairing, person.id)
    if draft is None and meeting.starts_at <= now:
        draft = meetings.suggested(session, meeting.pairing, me, now, minutes=meeting.minutes)
    return m.plan_form(
        me,
        other,
        draft or meetings.draft_of(meeting, me),
        pairing_id=meeting.pairing_id,
        meeting=(meeting.id, meeting.version),
        **warning,
    )


def chosen_pairing(session: Session, person: Person, form: Form) -> Pairing:
    """Whom a planning form is about: the choice in it, else the pair it was opened for."""
    choice = form.choice("with")
    if choice is None:
        return sides.pairing_of(session, form.row("pairing"), person)
    if not choice.isdecimal() or len(choice) > 9:
        raise NotYours
    return sides.pairing_of(session, int(choice), person)


def plan_submitted(session: Session, person: Person, form: Form, now: datetime) -> dict[str, Any]:
    """Plan what the form says; returns what it turns into: done, or a warning to look at."""
    pairing = chosen_pairing(session, person, form)
    me, other = sides.facing(pairing, person.id)
    draft = m.read_plan(form, meetings.suggested(session, pairing, me, now))
    at = local(draft.day, draft.at, me.zone)
    meetings.check_time(pairing, at, now)
    warning = meetings.doubt(session, pairing, person, at)
    if warning and not m.anyway(form, at):
        return plan_form(
            session,
            person,
            pairing,
            now,
            draft=draft,
            choose=form.has("with"),
            warning=warning,
            warned_at=at,
        )
    meetings.plan(
        session,
        pairing,
        by=person,
        starts_at=at,
        minutes=draft.minutes,
        place=draft.place,
        now=now,
    )
    return m.planned_view(me, other, at, moved=False)


def move_submitted(session: Session, person: Person, form: Form, now: datetime) -> dict[str, Any]:
    """Move to what the form says; returns what it turns into: done, or what to look at first."""
    meeting = meetings.owned(session, form.row("meeting"), person)
    me, other = sides.facing(meeting.pairing, person.id)
    draft = m.read_plan(form, meetings.draft_of(meeting, me))
    at = local(draft.day, draft.at, me.zone)
    meetings.check_time(meeting.pairing, at, now)
    warning = meetings.doubt(session, meeting.pairing, person, at)
    if warning and not m.anyway(form, at):
        return move_form(session, person, meeting, now, draft=draft, warning=warning, warned_at=at)
    try:
        meetings.move(
            session,
            meeting,
            by=person,
            version=form.number("version") or 0,
            starts_at=at,
            minutes=draft.minutes,
            place=draft.place,
            now=now,
        )
    except FormChanged as changed:
        # Drawn anew on the present version, so that the same form can be sent after a look.
        return move_form(session, person, meeting, now, draft=draft, warning=changed.words)
    return m.planned_view(me, other, at, moved=True)


def retyped(session: Session, person: Person, form: Form, now: datetime) -> m.Draft:
    """What has been typed into a planning form so far; suggestions where it does not fit yet."""
    pairing = chosen_pairing(session, person, form)
    me, _other = sides.facing(pairing, person.id)
    usual = meetings.suggested(session, pairing, me, now)
    try:
        return m.read_plan(form, usual)
    except Invalid:
        return usual


# ---- the summary


def summary_form(
    session: Session,
    person: Person,
    meeting: Meeting,
    now: datetime,
    *,
    insight: str | None = None,
    editing: Action | None = None,
    entry: after.Entry | None = None,
    copy: int = 0,
    warning: str = "",
) -> dict[str, Any]:
    """The summary as this person may write it now. Raises NotHeld, SummaryStands."""
    summary.check_open(meeting)
    me, other = sides.facing(meeting.pairing, person.id)
    written = summary.shown(session, meeting, person.id)
    if entry is None and editing is not None:
        entry = after.Entry(editing.text, editing.owner_id, editing.due_on)
    ahead = min(_WEEK, summary.most_days(meeting))
    return after.summary_form(
        meeting.id,
        me,
        other,
        insight=meeting.insight if insight is None else insight,
        actions=[after.Kept(a.id, a.text, a.owner_id, a.due_on) for a in written],
        entry=entry or after.Entry("", me.id, me.today(now) + timedelta(days=ahead)),
        editing=editing.id if editing else None,
        copy=copy,
        seen=summary.seen(meeting),
        warning=warning,
    )


def written_entry(
    person: Person, meeting: Meeting, form: Form, now: datetime
) -> after.Entry | None:
    """The action in the form's inputs. Raises Invalid beside the field."""
    me, other = sides.facing(meeting.pairing, person.id)
    return after.read_entry(form, me, other, me.today(now), summary.most_days(meeting))
