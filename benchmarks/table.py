"""The table: each figure beside its reference, and whether the goal is met."""

from dataclasses import dataclass

_HEAD = ("what is measured", "figure", "reference", "ratio", "goal", "")


@dataclass(frozen=True)
class Row:
    """One line. Times in seconds; `goal` is the most the ratio may be (or, without a reference,
    the most the figure may be), None where there is none."""

    what: str
    figure: float
    reference: float | None = None
    beside: str = ""
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.reference is None else self.figure / self.reference

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return (self.figure if self.ratio is None else self.ratio) <= self.goal

    def cells(self) -> tuple[str, ...]:
        """As it is printed."""
        reference = "" if self.reference is None else f"{_ms(self.reference)} {self.beside}"
        ratio = "" if self.ratio is None else _times(self.ratio)
        goal = ""
        if self.goal is not None:
            goal = "≤ " + (_ms(self.goal) if self.ratio is None else _times(self.goal))
        result = {None: "", True: "met", False: "MISSED"}[self.met]
        return self.what, _ms(self.figure), reference, ratio, goal, result


def drawn(rows: list[Row]) -> str:
    """The table as text, columns aligned."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} x" if ratio >= 1 else f"1/{1 / ratio:.1f}"
