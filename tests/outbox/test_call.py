"""The calls that deliver: what came back, said in the outbox's own words."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.blocks import letter
from bot.clock import MovableClock, monotonic
from bot.outbox import call
from bot.outbox.outcome import Then
from bot.sandbox.server import RunningServer, Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from bot.slack import SlackClient
from tests.support import peer as peers
from tests.support.peer import Peer

NOW = datetime(2026, 6, 1, 7, tzinfo=UTC)
WORDS = letter("Hello", "there")


@pytest.fixture
def peer() -> Iterator[Peer]:
    listening = Peer()
    yield listening
    listening.stop()


@pytest.fixture
def client(peer: Peer) -> SlackClient:
    return SlackClient("xoxb-one", peer.url + "api/")


@pytest.fixture
def slack(clock: MovableClock) -> Workspace:
    made = Workspace(clock)
    made.add_person("U0ANA", name="ana", tz="Europe/Berlin")
    made.rates = None
    return made


@pytest.fixture
def server(slack: Workspace) -> Iterator[RunningServer]:
    stage = Stage(lambda _to: None, lambda: None, lambda: None, lambda: {"moving": False})
    running = serve(build_server(slack, stage=stage))
    yield running
    running.stop()


def refused(client: Any, address: str = "U0ANA", **more: Any) -> call.Refused:
    with pytest.raises(call.Refused) as caught:
        call.post(client, address, WORDS, "key", None, **more)
    return caught.value


@pytest.mark.parametrize("act", [peers.hung_up, peers.cut_short], ids=lambda act: act.__name__)
def test_a_lost_answer_is_unclear_and_asked_for_once(
    peer: Peer, client: SlackClient, act: peers.Act
) -> None:
    peer.acts = [act]
    assert refused(client).then is Then.UNCLEAR
    assert len(peer.requests) == 1


def test_an_answer_that_is_not_slacks_is_unclear(peer: Peer, client: SlackClient) -> None:
    def portal(line: socket.socket) -> bool:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html>Log in</")
        return True

    peer.acts = [portal]
    assert refused(client).then is Then.UNCLEAR
    peer.acts = [lambda line: peers.answered(line, {"ok": False}, "302 Found", Location="/x")]
    assert refused(client).then is Then.UNCLEAR


def test_a_refused_connection_is_tried_again_and_needs_no_look_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    found = refused(SlackClient("xoxb-one", f"http://127.0.0.1:{port}/api/"))
    assert (found.code, found.then, found.retry_after) == ("not_reached", Then.RETRY, 2)


def test_a_letter_past_its_deadline_is_not_written(peer: Peer, client: SlackClient) -> None:
    found = refused(client, deadline=monotonic() - 1)
    assert (found.code, found.then) == ("too_late", Then.RETRY)
    assert peer.requests == []


@pytest.mark.parametrize("value", ["x", "-5", "1e99", "nan", "inf", "", "3.7", "99999"])
def test_an_absurd_retry_after_is_survived(peer: Peer, client: SlackClient, value: str) -> None:
    body = {"ok": False, "error": "ratelimited"}
    peer.acts = [lambda line: peers.answered(line, body, "429 Too Many", Retry_After=value)]
    found = refused(client)
    assert (found.code, found.then) == ("ratelimited", Then.RETRY)
    assert 1 <= found.retry_after <= call.LONGEST_RETRY_AFTER


def test_a_missing_retry_after_is_half_a_minute(peer: Peer, client: SlackClient) -> None:
    body = {"ok": False, "error": "ratelimited"}
    peer.acts = [lambda line: peers.answered(line, body, "429 Too Many")]
    assert refused(client).retry_after == 30


def test_a_channel_code_about_a_person_means_the_person(slack: Workspace) -> None:
    slack.faults.error("chat.postMessage", "channel_not_found", times=2)
    assert refused(slack.client()).then is Then.PERSON_GONE
    assert refused(slack.client(), "C0ANY").then is Then.STOP_CHANNEL


def test_letters_over_http_share_one_connection_and_are_found_by_their_marker(
    slack: Workspace, server: RunningServer
) -> None:
    client = SlackClient(slack.bot_token, f"{server.url}/api/")
    for n in range(50):
        call.post(client, "U0ANA", WORDS, f"key-{n}", None, deadline=monotonic() + 60)
    found = call.look_up(client, "U0ANA", "key-7", slack.clock())
    assert found is not None
    assert found.ts == slack.seat("U0ANA").dm[7].ts
    (pool,) = client._direct.pools._container.values()
    assert (pool.num_connections, pool.num_requests) == (1, 52)


def test_what_was_stored_before_the_connection_broke_is_one_message(
    slack: Workspace, server: RunningServer
) -> None:
    client = SlackClient(slack.bot_token, f"{server.url}/api/")
    slack.faults.drop("chat.postMessage", after_storing=True)
    assert refused(client).then is Then.UNCLEAR
    assert len(slack.seat("U0ANA").dm) == 1
    assert call.look_up(client, "U0ANA", "key", slack.clock()) is not None


# ---- looking up


def history(slack: Workspace) -> list[Any]:
    return [entry for entry in slack.log if entry.what == "conversations.history"]


def test_a_look_up_turns_pages_and_uses_the_channel_it_is_told(slack: Workspace) -> None:
    client = slack.client()
    for n in range(450):
        place = call.post(client, "U0ANA", WORDS, f"key-{n}", None).channel
    assert call.look_up(client, "U0ANA", "key-0", NOW, channel=place) is not None
    assert call.look_up(client, "", "nowhere", NOW, channel=place) is None
    assert [entry.request["limit"] for entry in history(slack)] == ["200"] * 6
    assert not [entry for entry in slack.log if entry.what == "conversations.open"]


def test_a_history_too_long_to_read_is_not_taken_for_absence(
    peer: Peer, client: SlackClient
) -> None:
    page = {"messages": [], "response_metadata": {"next_cursor": "more"}}
    peer.acts = [lambda line: peers.answered(line, page)] * 9
    with pytest.raises(call.Refused) as caught:
        call.look_up(client, "U0ANA", "key", NOW, channel="D1")
    assert (caught.value.code, caught.value.then) == ("history_too_long", Then.GIVE_UP)
    assert len(peer.requests) == call.PAGES


@pytest.mark.parametrize(
    ("error", "then"),
    [
        ("missing_scope", Then.GIVE_UP),
        ("channel_not_found", Then.GIVE_UP),
        ("internal_error", Then.RETRY),
        ("token_revoked", Then.STOP_WORKSPACE),
    ],
)
def test_a_look_up_that_fails_says_whether_to_look_again(
    slack: Workspace, error: str, then: Then
) -> None:
    slack.faults.error("conversations.history", error)
    with pytest.raises(call.Refused) as caught:
        call.look_up(slack.client(), "U0ANA", "key", NOW)
    assert caught.value.then is then


def test_a_look_up_whose_answer_is_lost_may_be_repeated(slack: Workspace) -> None:
    slack.faults.drop("conversations.history")
    slack.faults.rate_limit("conversations.history", retry_after=7)
    waits = []
    for _ in range(2):
        with pytest.raises(call.Refused) as caught:
            call.look_up(slack.client(), "U0ANA", "key", NOW)
        assert caught.value.then is Then.RETRY
        waits.append(caught.value.retry_after)
    assert waits == [call.SHORTLY, 7]
