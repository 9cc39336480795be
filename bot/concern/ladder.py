"""The ladder: what the pair hears first, and when coordinators hear of an amber concern.

A nudge at once (within a working day, in the reader's hours), some working days later a second
one with a smaller ask, and again later the coordinators; both waits are settings. Meetings
concern both sides; a check-in concerns only the person who answered it. Once a concern is red,
or a coordinator has it, the bot says no more to the pair.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import roster
from bot.cohort.calendar import zone_or
from bot.cohort.hours import Hours, add_working_days
from bot.cohort.settings import whole
from bot.concern import concerns, evidence
from bot.concern.evidence import Evidence, Side
from bot.concern.messages import NOTE, NUDGE
from bot.concern.model import Concern, ConcernState, Level
from bot.concern.signals import B1, B2, CONTACT, S1, S2, Thresholds, assess

_FIRST, _SECOND, _TOP = 1, 2, 3


def climb(session: Session, concern_id: int, now: datetime) -> None:
    """Take the next step of a concern that is open and amber."""
    concern = concerns.locked(session, concern_id)
    concern.next_step_at = None
    if concern.state is not ConcernState.OPEN or concern.level is not Level.AMBER:
        return
    concern.step += 1
    if concern.step >= _TOP:
        concerns.announce(session, concern, now=now)
        return
    found = evidence.of_pairings(session, concern.cohort, [concern.pairing], now)
    _write_to_pair(session, concern, found[concern.pairing_id], now)
    name = "second_nudge_days" if concern.step == _FIRST else "amber_told_days"
    zone = zone_or(concern.cohort.zone, roster.FALLBACK_ZONE)
    away = found[concern.pairing_id].facts.frozen
    concern.next_step_at = add_working_days(
        Hours(zone=zone), now, whole(concern.cohort, name), away
    )


def still_asks(concern: Concern) -> bool:
    """Whether a letter to the pair still makes sense."""
    return concern.state in (ConcernState.OPEN, ConcernState.SNOOZED) and (
        concern.level is Level.AMBER
    )


def _write_to_pair(session: Session, concern: Concern, about: Evidence, now: datetime) -> None:
    if about.planned is None and any(code in (B1, B2) for code in concern.codes):
        for side in about.sides:
            _post(session, concern, NUDGE, side, {}, now)
    for side in _answered_low(concern, about, now):
        _post(session, concern, NOTE, side, {"check_in": side.newest_answer}, now)


def _answered_low(concern: Concern, about: Evidence, now: datetime) -> list[Side]:
    """Whose own check-ins give a reason, without those who have asked for a coordinator."""
    if not any(code in (S1, S2, CONTACT) for code in concern.codes):
        return []
    limits = evidence.thresholds(concern.cohort)
    asked = {wish.membership_id for wish in about.wishes}
    return [
        side
        for side in about.sides
        if side.newest_answer is not None
        and side.membership_id not in asked
        and _is_low(about, side, limits, now)
    ]


def _is_low(about: Evidence, side: Side, limits: Thresholds, now: datetime) -> bool:
    alone = replace(about.facts, checkins=(side.checkins,))
    return any(code in (S1, S2) for code in assess(alone, limits, now).codes)


def _post(
    session: Session,
    concern: Concern,
    kind: outbox.Kind,
    side: Side,
    data: dict[str, int | None],
    now: datetime,
) -> None:
    outbox.post(
        session,
        kind,
        key=f"{kind.name}:{concern.id}:{concern.step}:{side.person_id}",
        workspace_id=concern.workspace_id,
        cohort_id=concern.cohort_id,
        person_id=side.person_id,
        subject=concern.id,
        data=data | {"step": concern.step},
        now=now,
    )
