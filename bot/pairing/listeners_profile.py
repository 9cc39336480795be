"""The profile: three steps, each saved when it is submitted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot import screen
from bot.clock import Clock
from bot.cohort import roster
from bot.cohort.model import Membership, Role
from bot.database import Database
from bot.forms import Form, row_id
from bot.pairing import messages as m
from bot.pairing import messages_profile as words
from bot.pairing import profiles
from bot.refusal import Refusal
from bot.slack import SlackClient


def register(app: Any) -> None:
    """Who hears what."""
    app.action(m.PROFILE)(open_profile)
    app.view(words.GOALS_FORM)(submit_goals)
    app.view(words.HELP_FORM)(submit_help)
    app.view(words.STYLE_FORM)(submit_style)
    app.view(words.HOURS_FORM)(submit_hours)
    app.action(words.ADD_GOAL)(add_goal)
    app.action(words.BACK)(go_back)


def open_profile(
    ack: Any, body: dict[str, Any], client: SlackClient, db: Database, clock: Clock, settings: Any
) -> None:
    """`/mentor profile`, and every button that leads here."""
    with db.begin() as session:
        person = roster.caller(session, body)
        place = profiles.place(session, person, _named_place(body))
        view = _first_step(place)
    screen.show(client, body, view)
    ack()


def submit_goals(ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database) -> None:
    """Step 1 of an intern."""
    form = Form(view)
    goals = words.submitted_goals(form)
    with db.begin() as session:
        place = _place(session, body, form)
        profiles.save_goals(session, place, goals)
        upcoming = words.style_form(place.id, place.role, place.person)
    ack(response_action="update", view=upcoming)


def submit_help(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """Step 1 of a mentor."""
    form = Form(view)
    offered = words.submitted_help(form)
    with db.begin() as session:
        place = _place(session, body, form)
        profiles.save_help(session, place, offered, now=clock())
        upcoming = words.style_form(place.id, place.role, place.person)
    ack(response_action="update", view=upcoming)


def submit_style(ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database) -> None:
    """Step 2."""
    form = Form(view)
    with db.begin() as session:
        place = _place(session, body, form)
        profiles.save_style(place.person, *words.submitted_style(form))
        upcoming = _last_step(place)
    ack(response_action="update", view=upcoming)


def submit_hours(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """Step 3: the profile is complete."""
    form = Form(view)
    hours = words.submitted_hours(form)
    with db.begin() as session:
        place = _place(session, body, form)
        profiles.save_hours(session, place, hours, now=clock())
        closing = words.saved_view(place.role, looking=profiles.looking(session, place))
    ack(response_action="update", view=closing)


def add_goal(ack: Any, body: dict[str, Any], client: SlackClient, db: Database) -> None:
    """One more goal; what was typed stays, because the block ids do."""
    form = Form(body["view"])
    with db.begin() as session:
        place = _place(session, body, form)
        grown = words.goals_form(place.id, words.typed_goals(form, one_more=True))
    screen.redraw(client, body, grown, lambda: grown)
    ack()


def go_back(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """One step back; what was written on this one is kept where it can be."""
    form = Form(body["view"])
    step = row_id(action)
    with db.begin() as session:
        place = _place(session, body, form)
        if step == 1:
            profiles.save_style(place.person, *words.submitted_style(form))
            before = _first_step(place)
        else:
            _keep_hours(session, place, form, clock)
            before = words.style_form(place.id, place.role, place.person)
    screen.show(client, body, before)
    ack()


def _keep_hours(session: Session, place: Membership, form: Form, clock: Clock) -> None:
    try:
        hours = words.submitted_hours(form)
    except Refusal:
        return  # what does not fit yet is asked again on the way forward
    profiles.save_hours(session, place, hours, complete=False, now=clock())


def _first_step(place: Membership) -> dict[str, Any]:
    if place.role is Role.MENTOR:
        return words.help_form(place.id, place.person)
    return words.goals_form(place.id, words.Goals.from_rows(place.goals))


def _last_step(place: Membership) -> dict[str, Any]:
    return words.hours_form(place, roster.zone_of(place.person, place.cohort))


def _place(session: Session, body: Mapping[str, Any], form: Form) -> Membership:
    return profiles.place(session, roster.caller(session, body), form.row("place"))


def _named_place(body: Mapping[str, Any]) -> int | None:
    """The place a button names; a button without a value means the person's newest."""
    actions = body.get("actions") or [{}]
    return row_id(actions[0]) if actions[0].get("value") else None
