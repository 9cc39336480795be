"""The Socket Mode entrance: Slack reaches the bot over a WebSocket the bot opens itself.

Requests in hand are answered before the connection closes: an answer can travel only on the
connection its request came from. A connection that stays down for two minutes ends the process,
because the client can go deaf without noticing.
"""

import threading
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.clock import awake, epoch, monotonic
from bot.logs import get_logger, log_error, new_reference
from bot.process import CannotStart

UNHEALTHY = 120.0
"""Seconds without a connection after which only a new process helps."""

_PING = 5  # seconds between two pings

# Trying again cannot mend these: somebody has to change a setting.
_FINAL = {
    "invalid_auth": "Slack does not know SLACK_APP_TOKEN. Make a new App-Level Token.",
    "not_allowed_token_type": "SLACK_APP_TOKEN must be an App-Level Token (xapp-…).",
    "missing_scope": "SLACK_APP_TOKEN lacks connections:write. Make a new one with it.",
    "token_revoked": "SLACK_APP_TOKEN was revoked. Make a new App-Level Token.",
    "account_inactive": "The app of SLACK_APP_TOKEN is no longer installed.",
    "socket_mode_not_enabled": "Switch on Socket Mode for the app: `python -m bot manifest`.",
    "link_disabled": "Switch on Socket Mode for the app: `python -m bot manifest`.",
}

log = get_logger(__name__)


class _Counted(SocketModeHandler):
    """Bolt's handler, which also knows how many requests it has received and not answered."""

    def __init__(
        self,
        app: App,
        app_token: str,
        web_client: WebClient,
        answered: Callable[[], object] | None,
    ) -> None:
        self.in_hand = 0
        self._answered = answered
        self._lock = threading.Lock()
        super().__init__(app, app_token, web_client=web_client, ping_interval=_PING)
        self.client.on_message_listeners.append(self._received)

    def _received(self, message: str) -> None:
        # Counted on arrival, not when a thread takes it up: in between it lies in a queue.
        if '"envelope_id"' in message:
            self._count(1)

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        try:
            super().handle(client, req)  # type: ignore[arg-type]
        except Exception as error:
            # Left unanswered: the person sees Slack's own failure, an event comes again.
            log_error(new_reference(), error, entrance="socket", kind=req.type)
        finally:
            self._count(-1)
        if self._answered is not None:
            self._answered()

    def _count(self, by: int) -> None:
        with self._lock:
            self.in_hand += by


class Socket:
    """The WebSocket to Slack. A part of a process."""

    name = "socket"

    def __init__(
        self,
        app: App,
        *,
        app_token: str,
        api_url: str,
        answered: Callable[[], object] | None = None,
    ) -> None:
        """`answered` is called after every answer, to wake whoever sends letters."""
        web_client = WebClient(base_url=api_url, timeout=10)
        self._handler = _Counted(app, app_token, web_client, answered)
        self._stopping = threading.Event()
        self._refused: str | None = None
        self.lost_at = awake()  # when it was last seen connected; a suspended machine saw nothing
        self._opener = threading.Thread(target=self._open, name="socket", daemon=True)

    def start(self) -> None:
        """Connect. Raises CannotStart when Slack refuses the token; while Slack cannot be
        reached it goes on trying."""
        self.lost_at = awake()
        if not self._connect() and self._refused:
            self._close(2)
            raise CannotStart(self._refused)
        self._opener.start()

    def stop(self, timeout: float) -> bool:
        """Answer what has arrived, then close: closing first would lose the answers."""
        end = monotonic() + timeout
        self._stopping.set()
        pause = threading.Event()
        while self._handler.in_hand > 0 and monotonic() < end:
            pause.wait(0.02)
        finished = self._handler.in_hand <= 0
        closed = self._close(max(0.5, end - monotonic()))
        return finished and closed

    def trouble(self) -> str | None:
        if self._refused:
            return self._refused
        if self.connected:
            self.lost_at = awake()
        silent = awake() - self.lost_at
        return f"no connection to Slack for {silent:.0f} s" if silent > UNHEALTHY else None

    @property
    def connected(self) -> bool:
        """Whether the connection is open and Slack answered a ping not long ago."""
        session = self._handler.client.current_session
        if session is None or not session.is_active():
            return False
        answered = session.last_ping_pong_time
        return answered is None or epoch() - answered < UNHEALTHY / 2

    def _open(self) -> None:
        """Try until the first connection stands; from then on the client reconnects itself."""
        wait = 1.0
        while self._handler.client.current_session is None:
            if self._stopping.wait(wait) or self._connect() or self._refused:
                return
            wait = min(wait * 2, 15.0)

    def _connect(self) -> bool:
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt's own
        except SlackApiError as error:
            code = str(error.response.get("error"))
            self._refused = _FINAL.get(code)
            log.warning("slack_refused_the_connection", code=code)
            return False
        except Exception as error:
            log.warning("slack_not_reached", exc_info=error)
            # The address was good for one attempt.
            self._handler.client.wss_uri = None
            return False
        log.info("connected")
        return True

    def _close(self, timeout: float) -> bool:
        # Closing waits for every thread of the client, and one of them may hang.
        closer = threading.Thread(target=self._handler.close, name="socket-close", daemon=True)
        closer.start()
        closer.join(timeout)
        return not closer.is_alive()
