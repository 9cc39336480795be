"""Socket Mode: the WebSocket the app connects to instead of being reachable over HTTP."""

import asyncio
import itertools
import json
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from secrets import token_hex
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.delivery import PATIENCE, Answer, Delivery
from bot.sandbox.workspace import Workspace

MOST_CONNECTIONS = 10
# WebSocket close codes: a ticket nobody issued; one connection too many.
BAD_TICKET, TOO_MANY = 4401, 4429


class Link:
    """The app's connections. Each request goes to one of them, in turn."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace
        self._tickets: set[str] = set()
        self._connections: list[WebSocket] = []
        self._turn = itertools.count()
        self._waiting: dict[str, Future[Answer]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def ticket(self) -> str:
        """Admits one connection."""
        ticket = token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def endpoint(self, socket: WebSocket) -> None:
        """Hello, then acknowledgements until the app goes."""
        self._loop = asyncio.get_running_loop()
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(BAD_TICKET)
            return
        self._tickets.discard(ticket)
        if len(self._connections) >= MOST_CONNECTIONS:
            await socket.close(TOO_MANY)
            return
        await socket.accept()
        await socket.send_json(self._hello())
        self._connections.append(socket)
        self._ws.post.link = self.deliver
        try:
            while True:
                self._acknowledged(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            # RuntimeError: we closed it ourselves.
            pass
        finally:
            if socket in self._connections:
                self._connections.remove(socket)
            if not self._connections:
                self._ws.post.link = None

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": self._ws.app_id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 3600},
        }

    def _acknowledged(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.pop(str(message.get("envelope_id")), None)
        if waiting is None or waiting.done():
            return
        payload = message.get("payload")
        body = "" if payload is None else json.dumps(payload)
        waiting.set_result(Answer(200, {"content-type": "application/json"}, body))

    def deliver(self, request: Delivery) -> Answer:
        """Send an envelope over the next connection and wait for its acknowledgement. Call
        from any thread but the server's own."""
        connections = list(self._connections)
        if not connections or self._loop is None:
            return Answer(0, reason="connection_failed")
        envelope: dict[str, Any] = {
            "envelope_id": token_hex(16),
            "type": request.kind,
            "accepts_response_payload": request.kind != "events_api",
            "payload": request.payload,
        }
        if request.retry:
            envelope["retry_attempt"] = request.retry
            envelope["retry_reason"] = request.retry_reason
        waiting: Future[Answer] = Future()
        self._waiting[envelope["envelope_id"]] = waiting
        socket = connections[next(self._turn) % len(connections)]
        sending = asyncio.run_coroutine_threadsafe(
            socket.send_text(json.dumps(envelope)), self._loop
        )
        try:
            sending.result(PATIENCE)
            return waiting.result(PATIENCE)
        except FutureTimeout:
            return Answer(0, reason="http_timeout")
        except (RuntimeError, WebSocketDisconnect):
            return Answer(0, reason="connection_failed")
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    def refresh(self) -> None:
        """Make the app reconnect, as Slack does every few hours. Call from any thread but the
        server's own."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.disconnect(), self._loop).result(PATIENCE)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to come back anew (or that the link is disabled) and close."""
        for socket in list(self._connections):
            try:
                await socket.send_json({"type": "disconnect", "reason": reason})
                await socket.close(1001)
            except (RuntimeError, WebSocketDisconnect):
                continue
