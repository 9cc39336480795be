"""The post office: requests to the app, what became of them, and events sent again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.clock import monotonic
from bot.sandbox.delivery import Answer, Deliver, RequestKind, request_of

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]

# Slack repeats a failed event at once, after a minute and after five.
RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))


# What an app still hears after it was removed.
_LAST_WORDS = frozenset({"app_uninstalled", "tokens_revoked"})


@dataclass(frozen=True)
class Retry:
    """An event that failed, and when it is sent again."""

    due: datetime
    number: int
    reason: str
    envelope: Json


class Post:
    """Sends requests. `deliver` is the HTTP or in-process way; `link`, while somebody is
    connected to it, is Socket Mode, which goes first when the app has asked for it."""

    def __init__(self, workspace: "Workspace") -> None:
        self._ws = workspace
        self.deliver: Deliver | None = None
        self.link: Deliver | None = None
        self._retries: list[Retry] = []

    def send(
        self,
        kind: RequestKind,
        what: str,
        payload: Json,
        *,
        secret: str = "",
        stamp: int = 0,
        retry: int = 0,
        reason: str = "",
    ) -> Answer:
        """Deliver one request; an answer after three real seconds is none."""
        ws = self._ws
        request = request_of(
            kind,
            what,
            payload,
            secret=secret or ws.signing_secret,
            stamp=stamp or None,
            retry=retry,
            retry_reason=reason,
        )
        deliver = self._way()
        start = monotonic()
        answer = deliver(request) if deliver else Answer(0, reason="connection_failed")
        seconds = monotonic() - start
        if seconds > ws.patience:
            answer = Answer(0, reason="http_timeout")
        with ws.changing():
            ws.log.add(
                ws.clock(),
                "to_bot",
                what,
                status=answer.status,
                ms=seconds * 1000,
                request=payload,
                answer=answer.json() or answer.body or answer.reason,
            )
        return answer

    def _way(self) -> Deliver | None:
        if self.link is not None and self._ws.installation.socket_mode:
            return self.link
        return self.deliver

    def event(self, name: str, event: Json) -> None:
        """Send an event if the app is subscribed to `name` (message.im, user_change …)."""
        ws = self._ws
        if not ws.installation.hears(name) or self._way() is None:
            return
        if ws.installation.refusal and name not in _LAST_WORDS:
            return
        with ws.changing():
            event_id = ws.next_id("Ev")
            event.setdefault("event_ts", ws.next_ts())
        authorization = {
            "enterprise_id": None,
            "team_id": ws.team_id,
            "user_id": ws.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        envelope: Json = {
            "token": "sandbox-verification",
            "team_id": ws.team_id,
            "context_team_id": ws.team_id,
            "context_enterprise_id": None,
            "api_app_id": ws.app_id,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(ws.clock().timestamp()),
            "event_context": f"4-{event_id}",
            "is_ext_shared_channel": False,
            "authorizations": [authorization],
            "event": event,
        }
        self._attempt(envelope, number=0, reason="")
        for repeat in range(1, ws.faults.redeliveries + 1):
            self._deliver_event(envelope, number=repeat, reason="http_timeout")

    def _deliver_event(self, envelope: Json, *, number: int, reason: str) -> Answer:
        what = f"event {envelope['event']['type']}" + (f" (again, {number})" if number else "")
        return self.send("events_api", what, envelope, retry=number, reason=reason)

    def _attempt(self, envelope: Json, *, number: int, reason: str) -> None:
        answer = self._deliver_event(envelope, number=number, reason=reason)
        if answer.ok or answer.headers.get("x-slack-no-retry") == "1" or number >= 3:
            return
        reason = answer.reason or "http_error"
        if RETRY_AFTER[number]:
            due = self._ws.clock() + RETRY_AFTER[number]
            with self._ws.lock:
                self._retries.append(Retry(due, number + 1, reason, envelope))
        else:
            self._attempt(envelope, number=number + 1, reason=reason)

    def forget(self) -> None:
        """Nothing is sent again."""
        self._retries.clear()

    def deliver_due(self) -> int:
        """Send again what is due on the programme clock; how many events that was."""
        now = self._ws.clock()
        with self._ws.lock:
            due = [retry for retry in self._retries if retry.due <= now]
            self._retries = [retry for retry in self._retries if retry.due > now]
        for retry in due:
            self._attempt(retry.envelope, number=retry.number, reason=retry.reason)
        return len(due)
