"""Figures out of samples: medians of rounds in which everything that is compared took its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn of one contender: answers a second, milliseconds at the middle and at 99 of 100, and failures."""

    rate: float
    p50: float
    p99: float
    count: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that is measured: its name, and what takes a sample of it."""

    name: str
    take: Callable[[], Sample]


Samples = Mapping[str, Sequence[Sample]]


class MeasureFailed(Exception):
    """What was measured did not answer as it should; the message names it."""


def alternate(contenders: Sequence[Contender], rounds: int, tell: Callable[[str], None]) -> Samples:
    """The samples of each, taken in turn: each round begins with another one. Raises MeasureFailed."""
    found: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        start = number % len(contenders)
        for contender in (*contenders[start:], *contenders[:start]):
            sample = contender.take()
            if sample.errors or not sample.count:
                raise MeasureFailed(f"{contender.name}: {sample.errors} of {sample.count} answers failed")
            found[contender.name].append(sample)
        tell(f"  round {number + 1} of {rounds}")
    return found


def middle(samples: Iterable[Sample], of: str = "rate") -> float:
    """The median over rounds of ``rate``, ``p50`` or ``p99``."""
    return median(float(getattr(sample, of)) for sample in samples)


def get_p99(times: Sequence[float]) -> float:
    """What 99 of 100 of these stay within: the nearest of them, by rank."""
    return sorted(times)[max(0, -(-99 * len(times) // 100) - 1)]


def ratio(samples: Samples, name: str, to: str, of: str = "rate") -> float:
    """The median over rounds of how ``name`` stands to ``to`` in the same round."""
    pairs = zip(samples[name], samples[to], strict=True)
    return median(float(getattr(one, of)) / float(getattr(other, of)) for one, other in pairs)


@dataclass(frozen=True, slots=True)
class Bound:
    """One line of what must be shown: a figure by its key, and what it must be at least or at most."""

    what: str
    key: str
    limit: float
    is_least: bool = False
    unit: str = ""

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.is_least else value <= self.limit

    def judge(self, figures: Mapping[str, Any]) -> str:
        """``pass``, ``fail``, or that it was not measured."""
        value = figures.get(self.key)
        return "not measured" if value is None else "pass" if self.holds(value) else "fail"


# What must be shown, and by which figure.
BOUNDS = (
    Bound("warm item, against nginx with the same bytes", "warm.item.ratio", 0.5, is_least=True),
    Bound("warm list of 20, against nginx with the same bytes", "warm.list.ratio", 0.4, is_least=True),
    Bound("warm 304, against nginx’s 304", "warm.known.ratio", 0.35, is_least=True),
    Bound("warm list of 20, against the reference", "warm.list.reference", 80, is_least=True),
    Bound("cold list of 20, against the reference", "cold.list.reference", 6, is_least=True),
    Bound("cold list at 60,000, p50 against 60", "scale.list.ratio", 1.3),
    Bound("cold filter at 60,000, p50 against 60", "scale.filter.ratio", 1.3),
    Bound("cold deepest page at 60,000, p50 against 60", "scale.deepest.ratio", 1.3),
    Bound("search at 60,000, words in under a tenth, worst word’s p50", "search.rare.worst", 50, unit="ms"),
    Bound("PostgreSQL cold list against SQLite cold list, time", "cold.list.postgresql", 3),
    Bound("PostgreSQL cold item against SQLite cold item, time", "cold.item.postgresql", 3),
    Bound("memory of a worker before the first search", "memory.read", 100, unit="MB"),
    Bound("memory of a worker after it", "memory.searched", 180, unit="MB"),
    Bound("memory of a worker with 60,000 moments", "memory.large", 300, unit="MB"),
    Bound("a release of 60 resources", "release.60.ms", 150, unit="ms"),
    Bound("a release of 6,000 resources", "release.6000.ms", 6_000, unit="ms"),
    Bound("readers’ p99 while 60 are released, against usual", "release.60.readers", 3),
    Bound("readers’ p99 while 6,000 are released, against usual", "release.6000.readers", 3),
    Bound("load of 60,000 moments", "load.seconds", 120, unit="s"),
    Bound("a release visible to every worker", "visible.ms", 200, unit="ms"),
    Bound("translation status at 60,000", "status.p50", 100, unit="ms"),
    Bound("the first list after a release at 60,000", "status.first_list", 100, unit="ms"),
)
