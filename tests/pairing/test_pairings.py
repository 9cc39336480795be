"""By hand, undone, ended, left, and the programme's end. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.model import CohortState, MembershipState
from bot.cohort.people import CohortEnded
from bot.database import Database
from bot.pairing import byhand, departures, offers, pairings, requests
from bot.pairing.jobs import JOBS
from bot.pairing.model import (
    AlreadyPaired,
    EndReason,
    MentorFull,
    MentorSilent,
    Offer,
    OfferState,
    OwnPair,
    PairEnded,
    Pairing,
    PairingState,
    Request,
    RequestState,
    TooLateToUndo,
)
from bot.refusal import Invalid, NotYours, Refusal
from tests.pairing import scene
from tests.support import people

START = scene.START
HOUR = timedelta(hours=1)


def by_hand(session: Session, intern: str, mentor: str) -> Pairing:
    """Priya pairs two people."""
    priya = scene.place(session, "Priya")
    return byhand.pair(
        session,
        priya.cohort,
        intern_slack_id=f"U0{intern.upper()}",
        mentor_slack_id=f"U0{mentor.upper()}",
        by=priya.person,
        now=START,
    )


def accepted(session: Session, *mentors: str) -> Pairing:
    """Ana has asked these mentors, and the first has said yes."""
    cohort = scene.a_scene(session, *((f"{name} Ito", 1) for name in mentors))
    scene.asking(session, cohort, "Ana Silva", *mentors)
    offer = scene.offer_to(session, mentors[0])
    made = offers.accept(session, offer.id, by=offer.mentor.person, now=START)
    return session.get_one(Pairing, made)


def run_jobs(session: Session, *names: str) -> None:
    """Do what these jobs find due."""
    for job in JOBS:
        if job.name in names:
            for row, _moment in session.execute(job.due).all():
                job.each(session, row, START + HOUR)


def test_a_coordinator_pairs_two_people_and_open_asking_ends(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        pairing = by_hand(session, "Ana", "Mia")
        assert pairing.made_by == scene.place(session, "Priya").person_id
        assert request.state is RequestState.CLOSED
        assert scene.offer_to(session, "Ben", OfferState.WITHDRAWN)
        assert len(scene.letters(session, "introduction")) == 1


def test_by_hand_the_same_limits_hold_and_say_so_beside_the_field(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        people.an_intern(session, cohort, "Ana Silva")
        people.an_intern(session, cohort, "Cho Park")
        people.a_mentor(session, cohort, "Mia Chen", profile=False)
        by_hand(session, "Ana", "Ben")
        for pair, refusal, field, words in (
            (("Ana", "Mia"), AlreadyPaired, "intern", "Ana has a mentor already: Ben Ito."),
            (("Cho", "Ben"), MentorFull, "mentor", "Ben has 1 of 1 interns."),
            (("Cho", "Mia"), MentorSilent, "mentor", "Mia has not said yet"),
            (("Ben", "Cho"), Invalid, "intern", "Choose somebody who is an intern in"),
            (("Cho", "Ken"), Invalid, "mentor", "Choose somebody who is a mentor in"),
        ):
            with pytest.raises(refusal) as refused:
                by_hand(session, *pair)
            assert refused.value.field == field
            assert str(refused.value).startswith(words)


def test_an_acceptance_and_a_pair_by_hand_at_once_make_one_pair(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        offer_id = scene.offer_to(session, "Ben").id

    def accept() -> None:
        with db.begin() as session:
            ben = scene.place(session, "Ben").person
            offers.accept(session, offer_id, by=ben, now=START)

    def hand() -> None:
        with db.begin() as session:
            by_hand(session, "Ana", "Mia")

    def tried(act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tried, (accept, hand))) == [False, True]
    with db.read() as session:
        assert len(session.scalars(sa.select(Pairing)).all()) == 1
        assert session.scalars(sa.select(Request.state)).one() in ("paired", "closed")


def test_only_coordinators_of_the_cohort_decide_and_never_about_their_own_pair(
    db: Database,
) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        elsewhere = people.a_cohort(session, "Winter interns")
        outsider = people.a_coordinator(session, elsewhere, "Lea Wolf")
        for person in (outsider.person, pairing.intern.person, pairing.mentor.person):
            with pytest.raises(NotYours):
                byhand.end(session, pairing.id, "time", by=person, now=START)
            with pytest.raises(NotYours):
                byhand.undo(session, pairing.id, by=person, now=START)
        people.a_coordinator(session, pairing.cohort, "Ben Ito")
        with pytest.raises(OwnPair):
            byhand.end(session, pairing.id, "time", by=pairing.mentor.person, now=START)
        with pytest.raises(NotYours):
            byhand.end(session, 987_654, "time", by=outsider.person, now=START)
        assert pairing.state is PairingState.ACTIVE


def test_ending_a_pairing_tells_both_and_frees_the_room(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        priya = scene.place(session, "Priya").person
        cho = people.an_intern(session, pairing.cohort, "Cho Park")
        waits = requests.begin(session, cho, now=START)
        requests.join_waitlist(session, waits.id, by=cho.person, now=START)
        byhand.end(session, pairing.id, "match_changed", by=priya, now=START + HOUR)
        session.refresh(pairing)
        assert (pairing.state, pairing.end_reason) == (
            PairingState.ENDED,
            EndReason.MATCH_CHANGED,
        )
        told = {letter.person_id for letter in scene.letters(session, "pairing.ended")}
        assert told == {pairing.intern.person_id, pairing.mentor.person_id}
        [place] = scene.letters(session, "place")
        assert place.person_id == cho.person_id
        with pytest.raises(PairEnded):
            byhand.end(session, pairing.id, "time", by=priya, now=START + HOUR)
        # Ana may ask again, and not the same mentor.
        again = requests.begin(session, pairing.intern, now=START + HOUR)
        assert requests.options(session, again, now=START + HOUR).suggested == ()


def test_a_pairing_ends_for_a_known_reason_only(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        priya = scene.place(session, "Priya").person
        for forged in (None, "", "programme_end", "undone", "she is slow"):
            with pytest.raises(Invalid):
                byhand.end(session, pairing.id, forged, by=priya, now=START)


def test_undoing_within_a_day_asks_the_next_choice(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben", "Mia")
        priya = scene.place(session, "Priya").person
        byhand.undo(session, pairing.id, by=priya, now=START + timedelta(hours=23))
        session.refresh(pairing)
        assert pairing.end_reason is EndReason.UNDONE
        request = session.scalars(sa.select(Request)).one()
        assert (request.state, request.closed_at) == (RequestState.ASKING, None)
        assert scene.offer_to(session, "Mia").request_id == request.id
        # The first offer is not open again: nobody is asked twice.
        assert scene.offer_to(session, "Ben", OfferState.LAPSED)


def test_undoing_without_another_choice_goes_on_the_waitlist(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        byhand.undo(session, pairing.id, by=scene.place(session, "Priya").person, now=START)
        assert session.scalars(sa.select(Request.state)).one() == "waiting"
        assert scene.letters(session, "place") == []


def test_after_a_day_an_acceptance_stands(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        late = START + timedelta(hours=25)
        with pytest.raises(TooLateToUndo):
            byhand.undo(session, pairing.id, by=scene.place(session, "Priya").person, now=late)
        assert pairing.state is PairingState.ACTIVE


def test_an_intern_who_left_closes_the_request(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        run_jobs(session, "close-requests")
        assert request.state is RequestState.ASKING
        request.intern.state, request.intern.left_at = MembershipState.LEFT, START
        session.flush()
        run_jobs(session, "close-requests")
        assert request.state is RequestState.CLOSED
        assert scene.offer_to(session, "Ben", OfferState.WITHDRAWN)
        assert session.execute(departures.requests_to_close()).all() == []


def test_a_mentor_who_left_moves_offers_on_and_ends_pairings(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 2), ("Mia Chen", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben", "Mia")
        dev = people.an_intern(session, cohort, "Dev Rao")
        pairing = people.a_pairing(session, dev, scene.place(session, "Ben"))
        scene.place(session, "Ben").person.left_slack_at = START
        session.flush()
        run_jobs(session, "move-offers-on", "end-pairings")
        assert scene.offer_to(session, "Ben", OfferState.LAPSED)
        assert scene.offer_to(session, "Mia").state is OfferState.OPEN
        session.refresh(pairing)
        assert pairing.end_reason is EndReason.LEFT
        assert [x.person_id for x in scene.letters(session, "pairing.ended")] == [dev.person_id]
        assert requests.begin(session, dev, now=START).state is RequestState.DRAFT


def test_a_mentor_who_left_offers_no_place(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session)
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        requests.join_waitlist(session, request.id, by=ana.person, now=START)
        ben = people.a_mentor(session, cohort)
        pairings.places.offer_room(session, ben.person, now=START)
        ben.state, ben.left_at = MembershipState.LEFT, START
        session.flush()
        run_jobs(session, "drop-places")
        assert pairings.places.open_of(session, request.id) == []


def test_at_the_programmes_end_pairings_end_quietly_and_nobody_is_asked(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben", "Mia")
        request = scene.asking(session, pairing.cohort, "Cho Park", "Mia")
        pairing.cohort.state, pairing.cohort.ended_at = CohortState.ENDED, START
        session.flush()
        run_jobs(session, "end-pairings", "close-requests")
        session.refresh(pairing)
        assert pairing.end_reason is EndReason.PROGRAMME_END
        assert request.state is RequestState.CLOSED
        assert scene.letters(session, "pairing.ended") == []
        assert [o.state for o in session.scalars(sa.select(Offer).order_by(Offer.id))] == [
            OfferState.ACCEPTED,
            OfferState.WITHDRAWN,
        ]


def test_after_the_end_nobody_is_paired_by_hand(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        priya = scene.place(session, "Priya").person
        assert byhand.coordinated(session, priya, cohort.id) is cohort
        cohort.state, cohort.ended_at = CohortState.ENDED, START
        session.flush()
        for named in (cohort.id, None):
            with pytest.raises(CohortEnded):
                byhand.coordinated(session, priya, named)


def test_a_pairing_is_known_to_the_two_and_nobody_else(db: Database) -> None:
    with db.begin() as session:
        pairing = accepted(session, "Ben")
        ana, ben = pairing.intern.person, pairing.mentor.person
        assert pairings.partner(pairing, ana).id == ben.id
        assert pairings.partner(pairing, ben).id == ana.id
        assert [p.id for p in pairings.of_person(session, ana)] == [pairing.id]
        assert [p.id for p in pairings.of_person(session, ben)] == [pairing.id]
        assert [p.id for p in pairings.active(session, pairing.cohort_id)] == [pairing.id]
        assert pairings.owned(session, pairing.id, ana).id == pairing.id
        priya = scene.place(session, "Priya").person
        for forged in (pairing.id, 987_654):
            with pytest.raises(NotYours):
                pairings.owned(session, forged, priya)
