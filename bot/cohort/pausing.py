"""Pausing letters, resuming them, and why one came."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import forms, outbox
from bot.cohort import calendar, messages, people, roster
from bot.cohort.model import Person
from bot.cohort.settings import SETTINGS, whole
from bot.outbox.model import Kind, Letter
from bot.refusal import NotYours


def pause(session: Session, person: Person, *, now: datetime) -> datetime:
    """No counted letters for a week (a setting), counted in whole local days. Returns until
    when; pausing twice on one day changes nothing."""
    found = roster.memberships(session, person)
    cohort = found[0].cohort if found else None
    days = whole(cohort, "pause_days") if cohort else int(SETTINGS["pause_days"].default)
    zone = roster.zone_of(person, cohort)
    until = roster.local_date(now, zone) + timedelta(days=days)
    person.paused_until = calendar.local(until, time(0), zone)
    people.refresh_home(session, person, now=now)
    return person.paused_until


def resume(session: Session, person: Person, *, now: datetime) -> None:
    """Counted letters come again, from now on."""
    person.paused_until = None
    people.refresh_home(session, person, now=now)


def is_paused(person: Person, now: datetime) -> bool:
    """Whether counted letters wait."""
    return person.paused_until is not None and person.paused_until > now


def handle_menu(
    session: Session,
    body: Mapping[str, Any],
    action: Mapping[str, Any],
    *,
    whys: Mapping[str, str],
    now: datetime,
) -> bool:
    """Do what the two options at the end of every letter say.

    False for any other option: that one belongs to the feature that added it. Raises NotYours
    for a letter that did not go to this person.
    """
    wish = forms.picked(action)
    if wish not in ("pause", "why"):
        return False
    person = roster.caller(session, body)
    letter = _own_letter(session, forms.row_id(action), person)
    if wish == "pause":
        pause(session, person, now=now)
        answer(session, messages.PAUSED, body, person, now=now)
    else:
        reason = {"why": whys.get(letter.kind, "")}
        answer(session, messages.WHY, body, person, now=now, data=reason)
    return True


def answer(
    session: Session,
    kind: Kind,
    body: Mapping[str, Any],
    person: Person,
    *,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Tell only this person, below the message they clicked in. On the Home tab and in forms
    there is no such place: there the page itself shows what has changed."""
    channel = body.get("channel")
    place = channel.get("id") if isinstance(channel, Mapping) else None
    if not place:
        return
    actions = body.get("actions") or [{}]
    outbox.post(
        session,
        kind,
        # A click that Slack delivers twice has the same stamp.
        key=f"{kind.name}:{person.id}:{actions[0].get('action_ts') or now.timestamp()}",
        workspace_id=person.workspace_id,
        person_id=person.id,
        data={"channel": str(place), **(data or {})},
        now=now,
    )


def _own_letter(session: Session, letter_id: int, person: Person) -> Letter:
    letter = session.scalars(
        sa.select(Letter).where(Letter.id == letter_id, Letter.workspace_id == person.workspace_id)
    ).first()
    if letter is None or (letter.person_id != person.id and person.id not in (letter.group or ())):
        raise NotYours
    return letter
