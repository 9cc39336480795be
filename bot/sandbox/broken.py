"""Answers that go wrong on the way: a connection closed, reset, or cut in the middle.

They need the connection itself; `Line`, uvicorn's protocol with one thing more, leaves it in the
request's scope.
"""

import asyncio
import socket
import struct
from typing import Any, cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.api import Broken

_CONNECTION = "sandbox.connection"
_AT_ONCE = struct.pack("ii", 1, 0)  # linger, for no time: what closes then is a reset


class Line(H11Protocol):
    """HTTP whose application can reach the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self.app = cast(Any, _reaching(cast(ASGIApp, self.app), transport))


def _reaching(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def reach(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_CONNECTION] = transport
        await app(scope, receive, send)

    return reach


class Breaking(Response):
    """No answer: the connection is closed ("drop"), reset, or ends in the middle ("cut")."""

    def __init__(self, how: Broken) -> None:
        super().__init__()
        self._how = how

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: asyncio.Transport | None = scope.get(_CONNECTION)
        if self._how == "cut" or connection is None:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"64")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
        if connection is None:
            return  # another server: it ends an unfinished answer itself
        if self._how == "reset":
            line: socket.socket = connection.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            connection.abort()
        else:
            connection.close()
        while (await receive())["type"] != "http.disconnect":
            pass
