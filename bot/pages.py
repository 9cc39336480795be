"""The operator's pages: /healthz for a supervisor, /metrics for Prometheus.

Health is red (503) for one reason only: this process cannot reach the database, so nothing it is
asked to do can be kept. What a restart does not mend is told, and is no reason to be red: a pause
waits for a person, a backlog for Slack, and a worker that was last seen long ago runs elsewhere.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock, epoch, monotonic
from bot.database import AWAY, Database
from bot.metrics import CONTENT_TYPE, Metrics
from bot.outbox import figures


@dataclass(frozen=True)
class Health:
    """How the bot is. None where nobody can know."""

    database: bool
    last_tick_age: float | None = None
    """Seconds since a worker, of this process or another, was last at work."""
    backlog: int | None = None
    """Letters that are due and not yet sent."""
    paused: bool | None = None
    """Nothing is sent until somebody decides (`python -m bot outbox resume`)."""

    @property
    def well(self) -> bool:
        """A long tick is no illness: a worker with much to send is late, not lost."""
        return self.database


def look(database: Database, clock: Clock, own_tick_age: float | None) -> Health:
    """How the bot is now. `own_tick_age` is the age this process's worker knows of, if it has
    one; the newest of that and what any worker noted in the database counts."""
    try:
        with database.read() as session:
            seen = figures.vitals(session, clock())
    except (*AWAY, sa.exc.SQLAlchemyError, OSError):
        return Health(database=False, last_tick_age=own_tick_age)
    ages = [own_tick_age, _age(seen.ticked_at)]
    return Health(
        database=True,
        last_tick_age=min((age for age in ages if age is not None), default=None),
        backlog=seen.backlog,
        paused=seen.paused,
    )


def _age(at: datetime | None) -> float | None:
    """Ticks are noted in real time, whatever the programme's clock says."""
    if at is None:
        return None
    return round(max(0.0, (datetime.fromtimestamp(epoch(), UTC) - at).total_seconds()), 1)


def routes(
    health: Callable[[], Health], metrics: Metrics | None = None, *, kinds: bool = False
) -> list[Route]:
    """GET /healthz, and GET /metrics where there are any; with `kinds` where only the operator
    looks."""
    found = [Route("/healthz", _health_page(health), methods=["GET"])]
    if metrics is not None:
        found.append(Route("/metrics", _metrics_page(metrics, kinds=kinds), methods=["GET"]))
    return found


def build_pages(health: Callable[[], Health], metrics: Metrics) -> Starlette:
    """The pages alone, with everything, for a port of their own."""
    return Starlette(routes=routes(health, metrics, kinds=True))


def _health_page(health: Callable[[], Health]) -> Callable[[Request], Any]:
    """Anybody may ask, so the answer names no more than this, and is at most a second old."""
    lock = threading.Lock()
    last: list[tuple[float, Health]] = []

    def seen() -> Health:
        with lock:
            if not last or monotonic() - last[0][0] > 1:
                last[:] = [(monotonic(), health())]
            return last[0][1]

    async def page(_request: Request) -> JSONResponse:
        now = await run_in_threadpool(seen)
        return JSONResponse({"alive": True, **asdict(now)}, 200 if now.well else 503)

    return page


def _metrics_page(metrics: Metrics, *, kinds: bool) -> Callable[[Request], Any]:
    def text() -> bytes:
        return metrics.text(kinds=kinds)

    async def page(_request: Request) -> Response:
        return Response(await run_in_threadpool(text), media_type=CONTENT_TYPE)

    return page
