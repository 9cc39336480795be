"""What the tests of outages and of presence need."""

import pytest

from bot.clock import MovableClock, system_clock


@pytest.fixture
def machine() -> MovableClock:
    """The computer's own clock; it must agree with PostgreSQL's."""
    return MovableClock(system_clock(), ticking=True)
