"""S6: a worker's memory with many letters due, beside a hundredth of them.

Each in a process of its own (`python -m benchmarks.memory URL LIMIT`) that opens the database,
ticks the runner of the whole programme, and stops when so many letters have been sent through four
lanes; the same number in both, so that only what waits differs. The figure is the process's peak.
"""

import subprocess
import sys
from pathlib import Path

from slack_sdk.web import SlackResponse

from benchmarks import reminders
from benchmarks.instant import Instant
from benchmarks.places import Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from bot import logs, program
from bot.database import Database
from bot.schedule import Runner

LANES = 4


def measure(scale: Scale, places: Places, kind: str) -> list[Line]:
    """Peaks of two child processes."""
    many, few = scale.many_due, scale.many_due // 100
    url = places.migrated(kind)
    db = Database(url, role="worker")
    people = reminders.settle(db, max(few, 100))
    peaks = []
    for due in (few, many):
        reminders.clear(db)
        reminders.fill(db, people, due, reminders.MORNING)
        peaks.append(_peak(url, few))
    db.close()
    what = f"S6 memory with {many:,} due, {kind}"
    return [Row(what, peaks[1], peaks[0], f"with {few:,} due", 1.1, Unit.MB)]


def _peak(url: str, limit: int) -> float:
    done = subprocess.run(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.memory", url, str(limit)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
    )
    return float(done.stdout)


def resident(process: int | str, which: str = "VmRSS") -> float:
    """Megabytes of memory a process has now, or had at most ("VmHWM"). What `getrusage` says of
    a child counts its parent's too."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {which} of process {process}")


class _Enough(Instant):
    """Ends the run when so many messages were posted."""

    runner: Runner | None = None

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def api_call(self, api_method: str, **arguments: object) -> SlackResponse:
        answer = super().api_call(api_method, **arguments)
        if self.calls["chat.postMessage"] >= self._limit and self.runner:
            self.runner.stop()
        return answer


def _child(url: str, limit: int) -> None:
    db, clock, slack = Database(url, role="worker"), reminders.ticking(), _Enough(limit)
    sender = reminders.sender(db, slack, clock, lanes=LANES)
    slack.runner = Runner(db, slack, clock, program.JOBS, sender)
    with reminders.limits_off():
        slack.runner.tick()
    peak = resident("self", "VmHWM")
    if slack.calls["chat.postMessage"] < limit:
        raise RuntimeError(f"only {slack.calls['chat.postMessage']} of {limit} were sent")
    print(peak)  # noqa: T201 (how the parent learns it)


if __name__ == "__main__":
    logs.configure("CRITICAL")
    _child(sys.argv[1], int(sys.argv[2]))
