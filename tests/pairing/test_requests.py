"""Requests: choosing in order, sending, the waitlist, withdrawing. On both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from bot.cohort.model import CohortState, Ended, MembershipState, Removed
from bot.database import Database
from bot.pairing import candidates, offers, requests
from bot.pairing.model import (
    CoordinatorsDoNotAsk,
    FiveChosen,
    HasMentor,
    MentorsDoNotAsk,
    NobodyChosen,
    NoLongerFree,
    NotAsking,
    OfferState,
    RequestState,
)
from bot.refusal import NotYours
from tests.pairing import scene
from tests.support import people

START = scene.START


def test_a_request_works_without_a_profile(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        ana = people.an_intern(session, cohort, "Ana Silva", profile=False, zone=None)
        ana.goals = [{"text": "Write better SQL", "skills": ["sql"]}]
        request = requests.begin(session, ana, now=START)
        [(mentor, suggestion)] = requests.options(session, request, now=START).suggested
        assert mentor.person.name == "Ben Ito"
        assert suggestion.reasons


def test_taps_rank_in_order_and_removing_closes_the_gap(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1), ("Tom Okafor", 1))
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        ids = [scene.place(session, name).id for name in ("Mia", "Ben", "Tom")]
        for mentor in (*ids, ids[0]):  # the last tap came twice
            requests.choose(session, request.id, mentor, by=ana.person, now=START)
        assert [(c.mentor_id, c.rank) for c in request.choices] == list(
            zip(ids, (1, 2, 3), strict=True)
        )
        requests.drop(session, request.id, ids[1], by=ana.person)
        requests.drop(session, request.id, ids[1], by=ana.person)
        assert [(c.mentor_id, c.rank) for c in request.choices] == [(ids[0], 1), (ids[2], 2)]
        assert requests.begin(session, ana, now=START).id == request.id


def test_at_most_five_are_chosen_and_only_who_fits(db: Database) -> None:
    with db.begin() as session:
        names = ("Ben Ito", "Mia Chen", "Tom Okafor", "Ida Berg", "Leo Roth", "Zoe Hall")
        cohort = scene.a_scene(session, *((name, 1) for name in names))
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        places = [scene.place(session, name.split()[0]) for name in names]
        assert len(requests.options(session, request, now=START).suggested) == 5
        for place in places[:5]:
            requests.choose(session, request.id, place.id, by=ana.person, now=START)
        with pytest.raises(FiveChosen):
            requests.choose(session, request.id, places[5].id, by=ana.person, now=START)
        for forged in (ana.id, 987_654):
            with pytest.raises(NotYours):
                requests.choose(session, request.id, forged, by=ana.person, now=START)


def test_who_is_chosen_stays_in_sight_when_others_come_closer(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        cohort.settings = {"suggestions": 1}
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        last = candidates.of(session, ana, now=START).ranked()[-1][0]
        requests.choose(session, request.id, last.id, by=ana.person, now=START)
        shown = requests.options(session, request, now=START)
        assert [place.id for place, _ in shown.suggested][-1] == last.id
        assert len(shown.suggested) == 2
        assert shown.ranks == {last.id: 1}


def test_nothing_is_sent_without_a_choice(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        with pytest.raises(NobodyChosen):
            requests.send(session, request.id, line="", by=ana.person, now=START)
        assert scene.letters(session, "offer") == []


def test_a_chosen_mentor_who_filled_up_meanwhile_is_told_and_left_out(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        for name in ("Ben", "Mia"):
            chosen = scene.place(session, name).id
            requests.choose(session, request.id, chosen, by=ana.person, now=START)
        ben = scene.place(session, "Ben")
        people.a_pairing(session, people.an_intern(session, cohort, "Cho Park"), ben)
        with pytest.raises(NoLongerFree) as refused:
            requests.send(session, request.id, line="Hello", by=ana.person, now=START)
        assert str(refused.value).startswith("Ben has no room any more.")
        found = requests.up_to_date(session, request, now=START)
        assert [place.person.name for place in found.gone] == ["Ben Ito"]
        assert found.ranks == {scene.place(session, "Mia").id: 1}
        assert [c.rank for c in request.choices] == [1]


def test_sending_twice_asks_once_and_a_sent_list_stays_as_it_is(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1), ("Mia Chen", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben", line="Hello")
        ana = request.intern.person
        requests.send(session, request.id, line="Other", by=ana, now=START)
        assert request.line == "Hello"
        assert len(scene.letters(session, "offer")) == 1
        mia = scene.place(session, "Mia").id
        with pytest.raises(NotAsking):
            requests.choose(session, request.id, mia, by=ana, now=START)
        with pytest.raises(NotAsking):
            requests.drop(session, request.id, mia, by=ana)
        with pytest.raises(NotAsking):
            requests.begin(session, request.intern, now=START)
        with pytest.raises(NotAsking):
            requests.join_waitlist(session, request.id, by=ana, now=START)


def test_the_waitlist_is_told_once_and_the_channel_hears_a_name_only(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session)
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        for _click in range(2):
            requests.join_waitlist(session, request.id, by=ana.person, now=START)
        assert request.state is RequestState.WAITING
        [line] = scene.letters(session, "request.waiting")
        assert line.channel == cohort.channel
        assert scene.letters(session, "waitlist") == []  # the form already said so


def test_the_longest_wait_is_kept_while_choosing_again(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session)
        ana = people.an_intern(session, cohort)
        request = requests.begin(session, ana, now=START)
        requests.join_waitlist(session, request.id, by=ana.person, now=START)
        people.a_mentor(session, cohort, "Ben Ito")
        later = START + timedelta(days=1)
        scene.asking(session, cohort, "Ana Silva", "Ben", now=later)
        offer = scene.offer_to(session, "Ben")
        offers.decline(session, offer.id, by=offer.mentor.person, reason=None, now=later)
        assert request.waiting_since == START
        # Who said no is neither suggested nor on the list any more.
        assert requests.begin(session, ana, now=later).choices == []
        assert requests.options(session, request, now=later).suggested == ()
        assert len(scene.letters(session, "request.waiting")) == 1


def test_withdrawing_is_heard_by_who_was_asked_and_twice_is_harmless(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        ana = request.intern.person
        for _click in range(2):
            requests.withdraw(session, request.id, by=ana, now=START)
        assert request.state is RequestState.WITHDRAWN
        assert scene.offer_to(session, "Ben", OfferState.WITHDRAWN).decided_at == START
        again = requests.begin(session, request.intern, now=START)
        assert again.id != request.id
        assert [p.person.name for p, _ in requests.options(session, again, now=START).suggested]


def test_a_paired_intern_asks_nobody(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        ana = people.an_intern(session, cohort)
        people.a_pairing(session, ana, scene.place(session, "Ben"))
        with pytest.raises(HasMentor) as refused:
            requests.begin(session, ana, now=START)
        assert str(refused.value) == ("Ben is your mentor. To change that, talk to <@U0PRIYA>.")


def test_who_may_ask_and_what_the_others_hear(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        ana = people.an_intern(session, cohort)
        assert [p.id for p in requests.places_of(session, ana.person)] == [ana.id]
        with pytest.raises(MentorsDoNotAsk):
            requests.places_of(session, scene.place(session, "Ben").person)
        with pytest.raises(CoordinatorsDoNotAsk):
            requests.places_of(session, scene.place(session, "Priya").person)
        cohort.state = CohortState.ENDED
        session.flush()
        for name in ("Ana", "Ben", "Priya"):
            with pytest.raises(Ended) as refused:
                requests.places_of(session, scene.place(session, name).person)
            assert str(refused.value) == "Summer interns ended on Fri 28 August."


def test_a_request_is_its_interns_alone(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        cho = people.an_intern(session, cohort, "Cho Park")
        for forged in (request.id, 987_654):
            with pytest.raises(NotYours):
                requests.withdraw(session, forged, by=cho.person, now=START)
            with pytest.raises(NotYours):
                requests.send(session, forged, line="", by=cho.person, now=START)
        request.intern.state = MembershipState.LEFT
        with pytest.raises(Removed):
            requests.withdraw(session, request.id, by=request.intern.person, now=START)
        with pytest.raises(NotYours):
            requests.place(session, cho.person, request.intern_id)


def test_coordinators_hear_once_when_nobody_has_said_yes_for_five_working_days(
    db: Database,
) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        assert request.unpaired_at == START + timedelta(days=7)
        due = session.execute(requests.to_report()).all()
        assert [row[0] for row in due] == [request.id]
        requests.report(session, request.id, START + timedelta(days=7))
        assert len(scene.letters(session, "request.unpaired")) == 1
        assert session.execute(requests.to_report()).all() == []


def test_days_on_which_the_intern_is_away_are_no_days_without_a_yes(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        people.a_leave(session, request.intern, date(2026, 6, 3), date(2026, 6, 6))
        requests.report(session, request.id, START + timedelta(days=7))
        assert scene.letters(session, "request.unpaired") == []
        [(_request, later)] = session.execute(requests.to_report()).all()
        assert later == START + timedelta(days=10)  # three of the five days were leave
        requests.report(session, request.id, later)
        assert len(scene.letters(session, "request.unpaired")) == 1


def test_asking_for_a_coordinator_is_one_line_a_day(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        request = scene.asking(session, cohort, "Ana Silva", "Ben")
        for _click in range(2):
            requests.ask_for_help(session, request.id, by=request.intern.person, now=START)
        assert len(scene.letters(session, "request.help")) == 1


def test_the_number_of_queries_does_not_grow_with_the_mentors(sqlite_db: Database) -> None:
    counts = []
    for mentors in (1, 30):
        with sqlite_db.begin() as session:
            cohort = people.a_cohort(session, f"With {mentors}")
            for number in range(mentors):
                people.a_mentor(session, cohort, f"M{mentors}x{number} Ito")
            ana = people.an_intern(session, cohort, f"Ana{mentors} Silva")
            wanted = ana.id
        statements: list[str] = []

        def count(_c: object, _cur: object, statement: str, *_more: object) -> None:
            statements.append(statement)  # noqa: B023 (used within this turn of the loop)

        event.listen(sqlite_db.engine, "before_cursor_execute", count)
        with sqlite_db.read() as session:
            place = session.get_one(type(ana), wanted)
            statements.clear()
            found = candidates.of(session, place, now=START)
        event.remove(sqlite_db.engine, "before_cursor_execute", count)
        assert len(found.mentors) == mentors
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


def test_weights_and_the_least_fit_are_the_cohorts_settings(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        ana = people.an_intern(session, cohort)
        ana.goals = [{"text": "Law", "skills": ["sql", "negotiation"]}]
        found = candidates.of(session, ana, now=START)
        [(_place, plain)] = found.ranked()
        cohort.settings = {"weight_goals": 100}
        [(_place, strict)] = candidates.of(session, ana, now=START).ranked()
        assert strict.score.total < plain.score.total
        cohort.settings = {"minimum_score": 100}
        assert replace(found, cohort=cohort).ranked() == ()


def test_mentors_who_have_told_nothing_or_left_are_not_suggested(db: Database) -> None:
    with db.begin() as session:
        cohort = scene.a_scene(session, ("Ben Ito", 1))
        people.a_mentor(session, cohort, "Mia Chen", profile=False)
        people.a_mentor(session, cohort, "Tom Okafor", left_slack_at=START)
        gone = people.a_mentor(session, cohort, "Ida Berg")
        gone.state = MembershipState.LEFT
        ana = people.an_intern(session, cohort)
        session.flush()
        assert [m.person.name for m in candidates.mentors_of(session, cohort.id)] == ["Ben Ito"]
        assert len(candidates.of(session, ana, now=START).mentors) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(type(ana))) == 6
