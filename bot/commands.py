"""The command line: `demo`, `run`, `web`, `worker`, `migrate`, `outbox`, `replay`, `manifest`,
`doctor`.

What can be expected to go wrong is said in a sentence, without a traceback. Exit codes: 0 done,
1 something is wrong, 2 the command line itself.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa

from bot import broken, deliveries, logs, outbox_desk, pages, process, settings
from bot import doctor as checks
from bot.app import build_app
from bot.clock import monotonic, system_clock
from bot.cohort import installed, roster
from bot.cohort.model import Cohort, CohortState
from bot.database import Database, Role, file_trouble
from bot.doctor import Report
from bot.flood import Allowance
from bot.installation import Installation
from bot.manifest import AddressError, build, to_json
from bot.metrics import Metrics
from bot.outbox.elder import Elder
from bot.program import build_runner
from bot.schema import ForeignSchema, revision_state, upgrade
from bot.settings import Settings, SettingsError
from bot.slack import SlackClient, slack_client
from bot.socket import Socket
from bot.web import Server, SideDoor, build_web

if TYPE_CHECKING:
    from bot.worker import Worker

ANY_HOST = "0.0.0.0"  # noqa: S104 (the platform's router comes from outside)

log = logs.get_logger("bot")  # run as a script, this file is called __main__


class _Program(click.Group):
    """Says what is wrong in words; what nobody expected gets a reference, and the log the rest."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (SettingsError, AddressError, process.CannotStart) as error:
            raise click.ClickException(str(error)) from None
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            logs.log_error(logs.new_reference(), error)
            raise click.ClickException(
                "The database cannot be used. `python -m bot doctor` says why."
            ) from None
        except ForeignSchema as error:
            logs.log_error(logs.new_reference(), error)
            raise click.ClickException(
                "The database was made by another version of the bot. Install that one or a newer."
            ) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            reference = logs.new_reference()
            logs.log_error(reference, error)
            raise click.ClickException(
                f"Something broke that should not. The log has it under {reference}."
            ) from None


@click.group(cls=_Program, help="cohort-bot: a mentorship programme inside Slack.")
def main() -> None:
    logs.configure("INFO")


@main.command()
@click.option("--data", type=click.Path(dir_okay=False), help="Where to put the SQLite file.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@click.option("--fresh", is_flag=True, help="Start a new world (every start does).")
def demo(data: str | None, port: int, fresh: bool) -> None:
    """Show the bot at work in a stand-in Slack. There is nothing to set up."""
    from bot.demo import main as show

    logs.configure("WARNING")
    show(data, port)


@main.command()
def run() -> None:
    """Everything in one process. Socket Mode with SLACK_APP_TOKEN, else HTTP on PORT."""
    chosen = _begin("run")
    _migrate(chosen)
    with _opened(chosen, "web") as web_side, _opened(chosen, "worker") as worker_side:
        code = _live(chosen, web_side=web_side, worker_side=worker_side)
    process.leave(code)


@main.command()
def web() -> None:
    """What people press and type, over HTTP on PORT. /slack/events for all of Slack, /healthz,
    /metrics."""
    chosen = _begin("web")
    with _opened(chosen, "web") as database:
        _need_schema(database)
        code = _live(chosen, web_side=database)
    process.leave(code)


@main.command()
def worker() -> None:
    """Scheduler and outbox. Any number may run beside each other on PostgreSQL."""
    chosen = _begin("worker")
    with _opened(chosen, "worker") as database:
        _need_schema(database)
        code = _live(chosen, worker_side=database)
    process.leave(code)


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    _migrate(_begin("migrate"))


@main.command()
@click.argument("reference", default="")
def replay(reference: str) -> None:
    """Handle again what the bot broke on. Without a REFERENCE, list what is kept."""
    chosen = _begin("replay" if reference else "outbox")  # to list them needs no token
    with _opened(chosen, "worker") as database:
        _need_schema(database)
        if not reference:
            kept = broken.listed(database)
            click.echo("\n".join(map(broken.line, kept)) or "Nothing is kept.")
            return
        slack = slack_client(chosen.bot_token, chosen.api_url)
        app = build_app(chosen, database, system_clock, slack)
        well, said = broken.replay(database, system_clock(), reference, app.replay)
        click.echo(said)
    sys.exit(0 if well else 1)


@main.command()
@click.option("--url", help="The bot's public https address; without it, Socket Mode.")
def manifest(url: str | None) -> None:
    """Print the app's manifest, to paste into Slack."""
    click.echo(to_json(build(url)))


@main.command()
def doctor() -> None:
    """Check what the bot needs, and say what to do. Settings, database, token, scopes, clock and
    channels."""
    chosen, problems = settings.check("doctor")
    logs.configure("CRITICAL", secrets=chosen.secrets)
    findings = checks.examine(
        chosen,
        problems,
        slack=slack_client(chosen.bot_token, chosen.api_url),
        open_database=lambda: Database(chosen.database_url, role="web"),
        reports=_reports,
        clock=system_clock,
    )
    well = True
    for finding in findings:
        click.echo(str(finding))
        well = well and finding.ok is not False
    sys.exit(0 if well else 1)


# ---- the parts of a process


@contextmanager
def _outbox() -> Iterator[Database]:
    """The database, for a look into the outbox while the bot is at work."""
    with _opened(_begin("outbox"), "worker") as database:
        _need_schema(database)
        yield database


main.add_command(outbox_desk.commands(_outbox))


def _begin(command: settings.Command) -> Settings:
    """Settings and log; says loudly what may lose data. Raises CannotStart where the database
    can never be: a server may come back, a folder does not."""
    chosen = settings.load(command)
    logs.configure(chosen.log_level, secrets=chosen.secrets)
    looks = command in ("outbox", "replay")
    if looks and (file := chosen.file_to_come) is not None:
        raise process.CannotStart(
            f"There is no database yet: there is no file {file}. `python -m bot run` makes it."
        )
    if not looks:
        chosen.make_room()
    if chosen.sqlite:
        trouble = file_trouble(sa.make_url(chosen.database_url))
        if trouble is not None:
            raise process.CannotStart(f"DATABASE_URL cannot be used: {trouble}.")
    if chosen.sqlite and chosen.host_each:
        log.warning("sqlite_on_separate_hosts", do="set DATABASE_URL to a PostgreSQL")
    elif chosen.sqlite and command in ("web", "worker"):
        log.warning("sqlite_is_one_file", do="keep web and worker on this one machine")
    return chosen


def _migrate(chosen: Settings) -> None:
    upgrade(chosen.database_url)
    log.info("schema_up_to_date", database=chosen.shown_database)


def _opened(chosen: Settings, role: Role) -> AbstractContextManager[Database]:
    return closing(Database(chosen.database_url, role=role))


def _need_schema(database: Database) -> None:
    """Raises CannotStart for a database without tables. One that is away may come back: the web
    answers "try again" until then, the worker waits."""
    try:
        current, head = revision_state(database)
    except sa.exc.DBAPIError as error:
        log.warning("database_not_reached", exc_info=error)
        return
    if current is None:
        raise process.CannotStart("The database is empty. Run `python -m bot migrate` first.")
    if current != head:
        # While a release is rolled out, old code runs on the new schema for a moment.
        log.warning("schema_differs", has=current, needs=head, do="python -m bot migrate")


def _live(
    chosen: Settings, *, web_side: Database | None = None, worker_side: Database | None = None
) -> int:
    """Run the entrance, the worker, or both, in this process; returns the exit code."""
    database = web_side or worker_side
    assert database is not None  # noqa: S101 (one of the two is always given)
    slack = slack_client(chosen.bot_token, chosen.api_url)
    worker = None if worker_side is None else _worker(slack, worker_side)
    metrics = Metrics(database, system_clock, installed.stopped)
    health = partial(_health, database, worker)
    parts: list[process.Part] = [_installation(slack, database)]
    if chosen.metrics_port is not None:
        shown = pages.build_pages(health, metrics)
        parts.append(SideDoor(shown, ANY_HOST, chosen.metrics_port))
    if web_side is not None:
        parts.append(_entrance(chosen, slack, web_side, worker, health, metrics))
    if worker is not None:
        parts.append(worker)
    return process.live(parts)


def _installation(slack: SlackClient, database: Database) -> process.Part:
    def note(auth: Mapping[str, Any]) -> None:
        with database.begin() as session:
            roster.ensure_workspace(session, auth, system_clock())

    def stopped() -> bool:
        with database.read() as session:
            return installed.stopped(session)

    return Installation(slack, note, stopped)


def _worker(slack: SlackClient, database: Database) -> "Worker":
    # Only who works by the clock loads the scheduler.
    from bot.ticker import Ticker
    from bot.worker import LANES, Worker

    elder = Elder(database, slack, system_clock)
    runner = build_runner(database, slack, system_clock, lanes=LANES, elder=elder)
    ticker = Ticker(runner, tidy=lambda: deliveries.forget(database, system_clock()))
    return Worker(runner, ticker, database)


def _entrance(
    chosen: Settings,
    slack: SlackClient,
    database: Database,
    worker: "Worker | None",
    health: Callable[[], pages.Health],
    metrics: Metrics,
) -> process.Part:
    """Socket Mode for `run` with an app token, else HTTP."""
    allowance = Allowance(monotonic, refused=metrics.refused)
    app = build_app(chosen, database, system_clock, slack, allowance=allowance)
    answered = None if worker is None else worker.wake
    if worker is not None and chosen.app_token:
        return Socket(
            app,
            app_token=chosen.app_token,
            api_url=chosen.api_url,
            answered=answered,
            metrics=metrics,
        )
    served = build_web(
        app,
        health=health,
        signing_secret=chosen.signing_secret,
        answered=answered,
        metrics=metrics,
    )
    return Server(served, ANY_HOST, chosen.port)


def _health(database: Database, worker: "Worker | None") -> pages.Health:
    return pages.look(database, system_clock, None if worker is None else worker.last_tick_age)


def _reports(database: Database) -> list[Report]:
    """Where each open cohort reports, for the doctor."""
    with database.read() as session:
        return [
            Report(
                cohort.name,
                cohort.channel,
                frozenset(one.slack_id for one in roster.coordinators(session, cohort)),
            )
            for cohort in session.scalars(
                sa.select(Cohort).where(Cohort.state == CohortState.OPEN).order_by(Cohort.id)
            )
        ]
