"""Coordinators' clicks on a concern, wherever it is shown."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App
from sqlalchemy.orm import Session

from bot import outbox, screen
from bot.clock import Clock
from bot.cohort import roster
from bot.cohort.model import Person
from bot.concern import care, concerns, messages
from bot.concern.model import Concern
from bot.database import Database
from bot.forms import Form, picked, row_id
from bot.slack import SlackClient

Body = dict[str, Any]
Verb = Callable[..., Concern]


def register(app: App) -> None:
    """Who hears what."""
    app.action(messages.TAKE)(take)
    app.action(messages.TALKED)(_pressed(care.talked))
    app.action(messages.HAND_BACK)(_pressed(care.hand_back))
    app.action(messages.WAKE)(_pressed(care.wake))
    app.action(messages.SNOOZE)(snooze)
    app.action(messages.CLEAR)(open_clear)
    app.view(messages.CLEAR_FORM)(submit_clear)


def take(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """I will contact them: from the concern's own message, the digest or the Home tab."""
    now = clock()
    with db.begin() as session:
        person = roster.caller(session, body)
        concern = care.take(session, row_id(action), by=person, now=now)
        if not _in_own_message(session, concern, body):
            _say(session, concern, person, body, clock)
    ack()


def snooze(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """Put it aside for the days chosen."""
    days = picked(action)
    with db.begin() as session:
        person = roster.caller(session, body)
        care.snooze(
            session,
            row_id(action),
            days=int(days) if days.isdecimal() and len(days) < 3 else 0,
            by=person,
            now=clock(),
        )
    ack()


def open_clear(
    ack: Any, body: Body, action: Body, client: SlackClient, db: Database, clock: Clock
) -> None:
    """The form that clears."""
    with db.begin() as session:
        person = roster.caller(session, body)
        concern = concerns.owned(session, row_id(action), person)
        zone = roster.zone_of(person, concern.cohort)
        view = messages.clear_form(concerns.shown(concern, (), now=clock(), zone=zone))
    screen.show_above(client, body, view)
    ack()


def submit_clear(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """Clear, with the note."""
    form = Form(view)
    note = messages.read_note(form)
    with db.begin() as session:
        person = roster.caller(session, body)
        care.clear(session, form.row("concern"), by=person, note=note, now=clock())
    ack()


def _pressed(verb: Verb) -> Callable[..., None]:
    """A button that calls one verb; the edited message is the answer."""

    def press(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
        with db.begin() as session:
            person = roster.caller(session, body)
            verb(session, row_id(action), by=person, now=clock())
        ack()

    return press


def _in_own_message(session: Session, concern: Concern, body: Body) -> bool:
    container = body.get("container") or {}
    where = (container.get("channel_id"), container.get("message_ts"))
    return any((x.sent_channel, x.sent_ts) == where for x in concerns.living(session, concern))


def _say(session: Session, concern: Concern, person: Person, body: Body, clock: Clock) -> None:
    """In another message nothing would change before their eyes: say it to them alone."""
    channel = (body.get("channel") or {}).get("id")
    if channel:
        outbox.post(
            session,
            messages.SAID,
            key=f"concern.said:{concern.id}:{str(body.get('trigger_id'))[:80]}",
            workspace_id=concern.workspace_id,
            cohort_id=concern.cohort_id,
            person_id=person.id,
            subject=concern.id,
            data={"channel": channel},
            now=clock(),
        )
