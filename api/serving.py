"""The service as Granian calls it: the layer in front itself, and its figures on their address."""

import gc
import sys

from api.app import create_app

# Seconds after which a thread that computes lets another have its turn. A large release is made by one of the threads
# that serve, and at Python's own 5 ms whoever reads meanwhile waits that long for an answer that is at hand.
SWITCH = 0.0002

app = create_app()
application = app.wsgi_app
if "metrics" in app.extensions:
    app.extensions["metrics"].start()
sys.setswitchinterval(SWITCH)
# What is here now stays: looking through it for cycles again and again would find none, and stop all threads for that.
gc.collect()
gc.freeze()
