"""Workers in processes of their own, a stand-in Slack behind HTTP, and letters to send."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.faults.crew import Child, wait_until
from benchmarks.faults.run import waiting, worker
from benchmarks.faults.stage import a_town, enrol, post_letters
from benchmarks.faults.verdict import Verdict, judge
from bot.database import Database
from bot.outbox import Letter, LetterState

LONG = 60.0
"""A lease nobody waits for: what needs it to end would not be done in time."""
SHORT = 3.5
PATIENCE = 60.0  # seconds for what takes one or two on a machine at rest


class Scene:
    """One database and one workspace; children end with it."""

    def __init__(self, url: str, folder: Path, *, people: int, ends: ExitStack) -> None:
        self.url = url
        self.log = folder / "children.log"
        self.town = ends.enter_context(a_town(people))
        self.faults, self.ledger = self.town.workspace.faults, self.town.workspace.ledger
        self.database = Database(url, role="worker")
        ends.callback(self.database.close)
        self._ends = ends
        self.people = list(enrol(self.database, self.town).values())

    def post(self, count: int) -> None:
        """Letters that are due now."""
        post_letters(self.database, self.people, count)

    def more(self, count: int) -> None:
        """Further letters, of other occasions."""
        post_letters(self.database, self.people, count, occasion=f"more {count}")

    def worker(self, lease: float = SHORT) -> Child:
        """One of the bot's workers; ask it for `ready()` to wait until it is at work."""
        made = worker(self.log, self.url, self.town.api_url, lease=lease, timeout=1, generous=1000)
        self._ends.callback(made.close)
        return made

    def web(self) -> Child:
        """The bot's entrance with one button."""
        made = Child(self.log, "web", "--database", self.url)
        self._ends.callback(made.close)
        return made

    def stored(self, at_least: int) -> None:
        """Wait until so many messages are in the workspace."""
        self._wait(lambda: len(self.ledger) >= at_least)

    def _wait(self, true: Callable[[], bool]) -> None:
        try:
            wait_until(true, PATIENCE, "it did not happen")
        except TimeoutError:
            raise AssertionError(f"{len(self.ledger)} stored; {self}") from None

    def settled(self) -> Verdict:
        """Wait until every letter has its end; what came of it."""
        self._wait(lambda: waiting(self.database) == 0)
        verdict = Verdict(self.database.url.get_backend_name(), "cohort-bot")
        judge(verdict, self.database, self.ledger)
        return verdict

    def count(self, *states: LetterState) -> int:
        """Letters in these states."""
        with self.database.read() as session:
            found = sa.select(sa.func.count()).where(Letter.state.in_(states))
            return session.scalar(found) or 0

    def __str__(self) -> str:
        held = sa.select(Letter.state, Letter.owner, sa.func.count(), sa.func.max(Letter.reason))
        with self.database.read() as session:
            rows = session.execute(held.group_by(Letter.state, Letter.owner)).all()
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"{rows}; the children said:\n{log[-3000:]}"


@contextmanager
def a_scene(url: str, folder: Path, *, people: int = 40) -> Iterator[Scene]:
    """The scene, until the block ends."""
    with ExitStack() as ends:
        yield Scene(url, folder, people=people, ends=ends)


def every_letter_once(verdict: Verdict, sends: int) -> None:
    """Nothing lost, nothing twice, and nothing that nobody knows of."""
    found: dict[str, Any] = {
        name: getattr(verdict, name) for name in ("sends", "delivered", "lost", "duplicated")
    }
    told = "\n".join(verdict.stories)
    assert found == {"sends": sends, "delivered": sends, "lost": 0, "duplicated": 0}, told
