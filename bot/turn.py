"""Whose turn it is to write to a SQLite file.

SQLite has one writer at a time. Whoever finds it busy looks again after up to 100 ms, and finds it
busy again if another process writes one transaction after the other: a worker with much to send
left a third of the clicks unsaved. Here threads queue for a lock of this process, and processes
for one more, on a file beside the database: who comes next holds it until he writes, and whoever
has just written stands behind him.
"""

import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.clock import awake

_AGAIN = 0.001
"""Seconds between two looks whether the others' turn has come."""


class Turn:
    """The queue of this process's threads for one SQLite file."""

    def __init__(self, file: Path | None) -> None:
        """`file`: the database's, None when it lives in memory."""
        self._threads = threading.Lock()
        self._file = None if file is None else file.with_name(f"{file.name}-turn")
        self._opened: int | None = None

    @contextmanager
    def mine(self, patience: float) -> Iterator[bool]:
        """No other thread of this process writes inside. False when that took longer than
        `patience` seconds, and it is not our turn."""
        if not self._threads.acquire(timeout=patience):
            yield False
            return
        try:
            yield True
        finally:
            self._threads.release()

    @contextmanager
    def next(self, patience: float) -> Iterator[None]:
        """Inside, to begin the transaction in: of all processes this one is next.

        A courtesy between processes, not what keeps writers apart: after `patience` seconds it is
        tried all the same, so that one that was frozen in here holds nobody up for long.
        """
        if self._file is None or sys.platform == "win32":
            yield
            return
        import fcntl  # Windows has none

        if self._opened is None:
            self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._opened)
        until = awake() + patience
        while True:
            try:
                fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if awake() >= until:
                    yield
                    return
                time.sleep(_AGAIN)
        try:
            yield
        finally:
            fcntl.flock(self._opened, fcntl.LOCK_UN)


# Kept as long as a database uses it; then its file is closed.
_turns: weakref.WeakValueDictionary[str, Turn] = weakref.WeakValueDictionary()
_guard = threading.Lock()


def turn_at(database: str | None) -> Turn:
    """The one queue of this process for the SQLite database of this name, as a URL names it."""
    name = database or ":memory:"
    in_memory = name.startswith((":", "file:"))
    file = None if in_memory else Path(name).absolute()
    with _guard:
        key = name if file is None else str(file)
        return _turns.setdefault(key, Turn(file))
