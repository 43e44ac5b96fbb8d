"""What a part found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.measure import Samples, middle, ratio


@dataclass
class Found:
    """A table for the reader, and figures by key for the bounds."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append(tuple(show(cell) for cell in cells))

    def add_samples(self, what: str, samples: Samples, names: Sequence[str], to: str) -> None:
        """A row for each contender: rate, p50, p99, and how its rate stands to ``to``."""
        for name in names:
            own = samples[name]
            self.add(what, name, middle(own), middle(own, "p50"), middle(own, "p99"), ratio(samples, name, to))


READ = ("what", "by", "answers/s", "p50 ms", "p99 ms", "ratio")


def show(cell: object) -> str:
    """A cell as text: three digits that count, and thousands parted."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return str(cell)
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}"
