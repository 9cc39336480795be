"""SIGTERM: no new work, what is in hand is finished, exit code 0 within ten seconds."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.clock import monotonic
from bot.process import GRACE
from bot.schema import upgrade


@contextmanager
def child(*words: str, environ: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python process with its log on standard error; it never outlives the test."""
    running = subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def until(running: subprocess.Popen[str], sign: str) -> str:
    """Read the log up to the line with `sign`."""
    assert running.stderr is not None
    seen = ""
    for line in running.stderr:
        seen += line
        if sign in line:
            return seen
    raise AssertionError(f"{sign} never came:\n{seen}")


def told(running: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, float, str]:
    """Send the signal; the exit code, the seconds it took, and the rest of the log."""
    before = monotonic()
    running.send_signal(number)
    rest = running.communicate(timeout=15)[1]
    return running.returncode, monotonic() - before, rest


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings for a real start: a database with its schema, and no Slack that answers."""
    url = f"sqlite:///{tmp_path / 'cohort.sqlite3'}"
    upgrade(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "test-signing-secret",
        "SLACK_APP_TOKEN": "",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "DATABASE_URL": url,
        "PORT": str(port),
        "LOG_LEVEL": "INFO",
        "HOME": str(tmp_path),
    }


@pytest.mark.parametrize("command", ["web", "worker", "run"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_with_nothing_in_hand_ends_at_once(
    command: str, number: int, environ: dict[str, str]
) -> None:
    with child("-m", "bot", command, environ=environ) as running:
        until(running, "event=started")
        code, took, log = told(running, number)
    assert code == 0, log
    assert took < 5
    assert "event=stopped" in log
    assert "Traceback" not in log


def test_the_web_answers_about_its_health_while_slack_is_away(environ: dict[str, str]) -> None:
    with child("-m", "bot", "run", environ=environ) as running:
        until(running, "event=started")
        answer = httpx.get(f"http://127.0.0.1:{environ['PORT']}/healthz")
        assert told(running)[0] == 0
    assert answer.status_code == 200
    assert answer.json()["database"] is True
    assert answer.json()["backlog"] == 0


def test_a_database_that_is_away_is_said_and_waited_for(environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = "postgres://me:canary@127.0.0.1:9/cohort"
    with child("-m", "bot", "web", environ=environ) as running:
        log = until(running, "event=started")
        answer = httpx.get(f"http://127.0.0.1:{environ['PORT']}/healthz", timeout=10)
        code, _took, rest = told(running)
    assert code == 0
    assert answer.status_code == 503
    assert answer.json() == {
        "alive": True,
        "database": False,
        "last_tick_age": None,
        "backlog": None,
        "paused": None,
    }
    assert "event=database_not_reached" in log
    assert "canary" not in log + rest
    assert "Traceback" not in log + rest


PARTS = """
    import sys, threading
    from bot import logs, process

    class Part:
        name = "part"
        def start(self): pass
        def trouble(self): return None
        def stop(self, timeout): return True

    class Hanging(Part):
        name = "hanging"
        def start(self):
            # Not a daemon: Python itself would wait for it for ever.
            threading.Thread(target=threading.Event().wait).start()
        def stop(self, timeout):
            threading.Event().wait(timeout)
            return False

    class Finishing(Part):
        name = "finishing"
        def stop(self, timeout):
            threading.Event().wait(0.5)
            print("finished", file=sys.stderr)
            return True

    class Breaking(Part):
        name = "breaking"
        def trouble(self): return "it broke"

    class Raising(Part):
        name = "raising"
        def stop(self, timeout): raise ValueError

    logs.configure("INFO")
"""


def script(then: str) -> str:
    return textwrap.dedent(PARTS) + textwrap.dedent(then)


def test_what_is_in_hand_is_finished() -> None:
    with child("-c", script("process.leave(process.live([Finishing()]))")) as running:
        until(running, "event=started")
        code, _took, log = told(running)
    assert code == 0
    assert "finished" in log


def test_what_hangs_is_left_after_the_grace_and_the_exit_code_is_still_0() -> None:
    parts = "[Hanging(), Finishing(), Raising()]"
    with child("-c", script(f"process.leave(process.live({parts}, grace=1))")) as running:
        until(running, "event=started")
        code, took, log = told(running)
    assert code == 0, log
    assert 1 <= took < 4
    assert "event=still_busy" in log
    assert "part=hanging" in log
    assert "finished" in log, "one that hangs takes nothing from the others"


def test_the_grace_leaves_room_within_ten_seconds() -> None:
    assert GRACE == 8


def test_a_part_in_trouble_ends_the_process_with_1() -> None:
    with child("-c", script("process.leave(process.live([Finishing(), Breaking()]))")) as running:
        log = running.communicate(timeout=15)[1]
    assert running.returncode == 1
    assert 'reason="breaking: it broke"' in log
    assert "finished" in log


def test_a_second_ctrl_c_leaves_at_once() -> None:
    with child("-c", script("process.leave(process.live([Hanging()], grace=30))")) as running:
        until(running, "event=started")
        running.send_signal(signal.SIGINT)
        until(running, "event=stopping")
        code, took, _log = told(running, signal.SIGINT)
    assert code == 130
    assert took < 5


def loaded(log: str) -> set[str]:
    """The packages that Python says it has loaded."""
    lines = (line for line in log.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_the_web_loads_neither_the_scheduler_nor_the_migrations(environ: dict[str, str]) -> None:
    with child("-X", "importtime", "-m", "bot", "web", environ=environ) as web:
        log = until(web, "event=started")
        health = httpx.get(f"http://127.0.0.1:{environ['PORT']}/healthz", timeout=10)
        code, _seconds, rest = told(web)
    assert (health.status_code, code) == (200, 0)
    found = loaded(log + rest)
    assert {"slack_bolt", "sqlalchemy"} <= found
    assert found.isdisjoint({"alembic", "apscheduler"})


def test_the_worker_does_load_the_scheduler(environ: dict[str, str]) -> None:
    """What the test of the web would see."""
    with child("-X", "importtime", "-m", "bot", "worker", environ=environ) as worker:
        log = until(worker, "event=started")
    assert "apscheduler" in loaded(log)
