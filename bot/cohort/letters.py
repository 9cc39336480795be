"""Writing the cohort's letters when they go out, and when they change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import Message, escape
from bot.cohort import members, messages, messages_people, naming, roster
from bot.cohort.calendar import week_of, zone_or
from bot.cohort.model import (
    Cohort,
    CohortState,
    Leave,
    Membership,
    MembershipState,
    Person,
    Role,
)
from bot.outbox.model import Allowance, Cancelled, Kind, Letter, Render, StoppedChannel
from bot.outbox.outcome import outcome
from bot.times import spoken_date

GONE = "no longer in the cohort"


def welcome(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The welcome of any role, or what became of it."""
    place = session.get(Membership, letter.subject)
    if place is None:
        return Cancelled(GONE)
    sent = letter.sent_ts is not None
    if place.state is MembershipState.LEFT or place.cohort.state is CohortState.ENDED:
        return _welcome_over(session, place) if sent else Cancelled(GONE)
    person, saved = place.person, place.person.profile_saved_at
    if place.role is Role.COORDINATOR:
        return _welcome_coordinator(session, place, letter, now)
    if sent and saved is not None and saved >= place.joined_at:
        zone = roster.zone_of(person, place.cohort)
        return messages.welcome_after_profile(_name(place.cohort), spoken_date(saved, zone))
    return _welcome_member(session, place, letter)


def _welcome_member(session: Session, place: Membership, letter: Letter) -> Message:
    cohort = place.cohort
    by = _added_by(session, place)
    if place.role is Role.MENTOR:
        return messages.welcome_mentor(
            cohort=_name(cohort),
            by=by,
            weeks=_weeks_ahead(place),
            letter_id=letter.id,
            membership_id=place.id,
        )
    return messages.welcome_intern(
        name=naming.short(place.person),
        cohort=_name(cohort),
        by=by,
        day=spoken_date(place.joined_at, roster.zone_of(place.person, cohort)),
        weeks=_weeks_ahead(place),
        letter_id=letter.id,
        membership_id=place.id,
    )


def _weeks_ahead(place: Membership) -> int:
    """How many weeks somebody who joined on that day has before them."""
    cohort = place.cohort
    joined = roster.local_date(place.joined_at, zone_or(cohort.zone, roster.FALLBACK_ZONE))
    gone = week_of(joined, cohort.starts_on) - 1 if joined > cohort.starts_on else 0
    return max(1, cohort.weeks - gone)


def _welcome_coordinator(
    session: Session, place: Membership, letter: Letter, now: datetime
) -> Message:
    cohort = place.cohort
    today = roster.local_date(now, roster.zone_of(place.person, cohort))
    verb = "starts" if cohort.starts_on > today else "started"
    return messages.welcome_coordinator(
        cohort=_name(cohort),
        by=_added_by(session, place),
        starts=f"It {verb} on {spoken_date(cohort.starts_on)}.",
        channel=cohort.channel,
        cohort_id=cohort.id,
        letter_id=letter.id,
    )


def _welcome_over(session: Session, place: Membership) -> Message:
    cohort = place.cohort
    zone = roster.zone_of(place.person, cohort)
    if place.state is MembershipState.LEFT and place.left_at is not None:
        return messages.welcome_after_leaving(
            _name(cohort), spoken_date(place.left_at, zone), roster.contact(session, cohort)
        )
    return messages.welcome_after_the_end(
        _name(cohort), spoken_date(cohort.ended_at or cohort.ends_at, zone)
    )


def profile_reminder(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """One more ask for the profile; its answer takes the buttons away."""
    place = session.get(Membership, letter.subject)
    if place is None:
        return Cancelled(GONE)
    if place.state is MembershipState.LEFT or place.cohort.state is CohortState.ENDED:
        return _welcome_over(session, place) if letter.sent_ts else Cancelled(GONE)
    saved = place.person.profile_saved_at
    if saved is not None:
        zone = roster.zone_of(place.person, place.cohort)
        done = messages.welcome_after_profile(_name(place.cohort), spoken_date(saved, zone))
        return done if letter.sent_ts else Cancelled("the profile is there")
    return messages.profile_reminder(
        name=naming.short(place.person),
        cohort=_name(place.cohort),
        letter_id=letter.id,
        membership_id=place.id,
    )


def welcome_back(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """On the first morning back."""
    person = session.get(Person, letter.person_id)
    places = roster.memberships(session, person) if person else ()
    if person is None or not places:
        return Cancelled(GONE)
    away = roster.leaves_of(session, [person.id]).get(person.id, ())
    if not letter.sent_ts and roster.on_leave(away, roster.local_date(now, roster.zone_of(person))):
        return Cancelled("on leave again")
    meets = any(place.role is not Role.COORDINATOR for place in places)
    return messages.welcome_back(name=naming.short(person), letter_id=letter.id, meets=meets)


def cannot_read(session: Session, letter: Letter, now: datetime) -> Message:
    """The answer to free text: only what works for whoever wrote."""
    person = session.get_one(Person, letter.person_id)
    if roster.memberships(session, person, open_only=False):
        return messages.cannot_read(thanks=True)
    if letter.data.get("may_create"):
        return messages.cannot_read(thanks=False)
    return messages.cannot_read_outside(roster.why_outside(session, person).words)


def paused(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Until when letters wait."""
    person = session.get(Person, letter.person_id)
    if person is None or person.paused_until is None:
        return Cancelled("not paused any more")
    places = roster.memberships(session, person)
    zone = roster.zone_of(person, places[0].cohort if places else None)
    return messages.paused(spoken_date(person.paused_until, zone))


def resumed(session: Session, letter: Letter, now: datetime) -> Message:
    """Letters come again."""
    return messages.resumed()


def why(session: Session, letter: Letter, now: datetime) -> Message:
    """Why a letter came."""
    person_id = letter.person_id or 0
    most = roster.allowances(session, {person_id}).get(person_id, Allowance())
    return messages.why(str(letter.data.get("why", "")), most.per_day, most.per_week)


def closing(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The goodbye."""
    place = session.get(Membership, letter.subject)
    if place is None or place.state is MembershipState.LEFT:
        return Cancelled(GONE)
    return messages.closing(
        name=naming.short(place.person),
        cohort=_name(place.cohort),
        role=place.role,
        letter_id=letter.id,
        goes_on=bool(roster.memberships(session, place.person)),
    )


# ---- lines in the coordinators' channel


def left_line(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Somebody said "not this time"."""
    place = session.get(Membership, letter.subject)
    if place is None:
        return Cancelled(GONE)
    return messages.left_line(naming.full(place.person), place.role)


def gone_line(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Somebody's account was switched off; back again before it was told: nothing to tell."""
    place = session.get(Membership, letter.subject)
    if place is None or (place.person.left_slack_at is None and not letter.sent_ts):
        return Cancelled("they are back")
    return messages.gone_line(naming.full(place.person), place.role)


def not_added_line(session: Session, letter: Letter, now: datetime) -> Message:
    """Somebody who was added turned out to be a bot, or gone."""
    place = session.get_one(Membership, letter.subject)
    name, cohort = naming.full(place.person), escape(place.cohort.name)
    return messages.not_added_line(name, cohort, bot=place.person.is_bot)


def leave_line(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """Somebody is away; edited when they come back early or stay after all."""
    person = session.get(Person, letter.data.get("person"))
    leave = session.get(Leave, letter.subject)
    if person is None:
        return Cancelled(GONE)
    name = naming.full(person)
    if leave is None:
        stays = messages.stays_line(name)
        return stays if letter.sent_ts else Cancelled("the leave was taken back")
    if leave.back_at <= now:
        return messages.back_line(name, spoken_date(leave.back_on))
    return messages.leave_line(name, spoken_date(leave.first_on), spoken_date(leave.back_on))


def closing_line(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The programme is over."""
    cohort = session.get(Cohort, letter.subject)
    if cohort is None:
        return Cancelled(GONE)
    here = members.counts(session, cohort)
    return messages.closing_line(_name(cohort), here.interns, here.mentors)


def channel_stopped(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The coordinators' channel lets nothing through."""
    cohort, channel = session.get(Cohort, letter.subject), str(letter.data.get("stopped"))
    if cohort is None or (not letter.sent_ts and cohort.channel != channel):
        return Cancelled("they report elsewhere now")
    since = session.scalar(sa.select(StoppedChannel.since).where(StoppedChannel.channel == channel))
    if since is None and not letter.sent_ts:
        return Cancelled("the channel takes letters again")
    return messages_people.channel_stopped(
        channel=channel,
        cohort=_name(cohort),
        advice=outcome(str(letter.data.get("code"))).for_coordinators,
        cohort_id=cohort.id,
    )


def _name(cohort: Cohort) -> str:
    return escape(cohort.name)


def _added_by(session: Session, place: Membership) -> str:
    by = session.get(Person, place.added_by) if place.added_by else None
    return naming.short(by) if by else "A coordinator"


LETTERS: tuple[tuple[Kind, Render], ...] = (
    *((kind, welcome) for kind in messages.WELCOMES.values()),
    (messages.PROFILE_REMINDER, profile_reminder),
    (messages.WELCOME_BACK, welcome_back),
    (messages.CANNOT_READ, cannot_read),
    (messages.PAUSED, paused),
    (messages.RESUMED, resumed),
    (messages.WHY, why),
    (messages.CLOSING, closing),
    (messages.LEFT_LINE, left_line),
    (messages.GONE_LINE, gone_line),
    (messages.NOT_ADDED_LINE, not_added_line),
    (messages.LEAVE_LINE, leave_line),
    (messages.CLOSING_LINE, closing_line),
    (messages_people.CHANNEL_STOPPED, channel_stopped),
)
