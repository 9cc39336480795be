"""P1: what the web process costs before anybody has pressed anything.

Each side is a process of its own behind the same uvicorn: `python -m bot web` as it is deployed,
with every listener, on an SQLite file; and the smallest Bolt app that acknowledges
(`benchmarks.smallest`). The time runs from starting the process to its first 200 for a signed
`/mentor help`, both with a Slack that answers at once; memory is what the process then holds.
"""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import payloads, reminders
from benchmarks.children import SECRET, running
from benchmarks.instant import TOKEN
from benchmarks.load import Caller
from benchmarks.memory import resident
from benchmarks.places import SQLITE, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from bot.database import Database

_LONGEST = 60.0
# structlog loads `rich` where it finds it. Only the queues of the `benchmarks` extra bring it.
_WEB = (
    "import sys; sys.modules['rich'] = None; sys.argv = ['bot', 'web']; "
    "from bot.__main__ import main; main(prog_name='python -m bot')"
)


@dataclass(frozen=True)
class Start:
    """One start of a process."""

    seconds: float
    megabytes: float


def measure(scale: Scale, places: Places) -> list[Line]:
    """Medians of several starts, in turn."""
    url = places.migrated(SQLITE)
    db = Database(url)
    reminders.settle(db, 1)
    db.close()
    ours: list[Start] = []
    theirs: list[Start] = []
    with running("slack") as slack:
        for _ in range(scale.starts):
            ours.append(_start(["-c", _WEB], slack, url, places.folder))
            theirs.append(_start(["-m", "benchmarks.smallest"], slack, url, places.folder))
    took, beside = (median(one.seconds for one in many) for many in (ours, theirs))
    holds, holds_beside = (median(one.megabytes for one in many) for many in (ours, theirs))
    why = "SQLAlchemy, APScheduler and the programme's own modules are loaded before it answers."
    return [
        Row("P1 start to first answer", took, beside, "bare Bolt", 2, note=why),
        Row(
            "P1 memory of the web process",
            holds,
            holds_beside,
            "bare Bolt",
            90,
            Unit.MB,
            absolute=True,
        ),
    ]


def _start(words: list[str], slack: str, database: str, folder: Path) -> Start:
    port = _free_port()
    given = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack}/api/",
        "DATABASE_URL": database,
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
        # The folder has no .env; this one's modules are found all the same.
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
    }
    body = payloads.command(f"U0P{0:06d}", "/mentor", "help")
    begun = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603 (our own modules)
        [sys.executable, *words], env={**_without_settings(), **given}, cwd=folder
    )
    try:
        _wait_for(port, child)
        with Caller(f"http://127.0.0.1:{port}") as caller:
            caller.ask(body)
        return Start(time.perf_counter() - begun, resident(child.pid))
    finally:
        child.terminate()
        child.wait(15)


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}


def _wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end and child.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.002)
    raise RuntimeError("a server did not start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
