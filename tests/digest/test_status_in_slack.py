"""Console, status and the digest's preview, as coordinators use them and others cannot."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot import limits
from bot.cohort.model import CohortState
from bot.concern.model import Concern, ConcernState, Level, PairLevel
from bot.outbox.model import Budget, Letter, LetterState
from bot.pairing.model import Pairing, PairingState
from tests.support import people
from tests.support.screens import texts


@pytest.fixture
def cohort(small_town: Any) -> Any:
    """Priya and Tom coordinate; Ana and Ben are a red pair, Cho and Mia a green one."""
    with small_town.db.begin() as session:
        made = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, made)
        people.a_coordinator(session, made, "Tom Okafor")
        red = people.a_pairing(
            session, people.an_intern(session, made), people.a_mentor(session, made)
        )
        cho = people.an_intern(session, made, "Cho Park")
        people.a_pairing(session, cho, people.a_mentor(session, made, "Mia Chen"))
        in_care(session, red, small_town.clock())
    return made


def in_care(session: Any, pairing: Pairing, now: Any) -> Concern:
    """The pair is red since now, and nobody has taken it."""
    session.add(
        PairLevel(
            workspace_id=pairing.workspace_id,
            cohort_id=pairing.cohort_id,
            pairing_id=pairing.id,
            level=Level.RED,
            codes=["B2"],
            from_at=now,
        )
    )
    concern = Concern(
        workspace_id=pairing.workspace_id,
        cohort_id=pairing.cohort_id,
        pairing_id=pairing.id,
        level=Level.RED,
        codes=["B2"],
        opened_at=now,
        waiting_since=now,
        met_at=now,
    )
    session.add(concern)
    session.flush()
    return concern


def concern(town: Any) -> Concern:
    with town.db.read() as session:
        return session.scalars(sa.select(Concern)).one()


def test_the_console_shows_the_state_and_opens_the_status(small_town: Any, cohort: Any) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort")
    assert limits.check_view(priya.modal) == []
    said = texts(priya.modal)
    assert "*Summer interns*, starts on Mon 8 June: ● 1 green, ■ 1 red" in said
    assert "2 interns: 2 paired. 2 mentors: no room left" in said
    assert "■ 1 concern is open" in said
    priya.click(priya.modal, "status.open")
    assert priya.modal["title"]["text"] == "Status"


def test_the_status_lists_pairs_red_first_without_any_answer(small_town: Any, cohort: Any) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert limits.check_view(priya.modal) == []
    rows = [b["text"]["text"] for b in priya.modal["blocks"] if "accessory" in b]
    assert rows == [
        "■ Ana Silva and Ben Ito, not met yet, next meeting overdue (B2)",
        "● Cho Park and Mia Chen, not met yet",
    ]


def test_taking_snoozing_and_waking_from_the_status_shows_at_once(
    small_town: Any, cohort: Any
) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    number = concern(small_town).id
    priya.click(priya.modal, "status.row", f"snooze.{number}")
    assert "Snoozed until Thu 4 June." in texts(priya.modal)
    priya.click(priya.modal, "status.row", f"wake.{number}")
    assert concern(small_town).state is ConcernState.OPEN
    priya.click(priya.modal, "status.row", f"take.{number}")
    assert "Priya is contacting them." in texts(priya.modal)
    priya.click(priya.modal, "status.row", f"talked.{number}")
    assert "Priya has talked with them." in texts(priya.modal)
    priya.click(priya.modal, "status.row", f"clear.{number}")
    priya.submit({"note": "Both were away."})
    assert concern(small_town).state is ConcernState.CLEARED
    assert concern(small_town).note == "Both were away."


def test_a_second_coordinator_reads_who_was_first(small_town: Any, cohort: Any) -> None:
    priya, tom = small_town.seat("U0PRIYA"), small_town.seat("U0TOM")
    number = concern(small_town).id
    tom.command("/cohort", "status")
    stale = tom.modal
    priya.command("/cohort", "status")
    priya.click(priya.modal, "status.row", f"take.{number}")
    tom.click(stale, "status.row", f"take.{number}")
    assert texts(tom.modal).startswith("Priya did this at ")


def test_a_pairing_can_be_ended_from_the_status(small_town: Any, cohort: Any) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    with small_town.db.read() as session:
        pairing = session.scalars(sa.select(Pairing.id).order_by(Pairing.id)).first()
    priya.click(priya.modal, "status.row", f"end.{pairing}")
    priya.submit({"reason": "time"})
    with small_town.db.read() as session:
        assert session.get_one(Pairing, pairing).state is PairingState.ENDED


def test_a_coordinators_own_pair_is_neither_listed_nor_touched(
    small_town: Any, cohort: Any
) -> None:
    with small_town.db.begin() as session:
        here = session.merge(cohort)
        mine = people.a_pairing(
            session,
            people.an_intern(session, here, "Dev Rao"),
            people.a_mentor(session, here, "Tom Okafor"),
        )
        number = in_care(session, mine, small_town.clock()).id
    tom, priya = small_town.seat("U0TOM"), small_town.seat("U0PRIYA")
    tom.command("/cohort", "status")
    assert "Dev Rao" not in texts(tom.modal)
    tom.forge(tom.modal, "status.row", f"take.{number}")
    tom.close()
    tom.command("/cohort", "digest")
    assert "Dev Rao" not in tom.dm[-1].text
    priya.command("/cohort", "status")
    assert "■ Dev Rao and Tom Okafor" in texts(priya.modal)
    with small_town.db.read() as session:
        assert session.get_one(Concern, number).state is ConcernState.OPEN


@pytest.mark.parametrize("word", ["", "status", "digest"])
def test_interns_and_strangers_are_told_whom_to_ask(
    small_town: Any, cohort: Any, word: str
) -> None:
    for slack_id in ("U0ANA", "U0KEN"):
        seat = small_town.seat(slack_id)
        told = seat.command("/cohort", word).message
        assert seat.modal is None
        assert told.text.startswith("`/cohort` is for coordinators: <@U0PRIYA> and <@U0TOM>.")


def test_a_forged_click_of_an_intern_changes_nothing(small_town: Any, cohort: Any) -> None:
    ana = small_town.seat("U0ANA")
    ana.command("/mentor", "thanks")
    for action, value in (
        ("status.open", str(cohort.id)),
        ("console.open", str(cohort.id)),
        ("digest.preview", str(cohort.id)),
        ("status.open", "99999"),
        ("status.open", "'; drop table"),
        ("concern.take", str(concern(small_town).id)),
    ):
        ana.forge(ana.modal, action, value)
        assert "Ben Ito" not in texts(ana.modal)
        ana.close(clear=True)
        ana.command("/mentor", "thanks")
    assert concern(small_town).state is ConcernState.OPEN


def test_more_than_ten_pairs_are_paged_and_a_vanished_page_shows_the_last(
    small_town: Any, cohort: Any
) -> None:
    with small_town.db.begin() as session:
        here = session.merge(cohort)
        ben = session.scalars(
            sa.select(people.Membership).where(people.Membership.role == "mentor")
        ).first()
        for number in range(11):
            people.a_pairing(session, people.an_intern(session, here, f"I{number} Silva"), ben)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert "1 to 10 of 13" in texts(priya.modal)
    first = priya.modal
    priya.click(first, "status.next")
    assert "11 to 13 of 13" in texts(priya.modal)
    priya.click(priya.modal, "status.previous")
    assert "1 to 10 of 13" in texts(priya.modal)


def test_letters_that_did_not_arrive_are_named_with_the_way_to_them(
    small_town: Any, cohort: Any
) -> None:
    now = small_town.clock()
    with small_town.db.begin() as session:
        session.add(
            Letter(
                workspace_id=cohort.workspace_id,
                key="lost",
                kind="offer",
                cohort_id=cohort.id,
                person_id=people.a_person(session, "Cho Park").id,
                budget=Budget.HOURS,
                priority=2,
                due_at=now,
                state=LetterState.FAILED,
                reason="user_not_found",
                created_at=now,
            )
        )
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert "1 letter not delivered: Cho Park" in texts(priya.modal)
    priya.click(priya.modal, "undelivered.open")
    assert priya.modal["title"]["text"] == "Letters not delivered"


def test_a_cohort_without_pairs_says_what_comes_next(small_town: Any) -> None:
    with small_town.db.begin() as session:
        made = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, made)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert "Interns ask with `/mentor-request`, or you pair by hand." in texts(priya.modal)
    priya.close()
    priya.command("/cohort")
    assert "no pairs yet" in texts(priya.modal)
    assert "0 interns. 0 mentors" in texts(priya.modal)


def test_the_preview_is_read_by_one_person_only(small_town: Any, cohort: Any) -> None:
    priya = small_town.seat("U0PRIYA")
    told = priya.command("/cohort", "digest").message
    assert told.ephemeral
    assert told.blocks[-1]["elements"][0]["text"] == "A preview. Only you see this."
    assert small_town.channel_messages() == []
    priya.command("/cohort")
    priya.click(priya.modal, "digest.preview")
    assert priya.modal["title"]["text"] == "Digest"
    assert "A preview. Only you see this." in texts(priya.modal)
    assert len(priya.modals) == 2


def test_an_ended_cohort_has_no_console(small_town: Any, cohort: Any) -> None:
    with small_town.db.begin() as session:
        ended = session.merge(cohort)
        ended.state, ended.ended_at = CohortState.ENDED, small_town.clock()
    priya = small_town.seat("U0PRIYA")
    told = priya.command("/cohort").message
    assert told.text.startswith("Summer interns ended on Mon 1 June.")


def test_several_cohorts_are_chosen_on_top(small_town: Any, cohort: Any) -> None:
    with small_town.db.begin() as session:
        other = people.a_cohort(session, "Autumn interns", channel=small_town.channel.id)
        people.a_coordinator(session, other)
    priya = small_town.seat("U0PRIYA")
    for word, pick in (("", "console.cohort"), ("status", "status.cohort")):
        priya.command("/cohort", word)
        priya.click(priya.modal, pick, str(cohort.id))
        assert "*Summer interns*" in texts(priya.modal)
        priya.click(priya.modal, pick, str(other.id))
        assert "*Autumn interns*" in texts(priya.modal)
        priya.close()
