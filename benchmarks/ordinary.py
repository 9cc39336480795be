"""The reference: what most bots do. One APScheduler job for each reminder, in its SQLAlchemy job
store on the same kind of database, run by its ten threads; the job's body does nothing."""

import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.util import datetime_to_utc_timestamp

from benchmarks.timing import seconds
from bot.clock import system_clock

_ran: list[float] = []


def note() -> None:
    """The job: it only says when it ran."""
    _ran.append(time.perf_counter())


class Ordinary:
    """A scheduler with a store at `url`."""

    def __init__(self, url: str, *, patient: bool = True) -> None:
        """`patient`: jobs run however late they are; else the default settings."""
        options = {"misfire_grace_time": None} if patient else {}
        self._store = SQLAlchemyJobStore(url=url)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": self._store}, job_defaults=options, timezone="UTC"
        )

    @contextmanager
    def started(self) -> Iterator[None]:
        """Runs until the end of the block."""
        _ran.clear()
        self._scheduler.start()
        try:
            yield
        finally:
            self._scheduler.shutdown(wait=True)
            self._store.engine.dispose()

    def add(self, at: datetime) -> None:
        """One reminder."""
        self._scheduler.add_job(note, "date", run_date=at)

    def fill(self, count: int, at: datetime) -> None:
        """Let `count` jobs be due at that moment: the rows that add_job writes, at once."""
        pattern = self._scheduler.add_job(note, "date", run_date=at)
        with self.started():
            self._scheduler.pause()
            state = pattern.__getstate__()
            pattern.remove()
            stamp = datetime_to_utc_timestamp(at)
            rows = [
                {
                    "id": f"job-{n}",
                    "next_run_time": stamp,
                    "job_state": pickle.dumps({**state, "id": f"job-{n}"}),
                }
                for n in range(count)
            ]
            with self._store.engine.begin() as connection:
                connection.execute(self._store.jobs_t.insert(), rows)

    def left(self) -> int:
        """Jobs that are still in the store."""
        with self._store.engine.connect() as connection:
            wanted = sa.select(sa.func.count()).select_from(self._store.jobs_t)
            return connection.scalar(wanted) or 0

    def idle(self) -> float:
        """Seconds of one wake-up with nothing due."""
        begun = time.perf_counter()
        self._scheduler._process_jobs()
        return time.perf_counter() - begun


class Outcome:
    """What became of many jobs due at once."""

    def __init__(self, url: str, count: int, *, patient: bool, add: int = 0) -> None:
        """Run them; meanwhile add `add` more, due tomorrow, as a request would."""
        at = system_clock() + timedelta(seconds=0.5 + count / 20_000)
        Ordinary(url, patient=patient).fill(count, at)
        scheduler = Ordinary(url, patient=patient)
        self.added: list[float] = []
        with scheduler.started():
            time.sleep(max(0.0, (at - system_clock()).total_seconds()))
            begun = time.perf_counter()
            time.sleep(0.1 if add else 0)  # the scheduler is at it before somebody asks
            for _ in range(add):
                self.added.append(seconds(scheduler.add, at + timedelta(days=1)))
            while scheduler.left() > len(self.added):
                time.sleep(0.05)
        self.ran = len(_ran)
        self.rate = self.ran / (max(_ran) - begun) if _ran else 0.0
