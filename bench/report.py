"""What was found, as tables for a terminal and as ``docs/performance.md``."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.db.sqlite import sqlite3
from api.settings import ROOT
from bench.measure import BOUNDS
from bench.parts import PARTS
from bench.parts.found import Found, show

PAGE = ROOT / "docs" / "performance.md"
# What people have to say of the figures: what falls short, and what a profiler made of it.
NOTES = ROOT / "bench" / "notes.md"


@dataclass
class Results:
    """The parts that were measured, the newest of each: kept from run to run, so that parts may be measured alone."""

    file: Path
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file.exists():
            self.parts = json.loads(self.file.read_text(encoding="utf-8"))

    def keep(self, name: str, found: Found, *, is_quick: bool) -> None:
        when = datetime.now(UTC).date().isoformat()
        self.parts[name] = asdict(found) | {"date": when, "is_quick": is_quick, "machine": describe_machine()}
        self.file.write_text(json.dumps(self.parts, ensure_ascii=False, indent=1), encoding="utf-8")

    @property
    def figures(self) -> dict[str, float]:
        return {key: value for part in self.parts.values() for key, value in part["figures"].items()}


def to_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, its columns as wide as what is in them."""
    rows = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * max(3, width) for width in widths) + " |")
    return "\n".join(lines)


def to_text(found: Mapping[str, Any]) -> str:
    """One part: its table, and its notes."""
    notes = "".join(f"\n{note}.\n" for note in found["notes"])
    return f"{to_table(found['columns'], found['rows'])}\n{notes}"


def judge(figures: Mapping[str, float]) -> str:
    """The table of what must be shown, each line against its bound."""
    rows = []
    for bound in BOUNDS:
        value = figures.get(bound.key)
        limit = f"{'at least' if bound.is_least else 'at most'} {show(bound.limit)} {bound.unit}".strip()
        shown = "" if value is None else f"{show(float(value))} {bound.unit}".strip()
        rows.append((bound.what, limit, shown, bound.judge(figures)))
    return to_table(("what", "bound", "measured", "is"), rows)


def describe_machine() -> str:
    """The processor, the cores that may be used, memory, and the versions that count."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        named = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        cpu = named[1] if named else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cpu}, {cores} cores, {memory:.0f} GB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Granian {version('granian')}"
        f"{_say('nginx', '-v', ', nginx ')}{_say('psql', '--version', ', PostgreSQL ')}"
    )


def _say(name: str, option: str, before: str) -> str:
    try:
        ran = subprocess.run([name, option], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    found = re.search(r"\d+(?:\.\d+)+", ran.stdout + ran.stderr)
    return before + found[0] if found else ""


def write_page(results: Results, page: Path) -> None:
    """The page of what was measured: every part, with its command and its day."""
    measured = {name: results.parts[name] for name in PARTS if name in results.parts}
    machines = dict.fromkeys(part["machine"] for part in measured.values())
    parts = [
        f"## {part['title']}\n\n`{_command(name, part)}`, {part['date']}.\n\n{to_text(part)}"
        for name, part in measured.items()
    ]
    notes = NOTES.read_text(encoding="utf-8")
    named = "\n".join(f"- {machine}" for machine in machines)
    page.write_text(
        _PAGE.format(machines=named, bounds=judge(results.figures), notes=notes) + "\n" + "\n".join(parts),
        encoding="utf-8",
    )


def _command(name: str, part: Mapping[str, Any]) -> str:
    return f"python -m bench {name}" + (" --quick" if part["is_quick"] else "")


_PAGE = """# Performance

Written by `make bench` (`python -m bench`, in [bench/](../bench/)): do not edit it, measure again. One command starts
the servers that are compared and sends requests to them in turns: each has its turn in every round, and the next round
begins with another one. The figures are medians over rounds, and a ratio is the median of the ratios within the rounds.
Server and client have a core each and use the loopback interface. [How to
measure](../CONTRIBUTING.md#how-to-measure) explains how to run parts.

{machines}

## Bounds

Warm is a response from the cache; cold is with the cache turned off. The reference makes the same response with the ORM
and marshmallow (`bench/reference.py`).

{bounds}

{notes}"""
