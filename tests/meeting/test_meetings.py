"""Planning, moving and cancelling, on both databases."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bot.cohort.hours import Hours
from bot.database import Database
from bot.meeting import agenda, meetings, sides
from bot.meeting import messages as m
from bot.meeting.model import Meeting, MeetingState
from bot.outbox.model import Budget
from bot.pairing.model import EndReason, PairingState
from bot.refusal import FormChanged, Invalid, NotYours
from tests.meeting.rows import AT, NOW, away, letters, two
from tests.support import people

BERLIN = Hours(zone="Europe/Berlin")


def test_the_same_moment_twice_is_one_meeting_told_once(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        first = pair.plan(session)
        again = pair.plan(session)
        assert first.id == again.id
        assert len(letters(session, m.PLANNED)) == 1
        assert len(letters(session, m.AGENDA)) == 2


def test_each_reads_the_agenda_the_day_before_in_their_hours(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        pair.plan(session)
        due = {x.person_id: x.due_at for x in letters(session, m.AGENDA)}
        assert due[pair.ana.id] == datetime(2026, 6, 15, 13, 0, tzinfo=UTC)
        assert due[pair.ben.id] == datetime(2026, 6, 15, 13, 0, tzinfo=UTC)


def test_the_agenda_of_a_monday_comes_on_friday() -> None:
    monday = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)  # 17:00 in Berlin
    assert agenda.due_at(BERLIN, (), monday, NOW) == datetime(2026, 6, 12, 14, 0, tzinfo=UTC)


def test_a_day_on_leave_is_not_the_day_before() -> None:
    away = ((date(2026, 6, 15), date(2026, 6, 16)),)
    assert agenda.day_before(BERLIN, date(2026, 6, 16), time(10), away) == datetime(
        2026, 6, 12, 8, 0, tzinfo=UTC
    )


def test_news_of_a_meeting_waits_for_shared_hours_unless_it_would_be_too_late(
    db: Database,
) -> None:
    night = datetime(2026, 6, 9, 20, 0, tzinfo=UTC)
    with db.begin() as session:
        pair = two(session)
        pair.plan(session, now=night)
        pair.plan(session, at=night + timedelta(hours=11), now=night)
        assert [x.budget for x in letters(session, m.PLANNED)] == [Budget.HOURS, Budget.NOW]


@pytest.mark.parametrize(
    ("at", "field", "words"),
    [
        (NOW - timedelta(minutes=1), "time", "That is in the past. Choose a later time."),
        (
            datetime(2026, 8, 31, 9, 0, tzinfo=UTC),
            "date",
            "The programme ends on Fri 28 August. Choose an earlier day.",
        ),
    ],
)
def test_a_time_outside_the_programme_is_refused_beside_its_field(
    db: Database, at: datetime, field: str, words: str
) -> None:
    with db.begin() as session:
        pair = two(session)
        with pytest.raises(Invalid) as refusal:
            pair.plan(session, at=at)
        assert (refusal.value.field, refusal.value.words) == (field, words)


def test_hours_and_leave_of_the_other_one_are_named(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        early = datetime(2026, 6, 16, 6, 0, tzinfo=UTC)  # 7:00 in Lisbon
        said = meetings.doubt(session, pair.pairing, pair.ana, early)
        assert said == "That is 07:00 for Ben, outside Ben's hours."
        assert meetings.doubt(session, pair.pairing, pair.ana, AT) == ""
        assert meetings.doubt(session, pair.pairing, pair.ben, early + timedelta(hours=2)) == ""
        away(session, pair.ben, date(2026, 6, 15), date(2026, 6, 22))
        said = meetings.doubt(session, pair.pairing, pair.ana, AT)
        assert said == "Ben is on leave until Mon 22 June."


def test_the_empty_form_suggests_a_time_that_suits_both(db: Database) -> None:
    friday_evening = datetime(2026, 6, 12, 17, 10, tzinfo=UTC)
    with db.begin() as session:
        pair = two(session)
        me, _other = sides.facing(pair.pairing, pair.ana.id)
        draft = meetings.suggested(session, pair.pairing, me, friday_evening)
        assert (draft.day, draft.at, draft.minutes) == (date(2026, 6, 15), time(10), 30)


def test_moving_makes_the_letters_follow(db: Database) -> None:
    later = AT + timedelta(days=1)
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        meetings.move(
            session, meeting, by=pair.ben, version=1, starts_at=later, minutes=45, now=NOW
        )
        assert (meeting.version, meeting.ends_at) == (2, later + timedelta(minutes=45))
        assert meeting.ask_at == later + timedelta(minutes=75)
        assert [x.data["version"] for x in letters(session, m.AGENDA, "pending")] == [2, 2]
        assert {x.reason for x in letters(session, m.AGENDA, "cancelled")} == {"the meeting moved"}
        assert [x.data["version"] for x in letters(session, m.PLANNED, "pending")] == [2]


def test_a_form_opened_before_somebody_moved_it_is_stale(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        moved = AT + timedelta(days=1)
        meetings.move(
            session, meeting, by=pair.ben, version=1, starts_at=moved, minutes=30, now=NOW
        )
        with pytest.raises(FormChanged, match="Ben moved it to Wed 17 June, 15:00"):
            meetings.move(
                session,
                meeting,
                by=pair.ana,
                version=1,
                starts_at=AT + timedelta(days=2),
                minutes=30,
                now=NOW,
            )


def test_two_meetings_cannot_move_onto_one_moment(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        pair.plan(session)
        other = pair.plan(session, at=AT + timedelta(days=1))
        with pytest.raises(Invalid, match="have a meeting at that time"):
            meetings.move(session, other, by=pair.ana, version=1, starts_at=AT, minutes=30, now=NOW)


def test_cancelling_twice_tells_once_and_stops_everything(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        meetings.cancel(session, meeting, by=pair.ben, now=NOW)
        meetings.cancel(session, meeting, by=pair.ana, now=NOW)
        assert (meeting.state, meeting.ask_at) == (MeetingState.CANCELLED, None)
        assert len(letters(session, m.CANCELLED)) == 1
        assert not letters(session, m.AGENDA, "pending")
        with pytest.raises(meetings.MeetingCancelled):
            meetings.movable(meeting, NOW)


def test_a_meeting_that_has_begun_cannot_be_cancelled(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        with pytest.raises(meetings.MeetingOver):
            meetings.cancel(session, meeting, by=pair.ana, now=AT)


def test_a_meeting_belongs_to_its_two_people(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        mia = two(session, "Cho Park", "Mia Chen").ben
        assert meetings.owned(session, meeting.id, pair.ben).id == meeting.id
        for person, number in ((mia, meeting.id), (pair.ana, 999_999)):
            with pytest.raises(NotYours):
                meetings.owned(session, number, person)
        elsewhere = people.a_workspace(session, "T0OTHER")
        stranger = people.a_person(session, "Ana Twin", workspace=elsewhere)
        with pytest.raises(NotYours):
            meetings.owned(session, meeting.id, stranger)


def test_the_end_of_a_pairing_quietly_ends_its_meetings(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        coming, past = pair.plan(session), pair.plan(session, at=NOW + timedelta(hours=1))
        pair.pairing.state, pair.pairing.ended_at = PairingState.ENDED, NOW
        pair.pairing.end_reason = EndReason.MATCH_CHANGED
        now = NOW + timedelta(hours=3)
        for meeting in (coming, past):
            meetings.close_ended(session, meeting.id, now)
        assert (coming.state, past.state) == (MeetingState.CANCELLED, MeetingState.UNKNOWN)
        assert not letters(session, m.AGENDA, "pending")
        assert not letters(session, m.CANCELLED)
        with pytest.raises(sides.PairingOver):
            meetings.owned(session, coming.id, pair.ana)


def test_what_is_coming_is_in_order_and_only_mine(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        late, soon = pair.plan(session), pair.plan(session, at=NOW + timedelta(hours=1))
        two(session, "Cho Park", "Mia Chen").plan(session)
        assert [x.id for x in meetings.coming(session, pair.ben.id, NOW)] == [soon.id, late.id]
        assert session.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 3
