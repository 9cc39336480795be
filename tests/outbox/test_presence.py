"""A copy of the database sends nothing by itself, and an outage becomes no flood."""

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.clock import MovableClock
from bot.cohort.model import Workspace as CohortWorkspace
from bot.database import Database
from bot.outbox import LetterState
from bot.outbox.elder import ANOTHER, Elder
from bot.outbox.instance import HELD, SKIPPED, resume
from bot.outbox.model import Instance, Letter
from bot.outbox.presence import COPIED, FIRST_HOUR
from bot.outbox.sender import Sender
from bot.schedule import Job, Runner
from tests.outbox.test_sender import HELLO, NOTE, Post


@pytest.fixture
def post(db: Database, clock: MovableClock) -> Post:
    return Post(db, clock)


def a_worker(post: Post, machine: MovableClock, *jobs: Job, db: Database | None = None) -> Runner:
    """A process that starts now with these jobs, on this database."""
    database = db or post.db
    client = post.slack.client()
    sender = Sender(database, client, post.clock, post.program, still_coming=timedelta(0))
    return Runner(database, client, post.clock, jobs, sender, machine=machine)


def instance(db: Database) -> Instance:
    with db.read() as session:
        return session.scalars(sa.select(Instance)).one()


def back_up(db: Database, to: Path) -> None:
    """A file with everything the SQLite database holds now."""
    with (
        closing(sqlite3.connect(str(db.url.database))) as here,
        closing(sqlite3.connect(to)) as there,
    ):
        here.backup(there)


@pytest.fixture
def copied(post: Post, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Copies the database as it is now to another place, and opens the copy."""
    made: list[Database] = []

    def copy() -> Database:
        if post.db.sqlite:
            path = tmp_path / f"{uuid.uuid4().hex}.sqlite3"
            back_up(post.db, path)
            url = f"sqlite:///{path}"
        else:
            name = f"c{uuid.uuid4().hex[:12]}"
            admin = sa.create_engine(
                post.db.url.set(database="template1"), isolation_level="AUTOCOMMIT"
            )
            post.db.engine.dispose()
            with admin.connect() as connection:
                connection.exec_driver_sql(
                    f"CREATE DATABASE {name} TEMPLATE {post.db.url.database}"
                )
            admin.dispose()
            url = post.db.url.set(database=name).render_as_string(hide_password=False)
        made.append(Database(url, role="worker"))
        return made[-1]

    yield copy
    for database in made:
        database.close()
        if not database.sqlite:
            admin = sa.create_engine(
                database.url.set(database="template1"), isolation_level="AUTOCOMMIT"
            )
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {database.url.database} WITH (FORCE)")
            admin.dispose()


def test_a_restart_goes_on_where_it_was(post: Post, machine: MovableClock) -> None:
    post.put(NOTE, "a")
    a_worker(post, machine).tick()
    post.put(NOTE, "b")
    a_worker(post, machine).tick()
    assert post.states() == {LetterState.SENT: 2}
    assert instance(post.db).paused_at is None


def test_a_copy_beside_the_original_sends_nothing_and_the_original_goes_on(
    post: Post, machine: MovableClock, copied: Callable[[], Database]
) -> None:
    post.put(NOTE, "before")
    original = a_worker(post, machine)
    original.tick()
    post.put(NOTE, "after")
    copy = copied()
    calls = len(post.slack.log)
    a_worker(post, machine, db=copy).tick()
    assert len(post.slack.log) == calls
    assert instance(copy).paused_reason == COPIED
    original.tick()
    assert post.states() == {LetterState.SENT: 2}
    assert len(post.read()) == 2


def test_a_copy_in_which_nothing_was_ever_sent_has_nothing_to_repeat(
    post: Post, machine: MovableClock, copied: Callable[[], Database]
) -> None:
    a_worker(post, machine).tick()
    post.put(NOTE, "a")
    copy = copied()
    a_worker(post, machine, db=copy).tick()
    assert instance(copy).paused_at is None
    assert len(post.read()) == 1


def test_a_backup_put_in_the_place_of_the_database_starts_paused(
    sqlite_db: Database, clock: MovableClock, machine: MovableClock, tmp_path: Path
) -> None:
    post = Post(sqlite_db, clock)
    post.put(NOTE, "a")
    a_worker(post, machine).tick()
    path, backup = Path(str(sqlite_db.url.database)), tmp_path / "backup"
    back_up(sqlite_db, backup)
    machine.move(hours=8)
    post.put(NOTE, "b")
    a_worker(post, machine).tick()
    sqlite_db.close()
    shutil.copyfile(backup, path)  # the same file, with older content
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    restored = Database(str(sqlite_db.url), role="worker")
    calls = len(post.slack.log)
    a_worker(post, machine, db=restored).tick()
    assert len(post.slack.log) == calls
    assert instance(restored).paused_reason == COPIED
    post.put(NOTE, "c")
    with restored.begin() as session:
        resume(session, send=True, now=post.clock())
    after = a_worker(post, machine, db=restored)
    after.tick()
    after.tick()
    assert instance(restored).paused_at is None, "who has decided is not asked again"
    restored.close()


def test_a_paused_copy_asks_nothing_of_time_either(
    post: Post, machine: MovableClock, copied: Callable[[], Database]
) -> None:
    post.put(NOTE, "a")
    a_worker(post, machine).tick()
    post.put(NOTE, "b")
    worker = a_worker(post, machine, db=copied())
    end = post.clock() + timedelta(days=1)
    worker.run_until(post.clock, end)
    assert post.clock() == end
    assert worker.next_event() is None


def after_an_outage(post: Post, machine: MovableClock, **away: float) -> Runner:
    """A worker that starts after nobody was at work for so long."""
    a_worker(post, machine).tick()
    with post.db.begin() as session:
        session.execute(sa.update(Instance).values(ticked_at=machine() - timedelta(**away)))
    if post.db.sqlite:  # it says that somebody was at work a moment ago
        Path(f"{post.db.url.database}-at-work").unlink()
    post.clock.move(**away)
    return a_worker(post, machine)


def test_an_outage_becomes_one_message_a_person_in_the_first_hour(
    post: Post, machine: MovableClock
) -> None:
    post.add(*(f"U0N{n}" for n in range(20)))
    for name in post.people:
        for n in range(5):
            due = post.clock() + timedelta(hours=8 * n + 1)
            post.put((NOTE, HELLO)[n % 2], f"{name}-{n}", to=name, due_at=due)
    worker = after_an_outage(post, machine, days=3)
    back = post.clock()
    worker.run_until(post.clock, back + timedelta(minutes=59))
    assert {len(post.read(name)) for name in post.people} == {1}
    worker.run_until(post.clock, back + timedelta(days=4))
    assert LetterState.PENDING not in post.states()
    assert post.states()[LetterState.SENT] == 5 * len(post.people)


def test_what_has_to_wait_after_an_outage_says_why(post: Post, machine: MovableClock) -> None:
    for n in range(5):
        post.put(NOTE, f"n{n}", due_at=post.clock() + timedelta(hours=2))
    worker = after_an_outage(post, machine, days=1)
    worker.tick()
    waiting = post.letter("n4")
    assert (waiting.state, waiting.reason) == (LetterState.PENDING, HELD)
    assert waiting.due_at == post.clock() + FIRST_HOUR


def test_what_is_too_old_to_be_of_use_is_not_sent_after_an_outage(
    post: Post, machine: MovableClock
) -> None:
    due = post.clock() + timedelta(hours=2)
    post.put(NOTE, "a", due_at=due, not_after=due + timedelta(hours=1))
    after_an_outage(post, machine, days=2).tick()
    late = post.letter("a")
    assert (late.state, late.reason) == (LetterState.CANCELLED, "too late to be of use")


def test_a_group_and_each_of_its_people_share_the_first_hour(
    post: Post, machine: MovableClock
) -> None:
    later = post.clock() + timedelta(hours=2)
    post.put(NOTE, "group", group=list(post.people.values()), due_at=later)
    post.put(NOTE, "ana", to="U0ANA", due_at=later)
    post.put(NOTE, "ben", to="U0BEN", due_at=later)
    after_an_outage(post, machine, days=1).tick()
    assert post.states() == {LetterState.SENT: 1, LetterState.PENDING: 2}


def test_a_pause_of_minutes_is_no_outage(post: Post, machine: MovableClock) -> None:
    for n in range(2):
        post.put(NOTE, f"n{n}", due_at=post.clock() + timedelta(minutes=5))
    after_an_outage(post, machine, minutes=50).tick()
    assert len(post.read()) == 2
    assert instance(post.db).away_until is None


def a_wary_worker(post: Post) -> Runner:
    """A process as it starts for real: it looks whether another installation was there first."""
    client = post.slack.client()
    elder = Elder(post.db, client, post.clock)
    sender = Sender(
        post.db, client, post.clock, post.program, elder=elder, still_coming=timedelta(0)
    )
    return Runner(post.db, client, post.clock, [], sender)


@pytest.fixture
def newcomer(post: Post, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Post]:
    """Another, new database with the same token and the same people."""
    path = tmp_path / "newcomer.sqlite3"
    shutil.copy(migrated_sqlite, path)
    other = Post(Database(f"sqlite:///{path}", role="worker"), post.clock, slack=post.slack)
    yield other
    other.db.close()


def test_a_second_installation_with_the_same_token_sends_nothing(
    post: Post, newcomer: Post
) -> None:
    post.put(NOTE, "a")
    a_wary_worker(post).tick()
    post.clock.move(days=1)
    newcomer.put(NOTE, "b")
    a_wary_worker(newcomer).tick()
    assert instance(newcomer.db).paused_reason == ANOTHER
    assert newcomer.states() == {LetterState.PENDING: 1}
    assert len(post.read()) == 1


def test_who_was_there_first_goes_on(post: Post, newcomer: Post) -> None:
    post.put(NOTE, "a", to="U0BEN")
    a_wary_worker(post).tick()
    post.clock.move(hours=1)
    newcomer.put(NOTE, "b", to="U0ANA")
    a_wary_worker(newcomer).tick()
    assert newcomer.states() == {LetterState.SENT: 1}, "nobody wrote to Ana before"
    post.put(NOTE, "c", to="U0ANA")
    a_wary_worker(post).tick()
    assert post.states() == {LetterState.SENT: 2}


def test_once_somebody_has_decided_the_newcomer_sends(post: Post, newcomer: Post) -> None:
    post.put(NOTE, "a")
    a_wary_worker(post).tick()
    post.clock.move(hours=1)
    newcomer.put(NOTE, "b")
    a_wary_worker(newcomer).tick()
    with newcomer.db.begin() as session:
        resume(session, send=True, now=newcomer.clock())
    a_wary_worker(newcomer).tick()
    assert newcomer.states() == {LetterState.SENT: 1}


def test_who_skips_an_outage_also_skips_what_is_written_about_it_afterwards(
    post: Post, machine: MovableClock, copied: Callable[[], Database]
) -> None:
    """The jobs write what fell due meanwhile only when somebody is back."""
    post.put(NOTE, "before")
    a_worker(post, machine).tick()
    with post.db.begin() as session:
        session.execute(sa.update(Instance).values(ticked_at=machine() - timedelta(days=30)))
    copy = copied()
    a_worker(post, machine, db=copy).tick()
    with copy.begin() as session:
        assert resume(session, send=False, now=post.clock()) == 0

    def write(session: Session, row: int, now: datetime) -> None:
        session.get_one(CohortWorkspace, row).sync_at = None
        outbox.post(
            session, NOTE, key="late", workspace_id=row, now=now, person_id=post.people["U0ANA"]
        )

    due = sa.select(CohortWorkspace.id, CohortWorkspace.sync_at).where(
        CohortWorkspace.sync_at.is_not(None)
    )
    client = post.slack.client()
    sender = Sender(copy, client, post.clock, post.program, still_coming=timedelta(0))
    Runner(copy, client, post.clock, [Job("late", due, write)], sender, machine=machine).tick()
    with copy.read() as session:
        late = session.scalars(sa.select(Letter).where(Letter.key == "late")).one()
    assert (late.state, late.reason) == (LetterState.CANCELLED, SKIPPED)
    assert len(post.read()) == 1
