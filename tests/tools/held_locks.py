"""The service as a WSGI application whose transactions can be held just before they commit.

While the file named by HOLD exists, every transaction waits before its commit. The process then creates a file with
the same name, a dot and its own process id, so that a test can find it and kill it.
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
