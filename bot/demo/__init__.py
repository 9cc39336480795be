"""The demo: a whole workspace on this machine, with the real bot living in it.

One process holds the stand-in Slack with its page, the bot's HTTP entrance on a free port, and
the worker; all share one clock, which the page moves. The bot itself is the one that runs for
real: it only sees an address of Slack and a clock.
"""

import tempfile
import threading
from pathlib import Path

import click

from bot import process
from bot.demo.people import CHANNEL
from bot.demo.world import World
from bot.sandbox.serving import PortTaken, require_free


def main(data: str | None, port: int) -> None:
    """Make a new world and show it until somebody stops it.

    `data` is where the SQLite file goes (default: a temporary folder); it stays for looking at.
    Raises CannotStart when the port is taken or the file belongs to something else.
    """
    path = Path(data) if data else Path(tempfile.mkdtemp(prefix="cohort-bot-")) / "demo.sqlite3"
    code = process.live([Demo(path, port)])
    process.leave(code)


class Demo:
    """The world as a part of a process."""

    name = "demo"

    def __init__(self, path: Path, port: int) -> None:
        self._path = path
        self._port = port
        self._world: World | None = None
        self._changing = threading.Lock()

    def start(self) -> None:
        """Make the world and say where it is."""
        try:
            require_free(self._port)
            click.echo("Making a world: people, profiles, and the first weeks of a cohort …")
            self._world = World(self._path, self._port, reset=self.reset)
        except PortTaken as taken:
            raise process.CannotStart(
                f"{str(taken).capitalize()}, for example with --port {self._port + 1}."
            ) from None
        click.echo(f"Open {self._world.url}/ and choose who you are. Ctrl-C ends the demo.")
        click.echo(
            "To begin: Ana asks for a mentor with /mentor-request, Tom has a request to answer,\n"
            f"Priya reads #{CHANNEL}. The buttons on top move time."
        )
        click.echo(f"The database is {self._path}")

    def reset(self) -> None:
        """Start over: a new world at the same address."""
        with self._changing:
            old = self._world
            if old is not None:
                old.close()
                self._world = World(
                    self._path, self._port, reset=self.reset, version=old.slack.version + 1
                )

    def stop(self, timeout: float) -> bool:
        """Close everything; False when `timeout` seconds were too few."""
        if not self._changing.acquire(timeout=timeout):
            return False
        if self._world is not None:
            self._world.close()
        return True

    def trouble(self) -> str | None:
        return None
