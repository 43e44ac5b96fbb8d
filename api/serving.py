"""The WSGI application that Granian serves. This module also starts the metrics on their own port."""

import gc
import sys

from api.app import create_app

# In seconds. Threads that serve requests also compute large releases. With Python's default of 5 ms, a request that the
# cache can answer would wait 5 ms for the interpreter.
SWITCH_INTERVAL = 0.0002

app = create_app()
application = app.wsgi_app
if "metrics" in app.extensions:
    app.extensions["metrics"].start()
sys.setswitchinterval(SWITCH_INTERVAL)
# Everything loaded so far lives as long as the process: exclude it from garbage collection, which stops all threads.
gc.collect()
gc.freeze()
