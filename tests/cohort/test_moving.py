"""Somebody travels: what was planned by their hours is planned again, nothing twice or lost."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot import outbox, program
from bot.cohort import directory, leave, messages, pausing, roster
from bot.cohort.calendar import zone_or
from bot.cohort.model import Leave, Person
from bot.database import Database
from bot.meeting import meetings
from bot.meeting.messages import AGENDA
from bot.meeting.model import Action, ActionState, Meeting
from bot.outbox.budget import SPREAD, spread
from bot.outbox.model import Letter, LetterState
from bot.pairing.model import Offer, Pairing, Request, RequestState
from tests.support import people
from tests.support.people import START

assert program.JOBS  # the whole programme: who plans by a person's hours has said so

FAR = ["Pacific/Kiritimati", "Asia/Kathmandu", "Pacific/Pago_Pago", "America/New_York"]
NIGHT = START + timedelta(hours=12)  # Monday 21:00 in Berlin


def move(db: Database, zone: str | None, now: datetime, slack_id: str = "U0ANA") -> None:
    """As Slack tells it, in a user_change or in the daily list."""
    with db.begin() as session:
        person = session.scalars(sa.select(Person).where(Person.slack_id == slack_id)).one()
        told = {"id": slack_id, "real_name": person.name, "tz": zone}
        directory.write(session, person.workspace_id, [told], now)


def welcome(db: Database, now: datetime) -> None:
    """A letter to Ana that waits for her hours."""
    with db.begin() as session:
        cohort = people.a_cohort(session)
        place = people.an_intern(session, cohort)
        outbox.post(
            session,
            messages.CLOSING,
            key="closing:1",
            workspace_id=place.workspace_id,
            person_id=place.person_id,
            subject=place.id,
            due_at=None,
            now=now,
        )


def nine(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", FAR)
def test_a_letter_that_waits_for_the_morning_waits_for_the_morning_there(
    town: Any, zone: str
) -> None:
    town.clock.set(NIGHT)
    welcome(town.db, NIGHT)
    town.settle()
    [letter] = town.letters("closing")
    assert letter.due_at == nine("Europe/Berlin", date(2026, 6, 2)) + spread("U0ANA")
    town.slack.change_zone("U0ANA", zone)
    town.live(days=3)
    [letter] = town.letters("closing")
    assert letter.state is LetterState.SENT
    shown = letter.sent_at.astimezone(ZoneInfo(zone))  # type: ignore[union-attr]
    assert time(9) <= shown.time() < time(17)
    # No later than the first opening there: at once where they are at work already.
    opening = min(nine(zone, date(2026, 6, day)) for day in (1, 2, 3) if nine_ends(zone, day))
    assert letter.sent_at == max(
        NIGHT, opening + (spread("U0ANA") if opening > NIGHT else SPREAD * 0)
    )
    assert len([m for m in town.seat("U0ANA").dm if m.text]) == 1


def nine_ends(zone: str, day: int) -> bool:
    """Whether that working day there still goes on at NIGHT."""
    return nine(zone, date(2026, 6, day)) + timedelta(hours=8) > NIGHT


def test_the_morning_back_from_leave_is_the_morning_there_and_comes_once(town: Any) -> None:
    with town.db.begin() as session:
        ana = people.an_intern(session, people.a_cohort(session)).person
        leave.start(session, ana, date(2026, 6, 2), date(2026, 6, 4), now=START)
    town.live(days=1)
    town.slack.change_zone("U0ANA", "Pacific/Kiritimati")
    with town.db.read() as session:
        [row] = session.scalars(sa.select(Leave))
        assert row.back_at == datetime(2026, 6, 3, 16, tzinfo=UTC)  # 6:00 on 4 June
    town.live(until=datetime(2026, 6, 3, 20, tzinfo=UTC))
    [letter] = town.letters("leave.back")
    assert letter.sent_at == datetime(2026, 6, 3, 19, tzinfo=UTC) + spread("U0ANA")
    # Back to the other side of the date line, where it is the day before: nothing comes again.
    town.slack.change_zone("U0ANA", "Pacific/Pago_Pago")
    town.live(days=3)
    assert len(town.letters("leave.back")) == 1


def test_a_pause_ends_on_the_day_that_was_said(db: Database) -> None:
    with db.begin() as session:
        ana = people.an_intern(session, people.a_cohort(session)).person
        pausing.pause(session, ana, now=START)
    move(db, "Asia/Kathmandu", START + timedelta(days=1))
    with db.read() as session:
        until = session.scalars(sa.select(Person.paused_until)).one()
        assert until == datetime(2026, 6, 7, 18, 15, tzinfo=UTC)  # midnight, 8 June


def test_an_agenda_and_a_reminder_come_in_the_hours_there(db: Database) -> None:
    starts = datetime(2026, 6, 16, 13, tzinfo=UTC)  # Tuesday 15:00 in Berlin
    now = START + timedelta(days=7)
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        pairing = people.a_pairing(session, ana, ben)
        meeting = meetings.plan(
            session, pairing, by=ana.person, starts_at=starts, minutes=30, place="", now=now
        )
        an_action(session, meeting, ana.person, now)
        assert pairing.nudge_at is None
    move(db, "Asia/Tokyo", now + timedelta(hours=1))
    with db.read() as session:
        mine, bens = session.scalars(
            sa.select(Letter).where(Letter.kind == AGENDA.name).order_by(Letter.id)
        )
        # 22:00 is no time to prepare: the last hour of work on the day before, in Tokyo.
        assert mine.due_at == datetime(2026, 6, 15, 7, tzinfo=UTC)
        assert bens.due_at == datetime(2026, 6, 15, 13, tzinfo=UTC)
        [action] = session.scalars(sa.select(Action))
        assert action.remind_at == nine("Asia/Tokyo", date(2026, 6, 22))
        assert session.scalars(sa.select(Meeting.starts_at)).one() == starts  # both were told
    move(db, "Europe/Berlin", now + timedelta(hours=2))
    with db.read() as session:
        mine, _bens = session.scalars(
            sa.select(Letter).where(Letter.kind == AGENDA.name).order_by(Letter.id)
        )
        assert mine.due_at == datetime(2026, 6, 15, 13, tzinfo=UTC)


def an_action(session: Any, meeting: Meeting, owner: Person, now: datetime) -> None:
    session.add(
        Action(
            workspace_id=meeting.workspace_id,
            meeting_id=meeting.id,
            pairing_id=meeting.pairing_id,
            owner_id=owner.id,
            written_by=owner.id,
            text="Send the draft",
            due_on=date(2026, 6, 23),
            state=ActionState.OPEN,
            remind_at=nine("Europe/Berlin", date(2026, 6, 22)),
            created_at=now,
        )
    )


def test_a_reminder_whose_morning_has_passed_there_comes_at_once(db: Database) -> None:
    """From New York to Kiritimati: there the day before is over, and the action is due."""
    now = datetime(2026, 6, 22, 12, tzinfo=UTC)  # 8:00 in New York, 2:00 of the 23rd there
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana = people.an_intern(session, cohort, zone="America/New_York")
        pairing = people.a_pairing(session, ana, people.a_mentor(session, cohort))
        meeting = meetings.plan(
            session,
            pairing,
            by=ana.person,
            starts_at=now + timedelta(days=3),
            minutes=30,
            place="",
            now=now,
        )
        an_action(session, meeting, ana.person, now)
    move(db, "Pacific/Kiritimati", now)
    with db.read() as session:
        assert session.scalars(sa.select(Action.remind_at)).one() == now


def test_the_date_of_an_offer_stays_as_it_was_told_and_its_reminder_moves(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        request = Request(
            workspace_id=cohort.workspace_id,
            cohort_id=cohort.id,
            intern_id=ana.id,
            state=RequestState.ASKING,
            created_at=START,
        )
        session.add(request)
        session.flush()
        sent, told = START + timedelta(hours=4), START + timedelta(days=3, hours=4)
        offer = Offer(
            workspace_id=cohort.workspace_id,
            request_id=request.id,
            mentor_id=ben.id,
            created_at=START,
            sent_at=sent,
            remind_at=sent + timedelta(days=2),
            lapses_at=told,
        )
        session.add(offer)
    move(db, "Asia/Tokyo", sent + timedelta(hours=1), "U0BEN")
    with db.read() as session:
        offer = session.scalars(sa.select(Offer)).one()
        assert offer.lapses_at == told
        # 20:00 in Tokyo is after work: two working days from the next morning.
        assert offer.remind_at == nine("Asia/Tokyo", date(2026, 6, 4))


def test_a_first_nudge_is_counted_in_working_days_there(db: Database) -> None:
    with db.begin() as session:
        cohort = people.a_cohort(session)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben, nudge_at=nine("Europe/Berlin", date(2026, 6, 11)))
    move(db, "Asia/Kathmandu", START + timedelta(days=1))
    with db.read() as session:
        at = session.scalars(sa.select(Pairing.nudge_at)).one()
        # The programme's first morning is 12:45 there.
        assert at == datetime(2026, 6, 11, 7, tzinfo=UTC)


def test_a_letter_posted_ahead_of_its_time_still_comes_at_its_time(db: Database) -> None:
    later = START + timedelta(days=2)
    with db.begin() as session:
        place = people.an_intern(session, people.a_cohort(session))
        outbox.post(
            session,
            messages.CLOSING,
            key="ahead",
            workspace_id=place.workspace_id,
            person_id=place.person_id,
            due_at=later,
            now=START,
        )
    move(db, "Asia/Tokyo", START + timedelta(hours=1))
    with db.read() as session:
        assert session.scalars(sa.select(Letter.due_at)).one() == later


def test_the_same_zone_again_plans_nothing_anew(db: Database) -> None:
    """The list of people is read every day, and names what is known already."""
    welcome(db, START)
    with db.begin() as session:
        letter = session.scalars(sa.select(Letter)).one()
        letter.due_at = due = START + timedelta(days=1)
    for zone in ("Europe/Berlin", "", None, "Mars/Olympus"):  # nonsense: Berlin, the cohort's
        move(db, zone, START)
        with db.read() as session:
            assert session.scalars(sa.select(Letter.due_at)).one() == due


NONSENSE = st.text(max_size=80) | st.sampled_from(
    [
        "",
        "Mars/Olympus",
        "../../etc/passwd",
        "europe/berlin",
        "UTC+2",
        "a\0b",
        "\ud800",
        "😀",
        "GMT0 ",
    ]
)


@given(NONSENSE)
def test_a_zone_nobody_knows_falls_back_to_the_cohorts(zone: str) -> None:
    person = Person(zone=zone, work_days=[])
    cohort = people.Cohort(zone="Asia/Kathmandu")
    assert roster.zone_of(person, cohort) == zone_or(zone, "Asia/Kathmandu")
    assert roster.hours_of(person, roster.zone_of(person, cohort)).zone in {zone, "Asia/Kathmandu"}


def test_zones_slack_may_tell_are_stored_and_read_without_harm(sqlite_db: Database) -> None:
    """Whatever string comes, in any order: no crash, one letter, still waiting to be sent."""
    welcome(sqlite_db, START)

    @given(st.lists(NONSENSE | st.sampled_from(FAR), min_size=1, max_size=3))
    def tell(zones: list[str]) -> None:
        for zone in zones:
            move(sqlite_db, zone, START)
        with sqlite_db.read() as session:
            person = session.scalars(sa.select(Person)).one()
            [reader] = roster.readers(session, {person.id}).values()
            assert reader.zone in {zone_or(person.zone, "Europe/Berlin")}
            assert session.scalars(sa.select(Letter.state)).one() is LetterState.PENDING

    tell()
