"""The installation: known before anything is sent, and again when the app is installed again."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import MovableClock
from bot.cohort import installed, roster
from bot.cohort.model import AnotherWorkspace, Workspace
from bot.database import Database
from bot.installation import Installation
from bot.sandbox.workspace import Workspace as Slack
from tests.test_worker import soon


class Scene:
    """A workspace whose token is taken, refused, and taken again."""

    def __init__(self, db: Database, clock: MovableClock) -> None:
        self.db, self.slack = db, Slack(clock)
        self.clock = clock
        self.installation = Installation(self.slack.client(), self.note, self.stopped, again=0.02)

    def note(self, auth: Any) -> None:
        with self.db.begin() as session:
            roster.ensure_workspace(session, auth, self.clock())

    def stopped(self) -> bool:
        with self.db.read() as session:
            return installed.stopped(session)

    def stop(self, reason: str) -> None:
        with self.db.begin() as session:
            installed.stop(session, reason)

    def reason(self) -> str | None:
        with self.db.read() as session:
            return session.scalar(sa.select(Workspace.stopped_reason))

    def asked(self) -> int:
        return len([entry for entry in self.slack.log if entry.what == "auth.test"])


@pytest.fixture
def scene(sqlite_db: Database, clock: MovableClock) -> Scene:
    made = Scene(sqlite_db, clock)
    made.note(made.slack.client().auth_test().data)
    return made


def test_a_workspace_that_is_installed_again_goes_on_by_itself(
    scene: Scene,
) -> None:
    scene.installation.start()
    assert soon(lambda: scene.asked() == 2)
    scene.slack.installation.refusal = "token_revoked"
    scene.stop("token_revoked")
    assert soon(lambda: scene.asked() > 4)
    assert (scene.reason(), scene.installation.trouble()) == ("token_revoked", None)
    scene.slack.installation.refusal = None
    assert soon(lambda: scene.reason() is None)
    assert scene.installation.stop(5)


def test_a_workspace_that_is_well_is_not_asked_again(scene: Scene) -> None:
    before = scene.asked()
    scene.installation.look_again()
    assert scene.asked() == before


def test_a_start_with_a_good_token_ends_a_stop(scene: Scene) -> None:
    scene.stop("account_inactive")
    scene.installation.start()
    assert soon(lambda: scene.reason() is None)
    assert scene.installation.stop(5)


def test_a_permission_that_is_still_missing_keeps_the_workspace_stopped(scene: Scene) -> None:
    scene.stop("missing_scope")
    scene.slack.installation.scopes = frozenset({"users:read"})
    scene.installation.look_again()
    assert scene.reason() == "missing_scope"
    scene.slack.installation.scopes = frozenset({"users:read", "chat:write"})
    scene.installation.look_again()
    assert scene.reason() is None


def test_another_workspaces_token_ends_the_process(scene: Scene) -> None:
    scene.stop("account_inactive")
    scene.slack.team_id = "T0OTHER"
    scene.installation.look_again()
    assert scene.installation.trouble() == AnotherWorkspace().words


def test_a_slack_that_is_away_is_asked_later(scene: Scene) -> None:
    scene.stop("account_inactive")
    scene.slack.faults.drop("auth.test")
    scene.installation.look_again()
    assert (scene.reason(), scene.installation.trouble()) == ("account_inactive", None)
    scene.installation.look_again()
    assert scene.reason() is None


def test_a_stop_is_in_the_log_once_with_what_to_do(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, Any]] = []

    class Ear:
        def warning(self, event: str, **words: Any) -> None:
            said.append((event, words))

    monkeypatch.setattr(installed, "log", Ear())
    scene.stop("token_revoked")
    scene.stop("token_revoked")
    ((event, words),) = said
    assert (event, words["code"]) == ("workspace_stopped", "token_revoked")
    assert words["do"].startswith("install the app again")
