"""The table: each figure beside its reference, and whether the goal is met."""

from dataclasses import dataclass
from enum import StrEnum

_HEAD = ("what is measured", "figure", "reference", "ratio", "goal", "")


class Unit(StrEnum):
    """How figures are shown; times are held in seconds."""

    MS = "ms"
    S = "s"
    RATE = "/s"
    MB = "MB"
    COUNT = ""
    SHARE = "%"


@dataclass(frozen=True)
class Row:
    """One line.

    `goal` bounds the ratio to the reference or, where there is no reference or the goal is
    `absolute`, the figure itself: the most it may be, or with `more` the least. None where there
    is no goal. `note` says, below the table, why a missed goal is missed.
    """

    what: str
    figure: float
    reference: float | None = None
    beside: str = ""
    goal: float | None = None
    unit: Unit = Unit.MS
    more: bool = False
    absolute: bool = False
    stretch: bool = False
    """What would be better still: shown when it is missed, and no failure."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.reference else self.figure / self.reference

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        judged = self._judged
        return judged >= self.goal if self.more else judged <= self.goal

    @property
    def failed(self) -> bool:
        """Missed, and it matters."""
        return self.met is False and not self.stretch

    def cells(self) -> tuple[str, ...]:
        """As it is printed."""
        reference = self.beside
        if self.reference is not None:
            reference = f"{_shown(self.reference, self.unit)} {self.beside}".strip()
        ratio = "" if self.ratio is None else _times(self.ratio)
        return self.what, _shown(self.figure, self.unit), reference, ratio, self._goal(), self._word

    def remark(self, what: str) -> str:
        """By how much the goal for `what` is missed, and why; what is worth saying where there is
        no goal; empty where it is met."""
        if self.goal is None and self.note:
            return f"{what}: {self.note}"
        if self.met is not False or self.goal is None:
            return ""
        more, less = (self.goal, self._judged) if self.more else (self._judged, self.goal)
        by = f" by a factor of {more / less:.2g}" if less else ""
        beside = f" beside {self.beside}" if self.beside and not self.absolute else ""
        return f"{what}{beside}: {self._word}{by}. {self.note}".strip()

    @property
    def _judged(self) -> float:
        by_itself = self.ratio is None or self.absolute
        return self.figure if by_itself else self.ratio or 0.0

    @property
    def _word(self) -> str:
        missed = "stretch missed" if self.stretch else "MISSED"
        return {None: "", True: "met", False: missed}[self.met]

    def _goal(self) -> str:
        if self.goal is None:
            return ""
        by_itself = self.ratio is None or self.absolute
        figure = _shown(self.goal, self.unit) if by_itself else _times(self.goal)
        return f"{'≥' if self.more else '≤'} {figure}"


@dataclass(frozen=True)
class Skipped:
    """What could not be measured here, and what it would take."""

    what: str
    why: str


Line = Row | Skipped


def drawn(rows: list[Line]) -> str:
    """The table as text, columns aligned; below it what was missed, and what was left out."""
    figures = [row for row in rows if isinstance(row, Row)]
    lines = [_HEAD, *(row.cells() for row in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    remarks, what = [], ""
    for row in figures:
        what = row.what.strip() or what
        remarks.append(row.remark(what))
    missed = [said for said in remarks if said]
    skipped = [f"{row.what}: skipped. {row.why}" for row in rows if isinstance(row, Skipped)]
    below = ["", *missed, *skipped] if missed or skipped else []
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:], *below])


def failed(rows: list[Line]) -> bool:
    """Whether a goal is missed."""
    return any(isinstance(row, Row) and row.failed for row in rows)


def _shown(figure: float, unit: Unit) -> str:
    if unit is Unit.MS:
        return f"{figure * 1000:.2f} ms"
    if unit is Unit.SHARE:
        return f"{figure * 100:.1f} %"
    if unit is Unit.S:
        return f"{figure:.1f} s"
    return f"{figure:,.{1 if figure < 10 and unit is not Unit.COUNT else 0}f} {unit}".strip()


def _times(ratio: float) -> str:
    if ratio >= 1 or ratio <= 0:
        return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.0f} x"
    return f"1/{1 / ratio:.1f}"
