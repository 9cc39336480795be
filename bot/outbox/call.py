"""The calls that deliver: one place that talks to Slack and says what an answer means.

No call is ever repeated here: the SDK's own retries post twice when a connection drops after
Slack stored the message, so the client is built without them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks import Message, cut
from bot.outbox.outcome import Then, outcome
from bot.slack import NotReached, TooLate, before

TEXT = 3900  # longer texts can be posted in pieces that look like duplicates
NO_RETRY_AFTER = 30
LONGEST_RETRY_AFTER = 900
SHORTLY = 2  # seconds
LETTER = "letter"  # the type of the metadata that every letter carries
SLOW = "no_answer_in_time"
PAGES = 5  # of history, at most a thousand messages
_CODE = re.compile(r"[a-z0-9_]{1,80}")
# Where in the blocks; the rest of Slack's complaint may quote them, and this is logged.
_POINTER = re.compile(r"json-pointer:([\w/.-]+)")


@dataclass(frozen=True)
class Receipt:
    """Where Slack put the message."""

    channel: str
    ts: str


class Refused(Exception):
    """Slack did not take it, or may have: `then` says what follows."""

    def __init__(
        self, code: str, then: Then, retry_after: int = 0, where: str = "", method: str = ""
    ) -> None:
        super().__init__(code)
        self.method = method
        self.code = code
        self.then = then
        self.retry_after = retry_after
        self.where = where


def post(
    slack: WebClient,
    address: str,
    message: Message,
    marker: str,
    thread_ts: str | None,
    *,
    deadline: float | None = None,
    sender: str = "",
) -> Receipt:
    """Post a message to a person or channel, written before `deadline` (bot.clock.monotonic) or
    not at all. `sender` says from which database it comes. Raises Refused."""
    extra: dict[str, Any] = {}
    if thread_ts:
        extra = {"thread_ts": thread_ts, "reply_broadcast": message.broadcast}
    with before(deadline):
        answer = _ask(
            slack,
            "chat.postMessage",
            channel=address,
            text=cut(message.text, TEXT),
            blocks=message.all_blocks(),
            # A random key, so that a message whose answer was lost can be found again.
            metadata={"event_type": LETTER, "event_payload": {"key": marker, "from": sender}},
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
    return str(_ask_only(slack, "conversations.open", users=",".join(slack_ids))["channel"]["id"])


def look_up(
    slack: WebClient,
    slack_id: str,
    marker: str,
    since: datetime,
    *,
    channel: str | None = None,
) -> Receipt | None:
    """Find a message whose answer was lost by its marker, in the direct message's history:
    `channel` where it is known, else the one with `slack_id`.

    None: it is clearly not there. Raises Refused when we could not look: RETRY may work later,
    STOP_WORKSPACE is what it says, and with anything else nobody will ever know.
    """
    channel = channel or open_group(slack, [slack_id])
    cursor = ""
    for _page in range(PAGES):
        more = {"cursor": cursor} if cursor else {}
        answer = _ask_only(
            slack,
            "conversations.history",
            channel=channel,
            oldest=f"{(since - timedelta(seconds=60)).timestamp():.6f}",
            include_all_metadata=True,
            limit=200,
            **more,
        )
        for message in answer.get("messages", []):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key") == marker:
                return Receipt(channel, str(message["ts"]))
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return None
    raise Refused("history_too_long", Then.GIVE_UP)


def letter_of_another(
    slack: WebClient, slack_id: str, mine: str, since: datetime
) -> datetime | None:
    """When the oldest letter since then was written to this person from another database than
    `mine`; None: there is none among the newest 200 messages. Raises Refused."""
    channel = open_group(slack, [slack_id])
    answer = _ask_only(
        slack,
        "conversations.history",
        channel=channel,
        oldest=f"{since.timestamp():.6f}",
        include_all_metadata=True,
        limit=200,
    )
    found = []
    for message in answer.get("messages", []):
        about = message.get("metadata") or {}
        sender = (about.get("event_payload") or {}).get("from")
        if about.get("event_type") == LETTER and sender and sender != mine:
            found.append(datetime.fromtimestamp(float(message["ts"]), UTC))
    return min(found, default=None)


def _ask_only(slack: WebClient, method: str, **arguments: Any) -> Any:
    """A call that may be repeated: it leaves nothing behind that a second one would add to."""
    try:
        return _ask(slack, method, **arguments)
    except Refused as refused:
        if refused.then is Then.UNCLEAR:
            refused.then, refused.retry_after = Then.RETRY, SHORTLY
        raise


def _ask(slack: WebClient, method: str, **arguments: Any) -> Any:
    form = method.startswith("conversations.")
    body: dict[str, Any] = {"params" if form else "json": arguments}
    try:
        return slack.api_call(method, **body)
    except SlackApiError as error:
        raise _refused(error, method, str(arguments.get("channel", ""))) from error
    except TooLate as error:
        raise Refused("too_late", Then.RETRY, SHORTLY) from error
    except NotReached as error:
        raise Refused("not_reached", Then.RETRY, SHORTLY) from error
    except TimeoutError as error:
        raise Refused(SLOW, Then.UNCLEAR) from error
    except (SlackClientError, HTTPException, OSError, ValueError) as error:
        # No answer, or one that cannot be read: Slack may have stored it all the same.
        raise Refused(type(error).__name__, Then.UNCLEAR) from error


def _refused(error: SlackApiError, method: str, address: str) -> Refused:
    response = error.response
    status = int(getattr(response, "status_code", 200) or 200)
    data = getattr(response, "data", None)
    body = data if isinstance(data, dict) else {}
    code = str(body.get("error") or "")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        wait = retry_after(getattr(response, "headers", {}))
        return Refused("ratelimited", Then.RETRY, wait, method=method)
    if not _CODE.fullmatch(code):
        # Not Slack's own words: a proxy or a portal on the way answered, or half an answer came.
        return Refused(f"http_{status}", Then.UNCLEAR)
    if status >= 500:
        return Refused(code, Then.UNCLEAR)
    then = outcome(code, method).then
    if then is Then.STOP_CHANNEL and address.startswith(("U", "W")):
        then = Then.PERSON_GONE  # which of these a switched-off account answers is not documented
    complaints = " ".join(map(str, (body.get("response_metadata") or {}).get("messages", [])))
    return Refused(code, then, where=" ".join(_POINTER.findall(complaints)))


def retry_after(headers: Any) -> int:
    """Seconds to wait: Slack's own figure, or 30 when it is missing or makes no sense."""
    value = headers.get("Retry-After") or headers.get("retry-after") if headers else None
    value = value[0] if isinstance(value, list) and value else value
    try:
        seconds = int(float(str(value)))
    except (ValueError, OverflowError):
        return NO_RETRY_AFTER
    return min(max(seconds, 1), LONGEST_RETRY_AFTER)
