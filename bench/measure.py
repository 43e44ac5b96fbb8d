"""Figures from samples: medians over rounds in which all contenders take turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of a contender in one round: responses per second, percentiles in ms, responses and errors."""

    rate: float
    p50: float
    p99: float
    count: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """A contender in a comparison: its name, and a function that takes a sample."""

    name: str
    take: Callable[[], Sample]


Samples = Mapping[str, Sequence[Sample]]


class MeasurementError(Exception):
    """A contender did not respond as it should; the message names the contender."""


def alternate(contenders: Sequence[Contender], rounds: int, report: Callable[[str], None]) -> Samples:
    """Take samples of all contenders in turn. Each round starts with another contender. Raises MeasurementError."""
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        start = number % len(contenders)
        for contender in (*contenders[start:], *contenders[:start]):
            sample = contender.take()
            if sample.errors or not sample.count:
                raise MeasurementError(f"{contender.name}: {sample.errors} of {sample.count} responses failed")
            samples[contender.name].append(sample)
        report(f"  round {number + 1} of {rounds}")
    return samples


def median_of(samples: Iterable[Sample], attribute: str = "rate") -> float:
    """Return the median of an attribute over all rounds: ``rate``, ``p50`` or ``p99``."""
    return median(float(getattr(sample, attribute)) for sample in samples)


def percentile_99(times: Sequence[float]) -> float:
    """Return the 99th percentile by the nearest-rank method."""
    return sorted(times)[max(0, -(-99 * len(times) // 100) - 1)]


def ratio(samples: Samples, name: str, to: str, attribute: str = "rate") -> float:
    """Divide the figure of ``name`` by the figure of ``to`` in each round, and return the median."""
    pairs = zip(samples[name], samples[to], strict=True)
    return median(float(getattr(sample, attribute)) / float(getattr(base, attribute)) for sample, base in pairs)


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on a figure: the smallest allowed value if ``is_minimum``, or else the largest."""

    name: str
    key: str
    limit: float
    is_minimum: bool = False
    unit: str = ""

    def is_met(self, value: float) -> bool:
        """Return whether the figure is within the limit. A figure equal to the limit is within it."""
        return value >= self.limit if self.is_minimum else value <= self.limit

    def judge(self, figures: Mapping[str, Any]) -> str:
        """Return ``pass``, ``fail`` or ``not measured``."""
        value = figures.get(self.key)
        return "not measured" if value is None else "pass" if self.is_met(value) else "fail"


# The promises about speed and memory, in the order of the page.
BOUNDS = (
    Bound("warm item, compared with nginx and the same bytes", "warm.item.ratio", 0.5, is_minimum=True),
    Bound("warm list of 20, compared with nginx and the same bytes", "warm.list.ratio", 0.4, is_minimum=True),
    Bound("warm 304, compared with a 304 of nginx", "warm.known.ratio", 0.35, is_minimum=True),
    Bound("warm item with br, compared with the same unencoded", "warm.item.compressed", 0.95, is_minimum=True),
    Bound("warm list of 20 with br, compared with the same unencoded", "warm.list.compressed", 0.95, is_minimum=True),
    Bound("warm list of 20, compared with the reference", "warm.list.reference", 80, is_minimum=True),
    Bound("cold list of 20, compared with the reference", "cold.list.reference", 6, is_minimum=True),
    Bound("cold list at 60,000, p50 compared with 60", "scale.list.ratio", 1.3),
    Bound("cold filter at 60,000, p50 compared with 60", "scale.filter.ratio", 1.3),
    Bound("cold deepest page at 60,000, p50 compared with 60", "scale.deepest.ratio", 1.3),
    Bound("search at 60,000, slowest word of those in under a tenth, p50", "search.rare.worst", 50, unit="ms"),
    Bound("cold list on PostgreSQL, p50 compared with SQLite", "cold.list.postgresql", 3),
    Bound("cold item on PostgreSQL, p50 compared with SQLite", "cold.item.postgresql", 3),
    Bound("memory of a worker before the first search", "memory.read", 100, unit="MB"),
    Bound("memory of a worker after the first search", "memory.searched", 180, unit="MB"),
    Bound("memory of a worker with 60,000 moments", "memory.large", 300, unit="MB"),
    Bound("a release of 60 resources", "release.60.ms", 150, unit="ms"),
    Bound("a release of 6,000 resources", "release.6000.ms", 6_000, unit="ms"),
    Bound("readers’ p99 during a release of 60, compared with usual", "release.60.readers", 3),
    Bound("readers’ p99 during a release of 6,000, compared with usual", "release.6000.readers", 3),
    Bound("load of 60,000 moments", "load.seconds", 120, unit="s"),
    Bound("a release visible to every worker", "visible.ms", 200, unit="ms"),
    Bound("translation status at 60,000", "status.p50", 100, unit="ms"),
    Bound("the first list after a release at 60,000", "status.first_list", 100, unit="ms"),
    Bound("/docs, processor time until the first operation is shown", "docs.shown", 1.5, unit="s"),
    Bound("/docs, processor time to open an operation", "docs.opened", 0.5, unit="s"),
)
