"""S7: two queues that are made for PostgreSQL, on the same server and in the same run.

Each gets the same number of due tasks whose body does nothing, and claims and completes them in
this process: procrastinate with ten tasks at a time, pgqueuer with batches of a hundred over
asyncpg, and ours as in S2. A queue's tasks are put before its time runs.
"""

import asyncio
import time
from importlib.util import find_spec
from statistics import median
from typing import Any

import sqlalchemy as sa

from benchmarks import queue, reminders
from benchmarks.places import POSTGRES, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Skipped, Unit
from bot.database import Database

BATCH = 100
CONCURRENCY = 10
_INSTALL = "Install the extra: pip install 'cohort-bot[benchmarks]'."


def measure(scale: Scale, places: Places) -> list[Line]:
    """Rates of all three, in turn."""
    if POSTGRES not in places.kinds:
        return []
    found: list[Line] = []
    there: dict[str, Any] = {}
    for name, needs, run, goal in (
        ("procrastinate", ("procrastinate",), _procrastinate, 10),
        ("pgqueuer", ("pgqueuer", "asyncpg", "uvloop"), _pgqueuer, 1),
    ):
        if all(find_spec(one) for one in needs):
            there[name] = (run, goal)
        else:
            found.append(Skipped(f"S7 beside {name}", _INSTALL))
    if not there:
        return found
    db = Database(places.migrated(POSTGRES), role="worker")
    people = reminders.settle(db, scale.letters)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in there}
    for _ in range(scale.rounds):
        ours.append(queue.drain(db, people, scale.letters).rate)
        for name, (run, _goal) in there.items():
            # The slow one needs fewer for its rate.
            count = scale.due_jobs if name == "procrastinate" else scale.letters
            theirs[name].append(run(_plain(places.empty(POSTGRES)), count))
    db.close()
    figure = median(ours)
    note = (
        "It moves rows that stand for themselves; a letter's reader, hours and budget are looked "
        "up, as in S2."
    )
    return found + [
        Row(
            f"S7 claimed and completed, {POSTGRES}",
            figure,
            median(theirs[name]),
            name,
            goal,
            Unit.RATE,
            more=True,
            note=note,
        )
        for name, (_run, goal) in there.items()
    ]


def _plain(url: str) -> str:
    """The address as libpq and asyncpg read it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _procrastinate(url: str, count: int) -> float:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="benchmark")  # type: ignore[untyped-decorator]
    async def nothing() -> None:
        pass

    async def run() -> float:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            await nothing.batch_defer_async(*({} for _ in range(count)))
            begun = time.perf_counter()
            await app.run_worker_async(
                concurrency=CONCURRENCY, wait=False, install_signal_handlers=False
            )
            return time.perf_counter() - begun

    return count / asyncio.run(run())


def _pgqueuer(url: str, count: int) -> float:
    import asyncpg
    import uvloop
    from pgqueuer import PgQueuer
    from pgqueuer.types import QueueExecutionMode

    async def run() -> float:
        connection = await asyncpg.connect(url)
        try:
            queuer = PgQueuer.from_asyncpg_connection(connection)
            await queuer.queries.install()

            @queuer.entrypoint("benchmark")  # type: ignore[untyped-decorator]
            async def nothing(_job: object) -> None:
                pass

            for begin in range(0, count, 1000):
                some = min(1000, count - begin)
                await queuer.queries.enqueue(["benchmark"] * some, [None] * some, [0] * some)
            begun = time.perf_counter()
            await queuer.run(batch_size=BATCH, mode=QueueExecutionMode.drain)
            return time.perf_counter() - begun
        finally:
            await connection.close()

    taken: float = uvloop.run(run())
    return count / taken
