"""Four processes that change one SQLite file: no change is lost, nobody hears "locked"."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from benchmarks.faults.children import COUNTED
from bot.database import Database

WRITERS, CHANGES = 4, 100


def test_four_writers_lose_no_change_and_meet_no_error(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shared.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with database.begin() as session:
        session.execute(sa.text(f"CREATE TABLE {COUNTED} (n INTEGER NOT NULL)"))
        session.execute(sa.text(f"INSERT INTO {COUNTED} VALUES (0)"))
    words = ("count", "--database", f"sqlite:///{path}", "--count", str(CHANGES))
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WRITERS)
    ]
    try:
        told = [json.loads(writer.communicate(timeout=120)[0]) for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
    assert [one["errors"] for one in told] == [0] * WRITERS
    with database.read() as session:
        assert session.scalar(sa.text(f"SELECT n FROM {COUNTED}")) == WRITERS * CHANGES
    database.close()
