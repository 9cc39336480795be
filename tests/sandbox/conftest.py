"""A workspace with three people and a tiny Bolt app to which each test adds its listeners."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.clock import MovableClock
from bot.sandbox.delivery import to_bolt_app
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 6, 1, 7, tzinfo=UTC))


@pytest.fixture
def ws(clock: MovableClock) -> Workspace:
    workspace = Workspace(clock)
    workspace.add_person("U0ANA", name="ana", real_name="Ana Silva", tz="Europe/Berlin")
    workspace.add_person("U0BEN", name="ben", real_name="Ben Okoro", tz="America/New_York")
    workspace.add_person("U0CAT", name="cat", real_name="Cat Lind", tz="Asia/Tokyo", is_owner=True)
    return workspace


@pytest.fixture
def app(ws: Workspace) -> App:
    """Connected to the workspace in process."""
    client = ws.client()

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult.from_auth_test_response(
            bot_token=ws.bot_token, auth_test_response=client.auth_test()
        )

    bolt = App(
        client=client,
        authorize=authorize,
        signing_secret=ws.signing_secret,
        process_before_response=True,
    )

    @bolt.middleware
    def use_the_workspace(context, next) -> None:
        context["client"] = client
        next()

    ws.connect(to_bolt_app(bolt))
    return bolt


@pytest.fixture
def ana(ws: Workspace) -> Seat:
    return ws.seat("U0ANA")


@pytest.fixture
def ben(ws: Workspace) -> Seat:
    return ws.seat("U0BEN")


@pytest.fixture
def show(app: App, ana: Seat) -> Callable[[Json], Json]:
    """Open a modal on Ana's screen."""
    waiting: list[Json] = []

    @app.command("/form")
    def form(ack, body, client) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=waiting.pop())
        ack()

    def opened(view: Json) -> Json:
        waiting.append(view)
        assert ana.command("/form").ok
        assert ana.modal is not None
        return ana.modal

    return opened


@pytest.fixture
def submissions(app: App) -> list[Json]:
    """What was submitted, each closed by an empty acknowledgement."""
    seen: list[Json] = []

    @app.view("form")
    def submit(ack, body) -> None:
        seen.append(body)
        ack()

    return seen
