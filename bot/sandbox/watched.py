"""State that several threads change and others watch: one lock, a version, ids in order."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watched:
    """Counts its version up with every change and tells whoever listens."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version = 0
        self._counts: dict[str, int] = {}
        self._depth = 0
        self._listeners: list[Callable[[], None]] = []

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; whoever watches is told afterwards, outside of it."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                self.version += 1
                outermost = self._depth == 0
                listeners = list(self._listeners) if outermost else []
        for listener in listeners:
            listener()

    def touch(self) -> None:
        """Something visible changed outside (the clock moved)."""
        with self.changing():
            pass

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback()` after every change; returns how to stop that."""
        with self.lock:
            self._listeners.append(callback)

        def stop() -> None:
            with self.lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return stop

    def next_id(self, prefix: str) -> str:
        """Ids in order: D00000001, D00000002 …"""
        with self.lock:
            count = self._counts.get(prefix, 0) + 1
            self._counts[prefix] = count
            return f"{prefix}{count:08d}"
