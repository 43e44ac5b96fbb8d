"""The committed openapi.yaml as JSON.

Parsing the YAML takes 20 MB of memory, so a separate process parses it. Run as a program, this module writes the JSON
to stdout.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

from api.settings import DATA, ROOT

# Seconds: far more than the process takes, even on a busy machine.
LOAD_TIMEOUT = 60


def read_openapi() -> dict[str, Any]:
    """Return the committed API document."""
    import yaml  # noqa: PLC0415  # only the process that parses the YAML needs the library

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((DATA / "openapi.yaml").read_text(encoding="utf-8"), loader)
    return document


@cache
def read_openapi_json() -> bytes:
    """Return the API document as JSON in UTF-8."""
    command = [sys.executable, "-m", __name__]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=LOAD_TIMEOUT).stdout


if __name__ == "__main__":
    sys.stdout.buffer.write(json.dumps(read_openapi(), ensure_ascii=False, separators=(",", ":")).encode())
