"""Slack's side of thanks: the form's entrances, its submission, and "Not now"."""

from typing import Any

from bot import screen
from bot.clock import Clock
from bot.cohort import roster
from bot.database import Database
from bot.forms import Form, row_id
from bot.gratitude import messages, prompts, thanks
from bot.manifest import THANKS_SHORTCUT


def register(app: Any) -> None:
    """Who hears what."""
    app.shortcut(THANKS_SHORTCUT)(open_form)
    app.action(messages.OPEN)(open_form)
    app.action(messages.WRITE)(open_from_prompt)
    app.action(messages.SKIP)(skip_prompt)
    app.action(messages.BACK)(open_back)
    app.view(messages.FORM)(submit_form)


def open_form(
    ack: Any, body: dict[str, Any], client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """`/mentor thanks`, the shortcut, and every [Say thanks]."""
    with db.read() as session:
        view = messages.form(thanks.likely_receiver(session, roster.caller(session, body)))
    screen.show(client, body, view)
    ack()


def open_from_prompt(
    ack: Any, body: dict[str, Any], action: dict[str, Any], client: Any, db: Database
) -> None:
    """[Write thanks] below the question."""
    with db.read() as session:
        person = roster.caller(session, body)
        prompt = prompts.owned(session, row_id(action), person)
        view = messages.form(thanks.likely_receiver(session, person), prompt_id=prompt.id)
    screen.show(client, body, view)
    ack()


def open_back(
    ack: Any, body: dict[str, Any], action: dict[str, Any], client: Any, db: Database
) -> None:
    """[Send thanks back] below thanks."""
    with db.read() as session:
        giver = thanks.giver_of(session, row_id(action), roster.caller(session, body))
        view = messages.form(giver)
    screen.show(client, body, view)
    ack()


def skip_prompt(
    ack: Any, body: dict[str, Any], action: dict[str, Any], db: Database, clock: Clock
) -> None:
    """[Not now]: the question itself shows that it was put aside."""
    with db.begin() as session:
        prompts.skip(session, row_id(action), by=roster.caller(session, body), now=clock())
    ack()


def submit_form(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """The words go out. Written from the question, that is where it shows; else in the form."""
    form = Form(view)
    prompt = form.number(messages.PROMPT)
    with db.begin() as session:
        receiver = thanks.send(
            session,
            roster.caller(session, body),
            to=form.person(messages.TO),
            words=form.text(messages.WORDS, most=messages.LONGEST),
            form=form.view_id,
            prompt_id=prompt,
            now=clock(),
        )
    if prompt is None:
        ack(response_action="update", view=messages.sent(receiver))
    else:
        ack()
