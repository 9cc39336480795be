"""Planning thrice, and being killed in between, changes nothing: a programme is lived twice, once
in peace, and once by workers that are killed before and after every single row."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import program
from bot.checkin import rounds
from bot.clock import MovableClock
from bot.cohort import leave
from bot.cohort.model import Cohort
from bot.concern import watch
from bot.database import Base, Database
from bot.digest import mondays
from bot.gratitude import prompts
from bot.meeting import meetings
from bot.meeting.model import Action, ActionState
from bot.outbox.model import Letter
from bot.pairing import asking
from bot.pairing.model import Choice, Request
from bot.schedule import Job, Runner
from tests.support import people
from tests.support.people import START
from tests.support.town import Town

WEEKS = 6
# What this story has no occasion for: people who leave or click, and what only they cause.
NOT_HERE = {
    "look-a-person-up",
    "tell-who-left-slack",
    "move-offers-on",
    "pass-unread-offers",
    "drop-places",
    "offer-room-of-who-joined",
    "lapse-places",
    "let-summaries-stand",
    "look-at-answers",
    "look-at-meetings",
    "close-meetings-of-ended-pairings",
    "wake-concerns",
    "settle-nudges",
}


class Killed(BaseException):
    """kill -9: nothing in the process gets to say a word."""


class Deaths:
    """Each row of each job, at each of its moments, is killed before it begins and before its
    transaction ends; the third worker gets through."""

    def __init__(self) -> None:
        self.tries: Counter[Any] = Counter()

    def around(self, job: Job) -> Job:
        def each(session: Any, row: int, now: datetime, *answer: Any) -> None:
            self.tries[job.name, row, now] += 1
            lives = self.tries[job.name, row, now]
            if lives == 1:
                raise Killed
            job.each(session, row, now, *answer)
            session.flush()
            if lives == 2:
                raise Killed

        return replace(job, each=each)


def a_story(town: Town) -> None:
    """Ana and Ben meet; Cho asks Mia, who does not answer; Ben goes on leave."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id, weeks=WEEKS)
        people.a_coordinator(session, cohort)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        nudge = datetime.fromisoformat("2026-06-11T07:00:00+00:00")
        pairing = people.a_pairing(session, ana, ben, nudge_at=nudge)
        cho = people.an_intern(session, cohort, "Cho Park", zone="America/New_York")
        mia = people.a_mentor(session, cohort, "Mia Chen")
        request = Request(
            workspace_id=cohort.workspace_id, cohort=cohort, intern=cho, created_at=START
        )
        request.choices = [Choice(workspace_id=cohort.workspace_id, mentor=mia, rank=1)]
        request.unpaired_at = START + timedelta(days=4)
        session.add(request)
        session.flush()
        asking.ask(session, request, mia, now=START)
        leave.start(session, ben.person, date(2026, 6, 22), date(2026, 6, 26), now=START)
        meeting = meetings.plan(
            session,
            pairing,
            by=ana.person,
            starts_at=datetime.fromisoformat("2026-06-18T13:00:00+00:00"),
            minutes=30,
            place="",
            now=START,
        )
        session.add(
            Action(
                workspace_id=cohort.workspace_id,
                meeting_id=meeting.id,
                pairing_id=pairing.id,
                owner_id=ana.person_id,
                written_by=ana.person_id,
                text="Send the draft",
                due_on=date(2026, 6, 17),
                state=ActionState.OPEN,
                remind_at=datetime.fromisoformat("2026-06-16T07:00:00+00:00"),
                created_at=START,
            )
        )


def live(town: Town, start: Callable[[], Runner]) -> int:
    """To a week after the end, with a new worker whenever one dies; returns how many died."""
    end, died = START + timedelta(weeks=WEEKS + 2), 0
    runner = start()
    while True:
        try:
            runner.tick()
        except Killed:
            died += 1
            runner = start()
            continue
        upcoming = runner.next_event()
        if upcoming is None or upcoming > end:
            return died
        town.clock.set(upcoming)


def outcome(town: Town) -> list[tuple[Any, ...]]:
    """Every letter: what, to whom, when it was written and what became of it."""
    return sorted(
        (x.created_at, x.kind, x.person_id or 0, x.channel or "", x.state, str(x.sent_at))
        for x in town.letters()
    )


def lived(town: Town, deaths: Deaths | None) -> tuple[list[tuple[Any, ...]], int]:
    a_story(town)
    jobs = [deaths.around(job) for job in program.JOBS] if deaths else list(program.JOBS)

    def start() -> Runner:
        sender = program.build_sender(town.db, town.client, town.clock)
        return Runner(town.db, town.client, town.clock, jobs, sender)

    died = live(town, start)
    return outcome(town), died


def test_workers_killed_before_and_after_every_row_write_the_same_letters(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    found = []
    deaths = Deaths()
    for name, how in (("peace", None), ("deaths", deaths)):
        path = tmp_path / f"{name}.sqlite3"
        shutil.copy(migrated_sqlite, path)
        db = Database(f"sqlite:///{path}", role="worker")
        town = Town(db, MovableClock(START))
        letters, died = lived(town, how)
        keys = [x.key for x in town.letters()]
        assert len(keys) == len(set(keys))
        found.append(letters)
        db.close()
    peace, killed = found
    assert killed == peace
    assert died == 2 * len(deaths.tries) > 200
    assert len(peace) > 60
    ran = {name for name, _row, _now in deaths.tries}
    assert {job.name for job in program.JOBS} - ran == NOT_HERE


def test_planning_three_times_changes_nothing(town: Any) -> None:
    """At any moment of a programme, also right when something is due."""
    a_story(town)
    for moment in ("2026-06-05T12:00", "2026-06-15T07:00", "2026-06-17T08:00", "2026-06-24T08:00"):
        town.live(until=datetime.fromisoformat(moment + "+00:00"))
        plans = (mondays.plan, rounds.plan, prompts.plan, watch.plan)
        before = rows(town)
        for _time in range(3):
            for plan in plans:
                with town.db.begin() as session:
                    plan(session, session.scalars(sa.select(Cohort.id)).one(), town.clock())
            assert rows(town) == before
        letters = len(town.letters())
        town.settle()
        assert len(town.letters()) == letters


def rows(town: Any) -> dict[str, list[Any]]:
    """Everything that is planned, row by row."""
    tables = ("round", "digest_plan", "thanks_week", "watch", "planned")
    with town.db.read() as session:
        return {
            name: [tuple(row) for row in session.execute(sa.select(table).order_by(table.c.id))]
            for name, table in Base.metadata.tables.items()
            if name in tables
        }


def test_no_letter_has_the_key_of_another_occasion(town: Any) -> None:
    """The database itself refuses a second letter for one occasion."""
    a_story(town)
    town.live(days=7)
    with town.db.begin() as session:
        one = session.scalars(sa.select(Letter).limit(1)).one()
        twin = {c.key: getattr(one, c.key) for c in Letter.__table__.columns if c.key != "id"}
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.insert(Letter).values(twin))
