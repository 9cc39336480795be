"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes of one run. Every comparison alternates its two sides for `rounds` rounds and takes
    the median."""

    name: str
    rounds: int
    # Acknowledgements: people in the world, requests of each kind in a round, clicks of eight
    # people together in a round.
    pairs: int
    requests: int
    crowd: int
    # The queue.
    letters: int
    """Letters that are put, drained, or due at once."""
    jobs: int
    """APScheduler jobs that are added, for their rate."""
    due_jobs: int
    """APScheduler jobs that run, for their rate."""
    many_due: int
    """For memory, beside a hundredth of it."""
    marks: int
    """Crash-safe marks, ticks and other things that are timed one by one."""
    seconds: float
    """Of letters falling due at Slack's own speed."""
    # The client, the limiter, the process.
    calls: int
    sends: int
    people: int
    starts: int


FULL = Scale(
    name="full",
    rounds=3,
    pairs=300,
    requests=50,
    crowd=300,
    letters=10_000,
    jobs=10_000,
    due_jobs=1_000,
    many_due=100_000,
    marks=1_000,
    seconds=30.0,
    calls=1_000,
    sends=1_000,
    people=10_000,
    starts=5,
)
QUICK = Scale(
    name="quick",
    rounds=3,
    pairs=300,
    requests=25,
    crowd=160,
    letters=2_000,
    jobs=500,
    due_jobs=500,
    many_due=20_000,
    marks=200,
    seconds=10.0,
    calls=300,
    sends=1_000,
    people=1_000,
    starts=3,
)
TINY = Scale(
    name="tiny",
    rounds=1,
    pairs=6,
    requests=3,
    crowd=16,
    letters=30,
    jobs=10,
    due_jobs=10,
    many_due=200,
    marks=5,
    seconds=1.0,
    calls=10,
    sends=60,
    people=70,
    starts=1,
)
"""Shows that everything works; its figures mean nothing."""
