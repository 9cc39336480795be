"""`python -m benchmarks [NAME ...] [--quick | --tiny]`: how fast the bot is, beside what others do.

Without a name everything is measured. Each goal is a ratio to a reference that is timed in the same
run, in turn, or a bound that Slack sets; the table prints the goal, the figure, the reference, and
whether the goal is met. Exit code 1 when one is missed. `python -m benchmarks faults` has options
of its own: what is lost and doubled when things go wrong.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

import click

from benchmarks import acknowledgement, client, durable, limiter, process, queue
from benchmarks.places import Places, places
from benchmarks.scale import FULL, QUICK, TINY, Scale
from benchmarks.table import Line, drawn, failed
from bot import logs

Measure = Callable[[Scale, Places], list[Line]]

GROUPS: dict[str, tuple[Measure, ...]] = {
    "acknowledge": (acknowledgement.measure, durable.measure),
    "queue": (queue.measure,),
    "client": (client.measure,),
    "limiter": (limiter.measure,),
    "process": (process.measure,),
}
COMMANDS = {"faults": "benchmarks.faults.run"}
"""What has a command line of its own: a module with `main(arguments) -> exit code`."""


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words and words[0] in COMMANDS and find_spec(COMMANDS[words[0]].rpartition(".")[0]):
        return int(import_module(COMMANDS[words[0]]).main(words[1:]))
    wanted = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    wanted.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(GROUPS)}")
    sizes = wanted.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_const", dest="scale", const=QUICK)
    sizes.add_argument("--tiny", action="store_const", dest="scale", const=TINY)
    given = wanted.parse_args(words)
    unknown = [name for name in given.names if name not in GROUPS]
    if unknown:
        wanted.error(f"there is no {unknown[0]!r}; there are {', '.join(GROUPS)}")
    logs.configure("CRITICAL")
    lines: list[Line] = []
    with places() as there:
        for name in given.names or GROUPS:
            click.echo(f"{name} …", err=True)
            found = measure(name, given.scale or FULL, there)
            click.echo(drawn(found) + "\n")
            lines += found
    return 1 if failed(lines) else 0


def measure(name: str, scale: Scale, there: Places) -> list[Line]:
    """The table of one group."""
    return [line for part in GROUPS[name] for line in part(scale, there)]


if __name__ == "__main__":
    sys.exit(main())
