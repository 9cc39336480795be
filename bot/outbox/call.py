"""The calls that deliver: one place that talks to Slack and says what an answer means.

No call is ever repeated here: the SDK's own retries post twice when a connection drops after
Slack stored the message, so the client is built without them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks import Message, cut
from bot.outbox.outcome import Then, outcome

TEXT = 3900  # longer texts can be posted in pieces that look like duplicates
NO_RETRY_AFTER = 30
LONGEST_RETRY_AFTER = 900
# Where in the blocks; the rest of Slack's complaint may quote them, and this is logged.
_POINTER = re.compile(r"json-pointer:([\w/.-]+)")


@dataclass(frozen=True)
class Receipt:
    """Where Slack put the message."""

    channel: str
    ts: str


class Refused(Exception):
    """Slack did not take it, or may have: `then` says what follows."""

    def __init__(self, code: str, then: Then, retry_after: int = 0, where: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.then = then
        self.retry_after = retry_after
        self.where = where


def post(
    slack: WebClient, address: str, message: Message, marker: str, thread_ts: str | None
) -> Receipt:
    """Post a message to a person or channel. Raises Refused."""
    extra: dict[str, Any] = {}
    if thread_ts:
        extra = {"thread_ts": thread_ts, "reply_broadcast": message.broadcast}
    answer = _ask(
        slack,
        "chat.postMessage",
        channel=address,
        text=cut(message.text, TEXT),
        blocks=message.all_blocks(),
        # A random key, so that a message whose answer was lost can be found again.
        metadata={"event_type": "letter", "event_payload": {"key": marker}},
        unfurl_links=False,
        unfurl_media=False,
        **extra,
    )
    return Receipt(str(answer["channel"]), str(answer["ts"]))


def edit(slack: WebClient, channel: str, ts: str, message: Message) -> Receipt:
    """Bring a sent message up to date. Raises Refused."""
    _ask(
        slack,
        "chat.update",
        channel=channel,
        ts=ts,
        text=cut(message.text, TEXT),
        blocks=message.all_blocks(),
    )
    return Receipt(channel, ts)


def whisper(slack: WebClient, channel: str, user: str, message: Message) -> Receipt:
    """Show something to one person only, where they are looking. Raises Refused."""
    answer = _ask(
        slack,
        "chat.postEphemeral",
        channel=channel,
        user=user,
        text=cut(message.text, TEXT),
        blocks=message.all_blocks(),
    )
    return Receipt(channel, str(answer.get("message_ts", "")))


def publish(slack: WebClient, user: str, view: dict[str, Any]) -> Receipt:
    """Publish somebody's Home tab. Raises Refused."""
    _ask(slack, "views.publish", user_id=user, view=view)
    return Receipt("", "")


def open_group(slack: WebClient, slack_ids: list[str]) -> str:
    """The id of the group message of these people and the bot. Raises Refused."""
    return str(_ask(slack, "conversations.open", users=",".join(slack_ids))["channel"]["id"])


def look_up(slack: WebClient, slack_id: str, marker: str, since: datetime) -> Receipt | None:
    """Find a message whose answer was lost by its marker, in the direct message's history.

    None: it is clearly not there. Raises Refused when Slack does not let us look.
    """
    channel = open_group(slack, [slack_id])
    answer = _ask(
        slack,
        "conversations.history",
        channel=channel,
        oldest=f"{(since - timedelta(seconds=60)).timestamp():.6f}",
        include_all_metadata=True,
        limit=200,
    )
    for message in answer.get("messages", []):
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if payload.get("key") == marker:
            return Receipt(channel, str(message["ts"]))
    return None


def _ask(slack: WebClient, method: str, **arguments: Any) -> Any:
    form = method.startswith("conversations.")
    body: dict[str, Any] = {"params" if form else "json": arguments}
    try:
        return slack.api_call(method, **body)
    except SlackApiError as error:
        raise _refused(error) from error
    except (SlackClientError, HTTPException, OSError, ValueError) as error:
        # No answer, or one that cannot be read: Slack may have stored it all the same.
        raise Refused(type(error).__name__, Then.UNCLEAR) from error


def _refused(error: SlackApiError) -> Refused:
    response = error.response
    status = int(getattr(response, "status_code", 200) or 200)
    data = getattr(response, "data", None)
    body = data if isinstance(data, dict) else {}
    code = str(body.get("error") or f"http_{status}")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Refused("ratelimited", Then.RETRY, _retry_after(getattr(response, "headers", {})))
    if status >= 500:
        return Refused(code, Then.UNCLEAR)
    complaints = " ".join(map(str, (body.get("response_metadata") or {}).get("messages", [])))
    return Refused(code, outcome(code).then, where=" ".join(_POINTER.findall(complaints)))


def _retry_after(headers: Any) -> int:
    """Seconds to wait: Slack's own figure, or 30 when it is missing or makes no sense."""
    value = headers.get("Retry-After") or headers.get("retry-after") if headers else None
    value = value[0] if isinstance(value, list) and value else value
    try:
        seconds = int(float(str(value)))
    except (ValueError, OverflowError):
        return NO_RETRY_AFTER
    return min(max(seconds, 1), LONGEST_RETRY_AFTER)
