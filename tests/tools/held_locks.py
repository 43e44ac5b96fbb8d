"""The service as a WSGI application whose transactions can be held right before they are durable.

While the file that HOLD names is there, whatever is complete waits for it to go, and says so by a file of its own
beside it: the name, a dot, and the number of the process, which is what a test may want to kill.
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
