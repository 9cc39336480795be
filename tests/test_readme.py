"""The page that says which test promises what names only tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE / "README.md").read_text(encoding="utf-8")
SPAN = re.compile(r"`([^`]+)`")
ROW = re.compile(r"\| (\d+) \| .+ \| (.+) \|")


@cache
def defined_in(name: str) -> frozenset[str]:
    """The tests in a file, by name."""
    tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named(text: str) -> list[tuple[str, str]]:
    """File and test, in the order of the text: a test stands behind its file."""
    found, file = [], ""
    for span in SPAN.findall(text):
        if span.endswith(".py") and "*" not in span:
            file = span
        elif span.startswith("test_"):
            found.append((file, span))
    return found


def test_every_test_the_page_names_exists() -> None:
    promises = named(PAGE)
    assert len(promises) > 100
    wrong = [
        f"{file}: {test}"
        for file, test in promises
        if not (HERE / file).is_file() or test not in defined_in(file)
    ]
    assert wrong == []


def test_every_file_and_folder_the_page_names_exists() -> None:
    files = {span for span in SPAN.findall(PAGE) if span.endswith(".py") and "*" not in span}
    folders = re.findall(r"`tests/(\w+)`", PAGE)
    assert len(folders) > 5
    assert [name for name in files if not (HERE / name).is_file()] == []
    assert [name for name in folders if not (HERE / name).is_dir()] == []


def test_every_row_is_numbered_in_turn_and_promised_by_a_test() -> None:
    rows = [found for line in PAGE.splitlines() if (found := ROW.fullmatch(line))]
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == 40
    assert [row[1] for row in rows if not named(row[2])] == []
