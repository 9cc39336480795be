"""Processes that write to one SQLite file take turns."""

import fcntl
import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.cohort.model import Workspace
from bot.database import Database, dialect, insert_once
from bot.turn import turn_at

# A worker with a backlog: one transaction after the other, each longer than a click's.
BUSY = """
import sys
from bot.cohort.model import Workspace
from bot.database import Database, insert_once

db = Database(sys.argv[1], role="worker")
number = 0
while True:
    number += 1
    with db.begin() as session:
        for row in range(150):
            about = {"team_id": f"T{number}.{row}", "name": str(number), "bot_user_id": "U0"}
            insert_once(session, Workspace, **about)
    if number == 3:
        print("at work", flush=True)
"""


@pytest.fixture
def busy(sqlite_db: Database) -> Iterator[None]:
    address = sqlite_db.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", BUSY, address], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "at work\n"
    yield
    assert child.poll() is None, "it wrote to the end"
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.mark.usefixtures("busy")
def test_a_click_waits_for_one_transaction_of_a_busy_worker_not_for_many(
    sqlite_db: Database,
) -> None:
    web = Database(sqlite_db.url.render_as_string(hide_password=False))
    for number in range(12):
        with web.begin() as session:
            assert dialect(session) == "sqlite"
            insert_once(session, Workspace, team_id=f"T0{number}", name="click", bot_user_id="U0")
    with web.read() as session:
        names = list(session.scalars(sa.select(Workspace.name).order_by(Workspace.id)))
    web.close()
    first = names.index("click")
    last = len(names) - names[::-1].index("click")
    between = [
        len(set(run)) for click, run in groupby(names[first:last], "click".__eq__) if not click
    ]
    # On the way from a commit to the queue again, the worker may have begun once more.
    assert sorted(between)[len(between) // 2] <= 2


def test_whoever_never_takes_the_turn_holds_nobody_up(sqlite_db: Database) -> None:
    with sqlite_db.begin() as session:
        insert_once(session, Workspace, team_id="T1", name="before", bot_user_id="U0")
    file = Path(f"{sqlite_db.url.database}-turn")
    frozen = os.open(file, os.O_RDWR)
    fcntl.flock(frozen, fcntl.LOCK_EX)
    with sqlite_db.begin() as session:
        insert_once(session, Workspace, team_id="T2", name="after", bot_user_id="U0")
    os.close(frozen)
    with sqlite_db.read() as session:
        assert set(session.scalars(sa.select(Workspace.name))) >= {"before", "after"}


def test_a_database_that_nobody_uses_any_more_keeps_no_file_open(tmp_path: Path) -> None:
    file = str(tmp_path / "left.sqlite3")
    db = Database(f"sqlite:///{file}")
    with db.begin() as session:
        session.execute(sa.text("SELECT 1"))
    queue = weakref.ref(turn_at(file))
    opened = turn_at(file)._opened
    assert opened is not None
    os.fstat(opened)
    db.close()
    del db, session
    gc.collect()
    assert queue() is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened)


def test_where_there_can_be_no_such_file_it_is_written_all_the_same(sqlite_db: Database) -> None:
    Path(f"{sqlite_db.url.database}-turn").mkdir()
    with sqlite_db.begin() as session:
        insert_once(session, Workspace, team_id="T1", name="written", bot_user_id="U0")
    with sqlite_db.read() as session:
        assert "written" in session.scalars(sa.select(Workspace.name)).all()
