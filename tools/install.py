"""Install locked requirements with pip, and report the progress in plain lines: ``python tools/install.py FILE``.

pip's own output is either nothing or hundreds of lines. This module needs only the standard library, because it runs
before anything is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO

# The number of seconds after which progress is reported again.
INTERVAL = 5.0
PIP = (sys.executable, "-m", "pip", "install", "--require-hashes", "--progress-bar", "off")
# The last alternative is a file in a local folder of packages.
_PACKAGE = re.compile(r"(?:Collecting|Requirement already satisfied:|Processing) (?:\S*/)?([\w.-]+?)(?:==|-\d|\s|$)")


def install(command: list[str], total: int, write: Callable[[str], None], interval: float = INTERVAL) -> int:
    """Run ``command``, which is pip, and return its exit status.

    ``write`` is called with a line of progress (a count and a package) every ``interval`` seconds, even while pip is
    silent. pip's errors go to standard error as usual.
    """
    started = monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: SimpleQueue[str | None] = SimpleQueue()
        reader = Thread(target=_read, args=(process.stdout, lines))
        reader.start()
        count = _report(lines, total, lambda doing: write(f"   {doing} ({monotonic() - started:.0f} s)"), interval)
        reader.join()
    if process.returncode == 0:
        write(f"   {count} packages are ready ({monotonic() - started:.0f} s)")
    return process.returncode


def _report(lines: SimpleQueue[str | None], total: int, write: Callable[[str], None], interval: float) -> int:
    """Report what pip is doing until its output ends, and return the number of packages."""
    count, doing, next_report = 0, "starting pip", monotonic() + interval
    while True:
        try:
            line = lines.get(timeout=max(next_report - monotonic(), 0))
        except Empty:
            write(doing)
            next_report = monotonic() + interval
            continue
        if line is None:
            return count
        if match := _PACKAGE.match(line):
            count += 1
            doing = f"{count} of {total}: {match[1]}"
        elif line.startswith("Installing collected packages"):
            doing = f"unpacking {count} packages"


def count_requirements(file: Path) -> int:
    """Return the number of packages in a lock file, those for other systems included."""
    text = file.read_text(encoding="utf-8")
    return len(re.findall(r"^[a-z0-9][^\s;]*==[^\s;]+ (?:;[^\n]*)?\\$", text, re.MULTILINE))


def _read(output: IO[str], lines: SimpleQueue[str | None]) -> None:
    for line in output:
        lines.put(line)
    lines.put(None)


def install_files() -> None:
    """Install the requirements in the files that the command line names."""
    files = [Path(name) for name in sys.argv[1:]]
    command = [*PIP, *(word for file in files for word in ("-r", str(file)))]
    total = sum(map(count_requirements, files))
    raise SystemExit(install(command, total, lambda line: print(line, flush=True)))


if __name__ == "__main__":
    install_files()
