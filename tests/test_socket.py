"""Socket Mode against the stand-in Slack, over a real WebSocket."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.clock import MovableClock, awake, monotonic, system_clock
from bot.database import Database
from bot.manifest import build
from bot.metrics import Metrics
from bot.process import CannotStart
from bot.sandbox.server import RunningServer, Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from bot.socket import Socket


class Line:
    """A workspace behind HTTP, and a small bot that connects to it."""

    def __init__(self) -> None:
        self.workspace = Workspace(MovableClock(datetime(2026, 6, 1, 7, tzinfo=UTC)))
        self.workspace.install_manifest(build())
        self.ana = self.workspace.add_person("U0ANA", name="ana", real_name="Ana Silva")
        stage = Stage(
            advance=lambda _to: None,
            next_event=lambda: None,
            reset=lambda: None,
            progress=dict,
        )
        self.server: RunningServer = serve(build_server(self.workspace, stage=stage))
        self.entered, self.go = threading.Event(), threading.Event()
        self.answered: list[int] = []
        self.app = App(
            authorize=lambda: AuthorizeResult(
                enterprise_id=None, team_id="T0SANDBOX", bot_user_id="U0BOT", bot_token="xoxb-test"
            ),
            process_before_response=True,
        )
        self.app.command("/mentor")(lambda ack, command: ack(f"heard {command['text']}"))
        self.app.command("/cohort")(self._slow)

    def _slow(self, ack: Any) -> None:
        self.entered.set()
        self.go.wait(10)
        ack("finished")

    def socket(
        self,
        app_token: str = "xapp-sandbox",
        url: str | None = None,
        metrics: Metrics | None = None,
    ) -> Socket:
        return Socket(
            self.app,
            app_token=app_token,
            api_url=url or f"{self.server.url}/api/",
            answered=lambda: self.answered.append(1),
            metrics=metrics,
        )

    def command(self, name: str, text: str = "") -> Any:
        return self.workspace.seat("U0ANA").command(name, text)


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.server.stop()


def soon(true: Callable[[], object]) -> bool:
    """Whether it becomes true; the patience is for a busy machine."""
    pause, end = threading.Event(), monotonic() + 30
    while not true() and monotonic() < end:
        pause.wait(0.02)
    return bool(true())


def test_a_command_is_answered_over_the_socket(line: Line) -> None:
    socket = line.socket()
    socket.start()
    assert soon(lambda: socket.connected)
    outcome = line.command("/mentor", "payload")
    assert outcome.ok
    assert outcome.message.text == "heard payload"
    assert soon(lambda: line.answered == [1])
    assert socket.trouble() is None
    assert socket.stop(8) is True


def test_answers_over_the_socket_are_measured(line: Line, sqlite_db: Database) -> None:
    metrics = Metrics(sqlite_db, system_clock, lambda _session: False)
    socket = line.socket(metrics=metrics)
    socket.start()
    assert soon(lambda: socket.connected)
    line.command("/mentor", "help")
    wanted = b'cohort_bot_ack_seconds_count{request="command"} 1.0'
    assert soon(lambda: wanted in metrics.text(kinds=True))
    assert socket.stop(8) is True


def test_what_has_arrived_is_answered_before_the_connection_closes(line: Line) -> None:
    socket = line.socket()
    socket.start()
    assert soon(lambda: socket.connected)
    with ThreadPoolExecutor(2) as people:
        waiting = people.submit(line.command, "/cohort")
        assert line.entered.wait(30)
        stopped = people.submit(socket.stop, 8)
        threading.Timer(0.5, line.go.set).start()
        assert waiting.result(30).message.text == "finished"
        assert stopped.result(8) is True
    assert not socket.connected


def test_what_hangs_is_left_after_the_grace(line: Line) -> None:
    socket = line.socket()
    socket.start()
    assert soon(lambda: socket.connected)
    with ThreadPoolExecutor(1) as people:
        waiting = people.submit(line.command, "/cohort")
        assert line.entered.wait(30)
        before = monotonic()
        assert socket.stop(0.5) is False
        assert monotonic() - before < 3
        line.go.set()
        waiting.result(30)


def test_a_token_slack_refuses_ends_the_start_in_words(line: Line) -> None:
    with pytest.raises(CannotStart, match="SLACK_APP_TOKEN"):
        line.socket("xapp-another").start()


def test_a_listener_that_breaks_leaves_the_connection_alive(line: Line) -> None:
    def broken() -> None:
        raise RuntimeError

    line.app.command("/mentor-request")(broken)
    socket = line.socket()
    socket.start()
    assert soon(lambda: socket.connected)
    assert not line.command("/mentor-request").ok
    # A busy machine may have missed a ping meanwhile: then the client connects anew by itself.
    assert soon(lambda: line.command("/mentor", "again").ok)
    assert socket.stop(8) is True


def test_a_slack_that_is_away_is_tried_again_and_stopping_does_not_wait(line: Line) -> None:
    socket = line.socket(url="http://127.0.0.1:9/api/")
    socket.start()
    assert socket.trouble() is None
    assert not socket.connected
    before = monotonic()
    assert socket.stop(8) is True
    assert monotonic() - before < 6


def test_a_slack_that_comes_back_is_connected_to(line: Line) -> None:
    line.workspace.faults.http("apps.connections.open", status=503, times=1)
    socket = line.socket()
    socket.start()
    assert soon(lambda: socket.connected)
    assert socket.stop(8) is True


def test_two_minutes_without_a_connection_are_trouble(line: Line) -> None:
    socket = line.socket(url="http://127.0.0.1:9/api/")
    socket.start()
    socket.lost_at = awake() - 121
    assert "no connection to Slack for 121 s" in str(socket.trouble())
    socket.stop(8)
