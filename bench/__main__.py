"""``python -m bench [PART …]``: measure the service and write ``docs/performance.md``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.client import MissingToolError, find_tool
from bench.measure import MeasurementError
from bench.parts import PARTS, get_part
from bench.report import PAGE, Results, format_part, judge_bounds, write_page
from bench.stage import ENGINES, SIZES, MissingPartError, Stage


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the service. Loopback only.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a short run: few rounds, 60 and 600 moments")
    parser.add_argument(
        "--fresh", action="store_true", help="generate the databases again instead of using those of the last run"
    )
    parser.add_argument(
        "--sizes", type=_sizes, default=None, metavar="N,N", help="numbers of moments; default: 60,6000,60000"
    )
    parser.add_argument(
        "--engine", choices=ENGINES, action="append", help="only this database; warm always needs sqlite"
    )
    parser.add_argument("--port", type=int, default=8_280, help="the first of twenty ports on 127.0.0.1")
    parser.add_argument(
        "--out", type=Path, default=None, help=f"the page to write; default: {PAGE.name}, none with --quick"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return options


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def main(arguments: Sequence[str]) -> int:
    """Measure, print the results and return the exit status: 1 if a part could not be measured."""
    options = read_arguments(arguments)
    sizes = options.sizes or ((60, 600) if options.quick else SIZES)
    engines = tuple(options.engine or ENGINES)
    stage = Stage(is_quick=options.quick, first_port=options.port, sizes=sizes, engines=engines, is_fresh=options.fresh)
    try:
        for name, package in (("wrk", "wrk"), ("nginx", "nginx"), ("taskset", "util-linux")):
            find_tool(name, package)
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 1
    # The page shows the results of full runs only.
    is_full = not options.quick and sizes == SIZES
    results = Results(stage.folder / ("results.json" if is_full else "quick.json"))
    failed = [name for name in options.parts or PARTS if not _measure(name, stage, results)]
    print(f"\n## Bounds\n\n{judge_bounds(results.figures)}")
    if not is_full:
        print(f"\nThis was a short run: at most {max(sizes):,} moments instead of {max(SIZES):,}.")
    page = options.out or (PAGE if is_full else None)
    if page:
        write_page(results, page)
        print(f"\nwrote {page}")
    return 1 if failed else 0


def _measure(name: str, stage: Stage, results: Results) -> bool:
    print(f"\n# {name}", file=sys.stderr)
    started = time.perf_counter()
    try:
        result = get_part(name)(stage)
    except (MissingPartError, MeasurementError, MissingToolError) as error:
        print(f"{name} was not measured: {error}", file=sys.stderr)
        return False
    results.save(name, result, is_quick=stage.is_quick)
    print(f"\n## {result.title}\n\n{format_part(asdict(result))}")
    print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
