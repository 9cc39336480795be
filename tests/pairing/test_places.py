"""New room goes to who has waited longest and fits. On both databases."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import figures
from bot.cohort.model import Cohort
from bot.database import Database
from bot.pairing import offers, places, profiles, requests
from bot.pairing.jobs import JOBS
from bot.pairing.messages_profile import Help
from bot.pairing.model import (
    Offer,
    Place,
    PlaceGone,
    PlaceState,
    Request,
    RequestState,
)
from bot.refusal import NotYours
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town

START = scene.START


def waiting(session: Session, cohort: Cohort, name: str, since: datetime) -> Request:
    """An intern on the waitlist."""
    intern = people.an_intern(session, cohort, name)
    request = requests.begin(session, intern, now=since)
    return requests.join_waitlist(session, request.id, by=intern.person, now=since)


def states(session: Session) -> list[tuple[int, PlaceState]]:
    rows = session.execute(sa.select(Place.request_id, Place.state).order_by(Place.id))
    return [(request, state) for request, state in rows]


def test_a_raised_capacity_is_offered_to_the_longest_wait_that_fits(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        first = waiting(session, cohort, "Ana Silva", START)
        first.intern.person.languages = ["fr"]  # shares none with Ben
        second = waiting(session, cohort, "Cho Park", START + timedelta(hours=1))
        waiting(session, cohort, "Dev Rao", START + timedelta(hours=2))
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        assert states(session) == [(second.id, PlaceState.OFFERED)]
        [letter] = scene.letters(session, "place")
        assert letter.person_id == second.intern.person_id


def test_a_mentor_who_joins_with_a_profile_is_offered_to_the_longest_wait(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session)
        first = waiting(session, cohort, "Ana Silva", START)
        waiting(session, cohort, "Cho Park", START + timedelta(hours=1))
        assert session.execute(places.to_look()).all() == []
        later = START + timedelta(days=1)
        people.a_mentor(session, cohort, "Ben Ito", capacity=1, now=later)
        look_at_who_joined(session, later)
        assert states(session) == [(first.id, PlaceState.OFFERED)]
        assert session.execute(places.to_look()).all() == []


def look_at_who_joined(session: Session, now: datetime) -> None:
    assert run(session, "offer-room-of-who-joined", now) == 2


def run(session: Session, name: str, now: datetime) -> int:
    """Do what is due of this job; how much that was."""
    [job] = [job for job in JOBS if job.name == name]
    due = session.execute(job.due).all()
    for row, _moment in due:
        job.each(session, row, now)
    return len(due)


def test_matching_that_has_become_wider_is_offered_to_the_longest_wait(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        cohort.settings = {"minimum_score": 100}
        first = waiting(session, cohort, "Ana Silva", START)
        waiting(session, cohort, "Cho Park", START + timedelta(hours=1))
        later = START + timedelta(days=1)
        run(session, "look-at-who-waits-again", later)
        run(session, "offer-room-of-who-joined", later)
        assert states(session) == []
        figures.save(session, cohort, {"minimum_score": 35}, now=later)
        assert run(session, "look-at-who-waits-again", later) == 1
        assert run(session, "offer-room-of-who-joined", later) == 2
        assert states(session) == [(first.id, PlaceState.OFFERED)]
        assert run(session, "look-at-who-waits-again", later) == 0
        assert run(session, "offer-room-of-who-joined", later) == 0


def test_figures_that_are_not_matchings_look_at_nobody_again(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        run(session, "look-at-who-waits-again", START)
        figures.save(session, cohort, {"offer_days": 5}, now=START)
        assert run(session, "look-at-who-waits-again", START) == 0


def test_a_mentor_whose_account_is_on_again_is_offered_to_the_longest_wait(
    small_town: Town,
) -> None:
    town = small_town
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_mentor(session, cohort, "Ben Ito")
    town.slack.deactivate("U0BEN")
    with town.db.begin() as session:
        [cohort] = session.scalars(sa.select(Cohort)).all()
        waiting(session, cohort, "Ana Silva", town.clock())
    town.live(days=1)
    with town.db.read() as session:
        assert states(session) == []
    town.slack.reactivate("U0BEN")
    town.settle()
    with town.db.read() as session:
        [place] = session.scalars(sa.select(Place)).all()
        assert place.state is PlaceState.OFFERED
    assert any("Ben" in message.text for message in town.seat("U0ANA").dm)


def test_taking_a_place_asks_the_mentor(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        request = waiting(session, cohort, "Ana Silva", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [place] = places.open_of(session, request.id)
        ana = request.intern.person
        for _click in range(2):
            places.take(session, place.id, by=ana, now=START)
        assert request.state is RequestState.ASKING
        assert [o.mentor_id for o in session.scalars(sa.select(Offer))] == [ben.id]
        assert states(session) == [(request.id, PlaceState.TAKEN)]


def test_keeping_on_waiting_passes_the_place_to_the_next(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        first = waiting(session, cohort, "Ana Silva", START)
        second = waiting(session, cohort, "Cho Park", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [place] = places.open_of(session, first.id)
        for _click in range(2):
            places.keep_waiting(session, place.id, by=first.intern.person, now=START)
        assert states(session) == [
            (first.id, PlaceState.PASSED),
            (second.id, PlaceState.OFFERED),
        ]
        assert first.state is RequestState.WAITING
        with pytest.raises(PlaceGone):
            places.take(session, place.id, by=first.intern.person, now=START)


def test_silence_passes_a_place_on_after_two_working_days(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        request = waiting(session, cohort, "Ana Silva", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [(place_id, until)] = session.execute(places.to_lapse()).all()
        assert until == START + timedelta(days=2)
        places.lapse(session, place_id, until)
        assert states(session) == [(request.id, PlaceState.PASSED)]


def test_leave_freezes_the_time_of_a_place(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        request = waiting(session, cohort, "Ana Silva", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [(place_id, until)] = session.execute(places.to_lapse()).all()
        people.a_leave(session, request.intern, date(2026, 6, 2), date(2026, 6, 9))
        places.lapse(session, place_id, until)
        assert states(session) == [(request.id, PlaceState.OFFERED)]
        [(_place_id, later)] = session.execute(places.to_lapse()).all()
        assert later == until + timedelta(days=7)
        places.lapse(session, place_id, later)
        assert states(session) == [(request.id, PlaceState.PASSED)]


def test_a_place_that_went_elsewhere_is_not_taken_and_may_come_again(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        request = waiting(session, cohort, "Ana Silva", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [place] = places.open_of(session, request.id)
        scene.asking(session, cohort, "Cho Park", "Ben")
        offer = scene.offer_to(session, "Ben")
        offers.accept(session, offer.id, by=ben.person, now=START)
        session.refresh(place)
        assert place.state is PlaceState.GONE
        with pytest.raises(PlaceGone) as refused:
            places.take(session, place.id, by=request.intern.person, now=START)
        assert str(refused.value) == (
            "Ben has no room any more. You keep your place on the waitlist."
        )
        later = START + timedelta(hours=1)
        profiles.save_help(session, ben, Help(("presenting",), 2, ""), now=later)
        session.refresh(place)
        assert place.state is PlaceState.OFFERED
        assert len(scene.letters(session, "place")) == 2


def test_who_withdraws_or_asks_somebody_else_leaves_the_place_to_the_next(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        first = waiting(session, cohort, "Ana Silva", START)
        second = waiting(session, cohort, "Cho Park", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        requests.withdraw(session, first.id, by=first.intern.person, now=START)
        assert states(session) == [(first.id, PlaceState.GONE), (second.id, PlaceState.OFFERED)]


def test_a_place_belongs_to_one_intern(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 0))
        request = waiting(session, cohort, "Ana Silva", START)
        ben = scene.place(session, "Ben")
        profiles.save_help(session, ben, Help(("presenting",), 1, ""), now=START)
        [place] = places.open_of(session, request.id)
        cho = people.an_intern(session, cohort, "Cho Park")
        for person in (cho.person, ben.person):
            for act in (places.take, places.keep_waiting):
                with pytest.raises(NotYours):
                    act(session, place.id, by=person, now=START)
        with pytest.raises(NotYours):
            places.take(session, 987_654, by=request.intern.person, now=START)
