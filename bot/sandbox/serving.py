"""Running a web application in a thread of its own.

An application may leave `served_at(url)` in its state to be told its address before the first
request, and an async `close()` to end its streams when the server stops.
"""

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.applications import Starlette

from bot.sandbox.broken import Line

START_SECONDS = 10.0
STOP_SECONDS = 5.0


class PortTaken(OSError):
    """Somebody else listens on this port; the text says what to do."""


class RunningServer:
    """A server that answers by the time you hold it."""

    def __init__(self, server: uvicorn.Server, bound: socket.socket, app: Starlette) -> None:
        self._server = server
        self._app = app
        host, self.port = bound.getsockname()[:2]
        self.url = f"http://{host}:{self.port}"
        served_at: Callable[[str], None] | None = getattr(app.state, "served_at", None)
        if served_at is not None:
            served_at(self.url)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(bound,), name=f"server:{self.port}", daemon=True
        )
        self._thread.start()
        self._ready.wait(START_SECONDS)
        if not self._server.started:
            bound.close()
            raise RuntimeError(f"the server at {self.url} did not start")

    def _run(self, bound: socket.socket) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve(bound))
        finally:
            self._ready.set()

    async def _serve(self, bound: socket.socket) -> None:
        serving = asyncio.ensure_future(self._server.serve(sockets=[bound]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        self._ready.set()
        await serving

    def stop(self) -> None:
        """End the streams, finish what is being answered, close. Stopping twice is harmless."""
        closing: Callable[[], Awaitable[None]] | None = getattr(self._app.state, "close", None)
        if self._loop is not None and self._thread.is_alive():
            if closing is not None:
                asyncio.run_coroutine_threadsafe(_call(closing), self._loop).result(STOP_SECONDS)
            self._server.should_exit = True
        self._thread.join(STOP_SECONDS)


async def _call(closing: Callable[[], Awaitable[None]]) -> None:
    await closing()


def serve(app: Starlette, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
    """Start serving; port 0 takes a free one. PortTaken when somebody else has the port."""
    bound = _bind(host, port)
    config = uvicorn.Config(
        app,
        http=Line,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    return RunningServer(uvicorn.Server(config), bound, app)


def require_free(port: int, host: str = "127.0.0.1") -> None:
    """Raise PortTaken when somebody has the port, before anything else is done for it."""
    _bind(host, port).close()


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets inherit it; without it an answer waits 40 ms for an acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} is taken: stop what listens there, or choose another port"
            ) from None
        raise
    return bound
