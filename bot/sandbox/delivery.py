"""How requests reach the app: signed, over HTTP or straight into a Bolt app."""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.clock import epoch

# Slack waits this long, in real seconds, for an acknowledgement.
PATIENCE = 3.0

RequestKind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Answer:
    """What came back. Status 0: nothing in time, with Slack's word for it in `reason`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any] | None:
        """The body if it is a JSON object."""
        if not self.body.lstrip().startswith("{"):
            return None
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Delivery:
    """One request to the app: the payload, and its body and headers as sent over HTTP."""

    kind: RequestKind
    what: str
    payload: dict[str, Any]
    body: str
    headers: Mapping[str, str]
    retry: int = 0
    retry_reason: str = ""


Deliver = Callable[[Delivery], Answer]


def request_of(
    kind: RequestKind,
    what: str,
    payload: dict[str, Any],
    *,
    secret: str,
    retry: int = 0,
    retry_reason: str = "",
    stamp: int | None = None,
) -> Delivery:
    """Wrap a payload as Slack would, signed with `secret` at real time (or at `stamp`)."""
    if kind == "slash_commands":
        body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
    elif kind == "interactive":
        body = urlencode({"payload": json.dumps(payload)})
        content_type = "application/x-www-form-urlencoded"
    else:
        body, content_type = json.dumps(payload), "application/json"
    timestamp = str(stamp if stamp is not None else int(epoch()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    headers = {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature or "",
    }
    if retry:
        headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": retry_reason}
    return Delivery(kind, what, payload, body, headers, retry, retry_reason)


def to_bolt_app(app: App) -> Deliver:
    """Deliver in process, in the calling thread."""

    def deliver(request: Delivery) -> Answer:
        response = app.dispatch(_bolt_request(request))
        headers = {name.lower(): values[0] for name, values in response.headers.items()}
        return Answer(response.status, headers, response.body or "")

    return deliver


def _bolt_request(request: Delivery) -> BoltRequest:
    made = BoltRequest(body=request.body, headers=dict(request.headers))
    if request.kind == "slash_commands" and not made.body:
        # Bolt takes a command whose text says "payload" for a click, and finds it empty.
        fields = dict(parse_qsl(request.body, keep_blank_values=True))
        parsed = BoltRequest(body=fields, mode="socket_mode")
        made.body, made.context = parsed.body, parsed.context
    return made


def to_url(url: str, patience: float = PATIENCE) -> Deliver:
    """Deliver over real HTTP to the app's request URL; an answer may take `patience` seconds."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"

    def deliver(request: Delivery) -> Answer:
        connection = connect(parts.hostname or "127.0.0.1", parts.port, timeout=patience)
        try:
            connection.request("POST", path, request.body.encode(), dict(request.headers))
            response = connection.getresponse()
            body = response.read().decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, body)
        except TimeoutError:
            return Answer(0, reason="http_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(0, reason="connection_failed")
        finally:
            connection.close()

    return deliver
