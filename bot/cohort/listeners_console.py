"""Slack's side of the coordinators' forms: the new cohort and the settings."""

from datetime import date
from typing import Any

from bot import forms, screen
from bot.blocks import escape
from bot.clock import Clock
from bot.cohort import (
    calendar,
    channels,
    dates,
    desk,
    figures,
    founding,
    messages_console,
    naming,
    panels,
    roster,
)
from bot.database import Database
from bot.forms import Form
from bot.settings import Settings

Body = dict[str, Any]


def register(app: Any) -> None:
    """Who hears what."""
    app.action(messages_console.NEW)(open_new)
    app.view(messages_console.NEW_FORM)(submit_new)
    app.options(messages_console.ZONE)(suggest_zones)
    app.action(messages_console.SETTINGS_OPEN)(open_settings)
    app.action(messages_console.TOPIC)(pick_topic)
    app.action(messages_console.SETTINGS_PICK)(pick_settings)
    app.view(messages_console.SETTINGS_FORM)(submit_settings)


# ---- a new cohort


def open_new(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Settings
) -> None:
    """`/cohort new` and every [New cohort]."""
    desk.meet(client, db, body, [forms.team_and_user(body)[1]], clock)
    with db.read() as session:
        person = roster.caller(session, body)
        founding.require_founder(person, settings.coordinators)
        zone = roster.zone_of(person)
        view = messages_console.new_cohort(
            first=_next_monday(roster.local_date(clock(), zone)), zone=zone, me=person.slack_id
        )
    screen.show(client, body, view)
    ack()


def _next_monday(today: date) -> date:
    return calendar.monday_of_week(2, today)


def suggest_zones(ack: Any, body: Body) -> None:
    """Zones like what was typed."""
    ack(options=messages_console.zones_like(str(body.get("value") or "")))


def submit_new(
    ack: Any,
    body: Body,
    view: Body,
    client: Any,
    db: Database,
    clock: Clock,
    settings: Settings,
) -> None:
    """The channel is checked while the person waits: only now can an error stand beside it."""
    plan = messages_console.read_new_cohort(Form(view))
    with db.read() as session:
        founding.require_founder(roster.caller(session, body), settings.coordinators)
    founding.check_dates(plan.starts_on, plan.weeks, plan.zone, field="starts_on", now=clock())
    checked = channels.check(client, plan.channel, field="channel")
    desk.meet(client, db, body, plan.coordinators, clock)
    with db.begin() as session:
        person = roster.caller(session, body)
        cohort = founding.create(session, plan, by=person, now=clock())
        along = channels.reading_along(session, person.workspace_id, checked, plan.coordinators)
        shown = messages_console.created(
            cohort=escape(cohort.name),
            cohort_id=cohort.id,
            reading_along=[naming.full(one) for one in along],
        )
    ack(response_action="update", view=shown)


# ---- settings


def open_settings(
    ack: Any,
    body: Body,
    client: Any,
    db: Database,
    clock: Clock,
    settings: Settings,
) -> None:
    """`/cohort settings` and every [Settings]."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, desk.cohort_named(body))
        view = panels.settings(session, person, cohort)
    screen.show(client, body, view)
    ack()


def pick_topic(ack: Any, body: Body, action: Body, client: Any, db: Database) -> None:
    """Another topic of the same cohort."""
    topic = forms.row_id(action)
    _redraw_settings(body, client, db, Form(body["view"]).row("cohort"), topic)
    ack()


def pick_settings(ack: Any, body: Body, action: Body, client: Any, db: Database) -> None:
    """The same topic of another cohort."""
    topic = messages_console.read_topic(Form(body["view"]))
    _redraw_settings(body, client, db, forms.row_id(action), topic)
    ack()


def _redraw_settings(body: Body, client: Any, db: Database, cohort_id: int, topic: int) -> None:
    messages_console.require_topic(topic)
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, cohort_id)
        view = panels.settings(session, person, cohort, topic=topic)
    client.views_update(view_id=body["view"]["id"], view=view)


def submit_settings(
    ack: Any, body: Body, view: Body, client: Any, db: Database, clock: Clock
) -> None:
    """Keep what the topic shows; the form stays, for the next topic."""
    form = Form(view)
    topic = messages_console.read_topic(form)
    cohort_id, version = form.row("cohort"), form.row("version")
    facts = messages_console.read_cohort(form) if topic == 0 else None
    if facts is not None:
        with db.read() as session:
            before = desk.open_cohort(session, roster.caller(session, body), cohort_id)
        if facts.channel != before.channel:
            channels.check(client, facts.channel, field="channel")
        desk.meet(client, db, body, facts.coordinators, clock)
    with db.begin() as session:
        person, now = roster.caller(session, body), clock()
        desk.open_cohort(session, person, cohort_id)
        cohort = figures.lock(session, cohort_id, version)
        if facts is not None:
            dates.revise(session, cohort, facts, by=person, now=now)
        else:
            given = messages_console.read_figures(form, topic)
            figures.save(session, cohort, given, now=now)
        session.flush()
        shown = panels.settings(session, person, cohort, topic=topic, saved=True)
    ack(response_action="update", view=shown)
