"""The watch: levels over time, concerns that follow them, and the ladder to coordinators."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.checkin.model import CheckIn, Knows, Round, RoundKind
from bot.cohort.model import Cohort, Leave
from bot.concern import care, concerns, evidence, ladder, watch
from bot.concern.model import Concern, ConcernState, Ending, Level, PairLevel, Watch
from bot.meeting.model import Meeting, MeetingState
from bot.outbox import Letter, LetterState
from bot.pairing.model import EndReason, Pairing, PairingState
from tests.support import people

# Monday 8 June 2026, 9:00 in Berlin: the programme's first morning.
FIRST = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def pair(db: Any) -> Any:
    """Ana and Ben, paired before the programme began; Priya coordinates; the watch is planned."""
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
        people.a_coordinator(session, cohort)
        watch.plan(session, cohort.id, FIRST - DAY)
    return db


def look(session: Session, now: datetime) -> None:
    watch.look(session, session.scalars(sa.select(Watch.id)).one(), now)
    session.flush()


def the_pairing(session: Session) -> Pairing:
    return session.scalars(sa.select(Pairing)).one()


def the_concern(session: Session) -> Concern:
    return session.scalars(sa.select(Concern).order_by(Concern.id.desc()).limit(1)).one()


def levels(session: Session) -> list[Level]:
    return list(session.scalars(sa.select(PairLevel.level).order_by(PairLevel.id)))


def letters(session: Session, kind: str) -> list[Letter]:
    wanted = sa.select(Letter).where(Letter.kind == kind).order_by(Letter.id)
    return list(session.scalars(wanted))


def they_met(session: Session, at: datetime) -> None:
    pairing = the_pairing(session)
    session.add(
        Meeting(
            workspace_id=pairing.workspace_id,
            pairing_id=pairing.id,
            state=MeetingState.HELD,
            starts_at=at,
            ends_at=at + timedelta(minutes=30),
            minutes=30,
            planned_by=pairing.intern.person_id,
            created_at=at,
        )
    )
    session.flush()


def answered(
    session: Session,
    scores: tuple[int, int, int] | None,
    *,
    at: datetime,
    number: int = 1,
    side: str = "intern",
    sent: bool = True,
) -> CheckIn:
    """A check-in of a round that closed at `at` plus a week; None: nothing was answered."""
    pairing = the_pairing(session)
    row = session.scalars(sa.select(Round).where(Round.number == number)).first()
    if row is None:
        row = Round(
            workspace_id=pairing.workspace_id,
            cohort=pairing.cohort,
            number=number,
            week=number,
            kind=RoundKind.CHECK,
            opens_at=at,
            closes_at=at + 7 * DAY,
            opened_at=at,
            closed_at=at + 7 * DAY,
        )
        session.add(row)
    given = CheckIn(
        workspace_id=pairing.workspace_id,
        round=row,
        pairing=pairing,
        membership=getattr(pairing, side),
        asked_at=at,
        sent_at=at if sent else None,
    )
    if scores:
        given.open_with, given.agree, given.moved_forward = scores
        given.answered_at = given.changed_at = given.watch_at = at
    session.add(given)
    session.flush()
    return given


def test_the_watch_looks_every_morning_at_nine_of_the_cohort(pair: Any) -> None:
    with pair.begin() as session:
        row = session.scalars(sa.select(Watch)).one()
        assert row.next_at == FIRST
        look(session, FIRST)
        assert row.next_at == FIRST + DAY


def test_the_wait_for_a_first_meeting_counts_from_the_first_morning(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 6 * DAY)
        assert levels(session) == [Level.GREEN]
        look(session, FIRST + 7 * DAY)
        assert levels(session) == [Level.GREEN, Level.AMBER]
        concern = the_concern(session)
        assert (concern.level, concern.codes) == (Level.AMBER, ["B1"])
        assert concern.announced_at is None


def test_levels_are_never_overwritten(pair: Any) -> None:
    with pair.begin() as session:
        for day in (0, 7, 8, 10):
            look(session, FIRST + day * DAY)
        rows = session.scalars(sa.select(PairLevel).order_by(PairLevel.id)).all()
        assert [(r.level, r.from_at, r.to_at) for r in rows] == [
            (Level.GREEN, FIRST, FIRST + 7 * DAY),
            (Level.AMBER, FIRST + 7 * DAY, FIRST + 10 * DAY),
            (Level.RED, FIRST + 10 * DAY, None),
        ]


def test_red_reaches_the_coordinators_channel_once(pair: Any) -> None:
    with pair.begin() as session:
        for day in (7, 10, 11, 12):
            look(session, FIRST + day * DAY)
        (told,) = letters(session, "concern")
        assert told.channel == "C0COORDINATORS"
        assert told.due_at == FIRST + 10 * DAY
        assert the_concern(session).red_at == FIRST + 10 * DAY


def test_a_held_meeting_clears_at_once(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 10 * DAY)
        they_met(session, FIRST + 10 * DAY + timedelta(hours=4))
        watch.look_at_meeting(session, the_concern(session).id, FIRST + 11 * DAY)
        session.flush()
        concern = the_concern(session)
        assert (concern.state, concern.ending) == (ConcernState.CLEARED, Ending.MET)
        assert watch.levels_now(session, concern.cohort_id) == {concern.pairing_id: Level.GREEN}


def test_a_pair_that_drifts_again_gets_a_new_concern(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 10 * DAY)
        they_met(session, FIRST + 10 * DAY + timedelta(hours=4))
        look(session, FIRST + 11 * DAY)
        look(session, FIRST + 25 * DAY)
        states = session.scalars(sa.select(Concern.state).order_by(Concern.id)).all()
        assert states == [ConcernState.CLEARED, ConcernState.OPEN]
        assert the_concern(session).codes == ["B2"]


def test_a_low_answer_is_left_out_until_its_author_has_chosen(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST)
        given = answered(session, (2, 2, 2), at=FIRST + DAY)
        given.watch_at = FIRST + 2 * DAY
        session.flush()
        look(session, FIRST + DAY)
        assert levels(session) == [Level.GREEN]
        watch.look_at_answer(session, given.id, FIRST + 2 * DAY)
        session.flush()
        assert levels(session) == [Level.GREEN, Level.RED]
        assert given.watch_at is None


@pytest.mark.parametrize("knows", [Knows.COORDINATOR_ME, Knows.COORDINATOR_BOTH])
def test_a_wish_for_a_talk_is_told_at_once_even_when_amber(pair: Any, knows: Knows) -> None:
    with pair.begin() as session:
        they_met(session, FIRST)
        given = answered(session, (3, 3, 3), at=FIRST + DAY)
        given.knows, given.knows_at = knows, FIRST + DAY
        session.flush()
        watch.look_at_answer(session, given.id, FIRST + DAY)
        concern = the_concern(session)
        assert concern.level is Level.AMBER
        assert concern.announced_at == FIRST + DAY


def test_a_wish_stays_open_until_a_coordinator_clears_it(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST)
        given = answered(session, (3, 3, 3), at=FIRST + DAY)
        given.knows, given.knows_at = Knows.COORDINATOR_ME, FIRST + DAY
        session.flush()
        watch.look_at_answer(session, given.id, FIRST + DAY)
        given.open_with = given.agree = given.moved_forward = 5
        given.changed_at = FIRST + 2 * DAY
        session.flush()
        look(session, FIRST + 2 * DAY)
        concern = the_concern(session)
        assert concern.state is ConcernState.OPEN
        care.clear(
            session,
            concern.id,
            by=people.a_person(session, "Priya Nair"),
            note="We have talked.",
            now=FIRST + 3 * DAY,
        )
        look(session, FIRST + 4 * DAY)
        assert the_concern(session).state is ConcernState.CLEARED


def test_silence_is_grey_and_opens_no_concern(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST + 10 * DAY)
        answered(session, None, at=FIRST, number=1)
        answered(session, None, at=FIRST + 7 * DAY, number=2)
        look(session, FIRST + 14 * DAY)
        assert levels(session) == [Level.GREY]
        assert session.scalar(sa.select(sa.func.count(Concern.id))) == 0


def test_silence_after_a_letter_that_never_went_out_is_not_counted(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST + 10 * DAY)
        answered(session, None, at=FIRST, number=1, sent=False)
        answered(session, None, at=FIRST + 7 * DAY, number=2)
        look(session, FIRST + 14 * DAY)
        assert levels(session) == [Level.GREEN]


def test_the_ladder_nudges_both_twice_and_then_tells_coordinators(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        cohort.settings = {"first_meeting_red": 40}
        start = FIRST + 7 * DAY  # a Monday
        look(session, start)
        concern = the_concern(session)
        steps = []
        while concern.next_step_at is not None:
            now = concern.next_step_at
            ladder.climb(session, concern.id, now)
            steps.append((now - start).days)
        assert steps == [0, 3, 10]  # three and five working days, a weekend between
        nudges = letters(session, "concern.nudge")
        assert [(n.person_id, n.data["step"]) for n in nudges] == [
            (person, step) for step in (1, 2) for person in concerns.both(concern)
        ]
        assert len(letters(session, "concern")) == 1


def test_after_a_low_answer_only_its_author_is_written_to(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST)
        given = answered(session, (3, 3, 3), at=FIRST + DAY, side="mentor")
        answered(session, (5, 5, 5), at=FIRST + DAY, side="intern")
        given.knows, given.knows_at = Knows.NOBODY, FIRST + DAY
        session.flush()
        watch.look_at_answer(session, given.id, FIRST + DAY)
        ladder.climb(session, the_concern(session).id, FIRST + DAY)
        (note,) = letters(session, "concern.note")
        assert note.person_id == the_pairing(session).mentor.person_id
        assert note.data["check_in"] == given.id
        assert letters(session, "concern.nudge") == []


def test_a_pair_with_a_date_is_not_nudged(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST + 8 * DAY)
        meeting = session.scalars(sa.select(Meeting)).one()
        meeting.state = MeetingState.PLANNED
        look(session, FIRST + 7 * DAY)
        ladder.climb(session, the_concern(session).id, FIRST + 7 * DAY)
        assert letters(session, "concern.nudge") == []


def test_once_red_the_pair_hears_no_more_from_the_ladder(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 10 * DAY)
        ladder.climb(session, the_concern(session).id, FIRST + 10 * DAY)
        assert letters(session, "concern.nudge") == []
        assert the_concern(session).next_step_at is None


def test_the_end_of_a_pairing_closes_its_concern_quietly(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 10 * DAY)
        pairing = the_pairing(session)
        pairing.state, pairing.ended_at = PairingState.ENDED, FIRST + 11 * DAY
        pairing.end_reason = EndReason.OTHER
        level = session.scalars(sa.select(PairLevel).where(PairLevel.to_at.is_(None))).one()
        watch.retire(session, level.id, FIRST + 11 * DAY)
        concern = the_concern(session)
        assert (concern.state, concern.ending) == (ConcernState.CLEARED, Ending.ENDED)
        assert level.to_at == FIRST + 11 * DAY
        assert watch.levels_now(session, concern.cohort_id) == {}


def test_weeks_count_pairs_as_they_stood_at_their_end(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        for day in range(15):
            look(session, FIRST + day * DAY)
        they_met(session, FIRST + 14 * DAY)
        look(session, FIRST + 15 * DAY)
        counts = watch.weekly_counts(session, cohort, 3, now=FIRST + 15 * DAY)
        assert [(c.week, c.on_track, c.need_care, c.quiet) for c in counts] == [
            (1, 1, 0, 0),
            (2, 0, 1, 0),
            (3, 1, 0, 0),
        ]


@pytest.mark.parametrize("more", [0, 9])
def test_a_look_asks_the_database_the_same_few_questions_for_any_number(
    pair: Any, more: int
) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        for n in range(more):
            intern = people.an_intern(session, cohort, f"Intern{n} X")
            people.a_pairing(session, intern, people.a_mentor(session, cohort, f"Mentor{n} Y"))
        look(session, FIRST)
    with pair.begin() as session:
        row = session.scalars(sa.select(Watch)).one()
        asked: list[str] = []
        connection = session.connection()

        def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        sa.event.listen(connection, "before_cursor_execute", note)
        watch.look(session, row.id, FIRST + DAY)
        sa.event.remove(connection, "before_cursor_execute", note)
        assert len([s for s in asked if s.lstrip().startswith("SELECT")]) == 8


def test_a_pair_of_a_coordinator_is_told_to_the_others_alone(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        people.a_coordinator(session, cohort, "Ben Ito")
        look(session, FIRST + 10 * DAY)
        (told,) = letters(session, "concern")
        priya, ben = people.a_person(session, "Priya Nair"), people.a_person(session, "Ben Ito")
        assert (told.channel, told.person_id) == (None, priya.id)
        assert list(concerns.open_in(session, cohort.id)) == []
        assert list(concerns.open_in(session, cohort.id, viewer=ben)) == []
        assert len(concerns.open_in(session, cohort.id, viewer=priya)) == 1


def test_a_moved_start_begins_the_watch_anew(pair: Any) -> None:
    with pair.begin() as session:
        cohort = session.scalars(sa.select(Cohort)).one()
        cohort.starts_on = date(2026, 6, 15)
        watch.plan(session, cohort.id, FIRST + timedelta(hours=2))
        assert session.scalars(sa.select(Watch)).one().next_at == FIRST + DAY
        look(session, FIRST + 7 * DAY)
        assert levels(session) == [Level.GREEN]


def test_leave_stops_the_wait_for_a_meeting(pair: Any) -> None:
    with pair.begin() as session:
        pairing = the_pairing(session)
        session.add(
            Leave(
                workspace_id=pairing.workspace_id,
                person_id=pairing.mentor.person_id,
                first_on=date(2026, 6, 10),
                back_on=date(2026, 6, 15),
                back_at=datetime(2026, 6, 15, 8, 0, tzinfo=UTC),
                created_at=FIRST,
            )
        )
        session.flush()
        look(session, FIRST + 11 * DAY)
        assert levels(session) == [Level.GREEN]
        look(session, FIRST + 12 * DAY)
        assert levels(session) == [Level.GREEN, Level.AMBER]


def test_silence_on_leave_is_nobodys(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST + 10 * DAY)
        pairing = the_pairing(session)
        session.add(
            Leave(
                workspace_id=pairing.workspace_id,
                person_id=pairing.intern.person_id,
                first_on=date(2026, 6, 16),
                back_on=date(2026, 6, 18),
                back_at=datetime(2026, 6, 18, 7, 0, tzinfo=UTC),
                created_at=FIRST,
            )
        )
        answered(session, None, at=FIRST, number=1)
        answered(session, None, at=FIRST + 7 * DAY, number=2)
        look(session, FIRST + 14 * DAY)
        assert levels(session) == [Level.GREEN]


def test_a_second_wish_is_told_once_under_the_message(pair: Any) -> None:
    with pair.begin() as session:
        they_met(session, FIRST)
        mine = answered(session, (3, 3, 3), at=FIRST + DAY)
        mine.knows, mine.knows_at = Knows.COORDINATOR_ME, FIRST + DAY
        session.flush()
        watch.look_at_answer(session, mine.id, FIRST + DAY)
        (told,) = letters(session, "concern")
        told.state, told.sent_ts, told.sent_channel = LetterState.SENT, "1.1", "C0COORDINATORS"
        theirs = answered(session, (3, 3, 3), at=FIRST + 2 * DAY, side="mentor")
        theirs.knows, theirs.knows_at = Knows.COORDINATOR_BOTH, FIRST + 2 * DAY
        session.flush()
        watch.look_at_answer(session, theirs.id, FIRST + 2 * DAY)
        look(session, FIRST + 3 * DAY)
        (heard,) = letters(session, "concern.again")
        assert heard.data["news"] == "asked"
        assert heard.data["above"] == told.id


def test_two_looks_at_the_same_moment_change_nothing(pair: Any) -> None:
    with pair.begin() as session:
        look(session, FIRST + 10 * DAY)
        before = [(row.id, row.to_at) for row in session.scalars(sa.select(PairLevel))]
        look(session, FIRST + 10 * DAY)
        assert [(row.id, row.to_at) for row in session.scalars(sa.select(PairLevel))] == before
        assert len(letters(session, "concern")) == 1


def test_who_first_asks_alone_and_then_for_both_has_one_wish_the_newer(pair: Any) -> None:
    with pair.begin() as session:
        first = answered(session, (2, 2, 2), at=FIRST)
        first.knows, first.knows_at = Knows.COORDINATOR_ME, FIRST
        second = answered(session, (2, 2, 2), at=FIRST + 14 * DAY, number=2)
        second.knows, second.knows_at = Knows.COORDINATOR_BOTH, FIRST + 14 * DAY
        session.flush()
        found = evidence.wishes_of(session, [the_pairing(session).id])
        assert [wish.knows for wish in found[the_pairing(session).id]] == [Knows.COORDINATOR_BOTH]
