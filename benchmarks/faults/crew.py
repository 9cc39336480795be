"""Child processes: started, killed, told to stop, frozen; and none of them left behind."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.clock import monotonic

_STEP = 0.02


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for a condition. Raises TimeoutError, saying `what` did not happen."""
    pause, end = threading.Event(), monotonic() + seconds
    while not true():
        if monotonic() > end:
            raise TimeoutError(f"after {seconds:g} s: {what}")
        pause.wait(_STEP)


def run(*words: str, seconds: float) -> None:
    """A child that does one thing and ends. Raises subprocess.SubprocessError."""
    subprocess.run(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.faults", *words],
        check=True,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
    )


class Child:
    """One process in a group of its own. Its standard error goes to `log`."""

    def __init__(self, log: Path, *words: str) -> None:
        self._facts: dict[str, Any] | None = None
        self.frozen = False
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "benchmarks.faults", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        for line in self._process.stdout:
            with suppress(ValueError):
                self._facts = json.loads(line)

    def ready(self, seconds: float = 60) -> dict[str, Any]:
        """What the child said when it was at work."""
        wait_until(lambda: self._facts is not None or not self.alive, seconds, "it did not start")
        if self._facts is None:
            raise RuntimeError("a child ended before it was at work")
        return self._facts

    @property
    def owner(self) -> str | None:
        """How it signs what it holds; None before it is at work."""
        return None if self._facts is None else str(self._facts.get("owner"))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def at_work(self) -> bool:
        """Started, alive and not frozen."""
        return self._facts is not None and self.alive and not self.frozen

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        self._signal(signal.SIGKILL)
        self._process.wait(10)

    def end(self, seconds: float = 30) -> int:
        """SIGTERM; the exit code. Raises subprocess.TimeoutExpired."""
        self._signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """SIGSTOP."""
        self.frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)
        self.frozen = False

    def close(self) -> None:
        """Whatever state it is in, it is gone afterwards."""
        self._signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _at: TracebackType | None
    ) -> None:
        self.close()


class Crew:
    """Several children of one kind. Whoever dies is replaced, as a supervisor would."""

    def __init__(self, size: int, start: Callable[[], Child]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._all: list[Child] = []
        self.members = [self._new() for _ in range(size)]

    def _new(self) -> Child:
        child = self._start()
        with self._lock:
            self._all.append(child)
        return child

    def ready(self) -> None:
        """All are at work."""
        for child in self.members:
            child.ready()

    def replace(self, place: int) -> None:
        """A new child where one has ended."""
        self.members[place].close()
        self.members[place] = self._new()

    def close(self) -> None:
        """All are gone."""
        for child in self._all:
            child.close()


@contextmanager
def a_crew(size: int, start: Callable[[], Child]) -> Iterator[Crew]:
    """The crew, until the block ends."""
    crew = Crew(size, start)
    try:
        yield crew
    finally:
        crew.close()
