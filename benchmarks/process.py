"""P1: what the web process costs before anybody has pressed anything.

Each side is a process of its own behind the same uvicorn: `python -m bot web` as it is deployed,
with every listener, on an SQLite file; and the smallest Bolt app that acknowledges
(`benchmarks.smallest`). The time runs from starting the process to its first 200 for a signed
`/mentor help`, both with a Slack that answers at once; memory is what the process then holds.

Both have started once before, so that Python has compiled what it loads, as it has on any machine
where the bot was installed or has run; a checkout that may not be written to would compile our
modules, and only ours, at every start. A third side is the smallest Bolt app that also loads
SQLAlchemy's ORM and does nothing with it: no app with tables starts faster.
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
    "from bot.__main__ import main; main()"
)
_SIDES = (["-c", _WEB], ["-m", "benchmarks.smallest"], ["-m", "benchmarks.smallest", "orm"])


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
    starts: list[list[Start]] = [[], [], []]
    with running("slack") as slack:
        for number in range(1 + scale.starts):
            for words, found in zip(_SIDES, starts, strict=True):
                one = _start(words, slack, url, places.folder)
                if number:  # the first one compiles
                    found.append(one)
    took, beside, with_orm = (median(one.seconds for one in many) for many in starts)
    holds, holds_beside, _orm = (median(one.megabytes for one in many) for many in starts)
    why = (
        f"loading SQLAlchemy's ORM alone makes {with_orm / beside:.1f} x of bare Bolt; the rest is "
        "thirty tables, two hundred modules, and what a bot needs beside them."
    )
    return [
        Row("P1 start to first answer", took, beside, "bare Bolt", 2, note=why),
        Row("", took, with_orm, "bare Bolt with an ORM"),
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
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
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
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SLACK_") and name != "PYTHONDONTWRITEBYTECODE"
    }


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
