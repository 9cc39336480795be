"""Ticks a runner once a second, in memory. The only file that knows APScheduler, which only the
worker loads."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.clock import monotonic, system_clock
from bot.database import AWAY
from bot.schedule import Runner

log = structlog.get_logger(__name__)

TICK = timedelta(seconds=1)
TIDIED = 3600.0  # seconds between two rounds of tidying
LONGEST_REST = 10.0  # seconds between two tries while the database is away


class _EverySecond(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Now plus one second. An interval trigger goes silent when the clock steps back, and works
    through millions of run times when it jumps ahead."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + TICK


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """Never waits longer than a second, and re-arms a tick that a clock change put far ahead."""

    def _process_jobs(self) -> float:
        for job in self.get_jobs():
            if job.next_run_time and job.next_run_time > system_clock() + 2 * TICK:
                job.modify(next_run_time=system_clock())
        wait = super()._process_jobs()
        return min(TICK.total_seconds(), wait if wait is not None else 1.0)


class Ticker:
    """Ticks the runner once a second, and at once when somebody wakes it."""

    def __init__(self, runner: Runner, *, tidy: Callable[[], None] | None = None) -> None:
        """`tidy` runs beside the ticks, once an hour."""
        self._runner = runner
        self._again = threading.Event()
        self._ticking = threading.Lock()
        self._scheduler = _Scheduler(timezone="UTC", daemon=True)
        self._ending = threading.Event()
        sender = runner.sender
        self._beside_ticks = [
            threading.Thread(target=self._beside, args=(work, every), name=name, daemon=True)
            for name, work, every in (
                ("heartbeat", sender.keep_alive, sender.heartbeat),
                ("recovery", runner.recover, TICK.total_seconds()),
                ("tidying", tidy or (lambda: None), TIDIED),
            )
        ]
        self._rest = 0.0  # seconds
        self._rests_until = 0.0  # monotonic seconds

    def start(self) -> None:
        """Begin to tick; keep alive what is claimed and take up what others left, beside it."""
        for thread in self._beside_ticks:
            thread.start()
        self._scheduler.add_job(
            self._tick,
            _EverySecond(),
            id="tick",
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=system_clock(),
        )
        self._scheduler.start()

    def wake(self) -> None:
        """Something was just committed that should go out now."""
        self._again.set()
        if self._scheduler.running and not self._ticking.locked():
            self._scheduler.modify_job("tick", next_run_time=system_clock())

    def stop(self) -> None:
        """No new work; returns when what was in flight is finished and claims are given back."""
        self._runner.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._ending.set()
        self._runner.sender.release()

    def _tick(self) -> None:
        if monotonic() < self._rests_until:
            return
        with self._ticking:
            woken = self._again.is_set()
            self._again.set()
            while self._again.is_set():
                self._again.clear()
                try:
                    self._runner.tick(quiet=not woken)
                    woken = True  # whoever wakes it from here on has something new
                    self._rest = 0.0
                except AWAY as error:
                    # It comes back; meanwhile it is asked less and less often.
                    self._rest = min(max(1.0, self._rest * 2), LONGEST_REST)
                    self._rests_until = monotonic() + self._rest
                    log.warning("database_away", error=type(error).__name__, again_in=self._rest)
                    return
                except Exception:
                    # The tick must survive everything: a dead thread looks like a healthy bot.
                    log.exception("tick_failed")

    def _beside(self, work: Callable[[], None], seconds: float) -> None:
        """Do this every so often, however long a tick takes."""
        while not self._ending.wait(seconds):
            try:
                work()
            except AWAY as error:
                log.warning("database_away", error=type(error).__name__)
            except Exception:
                log.exception("beside_ticks_failed")
