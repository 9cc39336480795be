"""Addresses for an answer that lead nowhere any more: the words find another way, or none, and
nothing breaks."""

import io
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from slack_sdk.errors import SlackClientError

from bot.sandbox import payloads
from bot.slack import slack_client
from tests.bad_input.village import Village, broke

WHO = "U0EMMA"
GONE = ("expired", "used up", "unknown")


def refused_click(village: Village, address: str) -> dict[str, object]:
    """A button nobody listens to, below a message, with such an address."""
    slack, slack_id = village.slack, WHO
    seat = village.seat(slack_id)
    message = next(one for one in reversed(seat.dm) if not one.ephemeral)
    place = payloads.in_message(slack, seat.person, message)
    action = {"type": "button", "action_id": "gone", "block_id": "b", "action_ts": "1.1"}
    payload = payloads.block_actions(slack, seat.person, place, action)
    ticket = str(payload["response_url"]).rsplit("/", 1)[-1]
    found = slack.tickets._responses[ticket]
    if address == "expired":
        found.issued = found.issued.replace(year=2020)
    elif address == "used up":
        found.uses = 5
    else:
        payload["response_url"] += "x"
    return payload


@pytest.mark.parametrize("address", GONE)
def test_a_refusal_is_shown_in_a_small_view_instead(
    village: Village, lines: io.StringIO, address: str
) -> None:
    seat = village.seat(WHO)
    seat.close(clear=True) if seat.modal else None
    payload = refused_click(village, address)
    assert village.slack.send("interactive", "gone", payload).status == 200
    assert "This button is not for you" in seat.read_aloud(seat.modal)
    assert broke(lines) == []
    assert str(payload["response_url"]) not in lines.getvalue()


def test_where_no_way_is_left_it_is_noted_and_nothing_breaks(
    village: Village, lines: io.StringIO
) -> None:
    payload = refused_click(village, "used up") | {"trigger_id": "1.2.unknown"}
    assert village.slack.send("interactive", "gone", payload).status == 200
    assert "refusal_not_shown" in lines.getvalue()
    assert broke(lines) == []


@pytest.mark.parametrize("status", [404, 410, 500])
def test_slacks_no_is_not_taken_for_an_answer(status: int) -> None:
    class Slack(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"used_url")

        def log_message(self, *_words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Slack) as server:
        Thread(target=server.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/actions/1"
        with pytest.raises(SlackClientError, match=f"{status}"):
            slack_client("xoxb-x", "http://127.0.0.1:9/api/").respond(address, text="No")
