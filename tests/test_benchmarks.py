"""The benchmark works: every kind of request is answered by every server, and really happens."""

import pytest

from benchmarks.__main__ import TINY, main, measure
from benchmarks.table import Row, drawn


def test_a_tiny_run_measures_every_kind_of_answer() -> None:
    # Raises when an answer is no 200, and when a click or form left nothing in the database.
    rows = measure(TINY)
    assert all(row.figure > 0 for row in rows)
    goals = [(row.beside, row.goal) for row in rows if row.goal is not None]
    assert goals == [
        ("bare app", 4),
        ("default Bolt", pytest.approx(1 / 6)),
        ("default Bolt", pytest.approx(1 / 2)),
        ("", 0.1),
    ]


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    met = Row("click", 0.004, 0.012, "default Bolt", 1 / 2)
    missed = Row("click", 0.009, 0.012, "default Bolt", 1 / 2)
    alone = Row("p99", 0.2, goal=0.1)
    lines = drawn([met, missed, alone, Row("help", 0.001, 0.01, "default Bolt")]).splitlines()
    assert [row.met for row in (met, missed, alone)] == [True, False, False]
    assert lines[2].split("  ")[-1].strip() == "met"
    assert "12.00 ms default Bolt" in lines[2]
    assert "1/3.0" in lines[2]
    assert lines[3].endswith("MISSED")
    assert lines[4].endswith("MISSED")
    assert "met" not in lines[5].lower()


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--slow"])
    assert "--quick" in capsys.readouterr().err
