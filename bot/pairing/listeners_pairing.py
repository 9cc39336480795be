"""A mentor's yes or no, the first-meeting kit, and what coordinators do by hand."""

from typing import Any

from bot import screen
from bot.clock import Clock
from bot.cohort import roster
from bot.database import Database
from bot.forms import Form, picked, row_id
from bot.pairing import byhand, offers, pairings, standing
from bot.pairing import messages as m
from bot.pairing import messages_pairing as words
from bot.pairing.model import NoRoom, OfferState, PairEnded, PairingState, TooLateToUndo
from bot.slack import SlackClient


def register(app: Any) -> None:
    """Who hears what."""
    app.action(m.ACCEPT)(accept_offer)
    app.action(m.DECLINE)(open_decline)
    app.view(m.DECLINE_FORM)(decline_offer)
    app.action(m.SEE_OFFER)(see_offer)
    app.action(m.KIT)(open_kit)
    app.action(words.LINE_MENU)(open_from_menu)
    app.action(words.END)(open_end)
    app.action(words.UNDO)(open_undo)
    app.view(words.END_FORM)(end_pairing)
    app.view(words.UNDO_FORM)(undo_pairing)
    app.action(words.BY_HAND)(open_by_hand)
    app.view(words.BY_HAND_FORM)(pair_by_hand)


# ---- the mentor


def accept_offer(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """A yes."""
    try:
        with db.begin() as session:
            person = roster.caller(session, body)
            offers.accept(session, row_id(action), by=person, now=clock())
            intern = m.called(offers.owned(session, row_id(action), person).request.intern.person)
    except NoRoom:
        if screen.in_modal(body):
            raise
        _say_full(action, body, db, clock)
        ack()
        return
    if screen.in_modal(body):
        said = f"*You are {intern}'s mentor.* Next, I introduce you both."
        screen.show(client, body, m.offer_decided_view(said))
    ack()


def _say_full(action: dict[str, Any], body: dict[str, Any], db: Database, clock: Clock) -> None:
    """The refusal with a button, below the letter."""
    with db.begin() as session:
        offers.tell_no_room(
            session,
            row_id(action),
            by=roster.caller(session, body),
            channel=str((body.get("channel") or {}).get("id", "")),
            click=str(action.get("action_ts", ""))[:32],
            now=clock(),
        )


def open_decline(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """A no begins with what the intern will hear."""
    with db.begin() as session:
        offer = offers.still_open(session, row_id(action), by=roster.caller(session, body))
        view = m.decline_form(offer.id, m.called(offer.request.intern.person))
    screen.show(client, body, view)
    ack()


def decline_offer(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """A no."""
    offer_id, reason = m.declined(Form(view))
    with db.begin() as session:
        person = roster.caller(session, body)
        offers.decline(session, offer_id, by=person, reason=reason, now=clock())
    ack()


def see_offer(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """The offer, from the Home tab."""
    with db.begin() as session:
        offer = offers.owned(session, row_id(action), roster.caller(session, body))
        if offer.state is OfferState.OPEN:
            view = m.offer_view(standing.of_offer(session, offer, now=clock()))
        else:
            view = m.offer_decided_view("This request has moved on. Nothing to do.")
    screen.show(client, body, view)
    ack()


# ---- the pair


def open_kit(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """What the first half hour can be about."""
    with db.begin() as session:
        pairing = pairings.owned(session, row_id(action), roster.caller(session, body))
        people = pairing.intern.person, pairing.mentor.person
        view = words.kit(
            standing.of_pair(pairing), *people, pairing.cohort.weeks, note=pairing.intern.note
        )
    screen.show(client, body, view)
    ack()


# ---- the coordinator


def open_from_menu(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """The menu of the line about a new pair."""
    opener = open_undo if picked(action) == "undo" else open_end
    opener(ack=ack, action=action, body=body, client=client, db=db, clock=clock)


def open_end(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """What ending means, and the reason."""
    with db.begin() as session:
        coordinator = roster.caller(session, body)
        pairing = byhand.of_coordinator(session, row_id(action), coordinator)
        if pairing.state is not PairingState.ACTIVE:
            raise PairEnded
        view = words.end_form(standing.of_pair(pairing), byhand.REASONS)
    screen.show(client, body, view)
    ack()


def open_undo(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: SlackClient,
    db: Database,
    clock: Clock,
) -> None:
    """What undoing means."""
    with db.begin() as session:
        coordinator = roster.caller(session, body)
        pairing = byhand.of_coordinator(session, row_id(action), coordinator)
        if pairing.state is not PairingState.ACTIVE:
            raise PairEnded
        if clock() - pairing.started_at > pairings.UNDO:
            raise TooLateToUndo
        view = words.undo_form(standing.of_pair(pairing))
    screen.show(client, body, view)
    ack()


def end_pairing(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """The pairing ends."""
    form = Form(view)
    with db.begin() as session:
        coordinator = roster.caller(session, body)
        reason = form.choice("reason")
        byhand.end(session, form.row("pairing"), reason, by=coordinator, now=clock())
    said = "*Ended.* Both hear that it changes for programme reasons."
    ack(response_action="update", view=words.done_view("Pairing ended", said))


def undo_pairing(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """The acceptance is taken back."""
    with db.begin() as session:
        coordinator = roster.caller(session, body)
        byhand.undo(session, Form(view).row("pairing"), by=coordinator, now=clock())
    said = "*Undone.* Both hear that it changes for programme reasons. The request goes on."
    ack(response_action="update", view=words.done_view("Acceptance undone", said))


def open_by_hand(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: SlackClient, db: Database
) -> None:
    """Pair two people; the button names the cohort, or it is the coordinator's newest."""
    with db.begin() as session:
        named = row_id(action) if action.get("value") or action.get("selected_option") else None
        cohort = byhand.coordinated(session, roster.caller(session, body), named)
        view = words.by_hand_form(cohort.id, cohort.name)
    screen.show(client, body, view)
    ack()


def pair_by_hand(
    ack: Any, body: dict[str, Any], view: dict[str, Any], db: Database, clock: Clock
) -> None:
    """The two are a pair."""
    cohort_id, intern, mentor = words.two_people(Form(view))
    with db.begin() as session:
        by = roster.caller(session, body)
        cohort = byhand.coordinated(session, by, cohort_id)
        pairing = byhand.pair(
            session, cohort, intern_slack_id=intern, mentor_slack_id=mentor, by=by, now=clock()
        )
        both = standing.of_pair(pairing).both
    said = f"● {both} are a pair. I introduce them now."
    ack(response_action="update", view=words.done_view("They are a pair", said))
