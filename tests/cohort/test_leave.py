"""Leave: planned, shown, ended early, and the first morning back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort import leave
from bot.cohort.model import Leave, Person
from bot.database import Database
from bot.outbox.budget import spread
from bot.refusal import Invalid, NotYours
from tests.support.people import START, a_cohort, a_coordinator, a_mentor, a_person, an_intern
from tests.support.screens import texts

TODAY = date(2026, 6, 1)


@pytest.fixture
def small(small_town: Any) -> Any:
    """Ana in Priya's cohort, on SQLite."""
    return with_ana(small_town)


@pytest.fixture
def leave_town(town: Any) -> Any:
    """The same on both databases."""
    return with_ana(town)


def with_ana(town: Any) -> Any:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        an_intern(session, cohort)
        a_mentor(session, cohort)
    return town


def plan(town: Any, first: str, back: str, slack_id: str = "U0ANA") -> Any:
    seat = town.seat(slack_id)
    seat.command("/mentor", "leave")
    return seat.submit({"first": first, "back": back})


def test_a_leave_is_planned_shown_and_ends_with_one_letter(leave_town: Any) -> None:
    town = leave_town
    ana = town.seat("U0ANA")
    ana.command("/mentor", "leave")
    assert "Your pair and the coordinators see the dates. No reason is asked." in texts(ana.modal)
    assert ana.submit({"first": "2026-06-15", "back": "2026-06-22"}).result == "updated"
    assert "*Leave from Mon 15 June, back on Mon 22 June*" in texts(ana.modal)
    town.settle()
    assert town.channel_messages()[-1].text == (
        "Ana Silva is on leave from Mon 15 June, back on Mon 22 June."
    )
    town.live(until=datetime.fromisoformat("2026-06-22T06:59:00+00:00"))
    assert not [m for m in ana.dm if "Welcome back" in m.text]
    town.live(hours=2)
    back = [m for m in ana.dm if "Welcome back" in m.text]
    nine = datetime.fromisoformat("2026-06-22T07:00:00+00:00")
    assert [m.at for m in back] == [nine + spread("U0ANA")]
    assert "*Welcome back, Ana*\nNo deadline ran on." in back[0].texts()
    town.live(days=3)
    assert len(town.letters("leave.back")) == 1


@pytest.mark.parametrize(
    ("first", "back", "field", "words"),
    [
        ("2026-05-31", "2026-06-05", "first", "That day is over. Choose today or a later day."),
        ("2026-06-10", "2026-06-10", "back", "Choose a day after Wed 10 June."),
        ("2026-06-10", "2026-06-08", "back", "Choose a day after Wed 10 June."),
        ("2026-06-10", "2026-09-09", "back", "At most 28 days: choose Wed 8 July or earlier."),
        (
            "2026-08-20",
            "2026-08-31",
            "back",
            "The programme ends on 28 August. Choose an earlier day or talk to Priya.",
        ),
    ],
)
def test_dates_that_do_not_fit_are_said_beside_the_field(
    small: Any, first: str, back: str, field: str, words: str
) -> None:
    assert plan(small, first, back).errors == {field: words}
    with small.db.read() as session:
        assert session.scalars(sa.select(Leave)).all() == []


def test_four_weeks_are_just_not_too_long(small: Any) -> None:
    assert plan(small, "2026-06-10", "2026-07-08").result == "updated"


def test_leave_cannot_overlap_another_one(db: Database) -> None:
    with db.begin() as session:
        ana = an_intern(session, a_cohort(session)).person
        june = (date(2026, 6, 15), date(2026, 6, 22))
        first = leave.start(session, ana, *june, now=START)
        for start, back in (((14), 16), ((21), 25), ((16), 18), ((10), 30)):
            with pytest.raises(Invalid) as refused:
                leave.start(session, ana, date(2026, 6, start), date(2026, 6, back), now=START)
            assert refused.value.field == "first"
        assert leave.start(session, ana, *june, now=START).id == first.id
        leave.start(session, ana, date(2026, 6, 22), date(2026, 6, 25), now=START)


def test_today_is_today_where_the_person_is(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        dev = an_intern(session, cohort, "Dev Rao", zone="Pacific/Auckland").person
        evening = START + timedelta(hours=12)  # already 2 June in Auckland
        with pytest.raises(Invalid):
            leave.start(session, dev, date(2026, 6, 1), date(2026, 6, 5), now=evening)
        assert leave.start(session, dev, date(2026, 6, 2), date(2026, 6, 5), now=evening).id


def test_coming_back_early_ends_the_leave_today(small: Any) -> None:
    plan(small, "2026-06-01", "2026-06-15")
    small.live(days=3)
    ana = small.seat("U0ANA")
    ana.command("/mentor", "leave")
    assert "*On leave until Mon 15 June*" in texts(ana.modal)
    shown = ana.modal
    ana.click(shown, "leave.back")
    assert "*Welcome back, Ana.* No deadline ran on." in texts(ana.modal)
    small.settle()
    assert small.channel_messages()[-1].text == "Ana Silva is back since Thu 4 June."
    small.live(days=14)
    assert small.letters("leave.back") == []
    with small.db.read() as session:
        assert session.scalars(sa.select(Leave)).one().back_on == date(2026, 6, 4)


def test_a_leave_that_has_not_begun_can_be_taken_back(small: Any) -> None:
    plan(small, "2026-06-10", "2026-06-15")
    small.settle()
    ana = small.seat("U0ANA")
    ana.click(ana.modal, "leave.back")
    assert "*Cancelled.* Nothing changes." in texts(ana.modal)
    small.settle()
    assert small.channel_messages()[-1].text == "Ana Silva is not going on leave after all."
    with small.db.read() as session:
        assert session.scalars(sa.select(Leave)).all() == []


def test_nobody_ends_somebody_elses_leave(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        ana = an_intern(session, cohort).person
        planned = leave.start(session, ana, date(2026, 6, 2), date(2026, 6, 5), now=START)
        with pytest.raises(NotYours):
            leave.end_early(session, planned.id, by=a_person(session, "Ben Ito"), now=START)
        with pytest.raises(NotYours):
            leave.end_early(session, 999, by=ana, now=START)


def test_ending_a_leave_that_is_over_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        ana = an_intern(session, a_cohort(session)).person
        planned = leave.start(session, ana, TODAY, date(2026, 6, 5), now=START)
        assert leave.end_early(session, planned.id, by=ana, now=START + timedelta(days=20))
        assert planned.back_on == date(2026, 6, 5)


def test_who_is_on_leave_is_told_by_their_own_day(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        ana = an_intern(session, cohort).person
        ben = a_mentor(session, cohort).person
        leave.start(session, ana, date(2026, 6, 3), date(2026, 6, 5), now=START)

        def away(day: int, hour: int = 10, ahead: int = 0) -> list[int]:
            now = START.replace(day=day, hour=hour)
            return list(leave.current(session, [ana.id, ben.id], now, ahead=ahead))

        assert away(2) == []
        assert away(2, 23) == [ana.id]  # one in the morning of the third in Berlin
        assert away(4) == [ana.id]
        assert away(4, 23) == []
        assert away(2, ahead=1) == [ana.id]
        assert leave.next_of(session, ben, START) is None


def test_strangers_have_no_leave(small: Any) -> None:
    answer = small.seat("U0KEN").command("/mentor", "leave")
    assert answer.message.text.startswith("You are not in a mentorship cohort yet.")


def test_somebody_who_left_slack_gets_no_welcome_back(small: Any) -> None:
    plan(small, "2026-06-02", "2026-06-05")
    small.slack.deactivate("U0ANA")
    small.live(days=7)
    assert [letter.state.value for letter in small.letters("leave.back")] == ["cancelled"]
    with small.db.read() as session:
        ana = session.scalars(sa.select(Person).where(Person.slack_id == "U0ANA")).one()
    assert ana.left_slack_at is not None
