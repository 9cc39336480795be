"""The two of a pairing, as messages about their meetings need them, and which one is asking."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import blocks, times
from bot.cohort import roster
from bot.cohort.model import Cohort, CohortState, Membership, Person, Role
from bot.pairing import pairings
from bot.pairing.model import Pairing, PairingState
from bot.refusal import NotYours, Refusal


class NoMentorYet(Refusal):
    """You have no mentor yet. To find one: `/mentor-request`."""


class NoInternYet(Refusal):
    """You have no intern yet. I write to you when one asks."""


class PairingOver(Refusal):
    """You two are no longer a pair, so there is nothing to do here. Your page: `/mentor`"""


@dataclass(frozen=True)
class Side:
    """One of the two: who they are and how they read a time."""

    id: int  # of the person
    slack_id: str
    first_name: str  # empty when Slack has not told it yet
    zone: str
    locale: str = "en-GB"

    @property
    def called(self) -> str:
        """Their name inside mrkdwn; a mention while the name is not known."""
        return blocks.escape(self.first_name) or blocks.mention(self.slack_id)

    @property
    def named(self) -> str:
        """Their name where Slack shows plain text only."""
        return self.first_name or "the other one"

    def reads(self, at: datetime) -> str:
        """An instant as they read it: "Tue 16 June, 15:00 (Berlin)"."""
        return times.spoken(at, self.zone, self.locale)

    def day(self, at: datetime) -> str:
        """The day of an instant where they are: "Tue 16 June"."""
        return times.spoken_date(at, self.zone)

    def today(self, now: datetime) -> date:
        """The date where they are."""
        return roster.local_date(now, self.zone)


def side(person: Person, cohort: Cohort) -> Side:
    """A person as one side of a pairing in this cohort."""
    return Side(
        person.id,
        person.slack_id,
        person.first_name,
        roster.zone_of(person, cohort),
        person.locale,
    )


def both(pairing: Pairing) -> tuple[Side, Side]:
    """Intern and mentor."""
    return side(pairing.intern.person, pairing.cohort), side(pairing.mentor.person, pairing.cohort)


def facing(pairing: Pairing, person_id: int) -> tuple[Side, Side]:
    """This person and the other one. Raises NotYours for anybody else."""
    intern, mentor = both(pairing)
    if person_id == intern.id:
        return intern, mentor
    if person_id == mentor.id:
        return mentor, intern
    raise NotYours


def is_live(pairing: Pairing) -> bool:
    """Whether the two are still a pair in a programme that runs."""
    return pairing.state is PairingState.ACTIVE and pairing.cohort.state is CohortState.OPEN


def with_person(person_id: int) -> sa.ColumnElement[bool]:
    """The condition that a pairing is this person's, whichever side they are on."""
    places = sa.select(Membership.id).where(Membership.person_id == person_id)
    return sa.or_(Pairing.intern_id.in_(places), Pairing.mentor_id.in_(places))


def pairing_of(session: Session, pairing_id: int, person: Person) -> Pairing:
    """A pairing by an id from outside. Raises NotYours unless this person is one of the two,
    PairingOver once it has ended."""
    found = pairings.owned(session, pairing_id, person)
    if not is_live(found):
        raise PairingOver
    return found


def pairings_of(session: Session, person: Person) -> list[Pairing]:
    """The person's live pairings, oldest first.

    Raises what a person without one should read: NoMentorYet, NoInternYet, or why they are in
    no cohort at all.
    """
    places = roster.memberships(session, person, Role.INTERN, Role.MENTOR)
    if not places:
        if roster.memberships(session, person):
            raise NoInternYet  # a coordinator who mentors nobody
        raise roster.why_outside(session, person)
    found = [pairing for pairing in pairings.of_person(session, person) if is_live(pairing)]
    if not found:
        raise NoMentorYet if any(p.role is Role.INTERN for p in places) else NoInternYet
    return found
