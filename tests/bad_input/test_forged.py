"""Forged values: every listener the programme has, with ids and metadata nobody gave it."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from bot import program
from bot.sandbox import payloads
from bot.sandbox.delivery import Answer
from tests.bad_input import village as v
from tests.bad_input.village import Village, broke, changed, filled

VALUES = (
    "",
    "0",
    "-1",
    "999999",
    "2147483648",
    "99999999999999999999999999",
    "1,5",
    "abc",
    "remove.999999",
    "1; DROP TABLE person",
    "1\x00",
    "\ud800",
    "٣",
    "x" * 2000,
)

METADATA = (
    "",
    "null",
    "[]",
    '"text"',
    "{",
    "[" * 2900,
    '{"%s": null}',
    '{"%s": "1"}',
    '{"%s": true}',
    '{"%s": -1}',
    '{"%s": 999999}',
    '{"%s": 99999999999999999999999999}',
    '{"%s": 1.5}',
    '{"%s": [1]}',
)
# Everything a form of this programme carries.
NAMES = (
    "place",
    "request",
    "member",
    "cohort",
    "version",
    "page",
    "copy",
    "pairing",
    "meeting",
    "action",
    "offer",
    "check_in",
    "prompt",
    "concern",
    "topic",
    "anyway",
)


class Heard:
    """Takes registrations as a Bolt app does, and keeps their ids."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}

    def __getattr__(self, kind: str) -> Callable[[str], Callable[[Any], Any]]:
        def register(name: str) -> Callable[[Any], Any]:
            self.ids.setdefault(kind, []).append(name)
            return lambda listener: listener

        return register


def everything() -> dict[str, list[str]]:
    """The ids of all listeners, by kind."""
    heard = Heard()
    for listeners in program.LISTENERS:
        listeners.register(heard)
    return heard.ids


def click(village: Village, slack_id: str, action_id: str, **carried: Any) -> Answer:
    """A click below some message of theirs, with any value."""
    person = village.slack.people[slack_id]
    seen = [
        message
        for conversation in village.slack.conversations.values()
        if slack_id in conversation.members
        for message in conversation.visible_to(slack_id)
        if not message.ephemeral
    ]
    message = seen[-1]
    place = payloads.in_message(village.slack, person, message)
    action = {"type": "button", "action_id": action_id, "block_id": "forged", "action_ts": "1.1"}
    payload = payloads.block_actions(village.slack, person, place, action | carried)
    return village.slack.send("interactive", action_id, payload)


def submission(village: Village, slack_id: str, callback_id: str, metadata: str) -> Answer:
    """A form of theirs with any metadata; filled, where the form is known."""
    known = [
        view for _owner, view in village.screens.values() if view["callback_id"] == callback_id
    ]
    view = filled(known[0]) if known else {"id": "V0FORGED", "type": "modal", "blocks": []}
    view = {"state": {"values": {}}} | view
    view |= {"callback_id": callback_id, "private_metadata": metadata, "id": "V0FORGED"}
    payload = payloads.view_submission(village.slack, village.slack.people[slack_id], view)
    return village.slack.send("interactive", callback_id, payload)


@pytest.mark.parametrize("slack_id", ["U0FELIX", "U0RAVI", v.COORDINATOR])
def test_a_forged_value_changes_nothing_at_any_button(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    wrong = []
    for action_id in everything()["action"]:
        before = village.kept(but=slack_id)
        for value in VALUES:
            chosen = {"text": {"type": "plain_text", "text": "x"}, "value": value}
            for carried in ({"value": value}, {"selected_option": chosen}):
                answer = click(village, slack_id, action_id, **carried)
                if answer.status != 200:
                    wrong.append(f"{action_id} {value[:20]!r}: {answer.status}")
        if found := changed(before, village.kept(but=slack_id)):
            wrong.append(f"{action_id} changed {found}")
    assert wrong == []
    assert broke(lines) == []


@pytest.mark.parametrize("slack_id", ["U0FELIX", "U0RAVI", v.COORDINATOR])
def test_forged_metadata_changes_nothing_in_any_form(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    wrong = []
    for callback_id in everything()["view"]:
        if callback_id in ABOUT_ONESELF:
            continue
        before = village.kept(but=slack_id)
        for text in METADATA:
            metadata = text
            if "%s" in text:
                metadata = "{" + ", ".join(text[1:-1] % name for name in NAMES) + "}"
            answer = submission(village, slack_id, callback_id, metadata)
            if answer.status != 200 or not answer.body:
                wrong.append(f"{callback_id} {text[:20]!r}: {answer.status} {answer.body!r}")
        if found := changed(before, village.kept(but=slack_id)):
            wrong.append(f"{callback_id} changed {found}")
    assert wrong == []
    assert broke(lines) == []


# Forms that carry no row: they are about the person who sends them, or make something new.
ABOUT_ONESELF = ("leave.form", "thanks.form", "cohort.new.form")


def test_ids_nobody_listens_to_are_refused_in_words(village: Village, lines: io.StringIO) -> None:
    assert click(village, "U0FELIX", "no.such.action", value="1").status == 200
    assert "no longer there" in village.seat("U0FELIX").ephemerals[-1].text
    answer = submission(village, "U0FELIX", "no.such.form", "{}")
    assert "no longer there" in answer.body
    assert broke(lines) == []
