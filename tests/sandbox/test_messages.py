"""chat.* and response URLs."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.clock import MovableClock
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import actions, button, section

Json = dict[str, Any]


@pytest.fixture
def client(ws: Workspace) -> WebClient:
    return ws.client()


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_a_persons_id_opens_the_direct_message(client: WebClient, ana: Seat, ben: Seat) -> None:
    answer = client.chat_postMessage(channel="U0ANA", text="Hello")
    assert answer["channel"].startswith("D")
    assert answer["ts"] == ana.dm[-1].ts
    again = client.chat_postMessage(channel=answer["channel"], text="Again")
    assert [message.text for message in ana.dm] == ["Hello", "Again"]
    assert again["channel"] == answer["channel"]
    assert ben.dm == []


def test_a_deactivated_persons_message_is_reported_as_sent(
    ws: Workspace, client: WebClient
) -> None:
    ws.deactivate("U0ANA")
    assert client.chat_postMessage(channel="U0ANA", text="Hello")["ok"] is True


def test_stamps_are_programme_time_and_strictly_increase(
    client: WebClient, clock: MovableClock
) -> None:
    stamps = [client.chat_postMessage(channel="U0ANA", text="x")["ts"] for _ in range(3)]
    clock.move(hours=-1)
    stamps.append(client.chat_postMessage(channel="U0ANA", text="x")["ts"])
    assert stamps[0].split(".")[0] == "1780297200"
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)
    assert stamps == sorted(set(stamps))


def test_a_channel_has_to_be_known_joined_and_open(ws: Workspace, client: WebClient) -> None:
    public = ws.add_channel("lobby")
    private = ws.add_channel("secret", private=True, members=["U0ANA"])
    mine = ws.add_channel("ours", bot=True)
    post = client.chat_postMessage
    assert error_of(lambda: post(channel=public.id, text="x")) == "not_in_channel"
    assert error_of(lambda: post(channel=private.id, text="x")) == "channel_not_found"
    assert error_of(lambda: post(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert post(channel=mine.id, text="x")["ok"]
    ws.archive(mine.id)
    assert error_of(lambda: post(channel=mine.id, text="x")) == "is_archived"
    assert ws.call("chat.postMessage", {"channel": "U0ANA"}, ws.bot_token)["error"] == "no_text"


def test_invalid_blocks_post_nothing_and_point_at_the_place(client: WebClient, ana: Seat) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(
            channel="U0ANA", text="x", blocks=[{"type": "divider"}, section("y" * 3001)]
        )
    body = caught.value.response.data
    assert isinstance(body, dict)
    assert body["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/1/text/text]" in body["response_metadata"]["messages"][0]
    assert ana.dm == []


def test_missing_ids_are_filled_in_and_markdown_loses_its_own(client: WebClient, ana: Seat) -> None:
    unnamed = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    client.chat_postMessage(
        channel="U0ANA",
        text="x",
        blocks=[
            section("s", unnamed),
            {"type": "markdown", "text": "**m**", "block_id": "mine"},
        ],
    )
    first, second = ana.dm[-1].blocks
    assert first["block_id"]
    assert first["accessory"]["action_id"]
    assert second["block_id"] != "mine"


def test_an_update_without_blocks_removes_them_and_marks_the_message(
    client: WebClient, ana: Seat
) -> None:
    sent = client.chat_postMessage(channel="U0ANA", text="x", blocks=[actions(button("go"))])
    place = {"channel": sent["channel"], "ts": sent["ts"]}
    client.chat_update(**place, text="y", blocks=[section("y")])
    assert ana.dm[-1].texts() == "y"
    assert not ana.dm[-1].edited
    client.chat_update(**place, text="done")
    assert ana.dm[-1].blocks == []
    assert ana.dm[-1].edited
    assert len(ana.dm) == 1


def test_only_own_lasting_messages_can_be_updated_or_deleted(
    ws: Workspace, client: WebClient, ana: Seat
) -> None:
    channel = ws.add_channel("ours", members=["U0ANA"], bot=True)
    theirs = ana.write("Mine", channel)
    private = client.chat_postEphemeral(channel=channel.id, user="U0ANA", text="psst")["message_ts"]
    own = client.chat_postMessage(channel=channel.id, text="x")["ts"]

    def update(ts: str, text: str = "y") -> object:
        return client.chat_update(channel=channel.id, ts=ts, text=text)

    assert error_of(lambda: update(theirs.ts)) == "cant_update_message"
    assert error_of(lambda: update(private)) == "message_not_found"
    assert error_of(lambda: update("1.000000")) == "message_not_found"
    assert error_of(lambda: update(own, "y" * 4001)) == "msg_too_long"
    assert error_of(lambda: client.chat_delete(channel=channel.id, ts=theirs.ts)) == (
        "cant_delete_message"
    )
    client.chat_delete(channel=channel.id, ts=own)
    assert [message.text for message in ana.messages(channel)] == ["Mine", "psst"]


def test_an_ephemeral_message_needs_membership_and_is_seen_by_one(
    ws: Workspace, client: WebClient, ana: Seat, ben: Seat
) -> None:
    channel = ws.add_channel("ours", members=["U0ANA", "U0BEN"], bot=True)
    client.chat_postEphemeral(channel=channel.id, user="U0ANA", text="psst")
    assert [message.text for message in ana.messages(channel)] == ["psst"]
    assert ben.messages(channel) == []
    refused = lambda: client.chat_postEphemeral(channel=channel.id, user="U0CAT", text="x")  # noqa: E731
    assert error_of(refused) == "user_not_in_channel"


def test_a_thread_reply_stays_out_of_the_history_unless_broadcast(
    ws: Workspace, client: WebClient
) -> None:
    channel = ws.add_channel("ours", bot=True).id
    parent = client.chat_postMessage(channel=channel, text="parent")["ts"]
    client.chat_postMessage(channel=channel, text="reply", thread_ts=parent)
    client.chat_postMessage(channel=channel, text="loud", thread_ts=parent, reply_broadcast=True)
    history = client.conversations_history(channel=channel)["messages"]
    assert [message["text"] for message in history] == ["loud", "parent"]
    replies = client.conversations_replies(channel=channel, ts=parent)["messages"]
    assert [message["text"] for message in replies] == ["parent", "reply", "loud"]


def test_metadata_comes_back_from_the_history_within_the_asked_time(
    client: WebClient, clock: MovableClock
) -> None:
    mark = {"event_type": "letter", "event_payload": {"id": 7}}
    first = client.chat_postMessage(channel="U0ANA", text="a", metadata=mark)
    clock.move(hours=1)
    client.chat_postMessage(channel="U0ANA", text="b")

    def history(**more: Any) -> list[Json]:
        found: list[Json] = client.conversations_history(channel=first["channel"], **more)[
            "messages"
        ]
        return found

    assert history(include_all_metadata=True)[1]["metadata"] == mark
    assert "metadata" not in history()[1]
    assert [message["text"] for message in history(oldest=first["ts"])] == ["b"]
    assert [message["text"] for message in history(latest=first["ts"], inclusive=True)] == ["a"]
    assert len(history(limit=1)) == 1


@pytest.fixture
def response_url(app: App, ana: Seat) -> str:
    """The response_url of a command of Ana's."""
    urls: list[str] = []

    @app.command("/look")
    def look(ack, body) -> None:
        urls.append(body["response_url"])
        ack()

    ana.command("/look")
    return urls[0]


def test_a_response_url_is_private_by_default_and_public_when_asked(
    client: WebClient, response_url: str, ana: Seat
) -> None:
    client.api_call(response_url, json={"text": "private"})
    client.api_call(response_url, json={"text": "public", "response_type": "in_channel"})
    assert [(message.text, message.ephemeral) for message in ana.dm] == [
        ("private", True),
        ("public", False),
    ]


def test_a_response_url_works_five_times(client: WebClient, response_url: str) -> None:
    for _ in range(5):
        client.api_call(response_url, json={"text": "x"})
    assert error_of(lambda: client.api_call(response_url, json={"text": "x"})) == "used_url"


def test_a_response_url_lives_thirty_minutes_of_programme_time(
    client: WebClient, response_url: str, clock: MovableClock
) -> None:
    clock.move(minutes=30)
    client.api_call(response_url, json={"text": "x"})
    clock.move(seconds=1)
    assert error_of(lambda: client.api_call(response_url, json={"text": "x"})) == "expired_url"


def test_a_response_url_replaces_or_deletes_the_message_it_came_from(
    ws: Workspace, app: App, client: WebClient, ana: Seat
) -> None:
    @app.action("go")
    def go(ack, body, client) -> None:
        answer = {"replace_original": True, "text": "replaced", "blocks": [actions(button("end"))]}
        client.api_call(body["response_url"], json=answer)
        ack()

    @app.action("end")
    def end(ack, body, client) -> None:
        client.api_call(body["response_url"], json={"delete_original": True})
        ack()

    app.command("/look")(lambda ack: ack(text="x", blocks=[actions(button("go"))]))
    message = ana.command("/look").message
    assert message is not None
    ana.click(message, "go")
    assert [one.text for one in ana.dm] == ["replaced"]
    assert ana.dm[0].ephemeral
    assert ana.dm[0].ts == message.ts
    ana.click(message, "end")
    assert ana.dm == []


def test_a_response_url_works_where_the_app_is_no_member(
    ws: Workspace, app: App, client: WebClient, ana: Seat
) -> None:
    channel = ws.add_channel("theirs", private=True, members=["U0ANA"])
    app.command("/look")(
        lambda ack, body, client: (
            client.api_call(body["response_url"], json={"text": "psst"}),
            ack(),
        )
    )
    outcome = ana.command("/look", channel=channel.id)
    assert outcome.message is not None
    assert outcome.message.channel == channel.id
