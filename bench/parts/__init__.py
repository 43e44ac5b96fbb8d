"""The parts of a run, by name. Each part returns a table, and figures by key."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bench.parts.result import PartResult
from bench.stage import Stage

# The module of each part, in the order of a run.
PARTS = {
    "warm": "reading",
    "cold": "reading",
    "scale": "scale",
    "search": "searching",
    "memory": "worker",
    "start": "worker",
    "release": "releasing",
    "visible": "releasing",
    "status": "releasing",
    "load": "worker",
    "docs": "documentation",
}


def get_part(name: str) -> Callable[[Stage], PartResult]:
    """Return the function that measures a part."""
    part: Callable[[Stage], PartResult] = getattr(import_module(f"bench.parts.{PARTS[name]}"), f"measure_{name}")
    return part
