"""``python -m bench [PART …]``: set up what is compared, measure it, and write ``docs/performance.md``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.client import ToolMissing, find_tool
from bench.measure import MeasureFailed
from bench.parts import PARTS, get_part
from bench.report import PAGE, Results, judge, to_text, write_page
from bench.stage import ENGINES, SIZES, PartMissing, Stage


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the service. Loopback only.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--quick", action="store_true", help="short turns and few rounds, 60 and 600 moments: a look")
    parser.add_argument(
        "--fresh", action="store_true", help="make databases and export anew, not those of the last run"
    )
    parser.add_argument("--sizes", type=_sizes, default=None, metavar="N,N", help="moments; 60,6000,60000")
    parser.add_argument(
        "--engine", choices=ENGINES, action="append", help="only this; sqlite is always needed for warm"
    )
    parser.add_argument("--port", type=int, default=8_280, help="the first of twenty ports on 127.0.0.1")
    parser.add_argument("--out", type=Path, default=None, help=f"the page to write; {PAGE.name}, unless --quick")
    found = parser.parse_args(arguments)
    unknown = [name for name in found.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return found


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def main(arguments: Sequence[str]) -> int:
    """Measure; 1 if a part could not be, or a bound is not kept."""
    asked = read_arguments(arguments)
    sizes = asked.sizes or ((60, 600) if asked.quick else SIZES)
    engines = tuple(asked.engine or ENGINES)
    stage = Stage(is_quick=asked.quick, first_port=asked.port, sizes=sizes, engines=engines, is_fresh=asked.fresh)
    try:
        for name, package in (("wrk", "wrk"), ("nginx", "nginx"), ("taskset", "util-linux")):
            find_tool(name, package)
    except ToolMissing as error:
        print(error, file=sys.stderr)
        return 1
    # A look, or other sizes, is not what the page tells of.
    is_whole = not asked.quick and sizes == SIZES
    results = Results(stage.folder / ("results.json" if is_whole else "look.json"))
    failed = [name for name in asked.parts or PARTS if not _measure(name, stage, results)]
    print(f"\n## What must be shown\n\n{judge(results.figures)}")
    if not is_whole:
        print(f"\nThis was a look: at most {max(sizes):,} moments, not {max(SIZES):,}.")
    page = asked.out or (PAGE if is_whole else None)
    if page:
        write_page(results, page)
        print(f"\nwritten: {page}")
    return 1 if failed else 0


def _measure(name: str, stage: Stage, results: Results) -> bool:
    print(f"\n# {name}", file=sys.stderr)
    begun = time.perf_counter()
    try:
        found = get_part(name)(stage)
    except (PartMissing, MeasureFailed, ToolMissing) as error:
        print(f"{name} was not measured: {error}", file=sys.stderr)
        return False
    results.keep(name, found, is_quick=stage.is_quick)
    print(f"\n## {found.title}\n\n{to_text(asdict(found))}")
    print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
