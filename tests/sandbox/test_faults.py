"""What the workspace can do wrong, in process and over HTTP, and the ledger that says what was."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.clock import MovableClock, monotonic
from bot.sandbox.faults import Chance, Fault, Faults
from bot.sandbox.rates import Limits
from bot.sandbox.server import RunningServer, Stage, build_server, serve
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
POST = "chat.postMessage"


@pytest.fixture
def server(ws: Workspace) -> Iterator[RunningServer]:
    following = datetime(2026, 6, 2, 8, tzinfo=UTC)
    stage = Stage(lambda _to: None, lambda: following, lambda: None, dict)
    running = serve(build_server(ws, stage=stage))
    yield running
    running.stop()


@pytest.fixture
def over_http(ws: Workspace, server: RunningServer) -> WebClient:
    return WebClient(
        token=ws.bot_token, base_url=f"{server.url}/api/", retry_handlers=[], timeout=5
    )


@pytest.fixture(params=["in process", "over HTTP"])
def client(request: pytest.FixtureRequest, ws: Workspace) -> WebClient:
    if request.param == "in process":
        return ws.client()
    found: WebClient = request.getfixturevalue("over_http")
    return found


def stored(ws: Workspace) -> list[str]:
    return [message.text for message in ws.ledger.after(0)]


BREAKS: tuple[tuple[str, type[Exception]], ...] = (
    ("drop", http.client.RemoteDisconnected),
    ("reset", ConnectionResetError),
    ("cut", http.client.IncompleteRead),
)


@pytest.mark.parametrize("after_storing", [False, True])
@pytest.mark.parametrize(("how", "raised"), BREAKS)
def test_a_connection_breaks_before_or_after_the_message_was_stored(
    ws: Workspace,
    client: WebClient,
    how: str,
    raised: type[Exception],
    after_storing: bool,
) -> None:
    getattr(ws.faults, how)(POST, after_storing=after_storing)
    with pytest.raises((raised, urllib.error.URLError)) as caught:
        client.chat_postMessage(channel="U0ANA", text="hello")
    error = caught.value
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    # RemoteDisconnected is a ConnectionResetError too: the type must be exactly the one.
    assert type(cause) is raised
    assert stored(ws) == (["hello"] if after_storing else [])
    client.chat_postMessage(channel="U0ANA", text="next")
    assert stored(ws)[-1] == "next"
    assert (ws.ledger.calls(POST, 0), ws.ledger.calls(POST, 200)) == (1, 1)


@pytest.mark.parametrize(
    ("kept", "at_once", "in_the_end"), [("never", 0, 0), ("before", 1, 1), ("after", 0, 1)]
)
def test_a_call_hangs_longer_than_its_caller_waits(
    ws: Workspace, over_http: WebClient, kept: Any, at_once: int, in_the_end: int
) -> None:
    over_http.timeout = 1  # whole seconds only
    ws.faults.hang(POST, seconds=1.5, stored=kept)
    with pytest.raises(TimeoutError):
        over_http.chat_postMessage(channel="U0ANA", text="hello")
    assert len(ws.ledger) == at_once
    assert until(lambda: len(ws.ledger) == in_the_end)


@pytest.mark.parametrize(
    ("kept", "at_once", "in_the_end"), [("never", 0, 0), ("before", 1, 1), ("after", 0, 1)]
)
def test_in_process_nobody_waits_for_a_call_that_hangs(
    ws: Workspace, kept: Any, at_once: int, in_the_end: int
) -> None:
    ws.faults.hang(POST, seconds=3600, stored=kept)
    with pytest.raises(TimeoutError):
        ws.client().chat_postMessage(channel="U0ANA", text="hello")
    assert len(ws.ledger) == at_once
    ws.arrive()
    assert len(ws.ledger) == in_the_end
    assert ws.arrive() == 0


def until(true: Callable[[], bool]) -> bool:
    pause, end = threading.Event(), monotonic() + 30
    while not true() and monotonic() < end:
        pause.wait(0.02)
    return true()


def test_a_slow_answer_still_comes(ws: Workspace, over_http: WebClient) -> None:
    ws.faults.hang(POST, seconds=0.1, stored="before")
    assert over_http.chat_postMessage(channel="U0ANA", text="slow")["ok"]
    ws.faults.slow(0.1)
    before = monotonic()
    over_http.auth_test()
    assert monotonic() - before >= 0.1


@pytest.mark.parametrize("given", [None, "soon", "-5", "99999999999", "1.5", "", 86_400])
def test_retry_after_is_whatever_the_test_needs(
    ws: Workspace, client: WebClient, given: int | str | None
) -> None:
    ws.faults.rate_limit(POST, retry_after=given)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="U0ANA", text="hello")
    assert caught.value.response.status_code == 429
    found = caught.value.response.headers.get("Retry-After")
    assert found == (None if given is None else str(given))


def test_a_method_is_denied_until_all_is_well_again(ws: Workspace, client: WebClient) -> None:
    ws.faults.deny("conversations.history")
    channel = ws.im("U0ANA").id
    for _ in range(3):
        with pytest.raises(SlackApiError, match="missing_scope"):
            client.conversations_history(channel=channel)
    ws.faults.clear()
    assert client.conversations_history(channel=channel)["ok"]


def drawn(seed: int, calls: int = 2000) -> list[str]:
    faults = Faults()
    chances = [
        Chance(0.1, Fault("http", POST, "before")),
        Chance(0.05, Fault("drop", POST)),
        Chance(0.5, Fault("error", "users.info", error="fatal_error")),
    ]
    faults.storm(seed, chances)
    struck = [faults.strike(POST, {}) for _ in range(calls)]
    return [fault.name if fault else "" for fault in struck]


def test_a_storm_strikes_as_often_as_it_was_told_and_the_same_way_again() -> None:
    found = drawn(7)
    assert found == drawn(7)
    assert found != drawn(8)
    assert 150 < found.count("http 503, stored before") < 250
    assert 60 < found.count("drop") < 140
    assert len(set(found)) == 3


def test_a_storm_of_one_method_draws_apart_from_the_others() -> None:
    def posts(between: int) -> list[bool]:
        faults = Faults()
        faults.storm(1, [Chance(0.5, Fault("drop", "*"))])
        struck = []
        for _ in range(50):
            for _other in range(between):
                faults.strike("users.info", {})
            struck.append(faults.strike(POST, {}) is not None)
        return struck

    assert posts(0) == posts(3)


def test_a_storm_that_is_more_than_certain_is_refused() -> None:
    chances = [Chance(0.6, Fault("drop", POST)), Chance(0.6, Fault("reset", POST))]
    with pytest.raises(ValueError, match=r"add up to 1\.2"):
        Faults().storm(1, chances)


def test_a_fault_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault is called 'flood'"):
        Fault("flood", POST)  # type: ignore[arg-type]


def test_the_ledger_says_to_whom_what_went_and_under_which_key(
    ws: Workspace, clock: MovableClock
) -> None:
    channel = ws.add_channel("care", members=["U0ANA"], bot=True).id
    client = ws.client()
    key = {"event_type": "letter", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel="U0ANA", text="one", metadata=key)
    client.chat_postMessage(channel=channel, text="two")
    one, two = ws.ledger.after(0)
    assert (one.to, one.channel, one.text) == ("U0ANA", ws.im("U0ANA").id, "one")
    assert (one.metadata, one.at) == ({"key": "k1"}, clock())
    assert (two.n, two.to, two.metadata) == (2, channel, {})
    assert ws.ledger.after(1) == [two]
    ws.clear()
    assert len(ws.ledger) == 0


def test_limits_are_the_workspaces_own(clock: MovableClock) -> None:
    ws = Workspace(clock, rate_limits=Limits(posts_per_minute=60, posts_at_once=2))
    for name in "abc":
        ws.add_person(f"U{name}", name=name)
    found = [ws.call(POST, {"channel": f"U{name}", "text": "x"}, ws.bot_token) for name in "abc"]
    assert [one["ok"] for one in found] == [True, True, False]
    faster = Limits().times(60)
    assert (faster.posts_per_minute, faster.posts_at_once) == (525 * 60, 3000)
    assert (faster.channel_per_second, faster.tiers[3]) == (60, 3000)


def order(server: RunningServer, what: Json) -> tuple[int, Json]:
    request = urllib.request.Request(
        f"{server.url}/sandbox/faults", json.dumps(what).encode(), {"content-type": "text/json"}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_process_outside_orders_faults_and_reads_the_ledger(
    ws: Workspace, server: RunningServer, over_http: WebClient
) -> None:
    storm = {"rate": 1, "what": "http", "method": POST, "status": 500, "stored": "before"}
    assert order(server, {"do": "storm", "seed": 3, "chances": [storm]})[0] == 200
    assert order(server, {"do": "add", "what": "drop", "method": "auth.test"})[0] == 200
    with pytest.raises(SlackApiError):
        over_http.chat_postMessage(channel="U0ANA", text="one")
    with pytest.raises(http.client.RemoteDisconnected):
        over_http.auth_test()
    assert order(server, {"do": "clear"})[0] == 200
    over_http.chat_postMessage(channel="U0ANA", text="two")
    with urllib.request.urlopen(f"{server.url}/sandbox/ledger?after=1") as answer:
        found = json.load(answer)
    assert [message["text"] for message in found["messages"]] == ["two"]
    assert found["calls"] == {"auth.test": {"0": 1}, POST: {"200": 1, "500": 1}}
    with urllib.request.urlopen(f"{server.url}/sandbox/faults") as answer:
        assert json.load(answer)["struck"] == {
            f"{POST}: http 500, stored before": 1,
            "auth.test: drop": 1,
        }


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"do": "dance"}, "no order 'dance'"),
        ({"do": "add", "what": "flood", "method": POST}, "no fault is called"),
        ({"do": "add", "what": "drop", "method": POST, "colour": "red"}, "no colour"),
        ({"do": "storm", "chances": [{"rate": 2, "what": "drop", "method": POST}]}, "add up"),
    ],
)
def test_an_order_nobody_understands_is_refused_in_words(
    server: RunningServer, what: Json, said: str
) -> None:
    status, body = order(server, what)
    assert status == 400
    assert said in body["message"]
