"""Whose turn it is to write to a SQLite file.

SQLite has one writer at a time. Whoever finds it busy looks again after up to 100 ms, and finds it
busy again if another process writes one transaction after the other: a worker with much to send
left a third of the clicks unsaved. Here threads queue for a lock of this process, and processes
for one more, on a file beside the database: it is held by the one that writes next, and whoever
has just written stands behind that one.
"""

import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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

        A courtesy between processes, not what keeps writers apart: it is tried all the same after
        `patience` seconds, so that one that was frozen in here holds nobody up for long, and where
        the file cannot be opened or locked.
        """
        if self._file is None or sys.platform == "win32":
            yield
            return
        import fcntl  # Windows has none

        mine = None
        with suppress(OSError):
            mine = self._locked(self._file, patience)
        try:
            yield
        finally:
            if mine is not None:
                fcntl.flock(mine, fcntl.LOCK_UN)

    def _locked(self, file: Path, patience: float) -> int | None:
        """The file, locked; None when somebody else holds it for longer than `patience`. Raises
        OSError."""
        import fcntl

        if self._opened is None:
            self._opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            weakref.finalize(self, os.close, self._opened)
        until = awake() + patience
        while True:
            try:
                fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._opened
            except BlockingIOError:
                if awake() >= until:
                    return None
                time.sleep(_AGAIN)


# Kept as long as a database uses it; then its file is closed.
_turns: weakref.WeakValueDictionary[str, Turn] = weakref.WeakValueDictionary()
_guard = threading.Lock()


def turn_at(database: str | None) -> Turn:
    """The one queue of this process for the SQLite database of this name, as a URL names it."""
    file = Path(database).absolute() if database and database != ":memory:" else None
    with _guard:
        return _turns.setdefault(str(file), Turn(file))
