"""Clicks and forms of a check-in."""

from typing import Any

from slack_bolt import App

from bot import outbox, screen
from bot.checkin import answers, confidants, letters, messages
from bot.checkin.model import CheckIn
from bot.clock import Clock
from bot.cohort import roster
from bot.database import Database
from bot.forms import Form, row_id
from bot.refusal import Refusal
from bot.slack import SlackClient


def register(app: App) -> None:
    """Who hears what."""
    app.action(messages.ANSWER)(open_form)
    app.view(messages.FORM)(submit_form)
    app.action(messages.WHO)(open_who)
    app.view(messages.WHO_FORM)(submit_who)
    app.action(messages.WHERE)(open_where)


def open_form(
    ack: Any,
    body: dict[str, Any],
    action: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """The form; where it is too late, the words why, and the letter is brought up to date."""
    now = clock()
    with db.begin() as session:
        check_in = answers.owned(session, row_id(action), roster.caller(session, body))
        late: Refusal | None = None
        try:
            answers.require_open(session, check_in, now)
        except Refusal as refused:
            late = refused
            outbox.refresh(
                session, messages.CHECK_IN, messages.REMINDER, subject=check_in.id, now=now
            )
        view = messages.form(
            letters.asked(check_in),
            given(check_in),
            coordinators_read=bool(confidants.of(session, check_in.pairing)),
        )
    if late is not None:
        raise late
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit_form(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """Keep the answers; after low ones the same modal asks who should know."""
    now = clock()
    form = Form(view)
    given = messages.read_answers(form)
    with db.begin() as session:
        person = roster.caller(session, body)
        result = answers.give(session, form.row("check_in"), by=person, answers=given, now=now)
        check_in = result.check_in
        outbox.refresh(session, messages.CHECK_IN, messages.REMINDER, subject=check_in.id, now=now)
        outbox.refresh_home(session, person.workspace_id, person.id, now=now)
        who = messages.who_should_know(check_in.id, check_in.knows) if result.low else None
    if who is None:
        ack()
    else:
        ack(response_action="update", view=who)


def open_who(
    ack: Any, body: dict[str, Any], action: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """Choosing who should know, later."""
    with db.begin() as session:
        check_in = answers.owned(session, row_id(action), roster.caller(session, body))
        view = messages.who_should_know(check_in.id, check_in.knows)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit_who(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """Keep the choice."""
    form = Form(view)
    knows = messages.read_choice(form)
    with db.begin() as session:
        person = roster.caller(session, body)
        answers.choose(session, form.row("check_in"), by=person, knows=knows, now=clock())
    ack(response_action="update", view=messages.choice_saved(knows))


def open_where(
    ack: Any, body: dict[str, Any], action: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """Where to turn, as a look aside. Nothing is stored, nothing is logged."""
    with db.begin() as session:
        check_in = answers.owned(session, row_id(action), roster.caller(session, body))
        cohort = check_in.round.cohort
        view = messages.where_to_turn(cohort.contacts, roster.contact(session, cohort))
    screen.show_above(client, body, view)
    ack()


def given(check_in: CheckIn) -> messages.Answers | None:
    """What the person has answered so far."""
    if check_in.open_with is None or check_in.agree is None or check_in.moved_forward is None:
        return None
    return messages.Answers(
        check_in.open_with,
        check_in.agree,
        check_in.moved_forward,
        check_in.wish,
        check_in.wish_for,
    )
