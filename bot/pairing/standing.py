"""Where a request or a pairing stands, from rows, ready for messages to say it."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks import escape
from bot.cohort import roster
from bot.cohort.model import Membership, Person
from bot.pairing import asking, candidates, offers, places, requests
from bot.pairing import messages as m
from bot.pairing.messages_pairing import Pair
from bot.pairing.messages_request import Row, Standing
from bot.pairing.model import Offer, Pairing, Request
from bot.pairing.phrases import for_intern, for_mentor
from bot.pairing.requests import Options
from bot.times import city, spoken


def of_request(session: Session, request: Request, *, now: datetime) -> Standing:
    """Whom the intern waits for, until when, and who is next."""
    offer = offers.open_of(session, request.id)
    if offer is None:
        free = places.open_of(session, request.id)
        return Standing(request.id, places=tuple(_place(place.id, place.mentor) for place in free))
    rank = next((c.rank for c in request.choices if c.mentor_id == offer.mentor_id), None)
    then = asking.next_choice(session, request, after=rank or 0)
    before = requests.last_no(session, request)
    return Standing(
        request.id,
        asked=m.called(offer.mentor.person),
        rank=rank,
        until=until(request.intern, offer, now=now),
        then=m.called(then.mentor.person) if then else "",
        unavailable=m.called(before.mentor.person) if before else "",
    )


def _place(place_id: int, mentor: Membership) -> tuple[int, str, str]:
    return place_id, m.named(mentor.person), m.short(mentor.person, "this mentor")


def until(reader: Membership, offer: Offer, *, now: datetime) -> str:
    """When an offer lapses, spoken in the reader's zone."""
    zone = roster.zone_of(reader.person, reader.cohort)
    return spoken(offer.lapses_at or now, zone, reader.person.locale)


def rows(found: Options) -> list[Row]:
    """The mentors to choose from, closest fit first."""
    return [
        Row(
            mentor_id=place.id,
            name=m.named(place.person),
            about=_about(place),
            spoken=place.person.name or "this mentor",
            reasons=tuple(for_intern(suggestion.reasons)),
            rank=found.ranks.get(place.id),
        )
        for place, suggestion in found.suggested
    ]


def _about(place: Membership) -> str:
    title = escape(place.person.title)
    where = city(roster.zone_of(place.person, place.cohort))
    return "".join(f", {part}" for part in (title, where) if part)


def of_offer(session: Session, offer: Offer, *, now: datetime) -> m.OfferCard:
    """What the mentor is told about an offer."""
    intern, mentor = offer.request.intern, offer.mentor
    reasons = candidates.pair_reasons(session, intern, mentor, now=now)
    return m.OfferCard(
        offer_id=offer.id,
        intern=m.called(intern.person),
        intern_full=m.named(intern.person),
        button=m.short(intern.person, "this intern"),
        goals=tuple(str(goal.get("text", "")) for goal in intern.goals),
        why=for_mentor(reasons, len(intern.goals)),
        line=offer.request.line,
        until=offer.lapses_at or now,
        zone=roster.zone_of(mentor.person, mentor.cohort),
        locale=mentor.person.locale,
    )


def of_pair(pairing: Pairing) -> Pair:
    """The names of the two."""
    intern, mentor = pairing.intern.person, pairing.mentor.person
    return Pair(
        pairing_id=pairing.id,
        intern=m.called(intern),
        mentor=m.called(mentor),
        intern_full=m.named(intern),
        mentor_full=m.named(mentor),
    )


def coordinator_of(session: Session, place: Membership) -> str:
    """Whom an intern reads as the coordinator: a first name, or "A coordinator"."""
    people: list[Person] = list(roster.coordinators(session, place.cohort))
    return m.called(people[0]) if people else "A coordinator"
