"""Slack's side of the cohort, for everybody: the menu below letters, "not this time", leave, free
text, and what Slack tells by itself. The coordinators' forms are in the files beside this one."""

from typing import Any

from slack_bolt import App
from sqlalchemy.orm import Session

from bot import forms, outbox, screen
from bot.blocks import escape
from bot.clock import Clock
from bot.cohort import (
    directory,
    installed,
    leave,
    listeners_console,
    listeners_people,
    messages,
    naming,
    pausing,
    people,
    roster,
)
from bot.cohort.listeners_console import open_new, open_settings
from bot.cohort.listeners_people import open_people
from bot.cohort.model import Leave, Membership, Person
from bot.cohort.partners import Partners
from bot.database import Database
from bot.forms import Form
from bot.refusal import Invalid
from bot.times import spoken_date

Body = dict[str, Any]

__all__ = ["open_leave", "open_new", "open_people", "open_settings", "register"]


def register(app: App) -> None:
    """Who hears what."""
    app.action(messages.LETTER_MENU)(use_menu)
    app.action(messages.WELCOME_MENU)(use_welcome_menu)
    app.action(messages.PAUSE)(pause)
    app.action(messages.RESUME)(resume)
    app.action(messages.DECLINE)(decline)
    app.view(messages.DECLINE_FORM)(submit_decline)
    app.view(messages.LEAVE_FORM)(submit_leave)
    app.action(messages.LEAVE_BACK)(end_leave)
    app.event("message")(answer_words)
    app.event("user_change")(note_change)
    app.event("app_uninstalled")(note_uninstalled)
    app.event("tokens_revoked")(note_revoked)
    listeners_console.register(app)
    listeners_people.register(app)


# ---- the menu below letters


def use_menu(ack: Any, body: Body, action: Body, db: Database, clock: Clock, whys: Any) -> None:
    """(..) below a letter: pause, or why."""
    with db.begin() as session:
        pausing.handle_menu(session, body, action, whys=whys, now=clock())
    ack()


def use_welcome_menu(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock, whys: Any
) -> None:
    """The same below a welcome, with "Not this time": a question first, in a form, because a
    menu's own question would stand before every option."""
    if forms.picked(action) != "decline":
        use_menu(ack, body, action, db, clock, whys)
        return
    with db.read() as session:
        person = roster.caller(session, body)
        place = people.owned(session, forms.row_id(action), person)
        view = messages.decline_form(
            escape(place.cohort.name), _who_added(session, place), forms.metadata(member=place.id)
        )
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def _who_added(session: Session, place: Membership) -> str:
    by = session.get(Person, place.added_by) if place.added_by else None
    return naming.short(by) if by else "A coordinator"


def pause(ack: Any, body: Body, db: Database, clock: Clock) -> None:
    """[Pause for a week], wherever it stands."""
    with db.begin() as session:
        person = roster.caller(session, body)
        pausing.pause(session, person, now=clock())
        pausing.answer(session, messages.PAUSED, body, person, now=clock())
    ack()


def resume(ack: Any, body: Body, db: Database, clock: Clock) -> None:
    """[Resume letters], wherever it stands."""
    with db.begin() as session:
        person = roster.caller(session, body)
        pausing.resume(session, person, now=clock())
        pausing.answer(session, messages.RESUMED, body, person, now=clock())
    ack()


# ---- not this time


def decline(ack: Any, body: Body, action: Body, db: Database, clock: Clock) -> None:
    """[Not this time] in a mentor's welcome; Slack has asked whether they are sure."""
    with db.begin() as session:
        place = people.owned(session, forms.row_id(action), roster.caller(session, body))
        people.decline(session, place, now=clock())
    ack()


def submit_decline(ack: Any, body: Body, view: Body, db: Database, clock: Clock) -> None:
    """The same from the menu, after the question."""
    with db.begin() as session:
        member = Form(view).row("member")
        place = people.owned(session, member, roster.caller(session, body))
        people.decline(session, place, now=clock())
        shown = messages.left_view(escape(place.cohort.name), roster.contact(session, place.cohort))
    ack(response_action="update", view=shown)


# ---- leave


def open_leave(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """`/mentor leave`: the form, or the leave there is."""
    with db.read() as session:
        person = roster.caller(session, body)
        place = roster.membership(session, person)
        now = clock()
        planned = leave.next_of(session, person, now)
        today = roster.local_date(now, roster.zone_of(person, place.cohort))
        if planned is not None:
            view = _leave_view(planned, begun=planned.first_on <= today)
        else:
            view = messages.leave_form(today)
    screen.show(client, body, view)
    ack()


def _leave_view(planned: Leave, *, begun: bool) -> dict[str, Any]:
    first, back = spoken_date(planned.first_on), spoken_date(planned.back_on)
    return messages.leave_view(first, back, planned.id, begun=begun)


def submit_leave(
    ack: Any, body: Body, view: Body, db: Database, clock: Clock, partners: Partners
) -> None:
    """The dates are kept, and shown with the way back."""
    form = Form(view)
    first, back = form.day("first"), form.day("back")
    if first is None:
        raise Invalid(field="first", words="Choose the first day you are away.")
    if back is None:
        raise Invalid(field="back", words="Choose the day you are here again.")
    with db.begin() as session:
        person = roster.caller(session, body)
        beside = partners.of(session, person)
        planned = leave.start(session, person, first, back, beside=beside, now=clock())
        today = roster.local_date(clock(), roster.zone_of(person))
        shown = _leave_view(planned, begun=planned.first_on <= today)
    ack(response_action="update", view=shown)


def end_leave(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    partners: Partners,
) -> None:
    """[I am back], or [Cancel this leave]; on the Home tab the tab itself shows it."""
    with db.begin() as session:
        person = roster.caller(session, body)
        beside = partners.of(session, person)
        planned = forms.row_id(action)
        begun = leave.end_early(session, planned, by=person, beside=beside, now=clock())
        name = naming.short(person)
    if screen.in_modal(body):
        view = messages.back_view(name) if begun else messages.leave_cancelled_view()
        screen.show(client, body, view)
    ack()


# ---- what Slack tells


def answer_words(ack: Any, body: Body, db: Database, clock: Clock, settings: Any) -> None:
    """Free text to the bot: what it can do, once a minute at most. Its own messages, edits and
    whatever else Slack calls a message are not words to it."""
    event = body["event"]
    if event.get("channel_type") == "im" and not (event.get("subtype") or event.get("bot_id")):
        now = clock()
        with db.begin() as session:
            person = roster.caller(session, body)
            outbox.post(
                session,
                messages.CANNOT_READ,
                key=f"words:{person.id}:{now:%Y-%m-%dT%H:%M}",
                workspace_id=person.workspace_id,
                person_id=person.id,
                data={"may_create": roster.may_create(person, settings.coordinators)},
                now=now,
            )
    ack()


def note_change(ack: Any, body: Body, db: Database, clock: Clock) -> None:
    """A name, a zone, an account switched off or on."""
    with db.begin() as session:
        workspace = roster.workspace_of(session, body)
        directory.write(session, workspace.id, [body["event"]["user"]], clock())
    ack()


def note_uninstalled(ack: Any, body: Body, db: Database) -> None:
    """The app was removed: everything is kept, nothing is called."""
    with db.begin() as session:
        roster.workspace_of(session, body)
        installed.stop(session, "app_uninstalled")
    ack()


def note_revoked(ack: Any, body: Body, db: Database) -> None:
    """Tokens were revoked; only the bot's own matters."""
    if (body["event"].get("tokens") or {}).get("bot"):
        with db.begin() as session:
            roster.workspace_of(session, body)
            installed.stop(session, "tokens_revoked")
    ack()
