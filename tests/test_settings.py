"""Settings: what is required for each command, and that every mistake is named without a leak."""

from pathlib import Path

import pytest

from bot import settings as subject
from bot.settings import Settings, SettingsError, check, load

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-abc",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_APP_TOKEN": "xapp-1-A-2-def",
    "DATABASE_URL": "sqlite:////tmp/cohort.sqlite3",
}


def read(command: subject.Command = "run", **changes: str) -> Settings:
    return load(command, GOOD | changes, dotenv=False)


def problems(command: subject.Command = "run", **changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(command, **changes)
    return str(caught.value)


def test_what_is_set_arrives_and_the_rest_has_defaults() -> None:
    assert read() == Settings(
        bot_token="xoxb-1-abc",
        signing_secret="8f742231b10e8888abcd99yyyzzz85a5",
        app_token="xapp-1-A-2-def",
        api_url="https://slack.com/api/",
        database_url="sqlite:////tmp/cohort.sqlite3",
        coordinators=(),
        port=3000,
        log_level="INFO",
    )


def test_one_message_names_everything_that_is_wrong() -> None:
    said = problems(
        SLACK_BOT_TOKEN="",
        SLACK_APP_TOKEN="xoxb-swapped",
        SLACK_API_URL="slack.com",
        DATABASE_URL="mysql://root@localhost/x",
        COORDINATORS="priya",
        PORT="http",
        METRICS_PORT="70000",
        LOG_LEVEL="loud",
    )
    for name in (
        "SLACK_BOT_TOKEN is not set",
        "SLACK_APP_TOKEN must start with xapp-",
        "SLACK_API_URL must be",
        "DATABASE_URL must be",
        "COORDINATORS must be",
        "- PORT must be",
        "METRICS_PORT must be",
        "LOG_LEVEL must be",
    ):
        assert name in said
    assert ".env.example" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-user-canary"),
        ("SLACK_APP_TOKEN", "canary"),
        ("SLACK_SIGNING_SECRET", "xoxb-canary"),
        ("DATABASE_URL", "oracle://me:canary@host/db"),
        ("DATABASE_URL", "postgresql://me:canary@host:port/db"),
        ("PORT", "canary"),
        ("COORDINATORS", "canary"),
        ("LOG_LEVEL", "canary"),
    ],
)
def test_a_wrong_value_is_never_repeated(name: str, value: str) -> None:
    said = problems(**{name: value})
    assert name in said
    assert "canary" not in said


def test_nothing_secret_is_in_the_repr() -> None:
    shown = repr(read(DATABASE_URL="postgres://me:hunter2@db/cohort"))
    assert "port=3000" in shown
    for secret in ("xoxb-", "8f742231", "xapp-", "hunter2"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("web", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]),
        ("worker", ["SLACK_BOT_TOKEN"]),
        ("run", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        ("doctor", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        ("migrate", []),
        ("manifest", []),
        ("demo", []),
    ],
)
def test_each_command_requires_what_it_uses(command: subject.Command, missing: list[str]) -> None:
    environ = {"DATABASE_URL": GOOD["DATABASE_URL"]}
    found = check(command, environ, dotenv=False)[1]
    assert [sentence.split()[0] for sentence in found] == missing


def test_run_is_content_with_a_signing_secret_instead_of_an_app_token() -> None:
    assert read("run", SLACK_APP_TOKEN="").app_token == ""


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_uses_psycopg_3(scheme: str) -> None:
    settings = read(DATABASE_URL=f"{scheme}://me:pw@db:5433/cohort?sslmode=require")
    assert settings.database_url == "postgresql+psycopg://me:pw@db:5433/cohort?sslmode=require"
    assert settings.shown_database == "PostgreSQL cohort on db"
    assert "pw" in settings.secrets


def test_a_database_in_memory_is_refused() -> None:
    assert "DATABASE_URL names no file" in problems(DATABASE_URL="sqlite://")


def test_a_file_named_by_a_uri_of_sqlite_is_refused() -> None:
    told = problems(DATABASE_URL="sqlite:///file:/tmp/cohort.sqlite3?uri=true")
    assert "DATABASE_URL must name the file by its path" in told


def test_without_a_database_url_the_file_lies_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(DATABASE_URL="").database_url.startswith(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("value", ["U0ANA,U0BEN", " U0ANA  U0BEN ", "U0ANA, U0BEN,,U0ANA"])
def test_coordinators_are_a_list_of_ids_each_once(value: str) -> None:
    assert read(COORDINATORS=value).coordinators == ("U0ANA", "U0BEN")


def test_the_api_address_gets_its_last_slash() -> None:
    assert read(SLACK_API_URL="http://127.0.0.1:3000/api").api_url == "http://127.0.0.1:3000/api/"


def test_a_token_never_travels_in_the_clear_to_another_machine() -> None:
    assert "https://" in problems(SLACK_API_URL="http://example.org/api/")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "3000 ;", "٣٠٠٠"])
def test_an_impossible_port_is_refused(port: str) -> None:
    assert "PORT must be" in problems(PORT=port)


def test_the_operators_port_is_nowhere_unless_it_is_named() -> None:
    assert read().metrics_port is None
    assert read(METRICS_PORT="9100").metrics_port == 9100


@pytest.mark.parametrize(("port", "other"), [("9100", "9100"), ("", "3000")])
def test_the_operators_port_is_another_than_slacks(port: str, other: str) -> None:
    assert "METRICS_PORT must be another port than PORT." in problems(PORT=port, METRICS_PORT=other)


def test_the_real_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "\ufeffSLACK_BOT_TOKEN=xoxb-file\nPORT=4000\nSLACK_APP_TOKEN=xapp-file\n", encoding="utf-8"
    )
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    environ = GOOD | {"PORT": "5000", "SLACK_APP_TOKEN": ""}
    del environ["SLACK_BOT_TOKEN"]
    settings = load("run", environ)
    assert (settings.bot_token, settings.port) == ("xoxb-file", 5000)
    assert settings.app_token == "", "set to nothing in the environment means not set"


def test_the_demo_never_reads_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-real\nLOG_LEVEL=ERROR\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load("demo", {}) == Settings(log_level="INFO")


def test_a_file_that_is_not_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfeS\x00")
    monkeypatch.chdir(tmp_path)
    assert ".env cannot be read" in check("run", GOOD)[1][0]


@pytest.mark.parametrize("name", ["DYNO", "KUBERNETES_SERVICE_HOST"])
def test_a_platform_with_a_host_for_each_process_is_noticed(name: str) -> None:
    assert not read().host_each
    assert read(**{name: "web.1"}).host_each
