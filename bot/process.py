"""The life of a process: its parts start, run until somebody says stop, and finish.

SIGTERM and SIGINT (Ctrl-C) mean: take no new work, finish what is in hand, leave with 0 within
ten seconds. A part that breaks ends the process with 1, so that whoever supervises it starts a
fresh one.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from bot.clock import monotonic
from bot.logs import get_logger

GRACE = 8.0
"""Seconds that work in hand may take after the signal; two more are left for leaving."""

log = get_logger(__name__)


class Part(Protocol):
    """Something that works in threads of its own until it is stopped."""

    name: str

    def start(self) -> None:
        """Begin, and return at once. Raises CannotStart with the reason in words."""

    def stop(self, timeout: float) -> bool:
        """Take no new work and finish what is in hand; False when `timeout` s were too few."""

    def trouble(self) -> str | None:
        """Why this part cannot go on and only a new process helps; None while all is well."""


class CannotStart(Exception):
    """A part cannot begin; the text says why and what to do, and holds no secret."""


def live(parts: Sequence[Part], *, grace: float = GRACE) -> int:
    """Run `parts` until a signal or until one is in trouble; returns the exit code.

    Must be called from the main thread, where signals arrive.
    """
    begun: list[Part] = []
    with _signals() as told:
        try:
            for part in parts:
                part.start()
                begun.append(part)
            log.info("started", parts=" ".join(part.name for part in parts))
            trouble = _wait(begun, told)
        finally:
            _stop_all(begun, grace)
    if trouble is None:
        log.info("stopped")
        return 0
    log.error("gave_up", reason=trouble)
    return 1


def leave(code: int) -> None:
    """Exit now, even if a thread still hangs: Python would wait for it without end."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    if any(not one.daemon for one in others):
        os._exit(code)
    sys.exit(code)


def _wait(parts: Sequence[Part], told: list[int]) -> str | None:
    pause = threading.Event()
    while not told:
        for part in parts:
            reason = part.trouble()
            if reason is not None:
                return f"{part.name}: {reason}"
        pause.wait(0.2)
    log.info("stopping", signal=signal.Signals(told[0]).name)
    return None


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Signals that arrived, in a list that grows. A second Ctrl-C leaves at once.

    A plain list, because setting an Event inside a handler can deadlock with the wait on it.
    """
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if told and number == signal.SIGINT:
            os._exit(130)
        told.append(number)

    before = {one: signal.signal(one, note) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _stop_all(parts: Sequence[Part], grace: float) -> None:
    """Stop all parts at the same time, so each has the whole grace."""
    end = monotonic() + grace
    threads = [
        threading.Thread(target=_stop, args=(part, grace), name=f"stop-{part.name}", daemon=True)
        for part in parts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        # A little more than the part was given, for a part that counts badly.
        thread.join(max(0.0, end - monotonic()) + 0.5)


def _stop(part: Part, timeout: float) -> None:
    try:
        finished = part.stop(timeout)
    except Exception as error:
        log.error("stop_failed", part=part.name, exc_info=error)
        return
    if not finished:
        log.warning("still_busy", part=part.name, after=f"{timeout:g} s")
