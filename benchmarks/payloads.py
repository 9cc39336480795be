"""What Slack sends for a command, a click and a submission, each with a trigger of its own."""

import itertools
import json
from typing import Any
from urllib.parse import urlencode

from benchmarks.instant import BOT, TEAM
from benchmarks.world import Todo, World
from bot.gratitude import messages as thanks
from bot.meeting import messages_after as after
from bot.pairing import messages_request as asking
from bot.pairing.messages_profile import Goals
from bot.sandbox.inputs import values_of

NOTHING = "benchmark.nothing"
"""The action id of a button whose listener only acknowledges."""

_numbers = itertools.count(1)


def command(user: str, name: str, text: str) -> bytes:
    """A slash command, typed in the conversation with the bot."""
    return urlencode(
        {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "benchmark",
            "channel_id": f"D0{user}",
            "channel_name": "directmessage",
            "user_id": user,
            "user_name": user.lower(),
            "command": name,
            "text": text,
            "api_app_id": "A0BENCHMARK",
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.invalid/commands/{TEAM}/1/{_trigger()}",
            "trigger_id": _trigger(),
        }
    ).encode()


def done(todo: Todo) -> bytes:
    """[Done] below the reminder of an action."""
    return _click(todo.owner, after.DONE, str(todo.action_id), todo.text)


def nothing(user: str) -> bytes:
    """A click on a button that needs no more than an acknowledgement."""
    return _click(user, NOTHING, "1", "Show two slides to somebody new")


def thanks_form(world: World, number: int) -> bytes:
    """A submitted "Say thanks", from an intern to a mentor."""
    view = thanks.form(None)
    values = values_of(view["blocks"])
    _enter(values, thanks.TO, selected_user=world.mentors[number % len(world.mentors)])
    _enter(values, thanks.WORDS, value="You asked one good question, and I saw my talk anew.")
    return _submission(world.interns[number % len(world.interns)], view, values)


def goals_form(world: World, number: int) -> bytes:
    """The first form of a request, submitted as it was prefilled; suggestions come back."""
    user, place = world.asking[number % len(world.asking)]
    goals = Goals(("Present my work without notes",), (("presenting", "sql"),))
    view = asking.goals_form(place, goals)
    return _submission(user, view, values_of(view["blocks"]))


def _enter(values: dict[str, Any], block: str, **given: str) -> None:
    for entry in values[block].values():
        entry.update(given)


def _submission(user: str, view: dict[str, Any], values: dict[str, Any]) -> bytes:
    number = next(_numbers)
    shown = view | {
        "id": f"V0{number}",
        "hash": f"{number}.abc",
        "team_id": TEAM,
        "app_id": "A0BENCHMARK",
        "bot_id": "B0BOT",
        "root_view_id": f"V0{number}",
        "previous_view_id": None,
        "external_id": "",
        "notify_on_close": False,
        "clear_on_close": False,
        "state": {"values": values},
    }
    return _interaction(user, {"type": "view_submission", "view": shown, "response_urls": []})


def _click(user: str, action_id: str, value: str, text: str) -> bytes:
    number = next(_numbers)
    button = {"type": "button", "text": {"type": "plain_text", "text": "Done"}}
    pressed = button | {"action_id": action_id, "block_id": "buttons", "value": value}
    others = [
        button | {"action_id": name, "value": value} for name in (after.LATER, after.DROP, "other")
    ]
    message = {
        "type": "message",
        "user": BOT,
        "bot_id": "B0BOT",
        "ts": f"{1_700_000_000 + number}.000100",
        "text": f"Your action is due tomorrow: {text}",
        "blocks": [
            {"type": "section", "block_id": "head", "text": {"type": "mrkdwn", "text": text}},
            {"type": "actions", "block_id": "buttons", "elements": [pressed, *others]},
            {
                "type": "context",
                "block_id": "foot",
                "elements": [{"type": "mrkdwn", "text": "Only you read this."}],
            },
        ],
    }
    channel = {"id": f"D0{user}", "name": "directmessage"}
    return _interaction(
        user,
        {
            "type": "block_actions",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel["id"],
                "is_ephemeral": False,
            },
            "channel": channel,
            "message": message,
            "state": {"values": {}},
            "response_url": f"https://hooks.slack.invalid/actions/{TEAM}/1/{number}",
            "actions": [pressed | {"action_ts": f"{number}.5"}],
        },
    )


def _interaction(user: str, payload: dict[str, Any]) -> bytes:
    framed = {
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
        "api_app_id": "A0BENCHMARK",
        "token": "verification",
        "team": {"id": TEAM, "domain": "benchmark"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": _trigger(),
    }
    return urlencode({"payload": json.dumps(framed | payload)}).encode()


def _trigger() -> str:
    return f"{next(_numbers)}.200.abcdef0123456789"
