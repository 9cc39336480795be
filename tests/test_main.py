"""The command line: what it prints, what it refuses, and with which exit code."""

import json
import logging
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import structlog
from click.testing import CliRunner, Result

from bot import logs
from bot.commands import main

ROOT = Path(__file__).parent.parent
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-canary",
    "SLACK_SIGNING_SECRET": "canary-signing-secret",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
}
NAMES = (
    *GOOD,
    *("SLACK_APP_TOKEN", "DATABASE_URL", "COORDINATORS", "LOG_LEVEL", "DYNO"),
    *("PORT", "METRICS_PORT"),
)


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine the tests run on; a folder without .env; an own home."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Each command sends the log to its own standard error, which ends with it."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()


def cohort_bot(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, words, env=environ, prog_name="python -m bot")


def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cohort.sqlite3'}"


def test_help_names_every_command() -> None:
    shown = cohort_bot("--help").output
    commands = "demo run web worker migrate outbox replay manifest doctor"
    for command in commands.split():
        assert f"\n  {command} " in shown


def test_what_is_loaded_for_good_is_not_searched_for_garbage() -> None:
    asked = (
        "import gc, sys; from bot.__main__ import main; sys.argv[1:] = ['manifest']\n"
        "try: main()\n"
        "except SystemExit: print(gc.get_freeze_count() > 10_000, gc.isenabled())"
    )
    shown = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT)
    assert shown.stdout.splitlines()[-1] == "True True"


def test_the_manifest_is_printed_as_json_without_any_setting() -> None:
    result = cohort_bot("manifest", "--url", "https://bot.example.org")
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert made["settings"]["interactivity"]["request_url"].startswith("https://bot.example.org/")


def test_an_address_slack_cannot_use_is_refused_in_words() -> None:
    result = cohort_bot("manifest", "--url", "http://bot.example.org")
    assert result.exit_code == 1
    assert "must start with https://" in result.stderr


@pytest.mark.parametrize("command", ["run", "web", "worker"])
def test_missing_settings_are_all_named_and_nothing_starts(command: str) -> None:
    result = cohort_bot(command, LOG_LEVEL="loud")
    assert result.exit_code == 1
    assert "SLACK_BOT_TOKEN is not set" in result.stderr
    assert "LOG_LEVEL must be" in result.stderr
    assert "Traceback" not in result.output


def test_migrate_makes_the_schema_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        assert cohort_bot("migrate", DATABASE_URL=file(tmp_path)).exit_code == 0
    with sqlite3.connect(tmp_path / "cohort.sqlite3") as database:
        tables = {row[0] for row in database.execute("select name from sqlite_master")}
    assert {"workspace", "letter", "alembic_version"} <= tables


@pytest.mark.parametrize("command", ["web", "worker"])
def test_an_empty_database_is_not_served(command: str, tmp_path: Path) -> None:
    result = cohort_bot(command, **GOOD, DATABASE_URL=file(tmp_path))
    assert result.exit_code == 1
    assert "Run `python -m bot migrate` first" in result.stderr


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    environ = GOOD | {"DATABASE_URL": file(tmp_path)}
    cohort_bot("migrate", **environ)
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = cohort_bot("web", **environ, PORT=port)
    assert result.exit_code == 1
    assert f"Port {port} cannot be used" in result.stderr


def test_a_database_that_cannot_be_used_is_said_without_its_password() -> None:
    result = cohort_bot("migrate", DATABASE_URL="postgres://me:canary@127.0.0.1:9/cohort")
    assert result.exit_code == 1
    assert "python -m bot doctor" in result.stderr
    assert "canary" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["run", "web", "worker", "migrate"])
def test_a_place_where_no_file_can_be_is_said_in_one_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place, words in (("nowhere/x.db", "there is no folder"), ("folder", "is a folder")):
        result = cohort_bot(command, **GOOD, DATABASE_URL=f"sqlite:///{tmp_path / place}")
        assert result.exit_code == 1
        [line] = [line for line in result.stderr.splitlines() if "level=warning" not in line]
        assert line.startswith("Error: DATABASE_URL cannot be used: ")
        assert words in line


@pytest.mark.parametrize("words", [("outbox", "list"), ("replay",)])
def test_whoever_only_looks_makes_no_file(words: tuple[str, ...], tmp_path: Path) -> None:
    result = cohort_bot(*words, **GOOD, DATABASE_URL=file(tmp_path))
    assert result.exit_code == 1
    assert f"there is no file {tmp_path / 'cohort.sqlite3'}" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    cohort_bot("migrate", DATABASE_URL=file(tmp_path))
    with sqlite3.connect(tmp_path / "cohort.sqlite3") as database:
        database.execute("update alembic_version set version_num = 'from_the_future'")
    result = cohort_bot("migrate", DATABASE_URL=file(tmp_path))
    assert result.exit_code == 1
    assert "another version of the bot" in result.stderr


def test_what_nobody_expected_gets_a_reference() -> None:
    @click.command()
    def broken() -> None:
        raise RuntimeError("canary")

    program = type(main)("program", commands={"broken": broken})
    logs.configure("INFO")
    result = CliRunner().invoke(program, ["broken"])
    assert result.exit_code == 1
    assert "The log has it under" in result.stderr
    assert "canary" not in result.output


def test_a_file_shared_by_web_and_worker_is_said_loudly(tmp_path: Path) -> None:
    result = cohort_bot("worker", **GOOD, DATABASE_URL=file(tmp_path), DYNO="worker.1")
    assert "sqlite_on_separate_hosts" in result.stderr


def test_the_doctor_ends_with_1_when_something_is_wrong(tmp_path: Path) -> None:
    result = cohort_bot("doctor", DATABASE_URL=file(tmp_path))
    assert result.exit_code == 1
    assert "wrong    settings: SLACK_BOT_TOKEN is not set" in result.stdout
    assert "not yet  database: there is no" in result.stdout
    assert "skipped  token: needs SLACK_BOT_TOKEN." in result.stdout
    assert "skipped  coordinators' channels: needs" in result.stdout


def test_the_doctor_makes_nothing_by_looking(tmp_path: Path) -> None:
    result = cohort_bot("doctor", **GOOD)
    assert f"not yet  database: there is no {tmp_path}/.local/share/cohort-bot/" in result.stdout
    assert list(tmp_path.iterdir()) == []
    assert cohort_bot("replay").stderr.startswith("Error: There is no database yet")
    assert list(tmp_path.iterdir()) == []
    assert cohort_bot("migrate").exit_code == 0  # and who works makes its place
    assert "ok       migrations: up to date." in cohort_bot("doctor", **GOOD).stdout
