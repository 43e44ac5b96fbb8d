"""The results as tables for a terminal and as ``docs/performance.md``."""

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
from bench.parts.result import PartResult, format_cell

PAGE = ROOT / "docs" / "performance.md"
# A text about the bounds that are not met, and their causes. The benchmark does not write this file.
NOTES = ROOT / "bench" / "notes.md"


@dataclass
class Results:
    """The newest result of each part, stored between runs so that parts can be measured alone."""

    file: Path
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file.exists():
            self.parts = json.loads(self.file.read_text(encoding="utf-8"))

    def save(self, name: str, result: PartResult, *, is_quick: bool) -> None:
        date = datetime.now(UTC).date().isoformat()
        self.parts[name] = asdict(result) | {"date": date, "is_quick": is_quick, "machine": describe_machine()}
        self.file.write_text(json.dumps(self.parts, ensure_ascii=False, indent=1), encoding="utf-8")

    @property
    def figures(self) -> dict[str, float]:
        return {key: value for part in self.parts.values() for key, value in part["figures"].items()}


def format_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    rows = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * max(3, width) for width in widths) + " |")
    return "\n".join(lines)


def format_part(part: Mapping[str, Any]) -> str:
    """Return the table and the notes of a part."""
    notes = "".join(f"\n{note}.\n" for note in part["notes"])
    return f"{format_table(part['columns'], part['rows'])}\n{notes}"


def judge_bounds(figures: Mapping[str, float]) -> str:
    """Return the table of bounds, each with its figure and whether it is met."""
    rows = []
    for bound in BOUNDS:
        value = figures.get(bound.key)
        limit = f"{'at least' if bound.is_minimum else 'at most'} {format_cell(bound.limit)} {bound.unit}".strip()
        measured = "" if value is None else f"{format_cell(float(value))} {bound.unit}".strip()
        rows.append((bound.name, limit, measured, bound.judge(figures)))
    return format_table(("what", "bound", "measured", "is"), rows)


def describe_machine() -> str:
    """Return the processor, its usable cores, the memory, and the versions of the programs that matter."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        match = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        cpu = match[1] if match else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cpu}, {cores} cores, {memory:.0f} GB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Granian {version('granian')}"
        f"{_describe_version('nginx', '-v', ', nginx ')}{_describe_version('psql', '--version', ', PostgreSQL ')}"
    )


def _describe_version(name: str, option: str, prefix: str) -> str:
    try:
        process = subprocess.run([name, option], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    match = re.search(r"\d+(?:\.\d+)+", process.stdout + process.stderr)
    return prefix + match[0] if match else ""


def write_page(results: Results, page: Path) -> None:
    """Write the page: the bounds, and each part with its command and date."""
    measured = {name: results.parts[name] for name in PARTS if name in results.parts}
    machines = dict.fromkeys(part["machine"] for part in measured.values())
    parts = [
        f"## {part['title']}\n\n`{_command(name, part)}`, {part['date']}.\n\n{format_part(part)}"
        for name, part in measured.items()
    ]
    notes = NOTES.read_text(encoding="utf-8")
    machine_list = "\n".join(f"- {machine}" for machine in machines)
    page.write_text(
        _PAGE.format(machines=machine_list, bounds=judge_bounds(results.figures), notes=notes)
        + "\n"
        + "\n".join(parts),
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
