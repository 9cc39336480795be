"""The log: readable lines, a reference for every error, and nothing that should not be there."""

import ast
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

import bot
from bot import logs

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in ("bot", "uvicorn.error")]
    before = [(one, one.level, [*one.handlers]) for one in (root, *named)]
    stream = io.StringIO()
    logs.configure("DEBUG", secrets=[SECRET], stream=stream)
    yield stream
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers
    structlog.reset_defaults()


def test_a_line_is_made_of_pairs_that_can_be_searched(lines: io.StringIO) -> None:
    logs.get_logger("bot.outbox").info("letter_sent", letter=12, late="2 s", again=False)
    line = lines.getvalue()
    assert line.startswith("timestamp=20")
    assert "level=info event=letter_sent" in line
    assert 'late="2 s"' in line
    assert "letter=12" in line
    assert "again=false" in line
    assert line.count("\n") == 1


def test_configuring_again_replaces_and_does_not_double(lines: io.StringIO) -> None:
    second = io.StringIO()
    logs.configure("INFO", stream=second)
    logs.get_logger("bot").info("once")
    assert lines.getvalue() == ""
    assert second.getvalue().count("event=once") == 1


@pytest.mark.parametrize(
    "leak",
    [
        "xoxb-1234-canary",
        "xoxe.xoxb-1-canary",
        "xapp-1-A0-canary",
        "https://hooks.slack.com/commands/T0/1/canary",
        "http://127.0.0.1:3000/hooks/response/canary",
        "13345224609.738474920.8088930838d88f008e0",
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "postgresql+psycopg://me:canary@db/cohort",
        SECRET,
    ],
)
def test_a_secret_is_cut_out_wherever_it_turns_up(lines: io.StringIO, leak: str) -> None:
    log = logs.get_logger("bot")
    said = f"said {leak} here"
    log.warning(said, fact=leak, nested={"deep": [leak]})
    logging.getLogger("slack_bolt.App").error("failed with %s", leak)
    logging.getLogger("elsewhere").error("%(a)s", {"a": leak})
    shown = lines.getvalue()
    assert leak not in shown
    assert "canary" not in shown
    assert shown.count("\n") == 3


@pytest.mark.parametrize("name", ["text", "payload", "body", "note", "answers", "Token", "view"])
def test_what_people_wrote_is_dropped_by_name(lines: io.StringIO, name: str) -> None:
    logs.get_logger("bot").info("seen", **{name: "canary"}, inside={name: {"a": "canary"}})
    assert "canary" not in lines.getvalue()
    assert logs.REMOVED in lines.getvalue()


@pytest.mark.parametrize(
    "name", ["slack_sdk.web.base_client", "slack_bolt.App", "sqlalchemy.engine", "websockets"]
)
def test_libraries_stay_quiet_whatever_the_level(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("canary")
    logging.getLogger(name).debug("canary")
    assert lines.getvalue() == ""


def test_the_sdk_logs_no_request_at_level_debug(lines: io.StringIO) -> None:
    client = WebClient("xoxb-canary", base_url="http://127.0.0.1:9/", retry_handlers=[])
    with pytest.raises(OSError, match="refused"):
        client.chat_postMessage(channel="U0ANA", text="canary")
    assert "canary" not in lines.getvalue()


def test_bolt_does_not_warn_about_a_setting_that_is_right(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-test")
    App(signing_secret="s", authorize=lambda: None, logger=logging.getLogger("slack_bolt"))
    assert lines.getvalue() == ""


def test_a_dump_keeps_its_first_line(lines: io.StringIO) -> None:
    logging.getLogger("slack_bolt.App").warning("Unhandled request\n{'value': 'canary'}")
    assert 'event="Unhandled request"' in lines.getvalue()
    assert "canary" not in lines.getvalue()


def broken(text: str) -> None:
    raise ValueError(f"cannot read {text}")


def test_an_error_shows_its_reference_type_and_place_but_no_content(lines: io.StringIO) -> None:
    try:
        broken("canary")
    except ValueError as error:
        logs.log_error("K7F2Q9", error, action="offer.accept")
    shown = lines.getvalue()
    assert "reference=K7F2Q9" in shown
    assert "action=offer.accept" in shown
    assert "error=ValueError" in shown
    assert "tests/test_logs.py:" in shown
    assert "broken" in shown
    assert "canary" not in shown
    assert shown.count("\n") == 1


def test_a_cause_is_named_too(lines: io.StringIO) -> None:
    try:
        try:
            broken("canary")
        except ValueError as cause:
            raise KeyError("canary") from cause
    except KeyError as error:
        logs.log_error("K7F2Q9", error)
    assert 'error="KeyError < ValueError"' in lines.getvalue()


def test_slacks_error_code_is_shown_and_its_answer_is_not(lines: io.StringIO) -> None:
    answer = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="chat.postMessage",
        req_args={},
        data={"ok": False, "error": "channel_not_found", "echo": "canary"},
        headers={},
        status_code=200,
    )
    logs.log_error("K7F2Q9", SlackApiError(f"failed: {answer}", answer))
    assert "SlackApiError: channel_not_found" in lines.getvalue()
    assert "canary" not in lines.getvalue()


def test_a_database_error_shows_the_constraint_and_no_row(lines: io.StringIO) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sa.text("create table note (words text unique)"))
        insert = sa.text("insert into note values (:words)")
        connection.execute(insert, {"words": "canary"})
        with pytest.raises(sa.exc.IntegrityError) as caught:
            connection.execute(insert, {"words": "canary"})
    logs.log_error("K7F2Q9", caught.value)
    assert "UNIQUE constraint failed: note.words" in lines.getvalue()
    assert "canary" not in lines.getvalue()


def test_references_are_short_and_cannot_be_misread() -> None:
    made = {logs.new_reference() for _ in range(2000)}
    assert len(made) > 1990
    assert {len(one) for one in made} == {6}
    assert not set("".join(made)) & set("0O1ILl5S8BUAEZ")


def test_every_event_has_a_name_of_one_style() -> None:
    """Words in small letters with underscores: a name is found again without quotes."""
    odd = [
        f"{path}: {call.args[0].value}"
        for path in Path(bot.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith("log.")
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and not re.fullmatch("[a-z]+(_[a-z]+)*", str(call.args[0].value))
    ]
    assert odd == []
