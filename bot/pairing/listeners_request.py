"""Asking for a mentor: goals, choosing by taps, sending, waiting, withdrawing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import screen
from bot.clock import Clock
from bot.cohort import roster
from bot.cohort.model import Membership, Person
from bot.database import Database
from bot.forms import Form, row_id
from bot.manifest import REQUEST_SHORTCUT
from bot.pairing import messages as m
from bot.pairing import messages_profile as profile
from bot.pairing import messages_request as words
from bot.pairing import places, profiles, requests, standing
from bot.pairing.model import Request, RequestState
from bot.pairing.phrases import why_nobody
from bot.pairing.requests import Options
from bot.refusal import NotYours
from bot.slack import SlackClient

View = dict[str, Any]


def register(app: Any) -> None:
    """Who hears what."""
    app.action(m.REQUEST)(open_request)
    app.shortcut(REQUEST_SHORTCUT)(open_request)
    app.view(words.COHORTS_FORM)(choose_cohort)
    app.view(words.GOALS_FORM)(submit_goals)
    app.action(words.ADD_GOAL)(add_goal)
    app.action(words.CHOOSE)(choose)
    app.action(words.DROP)(drop)
    app.action(words.TO_GOALS)(back_to_goals)
    app.view(words.CHOICES_FORM)(send)
    app.view(words.WAITLIST_FORM)(join_waitlist)
    app.action(words.CHOOSE_OTHERS)(choose_others)
    app.action(words.WITHDRAW)(withdraw)
    app.action(words.ASK_COORDINATOR)(ask_coordinator)
    app.action(words.TAKE_PLACE)(take_place)
    app.action(words.KEEP_WAITING)(keep_waiting)


# ---- in


def open_request(
    ack: Any, body: dict[str, Any], client: SlackClient, db: Database, clock: Clock, settings: Any
) -> None:
    """`/mentor-request`: the form, or where the open request stands."""
    with db.begin() as session:
        mine = requests.places_of(session, roster.caller(session, body))
        if len(mine) > 1:
            view = words.cohorts_form([(place.id, place.cohort.name) for place in mine])
        else:
            view = _where(session, mine[0], clock())
    screen.show(client, body, view)
    ack()


def choose_cohort(ack: Any, body: dict[str, Any], view: View, db: Database, clock: Clock) -> None:
    """For an intern in several cohorts."""
    chosen = Form(view).choice("cohort") or ""
    if not chosen.isdigit():
        raise NotYours
    with db.begin() as session:
        place = requests.place(session, roster.caller(session, body), int(chosen))
        upcoming = _where(session, place, clock())
    ack(response_action="update", view=upcoming)


def _where(session: Session, place: Membership, now: datetime) -> View:
    requests.without_mentor(session, place)
    request = requests.current(session, place)
    if request is None or request.state is RequestState.DRAFT:
        return words.goals_form(place.id, profile.Goals.from_rows(place.goals))
    return _standing(session, request, now)


def _standing(session: Session, request: Request, now: datetime) -> View:
    where = standing.of_request(session, request, now=now)
    return words.asking_view(where) if where.asked else words.waiting_view(where)


# ---- goals


def submit_goals(ack: Any, body: dict[str, Any], view: View, db: Database, clock: Clock) -> None:
    """The goals go into the profile; the answer is the suggestions."""
    form = Form(view)
    goals = profile.submitted_goals(form)
    with db.begin() as session:
        person = roster.caller(session, body)
        place = requests.place(session, person, form.row("place"))
        profiles.save_goals(session, place, goals)
        request = requests.begin(session, place, now=clock())
        upcoming = _choices(session, request, clock())
    ack(response_action="update", view=upcoming)


def add_goal(ack: Any, body: dict[str, Any], client: SlackClient, db: Database) -> None:
    """One more goal; what was typed stays, because the block ids do."""
    form = Form(body["view"])
    with db.begin() as session:
        place = requests.place(session, roster.caller(session, body), form.row("place"))
        grown = words.goals_form(place.id, profile.typed_goals(form, one_more=True))
    screen.redraw(client, body, grown, lambda: grown)
    ack()


def _choices(session: Session, request: Request, now: datetime) -> View:
    """The suggestions, or why there are none. Chosen mentors without room are told and left
    out."""
    return _choices_of(session, requests.up_to_date(session, request, now=now), request.line)


def _choices_of(session: Session, found: Options, line: str) -> View:
    request = found.request
    if not found.suggested:
        why = why_nobody(found.candidates.why_none())
        return words.nobody_fits(request.id, why, standing.coordinator_of(session, request.intern))
    gone = [m.called(mentor.person) for mentor in found.gone]
    alerts = [words.no_room_alert(gone)] if gone else []
    return words.choices_form(request.id, standing.rows(found), line, alerts)


# ---- choosing


def choose(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """A tap puts a mentor at the end of the list."""
    request_id = Form(body["view"]).row("request")
    with db.begin() as session:
        person = roster.caller(session, body)
        request = requests.choose(session, request_id, row_id(action), by=person, now=clock())
        view = _choices(session, request, clock())
    _redraw(client, body, view, db, clock)
    ack()


def drop(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """A tap takes a mentor off the list; the others move up."""
    request_id = Form(body["view"]).row("request")
    with db.begin() as session:
        request = requests.drop(
            session, request_id, row_id(action), by=roster.caller(session, body)
        )
        view = _choices(session, request, clock())
    _redraw(client, body, view, db, clock)
    ack()


def _redraw(
    client: SlackClient, body: Mapping[str, Any], view: View, db: Database, clock: Clock
) -> None:
    def newest() -> View:
        with db.begin() as session:
            person = roster.caller(session, body)
            request = requests.owned(session, Form(body["view"]).row("request"), person)
            return _choices(session, request, clock())

    screen.redraw(client, body, view, newest)


def back_to_goals(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """Back to the goals; the line typed so far is kept."""
    form = Form(body.get("view") or {})
    with db.begin() as session:
        person = roster.caller(session, body)
        request = requests.owned(session, row_id(action), person)
        if form.has("line"):
            requests.keep_line(session, request.id, words.written_line(form), by=person)
        goals = profile.Goals.from_rows(request.intern.goals)
        view = words.goals_form(request.intern_id, goals)
    screen.show(client, body, view)
    ack()


def choose_others(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """From the waitlist back to choosing; the place on the waitlist is kept meanwhile."""
    with db.begin() as session:
        request = requests.owned(session, row_id(action), roster.caller(session, body))
        request = requests.begin(session, request.intern, now=clock())
        view = _choices(session, request, clock())
    screen.show(client, body, view)
    ack()


# ---- out


def send(ack: Any, body: dict[str, Any], view: View, db: Database, clock: Clock) -> None:
    """Ask the first choice."""
    form = Form(view)
    line = words.written_line(form)
    with db.begin() as session:
        now, person = clock(), roster.caller(session, body)
        request = requests.owned(session, form.row("request"), person)
        answer = _send(session, request, line, person, now)
    ack(response_action="update", view=answer)


def _send(session: Session, request: Request, line: str, person: Person, now: datetime) -> View:
    if request.state in (RequestState.DRAFT, RequestState.WAITING):
        found = requests.up_to_date(session, request, now=now)
        if found.gone:
            # No refusal: what is left of the list is saved, and the form shows it.
            requests.keep_line(session, request.id, line, by=person)
            return _choices_of(session, found, line)
    request = requests.send(session, request.id, line=line, by=person, now=now)
    where = standing.of_request(session, request, now=now)
    return words.sent_view(where) if where.asked else words.waiting_view(where)


def join_waitlist(ack: Any, body: dict[str, Any], view: View, db: Database, clock: Clock) -> None:
    """Nobody fits today: wait for the next place."""
    with db.begin() as session:
        person = roster.caller(session, body)
        request_id = Form(view).row("request")
        request = requests.join_waitlist(session, request_id, by=person, now=clock())
        answer = _standing(session, request, clock())
    ack(response_action="update", view=answer)


def withdraw(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """Nobody is asked any more."""
    with db.begin() as session:
        person = roster.caller(session, body)
        requests.withdraw(session, row_id(action), by=person, now=clock())
    screen.show(client, body, words.withdrawn_view())
    ack()


def ask_coordinator(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """The coordinators' channel hears that this intern would like to talk."""
    with db.begin() as session:
        person = roster.caller(session, body)
        request = requests.ask_for_help(session, row_id(action), by=person, now=clock())
        view = words.helped_view(standing.coordinator_of(session, request.intern))
    screen.show(client, body, view)
    ack()


# ---- a place for who waits


def take_place(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """Ask the mentor who has room again."""
    with db.begin() as session:
        person = roster.caller(session, body)
        places.take(session, row_id(action), by=person, now=clock())
        view = _of_place(session, row_id(action), person, clock())
    if screen.in_modal(body):
        screen.show(client, body, view)
    ack()


def keep_waiting(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """The place goes to the next who waits."""
    with db.begin() as session:
        person = roster.caller(session, body)
        places.keep_waiting(session, row_id(action), by=person, now=clock())
        view = _of_place(session, row_id(action), person, clock())
    if screen.in_modal(body):
        screen.show(client, body, view)
    ack()


def _of_place(session: Session, place_id: int, person: Person, now: datetime) -> View:
    return _standing(session, places.owned(session, place_id, person).request, now)
