"""What runs in processes of its own: `python -m benchmarks.faults ROLE …`.

A child prints one line of JSON when it is at work. It ends when its standard input is closed, so
none outlives whoever started it, however that ended.
"""

import argparse
import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from benchmarks.faults.kinds import KIND, render, words
from bot import logs, outbox, process
from bot.clock import monotonic, system_clock
from bot.cohort import installed, roster
from bot.cohort.model import Person
from bot.database import Database
from bot.outbox import limiter
from bot.outbox.model import Program, Surface
from bot.outbox.refusals import STILL_COMING
from bot.outbox.sender import Sender
from bot.schedule import Runner
from bot.slack import TIMEOUT, SlackClient
from bot.switchboard import Switchboard
from bot.ticker import Ticker
from bot.web import Health, Server, build_web
from bot.worker import LANES, Worker

TOKEN = "xoxb-sandbox"  # noqa: S105 (opens nothing but the sandbox)
SECRET = "sandbox-signing-secret"  # noqa: S105
CLICK = "harness.click"


def say(**facts: Any) -> None:
    """Tell the parent that this child is at work."""
    print(json.dumps(facts), flush=True)  # noqa: T201


# ---- the bot


def worker(given: argparse.Namespace) -> None:
    """The bot's own worker, with one kind of letter and no programme around it."""
    database = Database(given.database, role="worker")
    slack = SlackClient(TOKEN, given.slack)
    slack.timeout = given.timeout
    lease = timedelta(seconds=given.lease)
    post = build_sender(database, slack, lease, given.lanes, given.generous, given.timeout)
    runner = Runner(database, slack, system_clock, (), post)
    part = Worker(runner, Ticker(runner), database)
    say(owner=post.owner)
    code = process.live([part])
    database.close()
    process.leave(code)


def build_sender(
    database: Database,
    slack: WebClient,
    lease: timedelta,
    lanes: int,
    generous: float,
    timeout: float,
) -> Sender:
    """A sender with one kind of letter, for a Slack whose minutes are `generous` times shorter,
    and that gives a call up after `timeout` seconds."""
    limiter.LEARNS_EVERY /= generous
    limiter.SLOWEST *= generous
    for method, limit in limiter.LIMITS.items():
        faster = (limit.start * generous, limit.most * generous, limit.burst * generous)
        limiter.LIMITS[method] = limiter.Limit(*faster)
    program = Program(
        renders={KIND.name: (KIND.version, Surface.MESSAGE, render)},
        readers=roster.readers,
        allowances=roster.allowances,
        person_gone=installed.left_slack,
        was_away=lambda *_what: None,
        channel_stopped=lambda *_what: None,
        workspaces=installed.workspaces,
        stopped=installed.stopped,
        stop=installed.stop,
    )
    return Sender(
        database,
        slack,
        system_clock,
        program,
        lanes=lanes,
        lease=lease,
        # Calls are given up sooner here, so what is still coming comes sooner.
        still_coming=STILL_COMING * (timeout / TIMEOUT),
    )


def web(given: argparse.Namespace) -> None:
    """The bot's entrance with one button, whose click posts a letter."""
    database = Database(given.database, role="web")
    app = Switchboard(
        signing_secret=SECRET,
        authorize=lambda **_whose: AuthorizeResult(
            enterprise_id=None, team_id=None, bot_token=TOKEN, bot_user_id="U0BOT"
        ),
        process_before_response=True,
    )

    @app.action(CLICK)  # type: ignore[untyped-decorator]
    def click(ack: Callable[[], None], action: dict[str, Any], body: dict[str, Any]) -> None:
        with database.begin() as session:
            person = session.scalars(
                sa.select(Person).where(Person.slack_id == body["user"]["id"])
            ).one()
            outbox.post(
                session,
                KIND,
                key=f"click:{action['value']}",
                workspace_id=person.workspace_id,
                person_id=person.id,
                now=system_clock(),
            )
        ack()

    pages = build_web(app, health=lambda: Health(database=True), signing_secret=SECRET)
    server = Server(pages, "127.0.0.1", given.port)
    started = threading.Thread(target=_say_port, args=(server,), daemon=True)
    started.start()
    process.leave(process.live([server]))


def _say_port(server: Server) -> None:
    pause = threading.Event()
    while not server.port:
        pause.wait(0.02)
    say(url=server.url)


# ---- the usual design beside it: one job for each message in APScheduler's store

_slack: list[WebClient] = []


def send_job(person: str, number: int) -> None:
    """What a job runs."""
    _slack[0].chat_postMessage(channel=person, text=words(number))


def usual_scheduler(database: str) -> BackgroundScheduler:
    """As its documentation sets one up, and never giving up on a late job."""
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=database)},
        executors={"default": ThreadPoolExecutor(10)},
        job_defaults={"misfire_grace_time": None},
        timezone="UTC",
    )


def schedule(given: argparse.Namespace) -> None:
    """Give each message a job, and leave before any is run."""
    scheduler = usual_scheduler(given.database)
    scheduler.start(paused=True)
    people = given.people.split(",")
    now = system_clock()
    for n in range(given.count):
        late = timedelta(seconds=given.seconds * (n / given.count) if n % 2 else 0)
        scheduler.add_job(
            send_job, "date", run_date=now + late, args=(people[n % len(people)], n), id=str(n)
        )
    # Its shutdown would look at what is due.
    os._exit(0)


def usual(given: argparse.Namespace) -> None:
    """A process that sends its jobs until it is told to stop."""
    _slack.append(WebClient(token=TOKEN, base_url=given.slack))
    scheduler = usual_scheduler(given.database)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    scheduler.start()
    say(owner="apscheduler")
    while not stopped.wait(0.2):
        pass
    scheduler.shutdown(wait=True)
    process.leave(0)


# ---- the file is held, and fought for

COUNTED = "counted"


def count(given: argparse.Namespace) -> None:
    """Read a number and write it one higher, many times, as a web process does; says how many
    errors it met and how long the slowest changes took."""
    database = Database(given.database, role="web")
    errors, taken = 0, []
    for _ in range(given.count):
        begun = monotonic()
        try:
            with database.begin() as session:
                n = session.scalar(sa.text("SELECT n FROM counted")) or 0
                session.execute(sa.text("UPDATE counted SET n = :n"), {"n": n + 1})
        except Exception as error:
            errors += 1
            print(error, file=sys.stderr)  # noqa: T201
        taken.append(monotonic() - begun)
    taken.sort()
    say(errors=errors, p99=taken[int(len(taken) * 0.99) - 1])


def hold(given: argparse.Namespace) -> None:
    """Hold the SQLite file's write lock for a while."""
    connection = sqlite3.connect(
        sa.make_url(given.database).database or "", timeout=30, isolation_level=None
    )
    connection.execute("BEGIN IMMEDIATE")
    threading.Event().wait(given.seconds)
    connection.execute("ROLLBACK")
    connection.close()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(3)


def main() -> None:
    """Run one role."""
    roles = {
        "worker": worker,
        "web": web,
        "usual": usual,
        "schedule": schedule,
        "hold": hold,
        "count": count,
    }
    wanted = argparse.ArgumentParser()
    wanted.add_argument("role", choices=roles)
    wanted.add_argument("--database", required=True)
    wanted.add_argument("--slack", default="")
    wanted.add_argument("--lease", type=float, default=60)
    wanted.add_argument("--timeout", type=int, default=10)
    wanted.add_argument("--lanes", type=int, default=LANES)
    wanted.add_argument("--generous", type=float, default=1)
    wanted.add_argument("--port", type=int, default=0)
    wanted.add_argument("--seconds", type=float, default=1)
    wanted.add_argument("--people", default="")
    wanted.add_argument("--count", type=int, default=0)
    given = wanted.parse_args()
    logs.configure("WARNING", secrets=[TOKEN, SECRET])
    if given.role == "worker" and given.lease <= 3 * given.timeout:
        wanted.error("the lease must be longer than three calls")
    if given.role in ("worker", "web", "usual"):
        threading.Thread(target=_end_with_parent, daemon=True).start()
    roles[given.role](given)
