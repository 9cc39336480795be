"""`python -m benchmarks [--quick]`: how long Slack waits for an answer, beside two references.

The bot, a bare app that checks the signature and answers, and a default Bolt app that only
acknowledges run in processes of their own behind the same server and get the same requests, in
turn, over a kept connection. A figure is the median of the rounds' medians. Exit code 1 when a
goal is missed.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from benchmarks import world
from benchmarks.acknowledgement import Measurement, Requests, Servers, Sizes, require_commits
from benchmarks.children import running
from benchmarks.table import Row, drawn
from bot.clock import system_clock

FULL = Sizes(pairs=300, rounds=5, requests=50, crowd=300)
QUICK = Sizes(pairs=300, rounds=3, requests=25, crowd=160)
TINY = Sizes(pairs=6, rounds=1, requests=3, crowd=16)
"""Shows that everything works; its figures mean nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["faults"]:
        from benchmarks.faults import run

        return run.main(words[1:])
    wanted = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = wanted.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_const", dest="sizes", const=QUICK)
    sizes.add_argument("--tiny", action="store_const", dest="sizes", const=TINY)
    given = wanted.parse_args(words)
    chosen = given.sizes or FULL
    click.echo(f"Making {chosen.pairs} pairs and asking …")
    rows = measure(chosen)
    click.echo(drawn(rows))
    return 1 if any(row.met is False for row in rows) else 0


def measure(sizes: Sizes) -> list[Row]:
    """Make a world, start the servers, ask, and make sure that what was asked for happened."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        path = Path(folder) / "benchmark.sqlite3"
        made = world.build(path, system_clock(), pairs=sizes.pairs, todos=sizes.clicks)
        slack = ("--slack", servers.enter_context(running("slack")) + "/api/")
        data = ("--database", made.url)
        addresses = Servers(
            bare=servers.enter_context(running("bare")),
            bolt=servers.enter_context(running("bolt", *slack)),
            bot=servers.enter_context(running("bot", *slack, *data)),
            without_calls=servers.enter_context(running("bot-without-calls", *data)),
        )
        measurement = Measurement(
            addresses, Requests(made), sizes, lambda: world.deliver(made.url, system_clock())
        )
        measurement.run()
        require_commits(made.url, measurement)
        return measurement.rows()


if __name__ == "__main__":
    sys.exit(main())
