"""Tokens, scopes, people, conversations, pages, rate limits and faults of the Web API."""

import threading
from collections.abc import Callable
from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.clock import MovableClock
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@pytest.fixture
def client(ws: Workspace) -> WebClient:
    return ws.client()


def refusal(call: Callable[[], object]) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call()
    body = caught.value.response.data
    assert isinstance(body, dict)
    return body


def error_of(call: Callable[[], object]) -> str:
    return str(refusal(call)["error"])


def test_a_call_needs_the_bots_own_token(ws: Workspace) -> None:
    assert ws.call("auth.test", {}, None)["error"] == "not_authed"
    assert ws.call("auth.test", {}, "xoxb-other")["error"] == "invalid_auth"
    assert ws.call("auth.test", {}, ws.app_token)["error"] == "not_allowed_token_type"
    assert ws.call("apps.connections.open", {}, ws.bot_token)["error"] == "not_allowed_token_type"
    found = ws.call("auth.test", {}, ws.bot_token)
    assert found["ok"] is True
    assert found["user_id"] == ws.bot_user_id
    assert found["bot_id"] == ws.bot_id


def test_an_unknown_method_fails(ws: Workspace) -> None:
    assert ws.call("chat.shout", {}, ws.bot_token) == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.shout",
    }


def test_an_uninstalled_or_revoked_app_is_told_so(ws: Workspace, client: WebClient) -> None:
    ws.uninstall()
    assert error_of(client.auth_test) == "account_inactive"
    ws.install_manifest({})
    ws.revoke_token()
    assert error_of(client.auth_test) == "token_revoked"


def test_a_missing_scope_is_named(ws: Workspace, client: WebClient) -> None:
    ws.install_manifest({"oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}}})
    body = refusal(lambda: client.users_info(user="U0ANA"))
    assert body["error"] == "missing_scope"
    assert body["needed"] == "users:read"
    assert body["provided"] == "chat:write,commands"
    channel = ws.im("U0ANA").id
    history = refusal(lambda: client.conversations_history(channel=channel))
    assert history["needed"] == "im:history"
    opened = refusal(lambda: client.conversations_open(users="U0ANA,U0BEN"))
    assert opened["needed"] == "mpim:write"
    assert client.auth_test().headers["x-oauth-scopes"] == "chat:write,commands"


def test_a_user_object_has_zone_and_roles_until_it_is_deactivated(
    ws: Workspace, client: WebClient
) -> None:
    user = client.users_info(user="U0CAT", include_locale=True)["user"]
    assert user["tz"] == "Asia/Tokyo"
    assert user["tz_offset"] == 9 * 3600
    assert user["tz_label"] == "Tokyo (JST)"
    assert user["is_owner"] is True
    assert user["is_admin"] is True
    assert user["locale"] == "en-GB"
    assert user["profile"]["real_name"] == "Cat Lind"
    ws.deactivate("U0CAT")
    gone = client.users_info(user="U0CAT")["user"]
    assert gone["deleted"] is True
    assert "tz" not in gone
    assert error_of(lambda: client.users_info(user="U0NOBODY")) == "user_not_found"


def test_people_come_in_pages_with_bots_and_the_deactivated(
    ws: Workspace, client: WebClient
) -> None:
    ws.deactivate("U0BEN")
    pages = [page["members"] for page in client.users_list(limit=2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    ids = [user["id"] for page in pages for user in page]
    assert ids == ["USLACKBOT", ws.bot_user_id, "U0ANA", "U0BEN", "U0CAT"]
    assert error_of(lambda: client.users_list(cursor="?")) == "invalid_cursor"


def test_many_people_need_a_limit(ws: Workspace, client: WebClient) -> None:
    for number in range(500):
        ws.add_person(f"U{number:04d}", name=f"p{number}")
    assert error_of(client.users_list) == "limit_required"
    assert len(client.users_list(limit=200)["members"]) == 200


def test_a_direct_message_is_opened_once_and_not_with_the_deactivated(
    ws: Workspace, client: WebClient
) -> None:
    first = client.conversations_open(users="U0ANA")["channel"]["id"]
    assert client.conversations_open(users=["U0ANA"])["channel"]["id"] == first
    assert client.conversations_info(channel=first)["channel"]["user"] == "U0ANA"
    ws.deactivate("U0BEN")
    assert error_of(lambda: client.conversations_open(users="U0BEN")) == "user_disabled"
    assert error_of(lambda: client.conversations_open(users="U0NOBODY")) == "user_not_found"


def test_the_same_people_share_the_same_group_message(
    ws: Workspace, client: WebClient, ana: Seat
) -> None:
    first = client.conversations_open(users="U0ANA,U0BEN")["channel"]["id"]
    assert client.conversations_open(users="U0BEN,U0ANA")["channel"]["id"] == first
    other = client.conversations_open(users="U0ANA,U0BEN,U0CAT")["channel"]["id"]
    assert other != first
    members = client.conversations_members(channel=first)["members"]
    assert set(members) == {"U0ANA", "U0BEN", ws.bot_user_id}
    client.chat_postMessage(channel=first, text="Meet")
    assert [group.id for group in ana.groups] == [first, other]
    assert ana.messages(first)[0].text == "Meet"


def test_a_group_message_has_two_to_eight_people(ws: Workspace, client: WebClient) -> None:
    for number in range(9):
        ws.add_person(f"U{number}", name=f"p{number}")
    nine = ",".join(f"U{number}" for number in range(9))
    assert error_of(lambda: client.conversations_open(users=nine)) == "too_many_users"
    assert error_of(lambda: client.conversations_open(users=ws.bot_user_id)) == "not_enough_users"
    looked = {"users": "U1,U2", "prevent_creation": True}
    assert ws.call("conversations.open", looked, ws.bot_token)["error"] == "channel_not_found"


def test_private_channels_are_hidden_from_an_app_outside(ws: Workspace, client: WebClient) -> None:
    lobby = ws.add_channel("lobby", members=["U0ANA"])
    secret = ws.add_channel("secret", private=True, members=["U0ANA"])
    ours = ws.add_channel("ours", private=True, members=["U0ANA"], bot=True)
    kinds = "public_channel,private_channel"
    names = [c["name"] for c in client.conversations_list(types=kinds)["channels"]]
    assert names == ["lobby", "ours"]
    assert client.conversations_info(channel=lobby.id)["channel"]["is_member"] is False
    shown = client.conversations_info(channel=ours.id, include_num_members=True)["channel"]
    assert shown["is_private"] is True
    assert shown["num_members"] == 2
    hidden = lambda: client.conversations_info(channel=secret.id)  # noqa: E731
    assert error_of(hidden) == "channel_not_found"
    ws.join(secret.id, ws.bot_user_id)
    assert client.conversations_info(channel=secret.id)["channel"]["is_member"] is True
    ws.leave(secret.id, ws.bot_user_id)
    assert error_of(hidden) == "channel_not_found"


def test_blocks_are_validated_without_a_token(ws: Workspace) -> None:
    fine = [{"type": "divider"}]
    assert ws.call("blocks.validate", {"blocks": fine}, None)["ok"] is True
    refused = ws.call("blocks.validate", {"blocks": [{"type": "sparkles"}]}, None)
    assert refused["error"] == "invalid_blocks"
    assert refused["errors"][0]["pointer"] == "/blocks/0/type"
    assert ws.call("blocks.validate", {"view": {"type": "modal"}}, None)["error"] == "invalid_view"


def limited(clock: MovableClock) -> Workspace:
    ws = Workspace(clock, rate_limits=True)
    for number in range(60):
        ws.add_person(f"U{number}", name=f"p{number}")
    return ws


def test_a_methods_tier_counts_in_windows_of_a_minute(clock: MovableClock) -> None:
    ws = limited(clock)
    client = ws.client()
    for _ in range(20):
        client.users_list(limit=1)
    clock.move(seconds=20)
    with pytest.raises(SlackApiError) as caught:
        client.users_list(limit=1)
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "40"
    assert client.users_info(user="U1")["ok"]
    clock.move(seconds=40)
    assert client.users_list(limit=1)["ok"]


def test_posting_is_limited_per_channel_and_per_workspace(clock: MovableClock) -> None:
    ws = limited(clock)
    post = ws.client().chat_postMessage
    for _ in range(10):
        post(channel="U0", text="x")
    assert error_of(lambda: post(channel=ws.im("U0").id, text="x")) == "ratelimited"
    clock.move(seconds=1)
    assert post(channel="U0", text="x")["ok"]
    sent = 0
    while True:
        if not ws.call("chat.postMessage", {"channel": f"U{sent + 1}", "text": "x"}, ws.bot_token)[
            "ok"
        ]:
            break
        sent += 1
    assert 45 <= sent <= 50


def test_faults_strike_as_often_as_they_were_told(
    ws: Workspace, client: WebClient, ana: Seat
) -> None:
    def post(text: str = "x") -> object:
        return client.chat_postMessage(channel="U0ANA", text=text)

    ws.faults.rate_limit("chat.postMessage", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            post()
        assert caught.value.response.headers["Retry-After"] == "7"
    ws.faults.error("chat.postMessage", "channel_not_found", when=lambda a: a["text"] == "y")
    post("fine")
    assert error_of(lambda: post("y")) == "channel_not_found"
    ws.faults.http("chat.postMessage", status=503)
    with pytest.raises(SlackApiError) as caught:
        post("lost")
    assert caught.value.response.status_code == 503
    ws.faults.http("chat.postMessage", status=503, after_storing=True)
    with pytest.raises(SlackApiError):
        post("stored")
    ws.faults.drop("chat.postMessage", after_storing=True)
    with pytest.raises(RemoteDisconnected):
        post("stored too")
    ws.faults.rate_limit("chat.postMessage")
    ws.faults.clear()
    post("last")
    assert [message.text for message in ana.dm] == ["fine", "stored", "stored too", "last"]


def test_the_log_keeps_requests_and_answers_without_tokens(ws: Workspace) -> None:
    ws.call("auth.test", {"token": ws.bot_token}, None)
    entry = ws.log[-1]
    assert (entry.direction, entry.what, entry.status) == ("from_bot", "auth.test", 200)
    assert entry.answer["ok"] is True
    assert ws.bot_token not in str(entry)
    for _ in range(600):
        ws.call("api.test", {}, None)
    assert len(ws.log) == 500
    assert len(ws.log.after(ws.log[-1].n - 3)) == 3


def test_watchers_hear_of_every_change(ws: Workspace, client: WebClient) -> None:
    versions: list[int] = []
    stop = ws.on_change(lambda: versions.append(ws.version))
    client.chat_postMessage(channel="U0ANA", text="x")
    ws.change_zone("U0ANA", "Europe/Lisbon")
    assert len(versions) >= 2
    assert versions == sorted(versions)
    stop()
    before = len(versions)
    ws.touch()
    assert len(versions) == before


def test_posts_from_many_threads_are_all_kept_in_order(ws: Workspace, ana: Seat) -> None:
    client = ws.client()

    def post() -> None:
        for _ in range(25):
            client.chat_postMessage(channel="U0ANA", text="x")

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stamps = [message.ts for message in ana.dm]
    assert len(stamps) == 200
    assert stamps == sorted(set(stamps))


def test_a_cleared_workspace_is_empty_and_gives_no_id_twice(
    ws: Workspace, client: WebClient
) -> None:
    first = client.chat_postMessage(channel="U0ANA", text="x")["channel"]
    version = ws.version
    ws.clear()
    assert "U0ANA" not in ws.people
    assert ws.version > version
    ws.add_person("U0ANA", name="ana")
    assert client.chat_postMessage(channel="U0ANA", text="x")["channel"] != first


def test_the_small_lookups_answer(ws: Workspace, client: WebClient) -> None:
    ws.add_person("U0DEE", name="dee", email="dee@example.org")
    channel = ws.add_channel("ours", private=True, members=["U0ANA"], bot=True)
    ts = client.chat_postMessage(channel=channel.id, text="x")["ts"]
    assert client.team_info()["team"]["name"] == "Sandbox"
    assert client.bots_info(bot=ws.bot_id)["bot"]["user_id"] == ws.bot_user_id
    assert client.users_lookupByEmail(email="Dee@example.org")["user"]["id"] == "U0DEE"
    ws.deactivate("U0DEE")
    gone = lambda: client.users_lookupByEmail(email="dee@example.org")  # noqa: E731
    assert error_of(gone) == "users_not_found"
    found = client.users_conversations(types="private_channel")["channels"]
    assert [one["name"] for one in found] == ["ours"]
    assert (
        ts.replace(".", "")
        in client.chat_getPermalink(channel=channel.id, message_ts=ts)["permalink"]
    )
