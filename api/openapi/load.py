"""openapi.yaml as JSON. Run by itself, it writes that: reading so much YAML takes 20 MB, and a program that ends gives
them back."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

from api.settings import DATA, ROOT

# Seconds within which it is read, on a machine that has much else to do.
PATIENCE = 60


def read_openapi() -> dict[str, Any]:
    """The description of the service, as it was generated and committed."""
    import yaml  # noqa: PLC0415  # the worker that has it read does without

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((DATA / "openapi.yaml").read_text(encoding="utf-8"), loader)
    return document


@cache
def read_openapi_json() -> bytes:
    """The same as JSON, UTF-8. It changes with the code only."""
    command = [sys.executable, "-m", __name__]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout


if __name__ == "__main__":
    sys.stdout.buffer.write(json.dumps(read_openapi(), ensure_ascii=False, separators=(",", ":")).encode())
