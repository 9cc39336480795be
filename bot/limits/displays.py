"""Blocks that only show something: rich text, tables, charts, alerts, markdown, plans."""

from collections.abc import Mapping
from typing import Any

from bot.limits.report import Report

Block = Mapping[str, Any]

_RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
_CHART_KINDS = ("pie", "bar", "area", "line")


def check_rich_text(report: Report, block: Block, at: str) -> None:
    """Sections, lists, quotes and preformatted parts."""
    for index, part in enumerate(report.items(block, "elements", at, most=1000, least=0)):
        place = f"{at}/elements/{index}"
        if not isinstance(part, Mapping) or part.get("type") not in _RICH_PARTS:
            report.add(f"{place}/type", f"must be one of: {', '.join(_RICH_PARTS)}")
            continue
        report.items(part, "elements", place, most=1000, least=0)
        if part["type"] == "rich_text_list":
            _check_list(report, part, place)


def _check_list(report: Report, part: Block, at: str) -> None:
    if part.get("style") not in ("bullet", "ordered"):
        report.add(f"{at}/style", "must be one of: bullet, ordered")
    indent = part.get("indent", 0)
    if not isinstance(indent, int) or not 0 <= indent <= 8:
        report.add(f"{at}/indent", "must be 0 to 8")


def check_alert(report: Report, block: Block, at: str) -> None:
    """A short notice with a level."""
    report.text(block, "text", at, most=200, required=True)
    report.one_of(block, "level", at, ("default", "info", "warning", "error", "success"))


def check_markdown(report: Report, block: Block, at: str) -> None:
    """Markdown as one string; the length of all of them together is the surface's business."""
    report.string(block, "text", at, most=12_000, required=True)


def check_table(report: Report, block: Block, at: str) -> None:
    """At most 100 rows of 20 cells and 10,000 characters."""
    rows = report.items(block, "rows", at, most=100)
    _check_cells(report, rows, at, kinds=("raw_text", "rich_text"), characters=10_000)
    settings = report.items(block, "column_settings", at, most=20, least=0, required=False)
    for index, setting in enumerate(settings):
        if isinstance(setting, Mapping):
            place = f"{at}/column_settings/{index}"
            report.one_of(setting, "align", place, ("left", "center", "right"))
            report.flag(setting, "is_wrapped", place)


def check_data_table(report: Report, block: Block, at: str) -> None:
    """2 to 201 rows with the header, 1 to 20 columns, a caption and 20,000 characters."""
    report.string(block, "caption", at, most=2000, required=True)
    rows = report.items(block, "rows", at, most=201, least=2)
    kinds = ("raw_text", "rich_text", "raw_number")
    _check_cells(report, rows, at, kinds=kinds, characters=20_000)
    size = block.get("page_size")
    if size is not None and not (isinstance(size, int) and 1 <= size <= 100):
        report.add(f"{at}/page_size", "must be 1 to 100")


def _check_cells(
    report: Report, rows: list[Any], at: str, *, kinds: tuple[str, ...], characters: int
) -> None:
    written = 0
    for index, row in enumerate(rows):
        place = f"{at}/rows/{index}"
        if not isinstance(row, list):
            report.add(place, "must be a list of cells")
            continue
        if not 1 <= len(row) <= 20:
            report.add(place, f"must have 1 to 20 cells, has {len(row)}")
        for number, cell in enumerate(row):
            if not isinstance(cell, Mapping) or cell.get("type") not in kinds:
                report.add(f"{place}/{number}/type", f"must be one of: {', '.join(kinds)}")
                continue
            written += _length(cell)
            if cell["type"] == "raw_text":
                report.string(cell, "text", f"{place}/{number}", most=characters, required=True)
            elif cell["type"] == "rich_text":
                check_rich_text(report, cell, f"{place}/{number}")
    if written > characters:
        report.add(f"{at}/rows", f"at most {characters} characters in all cells, has {written}")


def _length(value: object) -> int:
    if isinstance(value, Mapping):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_length(part) for part in value.get("elements", ()) or ())
    return 0


def check_chart(report: Report, block: Block, at: str) -> None:
    """A pie with segments, or an area, line or bar chart with series over named categories."""
    report.string(block, "title", at, most=50, required=True)
    chart, at = block.get("chart"), f"{at}/chart"
    if not isinstance(chart, Mapping):
        report.add(at, "missing required field: chart")
        return
    if chart.get("type") not in _CHART_KINDS:
        report.add(f"{at}/type", f"must be one of: {', '.join(_CHART_KINDS)}")
    elif chart["type"] == "pie":
        for index, segment in enumerate(report.items(chart, "segments", at, most=12)):
            _check_point(report, segment, f"{at}/segments/{index}", positive=True)
    else:
        _check_series(report, chart, at)


def _check_series(report: Report, chart: Block, at: str) -> None:
    axis = chart.get("axis_config")
    if not isinstance(axis, Mapping):
        report.add(f"{at}/axis_config", "missing required field: axis_config")
        return
    place = f"{at}/axis_config"
    categories = report.items(axis, "categories", place, most=20)
    for index, name in enumerate(categories):
        if not isinstance(name, str) or not 1 <= len(name) <= 20:
            report.add(f"{place}/categories/{index}", "must be 1 to 20 characters")
    report.string(axis, "x_label", place, most=50)
    report.string(axis, "y_label", place, most=50)
    for index, series in enumerate(report.items(chart, "series", at, most=12)):
        place = f"{at}/series/{index}"
        if not isinstance(series, Mapping):
            report.add(place, "must be a series")
            continue
        report.string(series, "name", place, most=20, required=True)
        for number, point in enumerate(report.items(series, "data", place, most=20)):
            _check_point(report, point, f"{place}/data/{number}")
            if isinstance(point, Mapping) and point.get("label") not in categories:
                report.add(f"{place}/data/{number}/label", "must be one of the categories")


def _check_point(report: Report, point: object, at: str, *, positive: bool = False) -> None:
    if not isinstance(point, Mapping):
        report.add(at, "must have a label and a value")
        return
    report.string(point, "label", at, most=20, required=True)
    value = point.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool):
        report.add(f"{at}/value", "must be a number")
    elif positive and value <= 0:
        report.add(f"{at}/value", "must be above 0")


def check_plan(report: Report, block: Block, at: str) -> None:
    """A title, which is a bare string here, and up to 50 tasks."""
    report.string(block, "title", at, most=150, required=True)
    for index, task in enumerate(report.items(block, "tasks", at, most=50, required=False)):
        if isinstance(task, Mapping):
            check_task_card(report, task, f"{at}/tasks/{index}", alone=False)
        else:
            report.add(f"{at}/tasks/{index}", "must be a task_card")


def check_task_card(report: Report, block: Block, at: str, *, alone: bool = True) -> None:
    """One task of a plan, or standing alone, when it cannot be pending."""
    report.string(block, "task_id", at, most=255, required=True)
    report.string(block, "title", at, most=150, required=True)
    states = ("in_progress", "complete", "error")
    report.one_of(block, "status", at, states if alone else ("pending", *states))
