"""Slack's side of the Home tab, of `/mentor` alone, and of help."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot import outbox, screen
from bot.blocks import Message
from bot.clock import Clock
from bot.cohort import messages as cohort_words
from bot.cohort import pausing, roster
from bot.cohort.model import Person
from bot.database import Database
from bot.forms import picked
from bot.home import desk, glance, messages
from bot.refusal import NotYours

Body = dict[str, Any]
Words = Mapping[str, Mapping[str, Callable[..., None]]]


def register(app: Any) -> None:
    """Who hears what."""
    app.event("app_home_opened")(open_home)
    app.action(cohort_words.MENTORSHIP_OPEN)(open_mentorship)
    app.action(cohort_words.HELP_OPEN)(open_help)
    app.action(messages.MENU)(use_menu)


def open_home(ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any) -> None:
    """Somebody looks at the Home tab: it is drawn before their eyes, whoever they are. The other
    tab holds the messages; opening that draws nothing."""
    if body["event"].get("tab") != "home":
        ack()
        return
    now = clock()
    with db.read() as session:
        person = roster.caller(session, body)
        view = messages.home(desk.of(session, person, now=now, named=settings.coordinators))
    if person.home_opened_at is None:
        with db.begin() as session:
            roster.caller(session, body).home_opened_at = now
    client.views_publish(user_id=person.slack_id, view=view)
    ack()


def open_glance(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """`/mentor`: my mentorship, to this person only."""
    with db.read() as session:
        shown = _glance(session, roster.caller(session, body), clock, settings)
    ack(response_type="ephemeral", text=shown.text, blocks=shown.all_blocks())


def open_mentorship(
    ack: Any, body: Body, action: Body, db: Database, clock: Clock, settings: Any
) -> None:
    """[My mentorship] below a message: the same, below that message."""
    now = clock()
    channel = (body.get("channel") or {}).get("id")
    if not channel:
        raise NotYours
    with db.begin() as session:
        person = roster.caller(session, body)
        _require_place(session, person, settings)
        outbox.post(
            session,
            glance.GLANCE,
            # A click that Slack delivers twice has the same stamp.
            key=f"mentorship:{person.id}:{action.get('action_ts')}",
            workspace_id=person.workspace_id,
            person_id=person.id,
            data={"channel": channel},
            now=now,
        )
    ack()


def open_help(
    ack: Any, body: Body, client: Any, db: Database, help_lines: Callable[[str], str], words: Words
) -> None:
    """[Help]: the commands this person can use."""
    with db.read() as session:
        view = _help(session, roster.caller(session, body), help_lines, words)
    screen.show(client, body, view)
    ack()


def use_menu(
    ack: Any,
    body: Body,
    action: Body,
    client: Any,
    db: Database,
    clock: Clock,
    settings: Any,
    words: Words,
    help_lines: Callable[[str], str],
) -> None:
    """(..): an everyday word, the letters' pause, or help."""
    wish = picked(action)
    if wish == "help":
        open_help(ack, body, client, db, help_lines, words)
    elif wish in ("pause", "resume"):
        with db.begin() as session:
            _pause(session, roster.caller(session, body), body, wish, clock)
        ack()
    elif wish in ("profile", "leave"):
        opener = words["/mentor"][wish]
        opener(ack=ack, body=body, client=client, db=db, clock=clock, settings=settings)
    else:
        raise NotYours


def _pause(session: Session, person: Person, body: Body, wish: str, clock: Clock) -> None:
    now = clock()
    if wish == "pause":
        pausing.pause(session, person, now=now)
        pausing.answer(session, cohort_words.PAUSED, body, person, now=now)
    else:
        pausing.resume(session, person, now=now)
        pausing.answer(session, cohort_words.RESUMED, body, person, now=now)


def _glance(session: Session, person: Person, clock: Clock, settings: Any) -> Message:
    _require_place(session, person, settings)
    return glance.glance(desk.of(session, person, now=clock(), named=settings.coordinators))


def _require_place(session: Session, person: Person, settings: Any) -> None:
    """Raises what the roster says to somebody in no cohort, unless they may start one."""
    named = roster.may_create(person, settings.coordinators)
    if not roster.memberships(session, person, open_only=False) and not named:
        raise roster.why_outside(session, person)


def _help(session: Session, person: Person, help_lines: Callable[[str], str], words: Words) -> Body:
    found = desk.of_help(session, person)
    lines = [help_lines(name) for name in words if name != "/cohort" or found.coordinates]
    return glance.help_view(lines, found.contact)
