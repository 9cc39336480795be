"""One thing, timed."""

import time
from collections.abc import Callable


def seconds(act: Callable[..., object], *arguments: object) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - begun
