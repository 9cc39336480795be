"""Requests with parts missing or of the wrong kind: every payload there is, broken at random."""

import asyncio
import io
import json
import random
from collections.abc import Iterator
from typing import Any

import httpx

from bot import program
from bot.sandbox import payloads
from bot.sandbox.delivery import request_of
from bot.web import Health, build_web
from tests.bad_input import village as v
from tests.bad_input.village import Possible, Village, broke, changed

SEED = 20261123
HOW_MANY = 1500


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside a payload."""
    found = []
    inner = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, (dict, list)):
            found += places(value, (*path, key))
    return found


WRONG: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    [],
    {},
    "x" * 3001,
    ["a"],
    {"a": 1},
    True,
    "\x00",
    "\ud800",
)


def broken(payload: Any, chance: random.Random) -> tuple[Any, str]:
    """A copy with one part left out or of a wrong kind, and what was done."""
    made = json.loads(json.dumps(payload))
    path = chance.choice(places(made))
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if chance.random() < 0.3:
        del inside[path[-1]]
        return made, f"without {path}"
    # A command is a form: half a character cannot even be written in one.
    wrong = chance.choice(WRONG[:-1] if "command" in payload else WRONG)
    inside[path[-1]] = wrong
    return made, f"{path} = {str(wrong)[:20]!r}"


def all_requests(village: Village) -> list[Possible]:
    """Clicks and forms of all screens, every command and word, shortcuts, and events."""
    return [*village.possible(), *_commands(village), *_shortcuts(village), *_events(village)]


def _commands(village: Village) -> Iterator[Possible]:
    for name, words in program.WORDS.items():
        for word in (*words, "help", "nonsense"):
            for slack_id in ("U0FELIX", v.COORDINATOR):
                person, where = village.slack.people[slack_id], village.slack.im(slack_id)
                payload = payloads.command(village.slack, person, name, word, where)
                yield Possible("slash_commands", name, slack_id, payload)


def _shortcuts(village: Village) -> Iterator[Possible]:
    for callback_id in ("request.shortcut", "thanks.shortcut"):
        payload = payloads.shortcut(village.slack, village.slack.people["U0EMMA"], callback_id)
        yield Possible("interactive", callback_id, "U0EMMA", payload)


def _events(village: Village) -> Iterator[Possible]:
    for name, payload in village.events.items():
        yield Possible("events_api", name, "U0EMMA", payload)


def answers(village: Village, requests: list[tuple[Possible, Any, str]]) -> list[str]:
    """Send these through the signed HTTP entrance; what was answered neither with 200 nor, where
    not even Bolt can read it, with 400."""
    web = build_web(
        village.app,
        health=lambda: Health(database=True),
        signing_secret=village.slack.signing_secret,
    )

    async def send() -> list[str]:
        wrong = []
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            for one, payload, how in requests:
                sent = request_of(one.kind, one.what, payload, secret=village.slack.signing_secret)
                answer = await client.post(
                    "/slack/events", content=sent.body, headers=dict(sent.headers)
                )
                if answer.status_code not in (200, 400):
                    wrong.append(f"{one.what} {how}: {answer.status_code} {answer.text}")
        return wrong

    return asyncio.run(send())


def test_a_broken_request_of_a_stranger_changes_nothing(
    village: Village, lines: io.StringIO
) -> None:
    chance = random.Random(SEED)
    # What Slack itself tells of people is no request of anybody.
    known = [one for one in all_requests(village) if one.kind != "events_api"]
    before = village.kept(but=v.STRANGER)
    requests = []
    for _ in range(HOW_MANY):
        one = chance.choice(known)
        payload, how = broken(village.fresh(one, v.STRANGER), chance)
        requests.append((one, payload, how))
    assert answers(village, requests) == []
    assert changed(before, village.kept(but=v.STRANGER)) == []
    assert broke(lines) == []


def test_a_broken_request_of_its_owner_breaks_nothing(village: Village, lines: io.StringIO) -> None:
    chance = random.Random(SEED + 1)
    known = all_requests(village)
    requests = []
    for _ in range(HOW_MANY):
        one = chance.choice(known)
        payload, how = broken(village.fresh(one), chance)
        requests.append((one, payload, how))
    assert answers(village, requests) == []
    assert broke(lines) == []
