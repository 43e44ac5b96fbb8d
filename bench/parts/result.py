"""The result of a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.measure import Samples, median_of, ratio


@dataclass
class PartResult:
    """The table of a part, and the figures, by key, that are compared with the bounds."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row to the table."""
        self.rows.append(tuple(format_cell(cell) for cell in cells))

    def add_samples(self, what: str, samples: Samples, names: Sequence[str], to: str) -> None:
        """Add a row for each contender: rate, p50, p99, and its rate divided by the rate of ``to``."""
        for name in names:
            own = samples[name]
            self.add(what, name, median_of(own), median_of(own, "p50"), median_of(own, "p99"), ratio(samples, name, to))


READ_COLUMNS = ("what", "by", "responses/s", "p50 ms", "p99 ms", "ratio")


def format_cell(cell: object) -> str:
    """Return a cell as text; numbers have three significant digits and separated thousands."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return str(cell)
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}"
