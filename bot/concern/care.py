"""What coordinators do about a concern. The same person's second click changes nothing; a second
person reads who was first."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import outbox, times
from bot.cohort import calendar, naming, roster
from bot.cohort.model import Person
from bot.concern import concerns, watch
from bot.concern.messages import CONCERN, SNOOZE_DAYS
from bot.concern.model import Concern, ConcernState, Ending
from bot.refusal import NotYours, Refusal


class DoneAlready(Refusal):
    """{who} did this {when}."""


class OverAlready(Refusal):
    """This concern is over already. Nothing to do."""


class NotTaken(Refusal):
    """Nobody is contacting them at the moment. Press "I will contact them" first."""


def take(session: Session, concern_id: int, *, by: Person, now: datetime) -> Concern:
    """This coordinator contacts the pair. What was not in the channel yet is told there, so
    that the others know."""
    concern = _open(session, concern_id, by, now)
    if concern.state in (ConcernState.TAKEN, ConcernState.TALKED):
        if concern.taken_by != by.id:
            raise _done(by, concern.taker, concern.taken_at, concern, now)
        return concern
    concern.state = ConcernState.TAKEN
    concern.taken_by, concern.taker, concern.taken_at = by.id, by, now
    concern.snoozed_until = None
    concerns.announce(session, concern, now=now)
    return _changed(session, concern, now)


def talked(session: Session, concern_id: int, *, by: Person, now: datetime) -> Concern:
    """They have been talked with."""
    concern = _open(session, concern_id, by, now)
    if concern.state is ConcernState.TALKED:
        if concern.taken_by != by.id:
            raise _done(by, concern.taker, concern.talked_at, concern, now)
        return concern
    if concern.state is not ConcernState.TAKEN:
        raise NotTaken
    concern.state = ConcernState.TALKED
    concern.taken_by, concern.taker, concern.talked_at = by.id, by, now
    return _changed(session, concern, now)


def hand_back(session: Session, concern_id: int, *, by: Person, now: datetime) -> Concern:
    """Somebody else should contact them."""
    concern = _open(session, concern_id, by, now)
    if concern.state is ConcernState.OPEN:
        return concern
    if concern.state is not ConcernState.TAKEN:
        raise NotTaken
    concern.state = ConcernState.OPEN
    concern.taken_by = concern.taker = concern.taken_at = None
    return _changed(session, concern, now)


def snooze(session: Session, concern_id: int, *, days: int, by: Person, now: datetime) -> Concern:
    """Put it aside until 9:00 of the cohort, `days` days ahead; a new reason wakes it earlier."""
    if days not in SNOOZE_DAYS:
        raise NotYours
    concern = _open(session, concern_id, by, now)
    if concern.state in (ConcernState.TAKEN, ConcernState.TALKED):
        raise _done(by, concern.taker, concern.taken_at, concern, now)
    if concern.state is ConcernState.SNOOZED and concern.snoozed_by != by.id:
        raise _done(by, concern.snoozer, concern.snoozed_at, concern, now)
    zone = calendar.zone_or(concern.cohort.zone, roster.FALLBACK_ZONE)
    day = roster.local_date(now, zone) + timedelta(days=days)
    concern.state = ConcernState.SNOOZED
    concern.snoozed_by, concern.snoozer, concern.snoozed_at = by.id, by, now
    concern.snoozed_until = roster.moment(concern.cohort, day, watch.LOOK_AT.hour)
    return _changed(session, concern, now)


def wake(session: Session, concern_id: int, *, by: Person, now: datetime) -> Concern:
    """The snooze ends now, by hand."""
    concern = _open(session, concern_id, by, now)
    if concern.state is ConcernState.SNOOZED:
        _awake(concern)
        _changed(session, concern, now)
    return concern


def wake_up(session: Session, concern_id: int, now: datetime) -> None:
    """The snooze ends by itself: coordinators hear of it again."""
    concern = concerns.locked(session, concern_id)
    if concern.state is ConcernState.SNOOZED:
        _awake(concern)
        concerns.again(session, concern, "awake", of=now, now=now)
        _changed(session, concern, now)


def clear(session: Session, concern_id: int, *, by: Person, note: str, now: datetime) -> Concern:
    """Over, by a coordinator's judgement. What there was so far counts no more."""
    concern = _open(session, concern_id, by, now)
    concern.clearer = by
    concerns.close(session, concern, Ending.COORDINATOR, by=by, note=note, now=now)
    session.flush()
    watch.look_again(session, concern.pairing, now)
    return concern


def _open(session: Session, concern_id: int, by: Person, now: datetime) -> Concern:
    concern = concerns.owned(session, concern_id, by)
    if concern.state is ConcernState.CLEARED:
        if concern.clearer is not None and concern.cleared_by != by.id:
            raise _done(by, concern.clearer, concern.cleared_at, concern, now)
        raise OverAlready
    return concern


def _awake(concern: Concern) -> None:
    concern.state = ConcernState.OPEN
    concern.snoozed_until = None


def _changed(session: Session, concern: Concern, now: datetime) -> Concern:
    session.flush()
    outbox.refresh(session, CONCERN, subject=concern.id, now=now)
    people = [person.id for person in roster.coordinators(session, concern.cohort)]
    outbox.refresh_home(session, concern.workspace_id, *people, now=now)
    return concern


def _done(
    by: Person, first: Person | None, at: datetime | None, concern: Concern, now: datetime
) -> Refusal:
    """ "Tom did this at 09:30." as the second person's clock shows it."""
    if first is None or at is None:
        return OverAlready()
    zone = roster.zone_of(by, concern.cohort)
    when = f"at {times.spoken_time(at, zone, by.locale)}"
    if roster.local_date(at, zone) != roster.local_date(now, zone):
        when = f"on {times.spoken(at, zone, by.locale, city=False)}"
    return DoneAlready(who=naming.short(first), when=when)
