"""Who may hear about a pair without being part of it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.cohort import roster
from bot.cohort.model import Person
from bot.pairing.model import Pairing


@dataclass(frozen=True)
class Confidants:
    """The coordinators' channel, or single coordinators, or nobody."""

    channel: str | None = None
    people: tuple[Person, ...] = ()

    def __bool__(self) -> bool:
        return self.channel is not None or bool(self.people)


def of(session: Session, pairing: Pairing) -> Confidants:
    """Who hears when this pair needs care.

    Normally the coordinators' channel. When one of the two coordinates the cohort too, the
    channel would tell them about their own pair: then the other coordinators, each alone.
    """
    both = {pairing.intern.person_id, pairing.mentor.person_id}
    everybody = roster.coordinators(session, pairing.cohort)
    others = tuple(person for person in everybody if person.id not in both)
    if len(others) == len(everybody):
        return Confidants(channel=pairing.cohort.channel)
    return Confidants(people=others)
