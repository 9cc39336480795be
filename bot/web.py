"""The HTTP entrance: everything from Slack on one path, and a look at the bot's health.

Bolt works in threads, so a slow request never holds up the others. Before anything is parsed a
request is measured (1 MB at most) and, where the signing secret is given, its signature is
checked.
"""

import asyncio
import hashlib
import hmac
import socket
import threading
from collections.abc import Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from slack_bolt import App, BoltRequest, BoltResponse
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.clock import epoch, monotonic
from bot.logs import get_logger, log_error, new_reference
from bot.manifest import ENTRANCE
from bot.metrics import Metrics, kind_of_body
from bot.pages import Health as Health  # whoever builds the web tells how it is
from bot.pages import routes
from bot.process import GRACE, CannotStart
from bot.switchboard import Switchboard

MOST_BYTES = 1_000_000
"""Slack's largest request, a view of 250 kB, stays far below; more is nobody we know."""

_BODY_SECONDS = 5.0
# As many as the database has connections for; the next ones wait their turn.
_THREADS = 15
# Answers to what Slack does not send: how long they take says nothing about Slack's wait.
_NOT_SLACKS = (400, 401, 408, 413)
# What Bolt looks at. Nothing else comes in: Bolt also obeys headers that only it should set.
_HEADERS = {
    name.encode(): name
    for name in (
        "content-type",
        "x-slack-request-timestamp",
        "x-slack-retry-num",
        "x-slack-retry-reason",
        "x-slack-signature",
    )
}

log = get_logger(__name__)

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def build_web(
    app: App,
    *,
    health: Callable[[], Health],
    signing_secret: str | None = None,
    answered: Callable[[], object] | None = None,
    metrics: Metrics | None = None,
) -> Starlette:
    """The web application around a Bolt app: POST /slack/events, GET /healthz, and GET /metrics
    where `metrics` are kept.

    With `signing_secret` a forged request is refused (401) before it is parsed; without it, or
    when it passes, Bolt checks again. `answered` is called after every answer: whoever sends
    letters in this process need not wait for the next tick.
    """
    checked = _Signature(signing_secret) if signing_secret else None
    return Starlette(
        routes=[
            Route(ENTRANCE, _Entrance(app, checked, answered, metrics), methods=["POST"]),
            *routes(health, metrics),
        ]
    )


class _Entrance:
    """The ASGI endpoint for Slack. Speaks ASGI directly: this is the path people wait for."""

    def __init__(
        self,
        app: App,
        signature: "_Signature | None",
        answered: Callable[[], object] | None,
        metrics: Metrics | None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._signature = signature
        self._answered = answered
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="slack")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, body = monotonic(), b""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read(scope, receive)
        except _Gone:
            return
        except _TooLarge:
            answer = _plain(413, "too large")
        except TimeoutError:
            answer = _plain(408, "too slow")
        else:
            answer = await self._checked(scope, body)
        status, headers, content = answer
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        if self._metrics is not None and status not in _NOT_SLACKS:
            self._metrics.answered(kind_of_body(body), monotonic() - begun)
        if self._answered is not None:
            self._answered()
        if isinstance(self._app, Switchboard) and self._app.unsettled:
            self._threads.submit(self._app.settle)

    async def _checked(self, scope: Scope, body: bytes) -> Answer:
        headers = {_HEADERS[name]: value for name, value in scope["headers"] if name in _HEADERS}
        if self._signature is not None and not self._signature.fits(headers, body):
            return _plain(401, "the signature does not fit")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answer, headers, body)

    def _answer(self, headers: dict[str, bytes], body: bytes) -> Answer:
        try:
            request = to_bolt_request(body, headers)
        except Exception as error:
            # Whatever a body can do to a parser; it is nothing Slack sends.
            log.warning("unreadable_request", exc_info=error)
            return _plain(400, "not a request of Slack")
        try:
            return _from_bolt(self._app.dispatch(request))
        except Exception as error:
            reference = new_reference()
            log_error(reference, error, entrance="http")
            return _plain(500, f"reference {reference}")


class _Signature:
    """Slack's request signature, version 0."""

    def __init__(self, secret: str) -> None:
        self._keyed = hmac.new(secret.encode(), digestmod=hashlib.sha256)

    def fits(self, headers: dict[str, bytes], body: bytes) -> bool:
        """Whether the request is Slack's and at most five minutes old, in real time."""
        stamp = headers.get("x-slack-request-timestamp", b"")
        given = headers.get("x-slack-signature", b"")
        if not stamp.isdigit() or abs(epoch() - int(stamp[:12])) > 300:
            # Bolt answers Slack's certificate check, which may come unsigned, and does nothing.
            return body.startswith(b"ssl_check=1")
        keyed = self._keyed.copy()  # the key is prepared once
        keyed.update(b"v0:%b:%b" % (stamp, body))
        return hmac.compare_digest(b"v0=" + keyed.hexdigest().encode(), given)


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    pass


async def _read(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises _TooLarge as soon as that is known, _Gone when nobody waits."""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > MOST_BYTES:
            raise _TooLarge
    body = b""
    while True:
        message: MutableMapping[str, Any] = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise _TooLarge
        if not message.get("more_body", False):
            return body


def to_bolt_request(body: bytes, headers: dict[str, bytes]) -> BoltRequest:
    """Bolt's request from what came over HTTP. Raises what a parser raises on other bodies."""
    # Broken UTF-8 becomes other text, whose signature does not fit.
    text = body.decode("utf-8", "replace")
    request = BoltRequest(
        body=text, headers={name: value.decode("latin-1") for name, value in headers.items()}
    )
    if request.body or "payload" not in text:
        return request
    # Bolt takes a command whose text says "payload" for a click and finds it empty: parsed, it
    # goes in as it would over Socket Mode, with the raw text kept for the signature.
    parsed = BoltRequest(body=dict(parse_qsl(text, keep_blank_values=True)), mode="socket_mode")
    request.body, request.context = parsed.body, parsed.context
    return request


def _from_bolt(response: BoltResponse) -> Answer:
    body = response.body.encode()
    headers = [
        (name.encode("latin-1"), str(values[0]).encode("latin-1"))
        for name, values in response.headers.items()
    ]
    return response.status, [*headers, _length(body)], body


def _plain(status: int, text: str) -> Answer:
    body = text.encode()
    return status, [(b"content-type", b"text/plain;charset=utf-8"), _length(body)], body


def _length(body: bytes) -> tuple[bytes, bytes]:
    return (b"content-length", b"%d" % len(body))


class Server:
    """A web application on a port, in a thread of its own. A part of a process."""

    name = "web"

    def __init__(self, web: Starlette, host: str, port: int, *, setting: str = "PORT") -> None:
        """`port` 0 takes a free one; `setting` is what chose it."""
        self._host, self._setting = host, setting
        self.port = port
        config = uvicorn.Config(
            web,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=int(GRACE),
        )
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    def start(self) -> None:
        """Listen. Raises CannotStart when the port is taken or not ours."""
        try:
            self._socket = socket.create_server((self._host, self.port))
        except (OSError, OverflowError) as error:
            raise CannotStart(
                f"Port {self.port} cannot be used ({getattr(error, 'strerror', error)}). "
                f"Stop what uses it, or choose another with {self._setting}."
            ) from None
        # Kept, because a server that is ending has closed the socket that could say it.
        self.port = int(self._socket.getsockname()[1])
        # asyncio sets this only on sockets that name their protocol, which accepted ones do not;
        # without it an answer waits 40 ms for the other side's acknowledgement of its headers.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread.start()
        log.info("listening", port=self.port)

    def _run(self) -> None:
        assert self._socket is not None  # noqa: S101 (start() made it)
        self._server.run(sockets=[self._socket])

    def stop(self, timeout: float) -> bool:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def trouble(self) -> str | None:
        return None if self._thread.is_alive() else "the web server ended"


class SideDoor(Server):
    """A port that only the operator knows. A process that cannot have it works on without it: two
    processes of one machine read the same settings, and letters matter more than figures."""

    name = "pages"

    def __init__(self, web: Starlette, host: str, port: int) -> None:
        super().__init__(web, host, port, setting="METRICS_PORT")

    def start(self) -> None:
        """Listen, or say in the log why not."""
        try:
            super().start()
        except CannotStart as error:
            log.warning("pages_not_served", reason=str(error))

    def trouble(self) -> str | None:
        return None


def serve(web: Starlette, host: str, port: int) -> Server:
    """Start a server for `web`; `.url` says where it is, `.stop(timeout)` ends it."""
    server = Server(web, host, port)
    server.start()
    return server
