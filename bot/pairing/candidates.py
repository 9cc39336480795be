"""Interns and mentors as matching sees them, built from rows.

The number of queries is fixed, whatever the number of mentors.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import roster
from bot.cohort.calendar import ends_on
from bot.cohort.hours import Away
from bot.cohort.model import Cohort, Membership, MembershipState, Person, Role
from bot.cohort.settings import SETTINGS, setting, whole
from bot.pairing import matching
from bot.pairing.matching import Goal, Intern, Lack, Mentor, Reason, Style, Suggestion, Weights
from bot.pairing.model import EndReason, Offer, OfferState, Pairing, PairingState, Request

_EVERYBODY = 10_000  # more mentors than any cohort has: scored, but not cut off


@dataclass(frozen=True)
class Candidates:
    """One intern and the mentors of their cohort; the mentors' places by person id."""

    intern: Intern
    mentors: tuple[Mentor, ...]
    places: dict[int, Membership]
    cohort: Cohort
    now: datetime

    def ranked(self) -> tuple[tuple[Membership, Suggestion], ...]:
        """Every mentor who fits, closest first."""
        found = matching.suggest(
            self.intern,
            self.mentors,
            _weights(self.cohort),
            self.now.date(),
            n=_EVERYBODY,
            minimum=setting(self.cohort, "minimum_score") / 100,
        )
        return tuple((self.places[s.mentor_id], s) for s in found)

    def why_none(self) -> Lack:
        """The one fact that best explains that nobody is suggested."""
        return matching.why_none(self.intern, self.mentors, self.now.date())


def suggestions_at_most(cohort: Cohort) -> int:
    """How many mentors are suggested; a choice list has five places."""
    return whole(cohort, "suggestions")


def of(session: Session, place: Membership, *, now: datetime) -> Candidates:
    """Everybody who could mentor this intern: five queries."""
    mentors = [m for m in mentors_of(session, place.cohort_id) if m.person_id != place.person_id]
    people = {m.person_id for m in mentors}
    taken = taken_places(session, people)
    away = roster.leaves_of(session, people)
    barred = _already_asked(session, place) | _former_mentors(session, place)
    return Candidates(
        intern=intern_value(place, barred=barred),
        mentors=tuple(
            mentor_value(m, taken=taken.get(m.person_id, 0), away=away.get(m.person_id, ()))
            for m in mentors
        ),
        places={m.person_id: m for m in mentors},
        cohort=place.cohort,
        now=now,
    )


def mentors_of(session: Session, cohort_id: int) -> list[Membership]:
    """The mentors of a cohort who are here and have told what they offer."""
    return list(
        session.scalars(
            sa.select(Membership)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.cohort_id == cohort_id,
                Membership.role == Role.MENTOR,
                Membership.state == MembershipState.ACTIVE,
                Person.profile_saved_at.is_not(None),
                Person.left_slack_at.is_(None),
            )
            .order_by(Membership.id)
        )
    )


def taken_places(session: Session, people: Collection[int]) -> dict[int, int]:
    """How many interns each mentor has now, over all cohorts, by person id."""
    rows = session.execute(
        sa.select(Membership.person_id, sa.func.count())
        .join(Pairing, Pairing.mentor_id == Membership.id)
        .where(Membership.person_id.in_(people), Pairing.state == PairingState.ACTIVE)
        .group_by(Membership.person_id)
    )
    return dict(rows.all())


def room_of(session: Session, mentor: Person) -> int:
    """How many more interns this mentor can take now; 0 or less for none."""
    return mentor.capacity - taken_places(session, {mentor.id}).get(mentor.id, 0)


def pair_reasons(
    session: Session, intern: Membership, mentor: Membership, *, now: datetime
) -> tuple[Reason, ...]:
    """Why this mentor could be right for this intern."""
    taken = taken_places(session, {mentor.person_id}).get(mentor.person_id, 0)
    values = intern_value(intern), mentor_value(mentor, taken=taken)
    return matching.reasons(*values, now.date())


def pair_commonalities(
    intern: Membership, mentor: Membership, *, now: datetime
) -> tuple[Reason, ...]:
    """What the two truly share: at most five things."""
    return matching.commonalities(
        intern_value(intern), mentor_value(mentor, taken=0), now.date(), most=5
    )


def intern_value(place: Membership, *, barred: Iterable[int] = ()) -> Intern:
    """An intern as matching sees them; who is `barred` is never suggested, and never told."""
    person = place.person
    return Intern(
        id=person.id,
        goals=tuple(
            Goal(str(goal.get("text", "")), tuple(goal.get("skills", ()))) for goal in place.goals
        ),
        values=frozenset(person.values),
        style=_style(person),
        hours=roster.hours_of(person, roster.zone_of(person, place.cohort)),
        languages=frozenset(person.languages),
        vetoes=frozenset(barred),
    )


def mentor_value(place: Membership, *, taken: int, away: Away = ()) -> Mentor:
    """A mentor as matching sees them, with `taken` places in use."""
    person = place.person
    return Mentor(
        id=person.id,
        skills=frozenset(person.skills),
        values=frozenset(person.values),
        style=_style(person),
        hours=roster.hours_of(person, roster.zone_of(person, place.cohort)),
        languages=frozenset(person.languages),
        room=max(person.capacity - taken, 0),
        away_share=_away_share(place.cohort, away),
    )


def _style(person: Person) -> Style:
    first, second, third, fourth = [*person.style, None, None, None, None][:4]
    return first, second, third, fourth


def _away_share(cohort: Cohort, away: Away) -> float:
    """The share of the programme's days on which somebody is on leave."""
    first, after = cohort.starts_on, ends_on(cohort.starts_on, cohort.weeks) + timedelta(days=1)
    days = sum(max((min(back, after) - max(start, first)).days, 0) for start, back in away)
    return days / (cohort.weeks * 7)


def _weights(cohort: Cohort) -> Weights:
    names = [name for name in SETTINGS if name.startswith("weight_")]
    return Weights.from_settings({name: setting(cohort, name) for name in names})


def _already_asked(session: Session, place: Membership) -> set[int]:
    """Who was asked for this intern's open request and is not to be asked again."""
    return set(
        session.scalars(
            sa.select(Membership.person_id)
            .join(Offer, Offer.mentor_id == Membership.id)
            .join(Request, Request.id == Offer.request_id)
            .where(
                Request.intern_id == place.id,
                Request.closed_at.is_(None),
                Offer.state != OfferState.FILLED,
            )
        )
    )


def _former_mentors(session: Session, place: Membership) -> set[int]:
    """Whose pairing with this intern ended before the programme did."""
    return set(
        session.scalars(
            sa.select(Membership.person_id)
            .join(Pairing, Pairing.mentor_id == Membership.id)
            .where(
                Pairing.intern_id == place.id,
                Pairing.state == PairingState.ENDED,
                Pairing.end_reason != EndReason.PROGRAMME_END,
            )
        )
    )
