"""The worker: the ticker as a part of a process.

It does not start before the database answers, and says so once; a database that stays away
ends the process, so that a supervisor notices.
"""

import threading

import sqlalchemy as sa

from bot.clock import monotonic
from bot.database import Database
from bot.logs import get_logger
from bot.schedule import Runner
from bot.ticker import Ticker

LANES = 4
"""Messages a worker has on their way at once: at 300 ms a call that is Slack's own limit."""

PATIENCE = 60.0
"""Seconds the worker waits at the start for a database that does not answer."""

log = get_logger(__name__)


class Worker:
    """Scheduler and outbox. A part of a process; any number may run beside each other."""

    name = "worker"

    def __init__(
        self, runner: Runner, ticker: Ticker, database: Database, *, patience: float = PATIENCE
    ) -> None:
        self._runner = runner
        self._ticker = ticker
        self._database = database
        self._patience = patience
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._ticking = False
        self._starter = threading.Thread(target=self._begin, name="worker", daemon=True)

    def start(self) -> None:
        """Tick from the moment the database answers."""
        self._starter.start()

    def stop(self, timeout: float) -> bool:
        """Claim nothing more, finish what is in flight; what still hangs after `timeout` s stays
        marked as being sent, and the next worker looks it up."""
        self._stopping.set()
        end = monotonic() + timeout
        self._starter.join(timeout)
        if self._starter.is_alive():
            return False
        if not self._ticking:
            return True
        stopper = threading.Thread(target=self._ticker.stop, name="worker-stop", daemon=True)
        stopper.start()
        stopper.join(max(0.0, end - monotonic()))
        return not stopper.is_alive()

    def trouble(self) -> str | None:
        return self._trouble

    def wake(self) -> None:
        """Something was just committed that should go out now."""
        if self._ticking and not self._stopping.is_set():
            self._ticker.wake()

    @property
    def last_tick_age(self) -> float | None:
        """Seconds since everything due was last looked at; None before the first time."""
        last = self._runner.last_tick
        return None if last is None else round(monotonic() - last, 1)

    def _begin(self) -> None:
        end = monotonic() + self._patience
        wait = 0.5
        while not self._stopping.is_set():
            try:
                self._database.ping()
            except (sa.exc.SQLAlchemyError, OSError) as error:
                if monotonic() > end:
                    self._trouble = f"the database did not answer for {self._patience:g} s"
                    return
                log.warning("database_not_reached", exc_info=error, again_in=f"{wait:g} s")
                self._stopping.wait(wait)
                wait = min(wait * 2, 10.0)
                continue
            self._ticker.start()
            self._ticking = True
            return
