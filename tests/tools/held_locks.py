"""The service as a WSGI application, in which a test can hold transactions just before they commit.

While the file named by HOLD exists, every transaction waits before its commit. A waiting process creates a file
``<HOLD>.<process id>``, so that a test can find the process and kill it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from api.app import create_app

hold = Path(os.environ["HOLD"])
app = create_app()


def _wait() -> None:
    if not hold.exists():
        return
    mark = hold.with_name(f"{hold.name}.{os.getpid()}")
    mark.touch()
    while hold.exists():
        time.sleep(0.002)
    mark.unlink(missing_ok=True)


app.extensions["eiliadau_hud"].database.before_commit = _wait
