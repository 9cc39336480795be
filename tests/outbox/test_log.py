"""What the outbox logs: ids, kinds and codes, and nothing of what a letter says."""

import io
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from sqlalchemy.orm import Session

from bot import logs, outbox
from bot.blocks import Message, letter
from bot.clock import MovableClock
from bot.cohort import installed, roster, undelivered
from bot.database import Database
from bot.digest import backlog
from bot.outbox import call
from bot.outbox.model import Letter, Program, Surface
from bot.outbox.sender import Sender
from bot.sandbox.workspace import Workspace
from tests.support.letters import a_letter

# timestamp, level, event and logger stand in every line.
FACTS = {"do", "letters", "letter", "kind", "code", "then", "where", "error", "at"}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = [(one, one.level, [*one.handlers]) for one in (root, ours)]
    stream = io.StringIO()
    logs.configure("DEBUG", stream=stream)
    yield stream
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers
    structlog.reset_defaults()


def render(_session: Session, one: Letter, _now: object) -> Message:
    if one.kind == "broken":
        raise RuntimeError("saffron")
    return letter("saffron", "saffron")


@pytest.mark.parametrize("code", ["messages_tab_disabled", "ratelimited", "invalid_auth", ""])
def test_whatever_happens_to_a_letter_its_words_are_not_logged(
    sqlite_db: Database, clock: MovableClock, lines: io.StringIO, code: str
) -> None:
    slack = Workspace(clock)
    if code:
        slack.faults.error("chat.postMessage", code)
    slack.add_person("U0ANA", name="ana", real_name="Ana Silva")
    with sqlite_db.begin() as session:
        for kind in ("broken", "plain", "of.the.future"):
            a_letter(session, kind, kind, budget=outbox.Budget.NOW)
    renders = dict.fromkeys(("plain", "broken"), (1, Surface.MESSAGE, render))
    program = Program(
        renders=renders,
        readers=roster.readers,
        allowances=roster.allowances,
        person_gone=installed.left_slack,
        workspaces=installed.workspaces,
        stopped=installed.stopped,
        stop=installed.stop,
        was_away=backlog.tell,
        channel_stopped=undelivered.channel_stopped,
    )
    Sender(sqlite_db, slack.client(), clock, program).drain()
    said = lines.getvalue()
    assert "letter_not_rendered" in said
    assert not code or f"code={code}" in said
    assert "saffron" not in said
    for line in said.splitlines():
        names = set(re.findall(r" ([a-z_]+)=", re.sub(r'"[^"]*"', "", line)))
        assert names - {"level", "event", "logger"} <= FACTS, line


def test_slacks_complaint_about_blocks_keeps_only_the_place() -> None:
    complaint = "[ERROR] failed to match: saffron [json-pointer:/blocks/0/text/text]"
    answer = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="chat.postMessage",
        req_args={},
        data={
            "ok": False,
            "error": "invalid_blocks",
            "response_metadata": {"messages": [complaint]},
        },
        headers={},
        status_code=200,
    )
    refused = call._refused(SlackApiError("saffron", answer), "chat.postMessage", "D0ANA")
    assert (refused.code, refused.where) == ("invalid_blocks", "/blocks/0/text/text")
