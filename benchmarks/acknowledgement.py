"""How long Slack waits for an answer, beside two references.

The bot, a bare app that checks the signature and answers, and a default Bolt app that only
acknowledges run in processes of their own behind the same server and get the same requests, in
turn, over a kept connection. The bot has every listener of the programme and an SQLite file with
300 pairs in their sixth week. A figure is the median of the rounds' medians.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from statistics import median

import sqlalchemy as sa

from benchmarks import payloads, world
from benchmarks.children import running
from benchmarks.load import at_once, one_by_one, percentile
from benchmarks.places import SQLITE, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row
from benchmarks.world import Todo, World
from bot.clock import system_clock
from bot.database import Database
from bot.gratitude.model import Thanks
from bot.meeting.model import Action, ActionState

Make = Callable[[], bytes]
CROWD = 8
_WARM = 5


def measure(scale: Scale, places: Places) -> list[Line]:
    """Make a world, start the servers, ask, and make sure that what was asked for happened."""
    with ExitStack() as servers:
        now, url = system_clock(), places.migrated(SQLITE)
        made = world.build(url, now, pairs=scale.pairs, todos=_clicks(scale))
        slack = ("--slack", servers.enter_context(running("slack")) + "/api/")
        data = ("--database", made.url)
        addresses = Servers(
            bare=servers.enter_context(running("bare")),
            bolt=servers.enter_context(running("bolt", *slack)),
            bot=servers.enter_context(running("bot", *slack, *data)),
            without_calls=servers.enter_context(running("bot-without-calls", *data)),
        )
        measurement = Measurement(
            addresses, Requests(made), scale, lambda: world.deliver(made.url, system_clock())
        )
        measurement.run()
        require_commits(made.url, measurement)
        return [*measurement.rows()]


def _clicks(scale: Scale) -> int:
    """How many open actions are needed: each is clicked once, whoever answers."""
    return 3 * (_WARM + scale.rounds * scale.requests) + scale.rounds * scale.crowd


@dataclass(frozen=True)
class Servers:
    """Addresses."""

    bare: str
    bolt: str
    bot: str
    without_calls: str


class Requests:
    """Makes the bodies of requests, never the same twice."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count()
        self._todos: Iterator[Todo] = iter(world.todos)

    def click(self) -> bytes:
        """[Done]: locks and changes the action, brings the letter and two Home tabs up to date."""
        return payloads.done(next(self._todos))

    def nothing(self) -> bytes:
        """A button that needs only an acknowledgement."""
        return payloads.nothing(self._somebody())

    def help(self) -> bytes:
        """`/mentor help` reads whom to ask, and writes nothing."""
        return payloads.command(self._somebody(), "/mentor", "help")

    def request(self) -> bytes:
        """`/mentor-request` of an intern without a mentor opens the first form."""
        user, _place = self._world.asking[next(self._numbers) % len(self._world.asking)]
        return payloads.command(user, "/mentor-request", "")

    def thanks(self) -> bytes:
        """The form "Say thanks" writes the words and a letter."""
        return payloads.thanks_form(self._world, next(self._numbers))

    def goals(self) -> bytes:
        """The request's first form answers with suggestions among all mentors with room."""
        return payloads.goals_form(self._world, next(self._numbers))

    def _somebody(self) -> str:
        return self._world.interns[next(self._numbers) % len(self._world.interns)]


class Measurement:
    """The times of one run, by what was asked and of whom."""

    def __init__(
        self,
        servers: Servers,
        requests: Requests,
        sizes: Scale,
        deliver: Callable[[], object],
    ) -> None:
        """`deliver` sends what waits in the outbox, before each round of clicks."""
        self._deliver = deliver
        self._servers, self._requests, self._sizes = servers, requests, sizes
        self._rounds: dict[tuple[Make, str], list[float]] = defaultdict(list)
        self._crowd: list[float] = []
        self.committed = {"clicks": 0, "forms": 0}

    def run(self) -> None:
        """All rounds, each asking every server in turn."""
        kinds = (
            self._requests.nothing,
            self._requests.help,
            self._requests.click,
            self._requests.thanks,
            self._requests.request,
            self._requests.goals,
        )
        for kind in kinds:
            for server in self._asked(kind):
                self._time(kind, server, _WARM)
        for _ in range(self._sizes.rounds):
            for kind in kinds:
                for server in self._asked(kind):
                    taken = self._time(kind, server, self._sizes.requests)
                    self._rounds[kind, server].append(median(taken))
            self._deliver()
            bodies = [self._requests.click() for _ in range(self._sizes.crowd)]
            self._crowd += at_once(self._servers.bot, bodies, CROWD)
            self.committed["clicks"] += len(bodies)

    def rows(self) -> list[Row]:
        """Figures, references and goals."""
        asked = self._requests
        return [
            *self._beside("answer without work", asked.nothing, bare=4, bolt=1 / 6),
            *self._beside("/mentor help (reads)", asked.help),
            *self._beside("click that commits", asked.click, bolt=1 / 2),
            *self._beside("submission that commits", asked.thanks),
            *self._beside("/mentor-request, views.open included", asked.request),
            Row(
                "/mentor-request, without that call",
                self._figure(asked.request, "without_calls"),
                self._figure(asked.request, "bolt"),
                "default Bolt",
            ),
            *self._beside("goals submitted, five suggestions back", asked.goals),
            Row(f"click that commits, {CROWD} at once, median", median(self._crowd)),
            Row(f"click that commits, {CROWD} at once, p99", percentile(self._crowd, 99), goal=0.1),
        ]

    def _asked(self, kind: Make) -> tuple[str, ...]:
        if kind == self._requests.request:
            return ("bare", "bolt", "bot", "without_calls")
        return ("bare", "bolt", "bot")

    def _time(self, kind: Make, server: str, times: int) -> list[float]:
        bodies = [kind() for _ in range(times)]
        self._deliver()
        if server == "bot" and kind == self._requests.click:
            self.committed["clicks"] += times
        if server == "bot" and kind == self._requests.thanks:
            self.committed["forms"] += times
        return one_by_one(getattr(self._servers, server), bodies)

    def _figure(self, kind: Make, server: str) -> float:
        return median(self._rounds[kind, server])

    def _beside(
        self, what: str, kind: Make, *, bare: float | None = None, bolt: float | None = None
    ) -> list[Row]:
        figure = self._figure(kind, "bot")
        return [
            Row(what, figure, self._figure(kind, "bare"), "bare app", bare, stretch=True),
            Row("", figure, self._figure(kind, "bolt"), "default Bolt", bolt),
        ]


def require_commits(database_url: str, measurement: Measurement) -> None:
    """What was timed really happened. Raises RuntimeError when a click or a form left nothing."""
    database = Database(database_url)
    try:
        with database.read() as session:
            done = sa.select(sa.func.count()).where(Action.state == ActionState.DONE)
            found = {
                "clicks": session.scalar(done),
                "forms": session.scalar(sa.select(sa.func.count()).select_from(Thanks)),
            }
    finally:
        database.close()
    if found != measurement.committed:
        raise RuntimeError(f"committed {found}, asked for {measurement.committed}")
