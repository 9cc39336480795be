"""The client on real sockets: connections kept, nothing repeated, nothing written too late."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from slack_sdk.errors import SlackApiError, SlackClientError

from bot import slack
from bot.clock import monotonic
from bot.slack import NotReached, SlackClient, TooLate, before
from tests.support import peer as peers
from tests.support.peer import Peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    listening = Peer()
    yield listening
    listening.stop()


@pytest.fixture
def client(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> SlackClient:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    return SlackClient("xoxb-one", peer.url + "api/")


def say(client: SlackClient) -> None:
    client.api_call("chat.postMessage", json={"channel": "U1", "text": "hello"})


def test_fifty_calls_share_one_connection(peer: Peer, client: SlackClient) -> None:
    for _ in range(50):
        say(client)
    assert (peer.connections, len(peer.requests)) == (1, 50)
    head, body = peer.requests[0]
    assert head.startswith("POST /api/chat.postMessage ")
    assert "Authorization: Bearer xoxb-one" in head
    assert body == b'{"channel": "U1", "text": "hello"}'


def test_eight_threads_keep_at_most_eight_connections(peer: Peer, client: SlackClient) -> None:
    with ThreadPoolExecutor(8) as lanes:
        list(lanes.map(lambda _n: say(client), range(80)))
    assert len(peer.requests) == 80
    assert peer.connections <= 8


def test_a_form_is_still_a_form(peer: Peer, client: SlackClient) -> None:
    client.conversations_open(users=["U1", "U2"])
    head, body = peer.requests[0]
    assert "application/x-www-form-urlencoded" in head
    assert body == b"users=U1%2CU2"


def test_a_connection_the_server_closed_is_noticed_before_writing(
    peer: Peer, client: SlackClient
) -> None:
    peer.acts = [peers.then_gone]
    say(client)
    assert peer.closed.wait(30)
    say(client)
    assert (peer.connections, len(peer.requests)) == (2, 2)


def test_a_connection_that_lay_idle_is_not_trusted(
    peer: Peer, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(client)
    monkeypatch.setattr(slack, "IDLE", 0.0)
    say(client)
    assert peer.connections == 2


@pytest.mark.parametrize("act", [peers.hung_up, peers.cut_short], ids=lambda act: act.__name__)
def test_a_lost_answer_is_an_error_and_exactly_one_request(
    peer: Peer, client: SlackClient, act: peers.Act
) -> None:
    say(client)
    peer.acts = [act]
    with pytest.raises(ConnectionError) as caught:
        say(client)
    assert not isinstance(caught.value, NotReached)
    assert len(peer.requests) == 2  # none after the one whose answer was lost


def test_an_answer_that_does_not_come_is_a_timeout(peer: Peer, client: SlackClient) -> None:
    silence = threading.Event()
    peer.acts = [lambda _line: silence.wait(20)]
    client.timeout = 0.2
    with pytest.raises(TimeoutError):
        say(client)
    silence.set()
    assert len(peer.requests) == 1


def test_a_refused_connection_says_that_nothing_was_written(peer: Peer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(NotReached):
        say(SlackClient("xoxb-one", f"http://127.0.0.1:{port}/api/"))


def test_a_name_nobody_knows_says_that_nothing_was_written() -> None:
    with pytest.raises(NotReached):
        say(SlackClient("xoxb-one", "http://nowhere.invalid/api/"))


def test_a_peer_that_speaks_no_tls_says_that_nothing_was_written(peer: Peer) -> None:
    secure = SlackClient("xoxb-one", f"https://127.0.0.1:{peer.port}/api/")
    secure.timeout = 0.2
    with pytest.raises(NotReached):
        say(secure)
    assert peer.requests == []


def test_nothing_is_written_after_the_deadline(peer: Peer, client: SlackClient) -> None:
    with before(monotonic() - 0.001), pytest.raises(TooLate):
        say(client)
    with before(monotonic() + 60):
        say(client)
    say(client)  # outside there is none
    assert len(peer.requests) == 2


def test_the_deadline_is_looked_at_after_the_connection_stands(
    peer: Peer, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = threading.Event()
    monkeypatch.setattr(slack, "monotonic", lambda: monotonic() + (100 if late.is_set() else 0))
    connect = slack._Connection.connect

    def slow(self: slack._Connection) -> None:
        connect(self)
        late.set()  # the process stood still just then

    monkeypatch.setattr(slack._Connection, "connect", slow)
    with before(monotonic() + 60), pytest.raises(TooLate):
        say(client)
    assert peer.closed.wait(30)
    assert (peer.connections, peer.requests) == (1, [])


def test_a_deadline_is_its_own_threads(peer: Peer, client: SlackClient) -> None:
    with before(monotonic() - 1), ThreadPoolExecutor(1) as lane:
        lane.submit(say, client).result()
    assert len(peer.requests) == 1


def test_errors_and_rate_limits_are_the_sdks_own(peer: Peer, client: SlackClient) -> None:
    refused = {"ok": False, "error": "ratelimited"}
    peer.acts = [
        lambda line: peers.answered(line, refused, "429 Too Many Requests", Retry_After="12"),
        lambda line: peers.answered(line, {"ok": False}, "503 Service Unavailable"),
    ]
    for status in (429, 503):
        with pytest.raises(SlackApiError) as caught:
            say(client)
        assert caught.value.response.status_code == status
        assert caught.value.response.headers.get("Retry-After") == ("12" if status == 429 else None)
    assert peer.connections == 1


def test_a_redirect_is_not_followed(peer: Peer, client: SlackClient) -> None:
    peer.acts = [lambda line: peers.answered(line, {"ok": False}, "302 Found", Location="/x")]
    with pytest.raises(SlackApiError):
        say(client)
    assert len(peer.requests) == 1


def test_an_answer_to_a_click_uses_the_kept_connection(peer: Peer, client: SlackClient) -> None:
    client.respond(peer.url + "actions/T1/secret", text="hello", thread_ts=None)
    peer.acts = [lambda line: peers.answered(line, {"ok": False}, "404 Not Found")]
    with pytest.raises(SlackClientError):
        client.respond(peer.url + "actions/T1/secret", text="hello")
    assert peer.requests[0][1] == b'{"text": "hello"}'
    assert "Bearer" not in peer.requests[0][0]
    assert peer.connections == 1


def test_the_proxy_of_the_environment_is_asked_with_its_password(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:pass@127.0.0.1:{peer.port}")
    monkeypatch.setenv("NO_PROXY", "localhost")
    through = SlackClient("xoxb-one", "http://slack.invalid/api/")
    say(through)
    head, _body = peer.requests[0]
    assert head.startswith("POST http://slack.invalid/api/chat.postMessage ")
    assert "proxy-authorization: basic bWU6cGFzcw==".lower() in head.lower()
    # A tunnel that is not granted: nothing of the call itself was written.
    peer.acts = [lambda line: peers.answered(line, {}, "403 Forbidden")]
    with pytest.raises(NotReached):
        say(SlackClient("xoxb-one", "https://slack.invalid/api/"))
    assert peer.requests[-1][0].startswith("CONNECT slack.invalid:443")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    say(SlackClient("xoxb-one", peer.url + "api/"))
    assert peer.requests[-1][0].startswith("POST /api/")


def test_no_error_of_the_client_repeats_an_address(
    peer: Peer, client: SlackClient, caplog: pytest.LogCaptureFixture
) -> None:
    peer.acts = [peers.hung_up]
    with pytest.raises(ConnectionError) as caught:
        client.respond(peer.url + "actions/T1/secret", text="hello")
    assert "secret" not in str(caught.value) + str(caught.value.__cause__) + caplog.text
