"""The client that talks to Slack: over kept connections, patient for ten seconds, and never
repeating itself.

What goes wrong under a call is an OSError: NotReached when nothing of it was written, any other
when Slack may have done what was asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from json import dumps
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import Request, proxy_bypass

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError, SlackRequestError
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TookTooLong
from urllib3.util import parse_url

from bot.clock import monotonic

TIMEOUT = 10  # seconds to connect, and again to wait for the answer
ANSWER_TIMEOUT = 3  # the same for a response_url: somebody is looking
KEPT = 32  # connections to one host: more than any process has threads that call
IDLE = 30.0  # seconds after which a connection may have been forgotten on the way, unseen


class NotReached(ConnectionError):
    """Nothing of the request was written: no connection, no name, no trust."""


class TooLate(Exception):
    """Nothing Slack could act on was written: the deadline of `before` had passed."""


_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def before(deadline: float | None) -> Iterator[None]:
    """Calls made inside, by this thread, are written before `deadline` (of bot.clock.monotonic)
    or raise TooLate. A process can stand still anywhere: only a look at the clock after the
    connection stands, with nothing left to do but to write, keeps what another one may have sent
    meanwhile from being sent twice."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class _Attempt:
    """One request: until when it may be written, and whether any of it was."""

    def __init__(self) -> None:
        self.deadline = _deadline.get()
        self.written = False

    def write(self) -> None:
        """The next thing is to write. Raises TooLate."""
        if self.deadline is not None and monotonic() >= self.deadline:
            raise TooLate
        self.written = True


_attempt: ContextVar[_Attempt] = ContextVar("attempt")


class _Connection(HTTPConnection):
    """Asks the attempt before it writes, writes a request in one piece (so that there is no
    middle to stand still in, and half the work of TLS), and is not used again after lying idle
    for long."""

    _pieces: list[bytes] | None = None  # of the request that is being put together
    _written_at = 0.0

    def request(self, *args: Any, **named: Any) -> None:
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            super().request(*args, **named)
        finally:
            self._pieces = None
        if self.sock is None:
            self.connect()
        _attempt.get().write()
        self._written_at = monotonic()
        super().send(b"".join(pieces))

    def send(self, data: Any) -> None:
        if self._pieces is None:  # what a proxy on the way is asked
            super().send(data)
        else:
            self._pieces.append(data)

    @property
    def is_connected(self) -> bool:
        return super().is_connected and monotonic() - self._written_at < IDLE


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class SlackClient(WebClient):
    """A WebClient without the SDK's retries (they post twice when a connection drops after
    Slack stored the message) and without its new connection for every call: the handshake is
    most of a call's work. Threads may share it. Everything else is the SDK's own."""

    def __init__(self, token: str | None = None, base_url: str = WebClient.BASE_URL) -> None:
        super().__init__(token=token, base_url=base_url, timeout=TIMEOUT, retry_handlers=[])

    # Made with the first call: reading the machine's certificates takes as long as starting does.

    @cached_property
    def _direct(self) -> PoolManager:
        return _keeping(PoolManager(4, maxsize=KEPT, ssl_context=self._trust))

    @cached_property
    def _proxied(self) -> PoolManager:
        assert self.proxy is not None  # noqa: S101 (asked for only where there is one)
        proxy = self.proxy if "://" in self.proxy else f"http://{self.proxy}"
        secret = parse_url(proxy).auth
        return _keeping(
            ProxyManager(
                proxy,
                4,
                proxy_headers=make_headers(proxy_basic_auth=unquote(secret)) if secret else None,
                maxsize=KEPT,
                ssl_context=self._trust,
            )
        )

    @cached_property
    def _trust(self) -> SSLContext:
        return self.ssl or create_default_context()

    def respond(self, response_url: str, **body: Any) -> None:
        """Answer a click where it happened. Raises OSError or SlackClientError."""
        said = dumps({name: value for name, value in body.items() if value is not None})
        headers = {"Content-Type": "application/json;charset=utf-8"}
        answer = self._exchange(response_url, said.encode(), self.headers | headers, ANSWER_TIMEOUT)
        if answer.status != 200:
            raise SlackClientError(f"a response_url answered {answer.status}")

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """The SDK's one way out (slack_sdk 3.47)."""
        body = req.data if isinstance(req.data, bytes) else b""
        answer = self._exchange(url, body, dict(req.header_items()), self.timeout)
        return {
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.data.decode("utf-8"),
        }

    def _exchange(
        self, url: str, body: bytes, headers: Mapping[str, str], patience: float
    ) -> BaseHTTPResponse:
        """Ask once. Redirects are not followed: they would repeat the request."""
        where = urlsplit(url)
        if where.scheme not in ("http", "https"):
            raise SlackRequestError("not an address to call")
        direct = not self.proxy or proxy_bypass(where.hostname or "")
        pools = self._direct if direct else self._proxied
        attempt = _Attempt()
        token = _attempt.set(attempt)
        try:
            return pools.request(
                "POST",
                url,
                body=body,
                headers=headers,
                timeout=Timeout(connect=patience, read=patience),
                retries=False,
                redirect=False,
            )
        except (HTTPError, OSError) as error:
            # Named by their kind only: a message may hold the address, which is a secret.
            name = type(error).__name__
            if not attempt.written:
                raise NotReached(name) from error
            if isinstance(error, (TookTooLong, TimeoutError)):
                raise TimeoutError(name) from error
            raise ConnectionError(name) from error
        finally:
            _attempt.reset(token)


def _keeping(pools: PoolManager) -> PoolManager:
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pools


def slack_client(token: str, api_url: str) -> SlackClient:
    """The client for one workspace's token."""
    return SlackClient(token=token, base_url=api_url)
