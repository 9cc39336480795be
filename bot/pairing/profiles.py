"""Profiles, saved step by step: goals belong to a place in a cohort, the rest to the person."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import people, roster
from bot.cohort.model import Membership, Person, Role
from bot.pairing import locks, pairings, places
from bot.pairing.messages_profile import Goals, Help, Hours
from bot.refusal import NotYours


def place(session: Session, person: Person, place_id: int | None = None) -> Membership:
    """Whose profile is written: that place of the person, or their newest one as an intern or a
    mentor. Raises NotYours for another's place, and why there is none at all."""
    if place_id is None:
        return roster.membership(session, person, Role.INTERN, Role.MENTOR)
    mine = roster.memberships(session, person, Role.INTERN, Role.MENTOR)
    for found in mine:
        if found.id == place_id:
            return found
    raise NotYours if mine else roster.why_outside(session, person)


def save_goals(session: Session, intern: Membership, goals: Goals) -> None:
    """The intern's goals; mentors see them when they are asked."""
    if intern.role is not Role.INTERN:
        raise NotYours
    intern.goals = goals.rows()


def save_help(session: Session, mentor: Membership, offered: Help, *, now: datetime) -> None:
    """What a mentor offers. More room than before goes to who waits longest."""
    if mentor.role is not Role.MENTOR:
        raise NotYours
    person = locks.mentor(session, mentor.person_id)
    person.skills = list(offered.skills)
    person.capacity = offered.capacity
    person.how_i_work = offered.how_i_work
    places.offer_room(session, person, now=now)


def save_style(person: Person, style: list[int | None], values: list[str]) -> None:
    """How somebody likes to work, and what matters to them."""
    person.style = list(style)
    person.values = values


def save_hours(
    session: Session, place: Membership, hours: Hours, *, complete: bool = True, now: datetime
) -> None:
    """When somebody can usually meet. With this the profile is `complete`, unless the person
    goes back a step first."""
    person = locks.mentor(session, place.person_id)
    person.work_days = list(hours.days)
    person.work_from, person.work_until = hours.start, hours.end
    person.languages = list(hours.languages)
    if complete and person.profile_saved_at is None:
        person.profile_saved_at = now
        people.profile_saved(session, person, now=now)
    if hours.note is not None and place.role is Role.INTERN:
        place.note = hours.note
    if place.role is Role.MENTOR:
        places.offer_room(session, person, now=now)
    outbox.refresh_home(session, place.workspace_id, person.id, now=now)


def looking(session: Session, place: Membership) -> bool:
    """Whether this is an intern without a mentor."""
    return place.role is Role.INTERN and pairings.main_of(session, place) is None
