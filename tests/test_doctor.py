"""The doctor: what it says about a healthy installation and about each thing that is wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.clock import MovableClock
from bot.database import Database
from bot.doctor import Finding, Report, examine
from bot.manifest import build
from bot.sandbox.client import InProcessClient
from bot.sandbox.workspace import Workspace
from bot.schema import upgrade
from bot.settings import Settings

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)


class Slack(InProcessClient):
    """The stand-in, with the Date header a web server adds."""

    def __init__(self, workspace: Workspace, ahead: timedelta) -> None:
        super().__init__(workspace)
        self.ahead = ahead

    def api_call(self, api_method: str, **call: Any) -> SlackResponse:
        answer = super().api_call(api_method, **call)
        stamp = format_datetime(NOW + self.ahead, usegmt=True)
        answer.headers = {**answer.headers, "Date": stamp}
        return answer


class Patient:
    """An installation where all is well until a test breaks something."""

    def __init__(self, url: str) -> None:
        self.workspace = Workspace(MovableClock(NOW))
        self.workspace.install_manifest(build())
        self.workspace.open_link = lambda: "ws://127.0.0.1/link"
        self.workspace.add_person("U0PRIYA", name="priya", real_name="Priya Nair")
        self.workspace.add_person("U0KEN", name="ken", real_name="Ken Abe")
        self.channel = self.workspace.add_channel(
            "coordinators", private=True, members=["U0PRIYA"], bot=True
        )
        self.settings = Settings(
            bot_token="xoxb-sandbox", app_token="xapp-sandbox", database_url=url
        )
        self.reports = [self.report(self.channel.id)]
        self.ahead = timedelta()
        self.client: WebClient | None = None

    def report(self, channel: str) -> Report:
        return Report("Summer interns", channel, frozenset({"U0PRIYA"}))

    def findings(self, problems: Sequence[str] = ()) -> list[Finding]:
        return list(
            examine(
                self.settings,
                problems,
                slack=self.client or Slack(self.workspace, self.ahead),
                open_database=lambda: Database(self.settings.database_url),
                reports=lambda _database: self.reports,
                clock=lambda: NOW,
            )
        )

    def skipped(self) -> dict[str, str]:
        """What the doctor could not look at, and what that would need."""
        return {one.subject: one.words for one in self.findings() if one.ok is None}

    def wrong(self) -> list[str]:
        """Everything the doctor wants done."""
        return [f"{one.subject}: {one.words}" for one in self.findings() if one.ok is False]


@pytest.fixture
def patient(database_url: str) -> Patient:
    return Patient(database_url)


@pytest.fixture
def on_file(tmp_path: Path, migrated_sqlite: Path) -> Patient:
    path = tmp_path / "copy.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return Patient(f"sqlite:///{path}")


def test_a_healthy_installation_is_told_so_in_order(patient: Patient) -> None:
    patient.reports = []
    patient.workspace.clock = lambda: NOW
    found = [one for one in patient.findings() if one.subject != "database clock"]
    assert [one for one in found if one.ok is False] == []
    order = list(dict.fromkeys(one.subject for one in found))
    assert order == [
        *("settings", "database", "migrations", "token", "scopes", "clock", "app token", "cohorts")
    ]


def test_a_line_begins_with_the_verdict() -> None:
    assert str(Finding(True, "token", "fine.")) == "ok       token: fine."
    assert str(Finding(False, "token", "gone.")) == "wrong    token: gone."
    assert str(Finding(None, "token", "none.")) == "skipped  token: none."


def test_what_cannot_be_checked_without_a_token_is_named(on_file: Patient) -> None:
    on_file.settings = Settings(database_url=on_file.settings.database_url)
    assert on_file.skipped() == {
        "token": "needs SLACK_BOT_TOKEN.",
        "scopes and clock": "needs a token that Slack knows.",
        "app token": "SLACK_APP_TOKEN is not set; HTTP needs none.",
        "coordinators' channels": "needs a token that Slack knows.",
    }


def test_what_cannot_be_checked_without_a_database_is_named(on_file: Patient) -> None:
    on_file.settings = Settings(bot_token="xoxb-sandbox", database_url="sqlite:////no/such.sqlite3")
    skipped = on_file.skipped()
    assert skipped["migrations"] == "needs the database."
    assert skipped["coordinators' channels"] == "needs a database that is up to date."


def test_every_problem_of_the_settings_is_a_line(on_file: Patient) -> None:
    found = on_file.findings(["PORT must be a number.", "LOG_LEVEL must be one of these."])
    assert [one.words for one in found if one.subject == "settings"] == [
        "PORT must be a number.",
        "LOG_LEVEL must be one of these.",
    ]
    assert not any(one.ok for one in found if one.subject == "settings")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "cannot be opened"),
        ("postgresql+psycopg://me:canary@127.0.0.1:9/cohort", "nothing listens there"),
    ],
)
def test_a_database_that_is_not_there(on_file: Patient, url: str, words: str) -> None:
    on_file.settings = Settings(bot_token="xoxb-sandbox", database_url=url)
    wrong = on_file.wrong()
    assert len(wrong) == 1
    assert words in wrong[0]
    assert "canary" not in wrong[0]


def test_a_wrong_password_is_told_apart_and_not_repeated(on_file: Patient, postgres: str) -> None:
    url = sa.make_url(postgres).set(database="missing_canary_free")
    on_file.settings = Settings(
        bot_token="xoxb-sandbox", database_url=url.render_as_string(hide_password=False)
    )
    assert "does not exist" in on_file.wrong()[0]


def test_a_file_that_is_no_database(on_file: Patient, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ana, " * 200, encoding="utf-8")
    on_file.settings = Settings(
        bot_token="xoxb-sandbox", database_url=f"sqlite:///{tmp_path / 'letter.txt'}"
    )
    assert "is not an SQLite database" in on_file.wrong()[0]


@pytest.mark.parametrize("there", [False, True])
def test_a_database_before_the_first_start_is_nothing_wrong_and_is_not_made(
    on_file: Patient, tmp_path: Path, there: bool
) -> None:
    file = tmp_path / "empty.sqlite3"
    if there:
        file.touch()
    on_file.settings = Settings(bot_token="xoxb-sandbox", database_url=f"sqlite:///{file}")
    assert on_file.wrong() == []
    [said] = [str(one) for one in on_file.findings() if one.to_come]
    what = "migrations: there are no tables" if there else f"database: there is no {file}"
    assert said.startswith(f"not yet  {what} yet. `python -m bot run` makes it all by itself;")
    assert "before `web` and `worker` run `python -m bot migrate`" in said
    assert file.exists() == there


def test_a_schema_of_an_earlier_release(on_file: Patient, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'earlier.sqlite3'}"
    upgrade(url, "2026_06_01")
    on_file.settings = Settings(bot_token="xoxb-sandbox", database_url=url)
    assert on_file.wrong() == ["migrations: not up to date. Run `python -m bot migrate`."]


def test_a_file_where_every_process_has_its_own_disk(on_file: Patient) -> None:
    on_file.settings = Settings(
        bot_token="xoxb-sandbox", database_url=on_file.settings.database_url, host_each=True
    )
    assert "Set DATABASE_URL to a PostgreSQL" in on_file.wrong()[0]


def test_a_token_slack_does_not_know(on_file: Patient) -> None:
    on_file.workspace.bot_token = "xoxb-another"
    on_file.client = on_file.workspace.client().with_token("xoxb-canary")  # type: ignore[attr-defined]
    wrong = on_file.wrong()
    assert "Slack does not know SLACK_BOT_TOKEN" in wrong[0]
    assert "canary" not in "".join(wrong)


def test_an_app_that_was_removed(on_file: Patient) -> None:
    on_file.workspace.uninstall()
    assert "Install it again" in on_file.wrong()[0]


def test_scopes_that_are_missing_are_named(on_file: Patient) -> None:
    manifest = build()
    manifest["oauth_config"]["scopes"]["bot"].remove("groups:read")
    manifest["oauth_config"]["scopes"]["bot"].remove("im:write")
    on_file.workspace.install_manifest(manifest)
    on_file.reports = []
    wrong = on_file.wrong()
    assert len(wrong) == 1
    assert "missing im:write, groups:read" in wrong[0]
    assert "python -m bot manifest" in wrong[0]


def test_scopes_nobody_needs_are_mentioned(on_file: Patient) -> None:
    manifest = build()
    manifest["oauth_config"]["scopes"]["bot"].append("channels:history")
    on_file.workspace.install_manifest(manifest)
    said = [one for one in on_file.findings() if one.subject == "scopes"]
    assert said == [Finding(True, "scopes", "complete; not needed: channels:history.")]


@pytest.mark.parametrize(
    ("ahead", "words"), [(9, "10 s behind it"), (-9, "8 s ahead of it"), (4, None), (-4, None)]
)
def test_a_clock_that_is_wrong(on_file: Patient, ahead: int, words: str | None) -> None:
    on_file.ahead = timedelta(seconds=ahead)
    wrong = on_file.wrong()
    assert (words is None and wrong == []) or (words is not None and words in wrong[0])


def test_the_databases_clock_is_compared_too(patient: Patient) -> None:
    subjects = [one.subject for one in patient.findings() if not one.ok]
    kind = sa.make_url(patient.settings.database_url).get_backend_name()
    # Here the machine's clock is said to stand in June 2026; an SQLite file has no other clock.
    assert subjects == (["database clock"] if kind == "postgresql" else [])


def test_socket_mode_that_is_switched_off(on_file: Patient) -> None:
    on_file.workspace.open_link = None
    assert "Switch on Socket Mode" in on_file.wrong()[0]


def test_a_slack_that_cannot_be_reached(on_file: Patient) -> None:
    on_file.client = WebClient("xoxb-sandbox", base_url="http://127.0.0.1:9/api/", timeout=2)
    wrong = on_file.wrong()
    assert len(wrong) == 2
    assert all("cannot be reached" in one for one in wrong)


# ---- the coordinators' channel


def test_a_channel_that_does_not_exist(on_file: Patient) -> None:
    on_file.reports = [on_file.report("C0NOWHERE")]
    assert "channel of Summer interns: C0NOWHERE does not exist" in on_file.wrong()[0]


def test_a_channel_the_bot_is_not_in(on_file: Patient) -> None:
    on_file.workspace.leave(on_file.channel.id, on_file.workspace.bot_user_id)
    assert "or the bot is not in it. Invite the bot there" in on_file.wrong()[0]


def test_a_channel_everybody_can_read(on_file: Patient) -> None:
    public = on_file.workspace.add_channel(
        "everybody", private=False, members=["U0PRIYA"], bot=True
    )
    on_file.reports = [on_file.report(public.id)]
    assert on_file.wrong() == [
        "channel of Summer interns: #everybody is public, and digests name people. Make it private."
    ]


def test_a_public_channel_without_the_bot(on_file: Patient) -> None:
    public = on_file.workspace.add_channel(
        "everybody", private=False, members=["U0PRIYA"], bot=False
    )
    on_file.reports = [on_file.report(public.id)]
    assert [("is public" in one, "does not have the bot" in one) for one in on_file.wrong()] == [
        (True, False),
        (False, True),
    ]


def test_an_archived_channel(on_file: Patient) -> None:
    on_file.workspace.archive(on_file.channel.id)
    assert any("is archived" in one for one in on_file.wrong())


def test_readers_who_coordinate_nothing_are_named(on_file: Patient) -> None:
    on_file.workspace.join(on_file.channel.id, "U0KEN")
    on_file.workspace.add_person("U0HELPER", name="helper", real_name="Helper", is_bot=True)
    on_file.workspace.join(on_file.channel.id, "U0HELPER")
    wrong = on_file.wrong()
    assert len(wrong) == 1
    assert "Ken Abe can read #coordinators and coordinate nothing" in wrong[0]


def test_every_page_of_a_large_channel_is_read(on_file: Patient) -> None:
    for n in range(230):
        person = f"U0P{n:03}"
        on_file.workspace.add_person(person, name=f"p{n}", real_name=f"Person {n:03}")
        on_file.workspace.join(on_file.channel.id, person)
    wrong = on_file.wrong()
    assert "Person 000" in wrong[0]
    assert "Person 229" in wrong[0]


def test_the_doctor_sends_nothing(on_file: Patient) -> None:
    on_file.findings()
    called = {entry.what for entry in on_file.workspace.log}
    assert called <= {
        "auth.test",
        "apps.connections.open",
        "conversations.info",
        "conversations.members",
        "users.info",
    }
