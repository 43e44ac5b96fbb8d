"""The parts of a run, by name: each gives figures by key, and a table of what it found."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bench.parts.found import Found
from bench.stage import Stage

# In the order in which they are run, and where each is.
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
}


def get_part(name: str) -> Callable[[Stage], Found]:
    part: Callable[[Stage], Found] = getattr(import_module(f"bench.parts.{PARTS[name]}"), f"measure_{name}")
    return part
