"""Slack's side of what coordinators see: console, status and the digest's preview."""

from typing import Any

from sqlalchemy.orm import Session

from bot import screen
from bot.clock import Clock
from bot.cohort import desk, messages_console, roster
from bot.cohort import panels as cohort_panels
from bot.cohort.model import Cohort, Person
from bot.concern import care, concerns
from bot.concern import messages as concern_words
from bot.database import Database
from bot.digest import backlog, facts, panels, report, standing, status
from bot.digest import messages as m
from bot.forms import Form, picked, row_id
from bot.pairing import byhand, messages_pairing
from bot.pairing import standing as pair_standing
from bot.refusal import NotYours

Body = dict[str, Any]


def register(app: Any) -> None:
    """Who hears what."""
    app.action(messages_console.CONSOLE_OPEN)(open_console)
    app.action(messages_console.CONSOLE_PICK)(pick_console)
    app.action(messages_console.DIGEST_PREVIEW)(preview)
    app.action(m.STATUS_OPEN)(open_status)
    app.action(m.STATUS_PICK)(pick_status)
    app.action(m.STATUS_PREVIOUS)(turn_page)
    app.action(m.STATUS_NEXT)(turn_page)
    app.action(m.STATUS_ROW)(use_row)
    for below in (m.BACKLOG_SEND, m.OUTAGE_SEND):
        app.action(below)(send_waiting)
    for below in (m.BACKLOG_SKIP, m.OUTAGE_SKIP):
        app.action(below)(skip_waiting)


# ---- the console


def open_console(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """`/cohort`, and every [Open the console]."""
    _console(body, client, db, clock, settings, desk.cohort_named(body))
    ack()


def pick_console(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """Another cohort in the console."""
    _console(body, client, db, clock, settings, row_id(action))
    ack()


def _console(
    body: Body, client: Any, db: Database, clock: Clock, settings: Any, cohort_id: int | None
) -> None:
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, cohort_id)
        view = panels.console(
            standing.of(session, cohort, viewer=person, now=clock()),
            may_create=roster.may_create(person, settings.coordinators),
            choices=cohort_panels.choices(session, person),
        )
    screen.show(client, body, view)


# ---- the digest's preview


def open_digest(
    ack: Any, body: Body, client: Any, db: Database, clock: Clock, settings: Any
) -> None:
    """`/cohort digest`: next Monday's digest as it would read now, to this person only."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, None)
        shown = report.message(
            facts.gather(session, cohort, viewer=person, now=clock()), preview=True
        )
    ack(response_type="ephemeral", text=shown.text, blocks=shown.all_blocks())


def preview(ack: Any, body: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Preview digest] in the console: a side look above it."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, desk.cohort_named(body))
        view = report.preview_view(facts.gather(session, cohort, viewer=person, now=clock()))
    screen.show_above(client, body, view)
    ack()


# ---- the status


def open_status(
    ack: Any,
    body: Body,
    client: Any,
    db: Database,
    clock: Clock,
    settings: Any = None,
) -> None:
    """`/cohort status`, [Show status] and [Show all]."""
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, desk.cohort_named(body))
        view = _status(session, person, cohort, clock)
    screen.show(client, body, view)
    ack()


def pick_status(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """Another cohort in the status."""
    _redraw(body, client, db, clock, cohort_id=row_id(action))
    ack()


def turn_page(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """[Previous] and [Next]."""
    cohort_id = Form(body["view"]).row("cohort")
    _redraw(body, client, db, clock, cohort_id=cohort_id, page=row_id(action))
    ack()


def use_row(ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock) -> None:
    """(..) of a pair: what it says, and the status drawn anew; forms take its place."""
    wish, chosen = picked(action), row_id(action)
    if wish == panels.END:
        screen.show(client, body, _end_form(db, body, chosen))
    elif wish == panels.CLEAR:
        screen.show(client, body, _clear_form(db, body, chosen, clock))
    else:
        with db.begin() as session:
            _act(session, wish, chosen, roster.caller(session, body), clock)
        form = Form(body["view"])
        page = form.number("page") or 1
        _redraw(body, client, db, clock, cohort_id=form.row("cohort"), page=page)
    ack()


def send_waiting(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """[Send them], in the status or below the line about an outage: what waited goes out."""
    _decide(body, action, client, db, clock, send=True)
    ack()


def skip_waiting(
    ack: Any, body: Body, action: Body, client: Any, db: Database, clock: Clock
) -> None:
    """[Skip them]: it is cancelled."""
    _decide(body, action, client, db, clock, send=False)
    ack()


def _decide(
    body: Body, action: Body, client: Any, db: Database, clock: Clock, *, send: bool
) -> None:
    chosen = row_id(action)
    with db.begin() as session:
        person = roster.caller(session, body)
        below = action["action_id"] in (m.OUTAGE_SEND, m.OUTAGE_SKIP)
        line = backlog.outage_of(session, chosen, person) if below else None
        cohort = desk.open_cohort(session, person, line.cohort_id if line else chosen)
        result = backlog.decide(session, send=send, by=person, now=clock(), line=line)
        view = _status(session, person, cohort, clock, result=result)
    screen.show(client, body, view)


def _act(session: Session, wish: str, concern_id: int, by: Person, clock: Clock) -> None:
    now = clock()
    match wish:
        case panels.TAKE:
            care.take(session, concern_id, by=by, now=now)
        case panels.TALKED:
            care.talked(session, concern_id, by=by, now=now)
        case panels.HAND_BACK:
            care.hand_back(session, concern_id, by=by, now=now)
        case panels.WAKE:
            care.wake(session, concern_id, by=by, now=now)
        case panels.SNOOZE:
            care.snooze(session, concern_id, days=panels.SNOOZE_DAYS, by=by, now=now)
        case _:
            raise NotYours


def _end_form(db: Database, body: Body, pairing_id: int) -> Body:
    with db.read() as session:
        pairing = byhand.of_coordinator(session, pairing_id, roster.caller(session, body))
        return messages_pairing.end_form(pair_standing.of_pair(pairing), byhand.REASONS)


def _clear_form(db: Database, body: Body, concern_id: int, clock: Clock) -> Body:
    with db.begin() as session:
        person = roster.caller(session, body)
        concern = concerns.owned(session, concern_id, person)
        zone = roster.zone_of(person, concern.cohort)
        return concern_words.clear_form(concerns.shown(concern, (), now=clock(), zone=zone))


def _redraw(
    body: Body, client: Any, db: Database, clock: Clock, *, cohort_id: int, page: int = 1
) -> None:
    with db.read() as session:
        person = roster.caller(session, body)
        cohort = desk.open_cohort(session, person, cohort_id)
        view = _status(session, person, cohort, clock, page=page)
    client.views_update(view_id=body["view"]["id"], view=view)


def _status(
    session: Session,
    person: Person,
    cohort: Cohort,
    clock: Clock,
    *,
    page: int = 1,
    result: str = "",
) -> Body:
    now = clock()
    return panels.status(
        status.page_of(session, cohort, person, page=page, now=now),
        headline=m.console_headline(standing.of(session, cohort, viewer=person, now=now)),
        result=result,
        choices=cohort_panels.choices(session, person),
    )
