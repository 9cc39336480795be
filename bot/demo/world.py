"""One world: a workspace with people, a database, the bot, and a clock that the page moves."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot import web
from bot.app import build_app
from bot.clock import MovableClock, epoch
from bot.cohort import roster
from bot.cohort.calendar import next_local
from bot.database import Database
from bot.demo import people
from bot.demo.sights import Sights, news, sights
from bot.manifest import ENTRANCE, build
from bot.outbox.model import Instance
from bot.outbox.presence import Stamp
from bot.process import CannotStart
from bot.program import build_runner
from bot.sandbox.delivery import PATIENCE, to_url
from bot.sandbox.server import Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from bot.schema import upgrade
from bot.settings import Settings
from bot.slack import slack_client
from bot.ticker import Ticker
from bot.web import Health

# Monday 1 June 2026, 9:00 in Berlin: a week before the cohort begins.
BEGINNING = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
AT_WORK = 15.0
"""Seconds for which a file counts as in use: a demo says every ten that it is at work."""
PRELUDE_PATIENCE = 60.0  # seconds
MOMENTS = 200
"""So many due moments are passed at most until somebody sees something."""
LABELS = {
    "hour": "one hour on",
    "day": "one day on",
    "monday": "to next Monday",
    "next": "to the next event",
    "asleep": "two days on, the bot asleep",
    "end": "to the end",
}


class World:
    """Everything that runs in the demo. Made, it is ready to be looked at."""

    def __init__(
        self, path: Path, port: int, *, reset: Callable[[], object], version: int = 0
    ) -> None:
        make_way(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{path.absolute()}"
        upgrade(url)
        self.clock = MovableClock(BEGINNING, ticking=True)
        self._made = threading.Event()
        self._progress: dict[str, Any] = {"moving": False, "label": "", "progress": 0.0}
        self.slack = Workspace(self.clock, name="Harbour Labs")
        self.slack.version = version
        people.move_in(self.slack)
        self.slack.install_manifest(build("https://bot.sandbox.invalid"))
        stage = Stage(
            self.advance,
            self.next_event,
            reset,
            lambda: dict(self._progress),
            self._made.is_set,
        )
        self._page = serve(build_server(self.slack, stage=stage), port=port)
        self.url = self._page.url
        self._databases = (Database(url, role="web"), Database(url, role="worker"))
        self._start_bot()
        try:
            # Nobody has come yet: a busy machine may take longer to make the world.
            self._be_patient(PRELUDE_PATIENCE)
            self._prelude()
            self._be_patient(PATIENCE)
        except BaseException:
            self.close()
            raise
        self._ticker.start()
        self._made.set()
        self.slack.touch()  # whoever waits may look now

    def _start_bot(self) -> None:
        """The bot as it runs for real, at the address of this Slack."""
        settings = Settings(
            bot_token=self.slack.bot_token,
            signing_secret=self.slack.signing_secret,
            api_url=f"{self.url}/api/",
        )
        client = slack_client(settings.bot_token, settings.api_url)
        web_side, worker_side = self._databases
        with worker_side.begin() as session:
            roster.ensure_workspace(session, client.auth_test().data, self.clock())  # type: ignore[arg-type]
        app = build_app(settings, web_side, self.clock, client)
        self._client = client
        self._start_worker()
        self._entrance = web.serve(
            web.build_web(
                app,
                health=lambda: Health(database=True),
                signing_secret=settings.signing_secret,
                answered=self._wake,
            ),
            "127.0.0.1",
            0,
        )

    def _be_patient(self, seconds: float) -> None:
        """How long the sandbox waits for the bot's answer to a request."""
        self.slack.wait(seconds)
        self.slack.connect(to_url(self._entrance.url + ENTRANCE, seconds))

    def _wake(self) -> None:
        self._ticker.wake()  # of the worker there is now

    def _start_worker(self) -> None:
        self._runner = build_runner(self._databases[1], self._client, self.clock)
        self._ticker = Ticker(self._runner)

    def _prelude(self) -> None:
        """People act, time passes: what the demo shows at once was made by using the bot."""
        from bot.demo.prelude import play

        play(self)

    def live_until(self, end: datetime) -> None:
        """Let time pass, through every due moment in order."""
        self._runner.run_until(self.clock, end)

    # ---- what the page's clock bar calls

    def next_event(self) -> datetime | None:
        """When something is due next."""
        return self._runner.next_event()

    def advance(self, to: str) -> None:
        """Move the programme's time; everything due on the way happens, in order."""
        start = self.clock()
        end = self._target(to, start)
        span = max((end - start).total_seconds(), 1.0)

        def show(at: datetime) -> None:
            self._progress["progress"] = min(1.0, (at - start).total_seconds() / span)

        self._progress = {"moving": True, "label": LABELS.get(to, ""), "progress": 0.0}
        before, came = sights(self.slack), ""
        try:
            if to == "next":
                self._live_until_seen(before)
            elif to == "asleep":
                self._sleep_until(end)
            else:
                self._runner.run_until(self.clock, end, show)
            came = news(self.slack, before)
        finally:
            self._progress = {"moving": False, "label": came, "progress": 1.0}

    def _live_until_seen(self, before: Sights) -> None:
        """From one due moment to the next, until somebody sees something: most of them only
        prepare what comes later."""
        for _moment in range(MOMENTS):
            upcoming = self.next_event()
            if upcoming is None or upcoming > people.THE_END:
                return
            self._runner.run_until(self.clock, max(self.clock(), upcoming))
            if sights(self.slack) != before:
                return

    def _sleep_until(self, end: datetime) -> None:
        """An outage: no worker is at work until `end`, then one starts and finds what fell due.

        The bot measures an outage in real time, which no demo waits for; so its own note of when
        somebody was last at work is set back by as much as the programme's time goes on.
        """
        gap = end - self.clock()
        self._ticker.stop()
        database = self._databases[1]
        with database.begin() as session:
            for mine in session.scalars(sa.select(Instance)):
                if mine.ticked_at is not None:
                    mine.ticked_at -= gap
                    Stamp(database).write(mine.ticked_at)
        self.clock.set(end)
        self._start_worker()
        self._runner.tick()
        self._ticker.start()

    def _target(self, to: str, now: datetime) -> datetime:
        if to == "hour":
            return now + timedelta(hours=1)
        if to == "day":
            return now + timedelta(days=1)
        if to == "asleep":
            return now + timedelta(days=2)  # the opening Monday's first letters are due by then
        if to == "monday":
            # A minute past nine, so that the digest is there.
            return next_local(now, time(9, 1), people.ZONE, weekday=0)
        return max(now, people.THE_END)

    def close(self) -> None:
        """Stop everything; the database file stays."""
        self._ticker.stop()
        self._entrance.stop(3)
        self._page.stop()
        for database in self._databases:
            database.close()
            Path(f"{database.url.database}-at-work").unlink(missing_ok=True)


def make_way(path: Path) -> None:
    """Remove the file of an earlier demo. Raises CannotStart for a file that is not one."""
    if not path.exists():
        return
    stamp = path.with_name(path.name + "-at-work")
    if stamp.exists() and epoch() - stamp.stat().st_mtime < AT_WORK:
        raise CannotStart(f"A demo is at work on {path}. Stop it, or choose another with --data.")
    try:
        with closing(sqlite3.connect(path)) as connection:
            teams = {row[0] for row in connection.execute("SELECT team_id FROM workspace")}
    except sqlite3.Error:
        teams = {"something else"}
    if teams - {"T0SANDBOX"}:
        raise CannotStart(f"{path} is not the file of an earlier demo. Choose another with --data.")
    for suffix in ("", "-wal", "-shm", "-turn", "-at-work"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
