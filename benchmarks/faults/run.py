"""`python -m benchmarks faults [--sends N] [--seed S] [--database sqlite|postgresql|both]`.

The bot's workers send letters while they are killed, frozen and told to stop, while the database
goes away, and while Slack refuses, breaks off and hangs; and the usual design, one APScheduler
job for each message, gets the same. What truly arrived is read from the workspace's ledger. Exit
code 1 when a letter is lost or doubled, or when the reference is not (then this shows nothing).
"""

import argparse
import random
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa

from benchmarks.faults.chaos import Chaos, blows, storm
from benchmarks.faults.clicks import Clicks
from benchmarks.faults.crew import Child, a_crew, run
from benchmarks.faults.kinds import KIND
from benchmarks.faults.stage import Store, Town, a_store, a_town, enrol, post_letters
from benchmarks.faults.verdict import FINAL, Verdict, judge, judge_usual, table
from bot.clock import monotonic
from bot.database import AWAY, Database
from bot.outbox import Letter
from bot.sandbox.rates import Limits
from bot.worker import LANES


@dataclass(frozen=True)
class Sizes:
    """One run on one database. Times in seconds."""

    sends: int
    usual_sends: int
    seed: int
    people: int = 1000
    workers: int = 4
    timeout: int = 1
    lease: float = 4.0
    delay: float = 0.02  # of each of Slack's answers
    spread: float = 60.0  # half of the letters fall due in this time, the others at once
    every: float = 3.0  # between two blows
    generous: float = 40.0  # times Slack's own limits
    longest: float = 3600.0  # until the blows end
    patience: float = 240.0  # without any progress
    late: bool = True

    @property
    def clicks(self) -> int:
        """How many buttons are clicked."""
        return self.sends // 20


def slice_of(seed: int) -> Sizes:
    """2,000 sends on two databases in less than two minutes."""
    return Sizes(
        sends=950,
        usual_sends=200,
        seed=seed,
        people=200,
        spread=12,
        every=1.0,
        longest=16,
        patience=50,
    )


def main(arguments: Sequence[str]) -> int:
    """Run and print; the exit code."""
    wanted = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    wanted.add_argument("--sends", type=int, default=100_000, help="over all databases")
    wanted.add_argument("--seed", type=int, default=None)
    wanted.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    wanted.add_argument("--reference", type=int, default=None, help="sends of the reference")
    wanted.add_argument("--slice", action="store_true", help="2,000 sends, for every change")
    given = wanted.parse_args(arguments)
    stores = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    if given.slice:
        sizes = slice_of(seed)
    else:
        each = max(20, given.sends // len(stores))
        sizes = Sizes(
            sends=each,  # and what clicks post
            usual_sends=each if given.reference is None else given.reference,
            seed=seed,
            people=min(5000, max(50, each // 10)),
            spread=max(15.0, each / 300),
        )
    click.echo(f"Seed {seed}: --seed {seed} draws the same again.")
    verdicts = []
    for kind in stores:
        for play in (play_ours, play_usual):
            verdict = play(kind, sizes)
            verdicts.append(verdict)
            click.echo(f"{verdict.store}, {verdict.design}: {verdict.seconds:.0f} s")
    click.echo(table(verdicts))
    for verdict in verdicts:
        name = f"{verdict.store}, {verdict.design}"
        click.echo(f"{name}: " + "; ".join(f"{w} × {n}" for w, n in sorted(verdict.struck.items())))
        for line in verdict.stories:
            click.echo(f"{name}: {line}")
    missed = [what for verdict in verdicts for what in verdict.missed()]
    for what in missed:
        click.echo(f"MISSED  {what}")
    return 1 if missed else 0


# ---- the bot


def play_ours(kind: str, sizes: Sizes) -> Verdict:
    """One run of the bot on one database."""
    verdict = Verdict(kind, "cohort-bot", lease=sizes.lease)
    begun = monotonic()
    with (
        a_store(kind) as store,
        a_town(sizes.people, Limits().times(sizes.generous)) as town,
        tempfile.TemporaryDirectory() as folder,
    ):
        database = Database(store.url, role="worker")
        log = Path(folder) / "children.log"
        try:
            people = list(enrol(database, town).values())
            post_letters(database, people, sizes.sends, timedelta(seconds=sizes.spread))
            _let_it_rain(town, sizes)
            _send_all(verdict, database, store, town, log, sizes)
        except Exception:
            click.echo(_end_of(log), err=True)
            raise
        finally:
            database.close()
    verdict.seconds = monotonic() - begun
    return verdict


def _send_all(
    verdict: Verdict, database: Database, store: Store, town: Town, log: Path, sizes: Sizes
) -> None:
    def a_worker() -> Child:
        return worker(
            log,
            store.url,
            town.api_url,
            lease=sizes.lease,
            timeout=sizes.timeout,
            generous=sizes.generous,
        )

    def an_entrance() -> Child:
        return Child(log, "web", "--database", store.url)

    with a_crew(sizes.workers, a_worker) as workers, a_crew(1, an_entrance) as entrance:
        workers.ready()
        entrance.ready()
        clicks = Clicks(
            entrance,
            town.people,
            town.workspace.team_id,
            seed=sizes.seed,
            count=sizes.clicks,
            seconds=sizes.spread,
        )
        clicks.start()
        chaos = Chaos(workers, store, database)
        begun = monotonic()

        def calm() -> bool:
            passed = monotonic() - begun
            few = passed > sizes.spread and waiting(database) < sizes.sends / 20
            return few or passed > sizes.longest

        chaos.run(blows(sizes.seed, sizes.workers, sizes.lease, sizes.every), calm)
        clicks.finish(sizes.spread)
        progressing(lambda: waiting(database), sizes.patience)
        for child in workers.members:
            child.ready()
            if (code := child.end()) != 0:
                chaos.wrong.append(f"SIGTERM ended with {code}")
    judge(verdict, database, town.workspace.ledger, clicks.acknowledged)
    verdict.clicks = len(clicks.acknowledged)
    verdict.happened += chaos.happened
    verdict.recoveries = chaos.recoveries
    verdict.wrong = chaos.wrong
    verdict.struck = town.workspace.faults.struck
    verdict.most_unknown = chaos.happened["kill"] * LANES


def worker(
    log: Path, url: str, api_url: str, *, lease: float, timeout: int, generous: float = 1.0
) -> Child:
    """Start one of the bot's workers."""
    times = ("--lease", f"{lease:g}", "--timeout", str(timeout), "--generous", f"{generous:g}")
    return Child(log, "worker", "--database", url, "--slack", api_url, *times)


def waiting(database: Database) -> int:
    """Letters that have no end yet; more than there are while the database is away."""
    try:
        with database.read() as session:
            found = session.scalar(
                sa.select(sa.func.count()).where(
                    Letter.kind == KIND.name, Letter.state.not_in(FINAL)
                )
            )
    except AWAY:
        return 10**9
    return found or 0


def progressing(left: Callable[[], int], patience: float) -> bool:
    """Wait until nothing is left; False when for `patience` seconds nothing changed."""
    pause = threading.Event()
    last, since = left(), monotonic()
    while last:
        pause.wait(0.1)
        now = left()
        if now != last:
            last, since = now, monotonic()
        elif monotonic() - since > patience:
            return False
    return True


def _let_it_rain(town: Town, sizes: Sizes) -> None:
    faults = town.workspace.faults
    faults.slow(sizes.delay)
    faults.rate_limit("chat.postMessage", times=2, retry_after=1)
    faults.storm(sizes.seed, storm(sizes.timeout, late=sizes.late))


# ---- the usual design


def play_usual(kind: str, sizes: Sizes) -> Verdict:
    """The same load and the same faults, with one job for each message."""
    verdict = Verdict(kind, "APScheduler")
    begun = monotonic()
    with (
        a_store(kind, empty=True) as store,
        a_town(sizes.people, Limits().times(sizes.generous)) as town,
        tempfile.TemporaryDirectory() as folder,
    ):
        log = Path(folder) / "children.log"
        engine = sa.create_engine(store.url)
        _schedule(store.url, town.people, sizes.usual_sends, sizes.spread)
        _let_it_rain(town, replace(sizes, late=False))

        def left() -> int:
            try:
                with engine.connect() as connection:
                    found = connection.scalar(sa.text("SELECT count(*) FROM apscheduler_jobs"))
            except AWAY:
                return 10**9
            return int(found or 0)

        def a_process() -> Child:
            return Child(log, "usual", "--database", store.url, "--slack", town.api_url)

        with a_crew(1, a_process) as crew:
            crew.ready()
            chaos = Chaos(crew, store, None)
            end = monotonic() + sizes.spread

            def calm() -> bool:
                return monotonic() > end and left() < sizes.usual_sends / 20

            _deal(chaos, sizes, calm)
            # A scheduler whose thread has died looks healthy: somebody restarts it by hand.
            for _restart in range(3):
                if progressing(left, 8):
                    break
                crew.replace(0)
                crew.ready()
            ledger = town.workspace.ledger
            progressing(lambda: _moving(len(ledger)), 2)
        engine.dispose()
        judge_usual(verdict, ledger, sizes.usual_sends)
        verdict.happened = chaos.happened
        verdict.struck = town.workspace.faults.struck
    verdict.seconds = monotonic() - begun
    return verdict


def _deal(chaos: Chaos, sizes: Sizes, calm: Callable[[], bool]) -> None:
    """The same blows; whoever waits for a process that hangs gives up after a while."""
    stuck = monotonic() + sizes.spread + 30
    chaos.run(blows(sizes.seed, 1, sizes.lease, sizes.every), lambda: calm() or monotonic() > stuck)


def _moving(stored: int) -> int:
    return stored + 1  # never nothing: only whether it still changes


def _schedule(url: str, people: Sequence[str], count: int, spread: float) -> None:
    words = ("--people", ",".join(people), "--count", str(count), "--seconds", f"{spread:g}")
    run("schedule", "--database", url, *words, seconds=60 + count / 20)


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""
