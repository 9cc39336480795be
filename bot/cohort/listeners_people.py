"""Slack's side of what coordinators do about people: the list, and letters not delivered."""

from collections.abc import Sequence
from typing import Any

from bot import forms, screen
from bot.blocks import counted, escape
from bot.clock import Clock
from bot.cohort import desk, messages_people, naming, panels, people, roster, undelivered
from bot.cohort.model import Role
from bot.cohort.partners import Partners
from bot.database import Database
from bot.forms import Form
from bot.refusal import Invalid
from bot.settings import Settings

Body = dict[str, Any]
_LATELY = "○ All were reminded in the last seven days."


def register(app: Any) -> None:
    """Who hears what."""
    app.action(messages_people.OPEN)(open_people)
    app.action(messages_people.PICK)(pick_people)
    app.action(messages_people.PREVIOUS)(turn_people)
    app.action(messages_people.NEXT)(turn_people)
    app.action(messages_people.BACK)(turn_people)
    app.action(messages_people.REMIND_ALL)(remind_all)
    app.action(messages_people.ROW)(use_row)
    app.view(messages_people.FORM)(submit_people)
    app.view(messages_people.REMOVE_FORM)(submit_removal)
    app.action(messages_people.UNDELIVERED_OPEN)(open_undelivered)
    app.action(messages_people.UNDELIVERED_PREVIOUS)(turn_undelivered)
    app.action(messages_people.UNDELIVERED_NEXT)(turn_undelivered)
    app.action(messages_people.SEND_AGAIN)(send_again)


# ---- people


def open_people(
    ack: Any,
    body: Body,
    client: Any,
    db: Database,
    clock: Clock,
    settings: Settings,
    partners: Partners,
) -> None:
    """`/cohort people`, and every [Add people], whose value is the cohort."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, desk.cohort_named(body))
        view = panels.people(session, person, cohort, partners=partners, now=clock())
    screen.show(client, body, view)
    ack()


def pick_people(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """Another cohort's people."""
    _redraw_people(body, client, db, clock, partners, cohort_id=forms.row_id(action), page=1)
    ack()


def turn_people(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """[Previous], [Next], and [Keep Ana], which gives the list back."""
    form = Form(body["view"])
    cohort_id, page = form.row("cohort"), forms.row_id(action)
    _redraw_people(body, client, db, clock, partners, cohort_id=cohort_id, page=page)
    ack()


def _redraw_people(
    body: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
    *,
    cohort_id: int,
    page: int,
    result: Sequence[str] = (),
) -> None:
    copy = Form(body["view"]).number("copy") or 1
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, cohort_id)
        view = panels.people(
            session,
            person,
            cohort,
            partners=partners,
            now=clock(),
            page=page,
            copy=copy,
            result=result,
        )
    client.views_update(view_id=body["view"]["id"], view=view)


def submit_people(
    ack: Any,
    body: Body,
    view: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """Add the chosen people; the same form comes back, emptied, with the result."""
    form = Form(view)
    interns, mentors = messages_people.read_people(form)
    copy = form.number("copy") or 1
    if not interns and not mentors:
        raise Invalid(
            field=messages_people.block_name(messages_people.INTERNS, copy),
            words="Choose at least one person.",
        )
    desk.meet(client, db, body, [*interns, *mentors], clock)
    with db.begin() as session:
        person, now = roster.caller(session, body), clock()
        cohort = desk.open_cohort(session, person, form.row("cohort"))
        enrolled = people.enrol(session, cohort, interns, Role.INTERN, by=person, now=now)
        more = people.enrol(session, cohort, mentors, Role.MENTOR, by=person, now=now)
        result = panels.added(cohort, enrolled.with_more(more))
        shown = panels.people(
            session, person, cohort, partners=partners, now=now, copy=copy + 1, result=result
        )
    ack(response_action="update", view=shown)


def use_row(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """(..) beside a member: remind of the profile, or ask whether to remove."""
    form, wish = Form(body["view"]), forms.picked(action)
    page = form.number("page") or 1
    if wish == "remove":
        with db.read() as session:
            by = roster.caller(session, body)
            place = people.for_coordinator(session, forms.row_id(action), by)
            view = messages_people.remove_form(
                title=naming.title(place.person),
                label=naming.label(place.person),
                cohort=escape(place.cohort.name),
                membership_id=place.id,
                cohort_id=place.cohort_id,
                page=page,
                intern=place.role is Role.INTERN,
            )
        client.views_update(view_id=body["view"]["id"], view=view)
        ack()
        return
    with db.begin() as session:
        by = roster.caller(session, body)
        place = people.for_coordinator(session, forms.row_id(action), by)
        name, cohort_id = naming.full(place.person), place.cohort_id
        done = people.remind_of_profile(session, place, now=clock())
    result = f"● I remind {name} of the profile."
    if not done:
        result = f"○ {name} has a profile, or was reminded in the last seven days."
    _redraw_people(
        body, client, db, clock, partners, cohort_id=cohort_id, page=page, result=[result]
    )
    ack()


def remind_all(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """[Remind 3 of profile]."""
    with db.begin() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, forms.row_id(action))
        reminded = people.remind_everybody(session, cohort, now=clock())
    result = f"● I remind {counted(reminded, 'person', 'people')}." if reminded else _LATELY
    page = Form(body["view"]).number("page") or 1
    _redraw_people(
        body, client, db, clock, partners, cohort_id=cohort.id, page=page, result=[result]
    )
    ack()


def submit_removal(
    ack: Any, body: Body, view: Body, db: Database, clock: Clock, partners: Partners
) -> None:
    """[Remove Ana]: the list comes back and says so."""
    form = Form(view)
    with db.begin() as session:
        by, now = roster.caller(session, body), clock()
        place = people.for_coordinator(session, form.row("member"), by)
        people.remove(session, place, now=now)
        shown = panels.people(
            session,
            by,
            place.cohort,
            partners=partners,
            now=now,
            page=form.number("page") or 1,
            result=[f"● {naming.full(place.person)} was removed."],
        )
    ack(response_action="update", view=shown)


# ---- letters not delivered


def open_undelivered(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """[Show letters], whose value is the cohort."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = roster.require_coordinator(session, person, forms.row_id(action))
        view = panels.undelivered(session, person, cohort)
    screen.show(client, body, view)
    ack()


def turn_undelivered(ack: Any, body: Body, action: Body, client: Any, db: Database) -> None:
    """[Previous] and [Next]."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = roster.require_coordinator(session, person, Form(body["view"]).row("cohort"))
        view = panels.undelivered(session, person, cohort, page=forms.row_id(action))
    client.views_update(view_id=body["view"]["id"], view=view)
    ack()


def send_again(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Send again]: the letter leaves the list."""
    with db.begin() as session:
        person = roster.caller(session, body)
        letter = undelivered.send_again(session, forms.row_id(action), by=person, now=clock())
        session.flush()
        cohort = roster.require_coordinator(session, person, letter.cohort_id)
        page = Form(body["view"]).number("page") or 1
        result = "● It goes out again."
        view = panels.undelivered(session, person, cohort, page=page, result=result)
    client.views_update(view_id=body["view"]["id"], view=view)
    ack()
