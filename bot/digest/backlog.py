"""What a coordinator decides after an outage, or about a copied database: send what waits, or
skip it. One decision for the whole workspace; who made it is noted."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import Message, counted, cut, escape
from bot.cohort import naming, roster
from bot.cohort.calendar import zone_or
from bot.cohort.model import Cohort, CohortState, Person
from bot.digest import messages
from bot.digest.messages import BACKLOG
from bot.outbox import instance
from bot.outbox.model import Cancelled, Letter
from bot.refusal import NotYours
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
        waits = "waits" if stands.waiting == 1 else "wait"
        words = (
            f"The bot was away from {spoken(gone, zone, city=False)} until "
            f"{spoken(back, zone)}; {many} from that time still {waits}."
        )
    return Asked(words, stands.waiting)


def tell(session: Session, workspace_id: int, now: datetime) -> None:
    """Nobody was at work for long: the coordinators of every open cohort hear of it, once, if
    anything fell due meanwhile; and when nothing of it waits any more, their line says so."""
    stands = instance.standing(session, now=now)
    if stands is None:
        tell_decided(session, now)
        return
    if stands.paused or stands.away_from is None or stands.away_until is None:
        return
    for cohort in session.scalars(
        sa.select(Cohort).where(
            Cohort.workspace_id == workspace_id, Cohort.state == CohortState.OPEN
        )
    ):
        outbox.post(
            session,
            BACKLOG,
            key=f"backlog:{cohort.id}:{stands.away_until.isoformat()}",
            workspace_id=workspace_id,
            cohort_id=cohort.id,
            channel=cohort.channel,
            subject=_number(stands.away_until),
            data={
                "from": stands.away_from.isoformat(),
                "until": stands.away_until.isoformat(),
                "waiting": stands.waiting,
            },
            now=now,
        )


def tell_decided(session: Session, now: datetime) -> None:
    """There is nothing left to decide about the last outage: its lines are brought up to date.
    Those of an earlier one stay as they are, whatever was decided since."""
    until = instance.last_back(session)
    if until is not None:
        outbox.refresh(session, BACKLOG, subject=_number(until), now=now)


def _number(until: datetime) -> int:
    """What a line is about: the outage, by the minute in which it ended."""
    return int(until.timestamp() // 60)


def letter(session: Session, one: Letter, now: datetime) -> Message | Cancelled:
    """The line in the coordinators' channel, as things stand."""
    cohort = session.get_one(Cohort, one.cohort_id)
    zone = zone_or(cohort.zone, roster.FALLBACK_ZONE)
    gone, back = (datetime.fromisoformat(one.data[name]) for name in ("from", "until"))
    words = f"from {spoken(gone, zone, city=False)} until {spoken(back, zone)}"
    stands = instance.standing(session, now=now)
    if stands is not None and _asks_about(stands, one):
        # A line of an earlier version does not know how many waited then.
        waited = one.data.get("waiting", stands.waiting)
        return messages.was_away(words, waited, one.id)
    if back != instance.last_back(session):
        return messages.was_away_over(words, "○ I was away once more since then.")
    made = instance.decision(session)
    if made is not None and made.at >= back:
        return messages.was_away_over(words, _made(session, made, one.workspace_id))
    if one.sent_ts is None:
        return Cancelled("nothing waits any more")
    return messages.was_away_over(words, "● What was due meanwhile has gone out, or came too late.")


def outage_of(session: Session, letter_id: int, by: Person) -> Letter:
    """The line whose button was pressed. Raises NotYours for anything else."""
    found = session.scalars(
        sa.select(Letter).where(
            Letter.id == letter_id,
            Letter.workspace_id == by.workspace_id,
            Letter.kind == BACKLOG.name,
        )
    ).first()
    if found is None or found.cohort_id is None:
        raise NotYours
    return found


def decide(
    session: Session, *, send: bool, by: Person, now: datetime, line: Letter | None = None
) -> str:
    """Send what waits, or skip it; returns what came of it. When somebody was faster nothing
    changes, and their choice is told. A `line` in the channel decides about its own outage only,
    whatever is asked today."""
    stands = instance.standing(session, now=now)
    if line is not None and (stands is None or not _asks_about(stands, line)):
        outbox.refresh(session, BACKLOG, subject=line.subject or 0, now=now)
        return "○ That is over. Nothing was changed."
    if stands is None:
        return _decided(session, by)
    many = instance.resume(session, send=send, now=now, by=by.slack_id)
    tell_decided(session, now)
    if not send:
        return f"● {counted(many, 'letter')} skipped."
    return f"● {counted(many, 'letter')} will go out." if many else "● Letters are sent again."


def _asks_about(stands: instance.Standing, one: Letter) -> bool:
    until = stands.away_until
    return not stands.paused and until is not None and until.isoformat() == one.data["until"]


def _decided(session: Session, viewer: Person) -> str:
    made = instance.decision(session)
    if made is None:
        return "○ There is nothing to decide."
    return _made(session, made, viewer.workspace_id)


def _made(session: Session, made: instance.Decision, workspace_id: int) -> str:
    who = session.scalars(
        sa.select(Person).where(Person.workspace_id == workspace_id, Person.slack_id == made.by)
    ).first()
    name = naming.full(who) if who else "The operator"
    return f"○ {name} chose to {'send' if made.send else 'skip'} them."
