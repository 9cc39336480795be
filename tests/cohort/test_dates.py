"""Moving a cohort's dates, changing who coordinates, and the last day."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot import outbox
from bot.cohort import dates, planning
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Role
from bot.database import Database
from bot.outbox.model import Budget, Letter, LetterState
from tests.support.people import START, a_cohort, a_coordinator, a_mentor, a_person, an_intern


def test_moving_the_first_day_moves_the_end_and_plans_again(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        planning.mark_planned(session, cohort, "anything")
        session.flush()
        due = planning.to_plan("anything")
        assert session.execute(due).all() == []
        later = START + timedelta(days=1)
        assert dates.move(session, cohort, date(2026, 6, 15), 10, now=later)
        session.flush()
        assert cohort.ends_at == datetime.fromisoformat("2026-08-21T14:00:00+00:00")
        assert session.execute(due).all() == [(cohort.id, later)]
        assert not dates.move(session, cohort, date(2026, 6, 15), 10, now=later)
        assert cohort.calendar_version == 2


def test_the_programme_ends_with_one_closing_letter_for_each_and_a_line(town: Any) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id, starts_on=date(2026, 4, 27), weeks=6)
        a_coordinator(session, cohort)
        an_intern(session, cohort)
        a_mentor(session, cohort)
        a_coordinator(session, cohort, "Ben Ito")
        out = an_intern(session, cohort, "Cho Park")
        out.state = MembershipState.LEFT
    town.live(until=datetime.fromisoformat("2026-06-05T13:59:00+00:00"))
    assert town.cohort().state is CohortState.OPEN
    town.live(days=7)
    assert town.cohort().state is CohortState.ENDED
    assert [m.text for m in town.channel_messages() if "has ended" in m.text] == [
        "Summer interns has ended. 1 intern and 1 mentor took part. Pairings are closed. "
        "Everybody gets one goodbye, then letters stop."
    ]
    closing = {m.texts().splitlines()[0]: m for m in town.seat("U0ANA").dm if "ended" in m.text}
    (ana,) = closing.values()
    assert "*Summer interns has ended. All the best, Ana!*" in ana.texts()
    assert "The menu" not in ana.texts()  # there are no letters left to pause
    assert ana.at.replace(microsecond=0).isoformat() == "2026-06-05T14:00:00+00:00"
    assert len([m for m in town.seat("U0BEN").dm if "All the best" in m.text]) == 1
    assert not [m for m in town.seat("U0CHO").dm if "All the best" in m.text]
    town.live(days=30)
    assert len(town.letters("closing")) == 3


def test_at_the_end_counted_letters_of_this_cohort_are_cancelled(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        other = a_cohort(session, "Autumn interns")
        ana = a_person(session)
        for number, (budget, of) in enumerate(
            ((Budget.COUNTED, cohort), (Budget.HOURS, cohort), (Budget.COUNTED, other))
        ):
            outbox.post(
                session,
                outbox.Kind("some", budget),
                key=str(number),
                workspace_id=cohort.workspace_id,
                person_id=ana.id,
                cohort_id=of.id,
                now=START,
            )
        dates.end(session, cohort.id, START)
        dates.end(session, cohort.id, START + timedelta(days=1))
        states = session.scalars(
            sa.select(Letter.state).where(Letter.kind == "some").order_by(Letter.key)
        ).all()
        assert states == [LetterState.CANCELLED, LetterState.PENDING, LetterState.PENDING]
        assert session.get_one(Cohort, cohort.id).ended_at == START


def test_a_closed_cohort_does_not_end_another(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        other = a_cohort(session, "Autumn interns")
        an_intern(session, other)
        dates.end(session, cohort.id, START)
        assert session.execute(dates.GOODBYE_DUE).all() == []
        assert session.get_one(Cohort, other.id).state is CohortState.OPEN


def test_coordinators_are_who_the_settings_name(db: Database) -> None:
    from bot.cohort.messages_console import CohortFacts

    with db.begin() as session:
        cohort = a_cohort(session)
        priya = a_coordinator(session, cohort).person
        a_person(session, "Tom Okafor")
        facts = CohortFacts(cohort.starts_on, cohort.weeks, "C1", ["U0TOM"], "Room 2.14")
        dates.revise(session, cohort, facts, by=priya, now=START)
        active = session.scalars(
            sa.select(Membership).where(
                Membership.role == Role.COORDINATOR,
                Membership.state == MembershipState.ACTIVE,
            )
        ).all()
        assert [place.person.name for place in active] == ["Tom Okafor"]
        assert (cohort.channel, cohort.contacts, cohort.version) == ("C1", "Room 2.14", 2)
