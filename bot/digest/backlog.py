"""What a coordinator decides after an outage, or about a copied database: send what waits, or
skip it. One decision for the whole workspace; who made it is noted."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import counted, cut, escape
from bot.cohort import naming, roster
from bot.cohort.model import Cohort, Person
from bot.outbox import instance
from bot.times import spoken

_REASON = 80  # characters; with the rest it fits an alert


@dataclass(frozen=True)
class Asked:
    """The question, and how many letters it is about."""

    words: str  # mrkdwn
    waiting: int


def asked(session: Session, cohort: Cohort, viewer: Person, *, now: datetime) -> Asked | None:
    """What there is to decide, moments in the viewer's zone; None while all is well."""
    stands = instance.standing(session, now=now)
    if stands is None:
        return None
    many = counted(stands.waiting, "letter")
    if stands.paused:
        reason = escape(cut(stands.paused_reason[0].upper() + stands.paused_reason[1:], _REASON))
        waits = "waits" if stands.waiting == 1 else "wait"
        words = f"{reason}. Nothing is sent until you choose; {many} {waits}."
    else:
        zone = roster.zone_of(viewer, cohort)
        gone, back = stands.away_from or stands.since, stands.away_until or stands.since
        due = "was due" if stands.waiting == 1 else "were due"
        words = (
            f"The bot was away from {spoken(gone, zone, city=False)} until "
            f"{spoken(back, zone)}; {many} {due} meanwhile."
        )
    return Asked(words, stands.waiting)


def decide(session: Session, *, send: bool, by: Person, now: datetime) -> str:
    """Send what waits, or skip it; returns what came of it. When somebody was faster nothing
    changes, and their choice is told."""
    if instance.standing(session, now=now) is None:
        return _decided(session, by)
    many = instance.resume(session, send=send, now=now, by=by.slack_id)
    if not send:
        return f"● {counted(many, 'letter')} skipped."
    return f"● {counted(many, 'letter')} will go out." if many else "● Letters are sent again."


def _decided(session: Session, viewer: Person) -> str:
    made = instance.decision(session)
    if made is None:
        return "○ There is nothing to decide."
    who = session.scalars(
        sa.select(Person).where(
            Person.workspace_id == viewer.workspace_id, Person.slack_id == made.by
        )
    ).first()
    name = naming.full(who) if who else "The operator"
    return f"○ {name} chose to {'send' if made.send else 'skip'} them."
