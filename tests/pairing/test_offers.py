"""Offers: yes, no, silence, the last place, and two who press at once. On both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.cohort.model import Leave, MembershipState, Removed
from bot.database import Database
from bot.pairing import asking, offers, requests
from bot.pairing.model import (
    MovedOn,
    NoRoom,
    Offer,
    OfferState,
    Pairing,
    PairingState,
    Request,
    RequestState,
    Taken,
)
from bot.refusal import NotYours, Refusal
from tests.pairing import scene
from tests.support import people

START = scene.START


def test_a_yes_pairs_the_two_and_introduces_them(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        ben = scene.place(session, "Ben").person
        offer = scene.offer_to(session, "Ben")
        made = offers.accept(session, offer.id, by=ben, now=START)
        pairing = session.get_one(Pairing, made)
        assert (pairing.intern.person.name, pairing.mentor.person.name) == ("Ana Silva", "Ben Ito")
        assert pairing.request_id == request.id
        assert request.state is RequestState.PAIRED
        assert offer.state is OfferState.ACCEPTED
        kinds = [fact["kind"] for fact in pairing.facts["commonalities"]]
        assert 3 <= len(kinds) <= 5
        [hello] = scene.letters(session, "introduction")
        assert hello.group == [pairing.intern.person_id, pairing.mentor.person_id]
        [line] = scene.letters(session, "pairing.line")
        assert line.channel == cohort.channel
        # Three working days after the programme's first Monday, 9:00 in Berlin: a week from now.
        assert pairing.nudge_at == START + timedelta(days=10)


def test_a_second_yes_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 2))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        ben, offer = scene.place(session, "Ben").person, scene.offer_to(session, "Ben")
        first = offers.accept(session, offer.id, by=ben, now=START)
        assert offers.accept(session, offer.id, by=ben, now=START) == first
        assert len(scene.letters(session, "introduction")) == 1


def test_a_no_asks_the_next_choice_and_keeps_a_reason_nobody_reads(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben", "Mia")
        ben, offer = scene.place(session, "Ben").person, scene.offer_to(session, "Ben")
        offers.decline(session, offer.id, by=ben, reason="time", now=START)
        offers.decline(session, offer.id, by=ben, reason="skills", now=START)
        session.refresh(offer)
        assert (offer.state, offer.reason) == (OfferState.DECLINED, "time")
        assert scene.offer_to(session, "Mia").request_id == request.id
        assert request.state is RequestState.ASKING
        with pytest.raises(MovedOn):
            offers.accept(session, offer.id, by=ben, now=START)


def test_a_forged_reason_is_not_kept(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        offer = scene.offer_to(session, "Ben")
        offers.decline(session, offer.id, by=offer.mentor.person, reason="she is", now=START)
        assert offer.reason == ""


def test_an_offer_lapses_after_three_working_days_with_one_reminder(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        offer = scene.offer_to(session, "Ben")
        friday = datetime(2026, 6, 5, 14, 0, tzinfo=UTC)
        offers.sent(session, offer, now=friday)
        assert offer.remind_at == friday + timedelta(days=4)  # Tuesday, same time
        assert offer.lapses_at == friday + timedelta(days=5)
        offers.remind(session, offer.id, friday + timedelta(days=4))
        offers.remind(session, offer.id, friday + timedelta(days=4))
        assert len(scene.letters(session, "offer.reminder")) == 1
        assert offer.remind_at is None
        offers.lapse(session, offer.id, friday + timedelta(days=5))
        session.refresh(offer)
        assert offer.state is OfferState.LAPSED
        assert request.state is RequestState.WAITING
        assert len(scene.letters(session, "waitlist")) == 1


def test_leave_freezes_the_time_of_an_offer(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        offer = scene.offer_to(session, "Ben")
        offers.sent(session, offer, now=START + timedelta(hours=2))
        until = offer.lapses_at
        assert until is not None
        session.add(
            Leave(
                workspace_id=cohort.workspace_id,
                person_id=offer.mentor.person_id,
                first_on=date(2026, 6, 2),
                back_on=date(2026, 6, 9),
                back_at=datetime(2026, 6, 9, 8, 0, tzinfo=UTC),
                created_at=START,
            )
        )
        session.flush()
        offers.remind(session, offer.id, START + timedelta(days=2, hours=2))
        assert scene.letters(session, "offer.reminder") == []
        offers.lapse(session, offer.id, until)
        assert offer.state is OfferState.OPEN
        assert offer.lapses_at == until + timedelta(days=7)


def test_room_counts_over_all_cohorts(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        offer = scene.offer_to(session, "Ben")
        other = people.a_cohort(session, "Winter interns")
        people.a_pairing(
            session,
            people.an_intern(session, other, "Dev Rao"),
            people.a_mentor(session, other, "Ben Ito"),
        )
        with pytest.raises(NoRoom) as refused:
            offers.accept(session, offer.id, by=offer.mentor.person, now=START)
        assert str(refused.value).startswith("You have 1 of 1 interns.")
        assert offer.state is OfferState.OPEN


def test_the_last_place_closes_other_offers_and_each_request_moves_on(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        other = scene.asking(session, cohort, "Cho Park", "Ben", "Mia")
        alone = scene.asking(session, cohort, "Dev Rao", "Ben")
        first = session.scalars(sa.select(Offer).order_by(Offer.id)).first()
        assert first is not None
        offers.accept(session, first.id, by=first.mentor.person, now=START)
        states = session.scalars(sa.select(Offer.state).order_by(Offer.id)).all()
        assert states == ["accepted", "filled", "filled", "open"]
        assert other.state is RequestState.ASKING
        assert alone.state is RequestState.WAITING
        assert scene.offer_to(session, "Mia").request_id == other.id


def test_a_mentor_whose_last_place_went_can_be_asked_again(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        first = scene.offer_to(session, "Ben")
        other = scene.asking(session, cohort, "Cho Park", "Ben", "Mia")
        offers.accept(session, first.id, by=first.mentor.person, now=START)
        first.mentor.person.capacity = 2
        session.flush()
        to_mia = scene.offer_to(session, "Mia")
        offers.decline(session, to_mia.id, by=to_mia.mentor.person, reason=None, now=START)
        assert scene.offer_to(session, "Ben").request_id == other.id


def test_an_intern_who_found_somebody_else_is_said_so(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        people.a_pairing(session, request.intern, scene.place(session, "Mia"))
        offer = scene.offer_to(session, "Ben")
        with pytest.raises(Taken) as refused:
            offers.accept(session, offer.id, by=offer.mentor.person, now=START)
        assert str(refused.value) == "Ana has found a mentor. Thank you for offering."


def test_nobody_else_answers_an_offer(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        offer = scene.offer_to(session, "Ben")
        elsewhere = people.a_workspace(session, "T0OTHER")
        stranger = people.a_person(session, "Eve Moss", workspace=elsewhere)
        for person in (scene.place(session, "Mia").person, request.intern.person, stranger):
            for answer in (
                lambda p: offers.accept(session, offer.id, by=p, now=START),
                lambda p: offers.decline(session, offer.id, by=p, reason=None, now=START),
                lambda p: offers.still_open(session, offer.id, by=p),
            ):
                with pytest.raises(NotYours):
                    answer(person)
        with pytest.raises(NotYours):
            offers.accept(session, 987_654, by=offer.mentor.person, now=START)
        offer.mentor.state = MembershipState.LEFT
        with pytest.raises(Removed):
            offers.accept(session, offer.id, by=offer.mentor.person, now=START)


def both(db: Database, *acts: Callable[[], object]) -> list[object]:
    """What each of two acts came to, begun at once; a refusal is its class."""

    def tried(act: Callable[[], object]) -> object:
        try:
            return act()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(tried, acts))


def test_two_yes_at_once_fill_a_last_place_once(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        scene.asking(session, cohort, "Ana Silva", "Ben")
        scene.asking(session, cohort, "Cho Park", "Ben")
        first, second = session.scalars(sa.select(Offer.id).order_by(Offer.id)).all()

    def accept(offer_id: int) -> Callable[[], object]:
        def act() -> object:
            with db.begin() as session:
                ben = scene.place(session, "Ben").person
                return offers.accept(session, offer_id, by=ben, now=START) and "paired"

        return act

    came = both(db, accept(first), accept(second))
    assert sorted(map(str, came)) == sorted(["paired", str(MovedOn)])
    with db.read() as session:
        assert len(session.scalars(sa.select(Pairing)).all()) == 1
        waiting = session.scalars(
            sa.select(Request).where(Request.state == RequestState.WAITING)
        ).all()
        assert len(waiting) == 1


def test_a_yes_and_a_withdrawal_at_once_leave_one_truth(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request_id = scene.asking(session, cohort, "Ana Silva", "Ben").id
        offer_id = scene.offer_to(session, "Ben").id

    def accept() -> object:
        with db.begin() as session:
            ben = scene.place(session, "Ben").person
            return offers.accept(session, offer_id, by=ben, now=START)

    def withdraw() -> object:
        with db.begin() as session:
            ana = scene.place(session, "Ana").person
            return requests.withdraw(session, request_id, by=ana, now=START)

    both(db, accept, withdraw)
    with db.read() as session:
        offer, request = session.get_one(Offer, offer_id), session.get_one(Request, request_id)
        pairs = session.scalars(
            sa.select(Pairing).where(Pairing.state == PairingState.ACTIVE)
        ).all()
        assert (offer.state, request.state, len(pairs)) in (
            (OfferState.ACCEPTED, RequestState.PAIRED, 1),
            (OfferState.WITHDRAWN, RequestState.WITHDRAWN, 0),
        )


def test_a_request_is_with_one_mentor_at_a_time_and_a_closed_one_with_none(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben", "Mia")
        assert asking.ask(session, request, scene.place(session, "Mia"), now=START) is None
        requests.withdraw(session, request.id, by=request.intern.person, now=START)
        asking.move_on(session, request.id, now=START)
        assert request.state is RequestState.WITHDRAWN
        assert [o.state for o in session.scalars(sa.select(Offer))] == [OfferState.WITHDRAWN]
