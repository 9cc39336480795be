"""Events: which are sent, in what shape, and how often."""

from typing import Any

import pytest
from slack_bolt import App, BoltResponse

from bot.clock import MovableClock
from bot.sandbox.delivery import Answer, Delivery
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import actions, button, home, options, section

Json = dict[str, Any]


@pytest.fixture
def sent(ws: Workspace) -> list[Delivery]:
    """Every request, each answered with 200."""
    requests: list[Delivery] = []

    def deliver(request: Delivery) -> Answer:
        requests.append(request)
        return Answer(200)

    ws.connect(deliver)
    return requests


def events(sent: list[Delivery]) -> list[Json]:
    return [request.payload["event"] for request in sent]


def test_an_event_comes_in_an_envelope_with_its_own_id(
    ws: Workspace, sent: list[Delivery], ana: Seat
) -> None:
    ana.write("one")
    ana.write("two")
    first, second = (request.payload for request in sent)
    assert first["type"] == "event_callback"
    assert first["team_id"] == ws.team_id
    assert first["authorizations"][0]["user_id"] == ws.bot_user_id
    assert first["event_time"] == 1780297200
    assert first["event_id"] != second["event_id"]
    assert first["event"]["text"] == "one"


def test_a_person_who_changes_or_leaves_is_a_user_change(
    ws: Workspace, sent: list[Delivery]
) -> None:
    ws.change_zone("U0ANA", "Asia/Tokyo")
    ws.change_person("U0ANA", real_name="Ana Sousa")
    ws.deactivate("U0ANA")
    ws.reactivate("U0ANA")
    users = [event["user"] for event in events(sent)]
    assert users[0]["tz"] == "Asia/Tokyo"
    assert users[1]["real_name"] == "Ana Sousa"
    assert [user["deleted"] for user in users] == [False, False, True, False]
    with pytest.raises(AttributeError):
        ws.change_person("U0ANA", shoe_size=38)


def test_joining_and_leaving_is_told_of_channels_the_app_is_in(
    ws: Workspace, sent: list[Delivery]
) -> None:
    elsewhere = ws.add_channel("lobby")
    ours = ws.add_channel("ours", private=True, bot=True)
    ws.join(elsewhere.id, "U0ANA")
    ws.join(ours.id, "U0ANA")
    ws.leave(ours.id, "U0ANA")
    ws.leave(ours.id, ws.bot_user_id)
    assert [(event["type"], event["user"]) for event in events(sent)] == [
        ("member_joined_channel", "U0ANA"),
        ("member_left_channel", "U0ANA"),
        ("member_left_channel", ws.bot_user_id),
    ]
    assert events(sent)[0]["channel_type"] == "G"


def test_an_uninstalled_app_hears_of_its_tokens_and_itself(
    ws: Workspace, sent: list[Delivery]
) -> None:
    ws.uninstall()
    assert [event["type"] for event in events(sent)] == ["tokens_revoked", "app_uninstalled"]
    assert events(sent)[0]["tokens"] == {"oauth": [], "bot": [ws.bot_user_id]}


def test_only_subscribed_events_are_sent(ws: Workspace, sent: list[Delivery], ana: Seat) -> None:
    ws.install_manifest({"settings": {"event_subscriptions": {"bot_events": ["user_change"]}}})
    ana.write("unheard")
    ws.change_zone("U0ANA", "Asia/Tokyo")
    assert [event["type"] for event in events(sent)] == ["user_change"]


def test_a_failed_event_comes_again_at_once_after_one_and_after_five_minutes(
    ws: Workspace, app: App, ana: Seat, clock: MovableClock
) -> None:
    tries: list[tuple[str | None, str | None]] = []

    @app.event("message")
    def hear(request) -> BoltResponse:
        headers = request.headers
        tries.append(
            (
                headers.get("x-slack-retry-num", [None])[0],
                headers.get("x-slack-retry-reason", [None])[0],
            )
        )
        raise ValueError("broken")

    ana.write("hello")
    assert tries == [(None, None), ("1", "http_error")]
    assert ws.deliver_due() == 0
    clock.move(minutes=1)
    assert ws.deliver_due() == 1
    clock.move(minutes=4)
    assert ws.deliver_due() == 0
    clock.move(minutes=1)
    assert ws.deliver_due() == 1
    clock.move(hours=1)
    assert ws.deliver_due() == 0
    assert [number for number, _ in tries] == [None, "1", "2", "3"]


def test_an_app_can_decline_the_repetition(ws: Workspace, ana: Seat) -> None:
    count = 0

    def deliver(request: Delivery) -> Answer:
        nonlocal count
        count += 1
        return Answer(500, {"x-slack-no-retry": "1"})

    ws.connect(deliver)
    ana.write("hello")
    assert count == 1


def test_redelivery_repeats_an_event_that_was_answered(
    ws: Workspace, sent: list[Delivery], ana: Seat
) -> None:
    ws.faults.redeliver(2)
    ana.write("hello")
    assert [request.headers.get("X-Slack-Retry-Num") for request in sent] == [None, "1", "2"]
    assert len({request.payload["event_id"] for request in sent}) == 1


def test_a_bot_only_hears_its_own_kind_of_message(
    ws: Workspace, sent: list[Delivery], ana: Seat
) -> None:
    ws.client().chat_postMessage(channel="U0ANA", text="from the app")
    theirs = ws.add_channel("theirs", members=["U0ANA"])
    ana.write("not for the app", theirs)
    assert sent == []


def test_commands_and_shortcuts_of_the_manifest_are_all_there_is(
    ws: Workspace, sent: list[Delivery], ana: Seat
) -> None:
    ws.install_manifest(
        {
            "features": {
                "app_home": {"home_tab_enabled": False, "messages_tab_enabled": False},
                "slash_commands": [
                    {"command": "/look", "description": "Look", "should_escape": True}
                ],
                "shortcuts": [
                    {"name": "Say", "type": "global", "callback_id": "say", "description": "x"}
                ],
            },
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        }
    )
    assert ana.command("/other").error == "unknown_command"
    assert "/other is not a valid command." in ana.notices
    ana.command("/look", "at @ben <now>")
    assert sent[-1].payload["text"] == "at <@U0BEN|ben> &lt;now&gt;"
    with pytest.raises(LookupError, match="say"):
        ana.shortcut("shout")
    home = {"user_id": "U0ANA", "view": {"type": "home", "blocks": [{"type": "divider"}]}}
    assert ws.call("views.publish", home, ws.bot_token)["error"] == "not_enabled"
    letter = {"channel": "U0ANA", "text": "x"}
    assert ws.call("chat.postMessage", letter, ws.bot_token)["error"] == "messages_tab_disabled"


def test_unread_counts_until_the_person_looks(ws: Workspace, ana: Seat) -> None:
    ws.client().chat_postMessage(channel="U0ANA", text="one")
    ws.client().chat_postMessage(channel="U0ANA", text="two")
    assert ana.unread(ws.im("U0ANA")) == 2
    ana.read()
    assert ana.unread(ws.im("U0ANA")) == 0


def test_an_uninstalled_app_hears_nothing_more(
    ws: Workspace, sent: list[Delivery], ana: Seat
) -> None:
    ws.uninstall()
    sent.clear()
    ana.write("anybody there?")
    assert ana.command("/look").error == "unknown_command"
    assert sent == []


def test_a_seat_reads_aloud_what_is_on_the_screen(ws: Workspace, ana: Seat) -> None:
    pick = {
        "type": "static_select",
        "action_id": "pick",
        "options": options("one", "two"),
        "initial_option": options("one")[0],
    }
    blocks = [section("Choose", pick), actions(button("go"))]
    ws.client().chat_postMessage(channel="U0ANA", text="fallback", blocks=blocks)
    assert ana.read_aloud(ana.dm[-1]) == "Choose\nOne\nTwo\nGo"
    assert ana.dm[-1].button_labels == ["Go"]
    ws.client().views_publish(user_id="U0ANA", view=home(section("Welcome")))
    assert ana.home is not None
    assert ana.read_aloud(ana.home) == "Welcome"
