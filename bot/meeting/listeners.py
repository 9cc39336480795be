"""Slack's side of meetings: planning, "Did you meet?", the summary, actions, a smaller week."""

from typing import Any

from sqlalchemy.orm import Session

from bot import screen
from bot.clock import Clock
from bot.cohort import roster
from bot.cohort.model import Person
from bot.database import Database
from bot.forms import Form, row_id
from bot.meeting import actions, meetings, record, rhythm, screens, sides, summary
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting import messages_rhythm as words
from bot.meeting.model import ActionState, Answer, MeetingState, Smaller
from bot.refusal import FormChanged, NotYours, Refusal

Body = dict[str, Any]


def register(app: Any) -> None:
    """Who hears what."""
    app.action(m.PLAN)(open_plan_of)
    app.action(m.MOVE)(open_move)
    app.action(m.CANCEL)(cancel)
    app.action(m.WITH)(choose_pair)
    app.view(m.PLAN_FORM)(submit_plan)
    app.view(m.MOVE_FORM)(submit_move)
    app.action(after.YES)(say_yes)
    app.action(after.MOVED)(say_moved)
    app.action(after.NO)(say_no)
    app.view(after.NO_FORM)(submit_no)
    app.action(after.SUMMARY)(open_summary)
    app.action(after.ADD)(keep_action)
    app.action(after.EDIT)(edit_action)
    app.view(after.SUMMARY_FORM)(submit_summary)
    app.action(after.DONE)(finish_action)
    app.action(after.DROP)(drop_action)
    app.action(after.UNDO)(reopen_action)
    app.action(after.LATER)(open_later)
    app.view(after.LATER_FORM)(submit_later)
    app.action(words.SHORT)(take_short)
    app.action(words.WRITTEN)(take_written)
    app.action(words.SKIP)(skip_week)


# ---- planning


def open_plan(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any = None
) -> None:
    """`/mentor meet`, and a button that names no pair."""
    with db.begin() as session:
        person = roster.caller(session, body)
        pairing = sides.pairings_of(session, person)[0]
        view = screens.plan_form(session, person, pairing, clock(), choose=True)
    screen.show_above(client, body, view)
    ack()


def open_plan_of(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """Any [Plan a meeting]."""
    if not action.get("value"):
        open_plan(ack, body, client, db, clock)
        return
    with db.begin() as session:
        person = roster.caller(session, body)
        pairing = sides.pairing_of(session, row_id(action), person)
        view = screens.plan_form(session, person, pairing, clock())
    screen.show_above(client, body, view)
    ack()


def open_move(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Move it], [Choose the new time]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        view = screens.move_form(session, person, meeting, clock())
    screen.show_above(client, body, view)
    ack()


def choose_pair(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """Another person in the form: zones and hours are drawn anew, what was typed stays."""
    form = Form(body["view"])
    with db.begin() as session:
        person = roster.caller(session, body)
        pairing = sides.pairing_of(session, row_id(action), person)
        draft = screens.retyped(session, person, form, clock())
        view = screens.plan_form(session, person, pairing, clock(), draft=draft, choose=True)
    client.views_update(view_id=form.view_id, hash=form.hash, view=view)
    ack()


def submit_plan(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """[Plan meeting], [Plan anyway]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        shown = screens.plan_submitted(session, person, Form(view), clock())
    ack(response_action="update", view=shown)


def submit_move(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """[Move meeting], [Move anyway]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        shown = screens.move_submitted(session, person, Form(view), clock())
    ack(response_action="update", view=shown)


def cancel(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Cancel it…], confirmed."""
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        meetings.cancel(session, meeting, by=person, now=clock())
    ack()


# ---- did you meet?


def say_yes(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Yes, we met]: kept at once, then the summary opens while there is one to write."""
    view = None
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        record.answer(session, meeting, Answer.YES, by=person, now=clock())
        if meeting.summary_at is None or meeting.stands_at is not None:
            view = screens.summary_form(session, person, meeting, clock())
    if view:
        screen.show_above(client, body, view)
    ack()


def say_moved(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[It moved]: kept at once, then the new time is asked for."""
    view = None
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        record.answer(session, meeting, Answer.MOVED, by=person, now=clock())
        if meeting.state is MeetingState.NOT_HELD:
            view = screens.move_form(session, person, meeting, clock())
    if view:
        screen.show_above(client, body, view)
    ack()


def say_no(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[It did not happen]: kept at once, then what now. Against a yes, nothing more is asked."""
    view = None
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        record.answer(session, meeting, Answer.NO, by=person, now=clock())
        if meeting.state is MeetingState.NOT_HELD:
            _me, other = sides.facing(meeting.pairing, person.id)
            view = after.no_form(meeting.id, other)
    if view:
        screen.show_above(client, body, view)
    ack()


def submit_no(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """What now: a new time, or a smaller week."""
    form = Form(view)
    choice = after.read_no(form)
    with db.begin() as session:
        person = roster.caller(session, body)
        pairing = meetings.owned(session, form.row("meeting"), person).pairing
        _me, other = sides.facing(pairing, person.id)
        if choice != after.NEW_TIME:
            smaller = Smaller(choice)
            rhythm.choose_smaller(session, pairing.id, by=person, choice=smaller, now=clock())
        if choice in (after.NEW_TIME, after.SHORT):
            minutes = words.SHORT_MINUTES if choice == after.SHORT else None
            shown = screens.plan_form(session, person, pairing, clock(), minutes=minutes)
        else:
            shown = words.chosen_view(other)
    ack(response_action="update", view=shown)


# ---- the summary


def open_summary(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """[Add summary], [Edit summary]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, row_id(action), person)
        view = screens.summary_form(session, person, meeting, clock())
    screen.show_above(client, body, view)
    ack()


def keep_action(ack: Any, body: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Add another action]: what was typed becomes a line, the inputs are empty again."""
    form = Form(body["view"])
    with db.begin() as session:
        person = roster.caller(session, body)
        view = _after_keeping(session, person, form, clock, None)
    client.views_update(view_id=form.view_id, hash=form.hash, view=view)
    ack()


def edit_action(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """[Edit] on a line: it goes back into the inputs; what stood in them becomes a line."""
    form = Form(body["view"])
    with db.begin() as session:
        person = roster.caller(session, body)
        view = _after_keeping(session, person, form, clock, row_id(action))
    client.views_update(view_id=form.view_id, hash=form.hash, view=view)
    ack()


def _after_keeping(
    session: Session, person: Person, form: Form, clock: Clock, edit_next: int | None
) -> Body:
    """The form after its inputs were kept; with what is wrong on top when they were not."""
    meeting = meetings.owned(session, form.row("meeting"), person)
    copy, editing = form.number("copy") or 0, form.number("action")
    written = {action.id: action for action in summary.shown(session, meeting, person.id)}
    insight = after.read_insight(form)
    try:
        entry = screens.written_entry(person, meeting, form, clock())
        summary.keep(session, meeting, entry, editing=editing, by=person, now=clock())
    except NotYours:
        raise
    except Refusal as refusal:
        return screens.summary_form(
            session,
            person,
            meeting,
            clock(),
            insight=insight,
            editing=written.get(editing or 0),
            copy=copy,
            warning=refusal.words,
        )
    if edit_next is not None and edit_next not in written:
        raise NotYours
    return screens.summary_form(
        session,
        person,
        meeting,
        clock(),
        insight=insight,
        editing=written.get(edit_next or 0),
        copy=copy + 1,
    )


def submit_summary(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """[Save summary]."""
    form = Form(view)
    with db.begin() as session:
        person = roster.caller(session, body)
        meeting = meetings.owned(session, form.row("meeting"), person)
        _me, other = sides.facing(meeting.pairing, person.id)
        insight = after.read_insight(form)
        entry = screens.written_entry(person, meeting, form, clock())
        editing = form.number("action")
        summary.keep(session, meeting, entry, editing=editing, by=person, now=clock())
        seen = form.number("version") or 0
        try:
            summary.save(session, meeting, insight, opened_on=seen, by=person, now=clock())
            shown = after.summary_saved(other)
        except FormChanged as changed:
            # Drawn anew on what the other one saved, so that it can be sent after a look.
            copy = (form.number("copy") or 0) + 1
            shown = screens.summary_form(
                session, person, meeting, clock(), copy=copy, warning=changed.words
            )
    ack(response_action="update", view=shown)


# ---- actions


def finish_action(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Done], in the reminder and on the Home tab."""
    _decide(body, action, db, clock, ActionState.DONE)
    ack()


def drop_action(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Drop it]."""
    _decide(body, action, db, clock, ActionState.DROPPED)
    ack()


def reopen_action(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Undo]."""
    _decide(body, action, db, clock, ActionState.OPEN)
    ack()


def _decide(body: Body, action: Body, db: Database, clock: Clock, state: ActionState) -> None:
    with db.begin() as session:
        person = roster.caller(session, body)
        todo = actions.owned(session, row_id(action), person)
        actions.decide(session, todo, state, now=clock())


def open_later(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[New date]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        todo = actions.owned(session, row_id(action), person)
        me, other = sides.facing(todo.meeting.pairing, person.id)
        view = after.later_form(
            todo.id, todo.text, actions.next_date(todo, me.today(clock())), other
        )
    screen.show_above(client, body, view)
    ack()


def submit_later(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """[Save date]: the reminder itself shows it."""
    form = Form(view)
    with db.begin() as session:
        person = roster.caller(session, body)
        todo = actions.owned(session, form.row("action"), person)
        me, _other = sides.facing(todo.meeting.pairing, person.id)
        most = summary.most_days(todo.meeting)
        due = after.read_due(form, "by", me.today(clock()), most)
        actions.postpone(session, todo, due, now=clock())
    ack()


# ---- a smaller week


def take_short(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[15 minutes]: the form with a short meeting."""
    with db.begin() as session:
        person = roster.caller(session, body)
        pairing = sides.pairing_of(session, row_id(action), person)
        _choose(session, body, person, pairing.id, Smaller.SHORT, clock)
        view = screens.plan_form(session, person, pairing, clock(), minutes=words.SHORT_MINUTES)
    screen.show_above(client, body, view)
    ack()


def take_written(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Three written questions]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        _choose(session, body, person, row_id(action), Smaller.WRITTEN, clock)
    ack()


def skip_week(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Skip this week], [Not this week]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        _choose(session, body, person, row_id(action), Smaller.SKIP, clock)
    ack()


def _choose(
    session: Session, body: Body, person: Person, pairing_id: int, choice: Smaller, clock: Clock
) -> None:
    now = clock()
    rhythm.choose_smaller(session, pairing_id, by=person, choice=choice, now=now)
    where = body.get("container") or {}
    rhythm.bring_nudge_up_to_date(
        session,
        person.workspace_id,
        str(where.get("channel_id") or ""),
        str(where.get("message_ts") or ""),
        now,
    )
