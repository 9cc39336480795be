"""The workspace behind HTTP: Web API, response URLs, Socket Mode, and the page people sit at."""

import asyncio
import json
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bot.sandbox import control, desk
from bot.sandbox.api import ApiAnswer
from bot.sandbox.broken import Breaking
from bot.sandbox.link import Link
from bot.sandbox.respond import respond
from bot.sandbox.screen import person_or_first, screen
from bot.sandbox.serving import PortTaken, RunningServer, serve
from bot.sandbox.workspace import Workspace

__all__ = ["PortTaken", "RunningServer", "Stage", "build_server", "serve"]

Json = dict[str, Any]

PAGE = Path(__file__).parent / "page"
MOVES = ("hour", "day", "monday", "next", "asleep", "end")
# A stream says something at most this often, and at least every KEEP_ALIVE seconds.
COALESCE, KEEP_ALIVE = 0.2, 15.0
HEARTBEAT = 1.0


@dataclass(frozen=True)
class Stage:
    """What the page's clock bar moves. `advance` may take as long as it needs: it runs in a
    thread. `progress` answers {"moving": bool, "label": str, "progress": 0 to 1}; the label says
    where to while it moves, and afterwards what came of it. Until it is `ready` nobody looks or
    acts: what they would see is half made."""

    advance: Callable[[str], object]
    next_event: Callable[[], datetime | None]
    reset: Callable[[], object]
    progress: Callable[[], Json]
    ready: Callable[[], bool] = lambda: True


class Changes:
    """Wakes the streams when the workspace changed, and ends them when the server stops."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace
        self._waiting: set[asyncio.Event] = set()
        self.closed = False

    def start(self) -> Callable[[], None]:
        """Listen to the workspace from this event loop; returns how to stop."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.wake)

        return self._ws.on_change(changed)

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    def close(self) -> None:
        self.closed = True
        self.wake()

    async def stream(self, since: int) -> AsyncIterator[bytes]:
        """Server-sent events: the version, whenever it went up."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield b": open\n\n"
            while not self.closed:
                event.clear()
                if self._ws.version > since:
                    since = self._ws.version
                    yield f"data: {json.dumps({'version': since})}\n\n".encode()
                    await asyncio.sleep(COALESCE)
                    continue
                try:
                    await asyncio.wait_for(event.wait(), KEEP_ALIVE)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._waiting.discard(event)


class Server:
    """The endpoints. People's acts have threads of their own, so that the app's calls always
    find a free one."""

    def __init__(self, workspace: Workspace, stage: Stage) -> None:
        self._ws = workspace
        self._stage = stage
        self.link = Link(workspace)
        self.changes = Changes(workspace)
        self._acts = CapacityLimiter(24)
        self._moving = threading.Lock()
        self._world = secrets.token_hex(8)
        """What tells the page this world from the one before at the same address."""

    async def api(self, request: Request) -> Response:
        """A Web API call, JSON or form, token in the header or the body."""
        args = _arguments(request, await request.body())
        if args is None:
            return JSONResponse({"ok": False, "error": "invalid_json"})
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else None
        method = request.path_params["method"]
        faults = self._ws.faults
        await asyncio.sleep(faults.delay / 2)
        answer = await to_thread.run_sync(self._ws.answer, method, args, bearer or None)
        await asyncio.sleep(faults.delay / 2 + answer.after)
        if answer.late is not None:
            answer = await to_thread.run_sync(answer.late)
        return _http(answer)

    async def response_url(self, request: Request) -> Response:
        """A post to a response_url."""
        body = _arguments(request, await request.body())
        if body is None:
            return JSONResponse({"ok": False, "error": "invalid_json"}, 400)
        answer = await to_thread.run_sync(respond, self._ws, request.path_params["id"], body)
        return _http(answer)

    async def index(self, request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers={"cache-control": "no-cache"})

    async def state(self, request: Request) -> Response:
        """Everything the person may see."""
        if not self._stage.ready():
            return _being_made()
        return await to_thread.run_sync(self._screen, request.query_params.get("as", ""))

    def _screen(self, user_id: str) -> Response:
        progress, following = self._stage.progress(), self._stage.next_event()
        clock = {
            "movable": True,
            "moving": bool(progress.get("moving")),
            "label": progress.get("label") or "",
            "progress": progress.get("progress") or 0,
            "next_event": following.isoformat() if following else None,
        }
        # Turned into JSON here, in a thread: after twelve weeks it is a long text.
        seen = screen(self._ws, person_or_first(self._ws, user_id), clock)
        return JSONResponse({**seen, "world": self._world})

    async def act(self, request: Request) -> Response:
        """Something a person does."""
        body = await _page_json(request)
        if body is None:
            return _bad_request()
        if not self._stage.ready():
            return _being_made()
        answer = await to_thread.run_sync(desk.do, self._ws, body, limiter=self._acts)
        return JSONResponse(answer)

    async def stream(self, request: Request) -> Response:
        """Changes, as server-sent events."""
        since = request.query_params.get("since", "")
        events = self.changes.stream(int(since) if since.isdigit() else 0)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    async def log(self, request: Request) -> Response:
        """What passed between the workspace and the app."""
        after = request.query_params.get("after", "")
        return await to_thread.run_sync(self._log, int(after) if after.isdigit() else 0)

    def _log(self, after: int) -> Response:
        entries = self._ws.log.after(after)
        shown = [{**asdict(entry), "at": entry.at.isoformat()} for entry in entries]
        return JSONResponse({"entries": shown})

    async def clock(self, request: Request) -> Response:
        """Move the programme's time; progress comes through the state."""
        body = await _page_json(request)
        if body is None or body.get("to") not in MOVES:
            return _bad_request()
        return self._move(self._stage.advance, body["to"])

    async def reset(self, request: Request) -> Response:
        """Start a new world."""
        if await _page_json(request) is None:
            return _bad_request()
        return self._move(self._stage.reset)

    def _move(self, move: Callable[..., object], *args: object) -> Response:
        if not self._stage.ready():
            return _being_made()
        if not self._moving.acquire(blocking=False):
            error = {"ok": False, "error": "moving", "message": "The clock is moving already."}
            return JSONResponse(error, 409)

        def run() -> None:
            try:
                move(*args)
            finally:
                self._moving.release()
                self._ws.touch()

        threading.Thread(target=run, name="clock", daemon=True).start()
        return JSONResponse({"ok": True}, 202)

    async def heartbeat(self) -> None:
        """Repeat failed events when they are due, and keep the clock bar moving."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            await to_thread.run_sync(self._ws.deliver_due, limiter=self._acts)
            if self._moving.locked():
                self._ws.touch()

    def served_at(self, url: str) -> None:
        """Tell the workspace its address, for response URLs and Socket Mode."""
        self._ws.response_base = f"{url}/hooks/response/"
        address = url.replace("http", "ws", 1)
        self._ws.refresh_link = self.link.refresh
        self._ws.open_link = lambda: f"{address}/link/?ticket={self.link.ticket()}"

    async def close(self) -> None:
        """End streams and links, so that the server can stop at once."""
        self.changes.close()
        await self.link.disconnect("link_disabled")


def _http(answer: ApiAnswer) -> Response:
    if answer.status == 0:
        return Breaking(answer.broken)
    headers = {name: value for name, value in answer.headers.items() if name != "content-type"}
    return JSONResponse(answer.body, answer.status, headers=headers)


def _arguments(request: Request, body: bytes) -> Json | None:
    """The arguments of a call from its query, form or JSON; None when it is not readable."""
    args: Json = dict(request.query_params)
    text = body.decode("utf-8", "replace")
    if "application/json" in request.headers.get("content-type", ""):
        if not text.strip():
            return args
        try:
            found = json.loads(text)
        except ValueError:
            return None
        return {**args, **found} if isinstance(found, dict) else None
    return args | dict(parse_qsl(text, keep_blank_values=True))


async def _page_json(request: Request) -> Json | None:
    """The page's JSON. Only as application/json: other sites' forms cannot send that."""
    if "application/json" not in request.headers.get("content-type", ""):
        return None
    try:
        found = json.loads(await request.body())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _bad_request() -> Response:
    error = {"ok": False, "error": "bad_request", "message": "The request is not readable."}
    return JSONResponse(error, 400)


def _being_made() -> Response:
    error = {"ok": False, "error": "being_made", "message": "A new programme is being made."}
    return JSONResponse(error, 503)


def build_server(ws: Workspace, *, stage: Stage) -> Starlette:
    """The web application around a workspace. `app.state.link` is its Socket Mode link."""
    server = Server(ws, stage)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stop_listening = server.changes.start()
        beating = asyncio.create_task(server.heartbeat())
        try:
            yield
        finally:
            beating.cancel()
            stop_listening()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/", server.index),
            Mount("/page", StaticFiles(directory=PAGE)),
            Route("/api/{method:path}", server.api, methods=["GET", "POST"]),
            Route("/hooks/response/{id}", server.response_url, methods=["POST"]),
            Route("/sandbox/state", server.state),
            Route("/sandbox/act", server.act, methods=["POST"]),
            Route("/sandbox/changes", server.stream),
            Route("/sandbox/log", server.log),
            Route("/sandbox/clock", server.clock, methods=["POST"]),
            Route("/sandbox/reset", server.reset, methods=["POST"]),
            *control.routes(ws),
            WebSocketRoute("/link/", server.link.endpoint),
        ],
    )
    app.state.link = server.link
    app.state.served_at = server.served_at
    app.state.close = server.close
    return app
