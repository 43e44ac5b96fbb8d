"""The service as Granian calls it: the layer in front itself, and its figures on their address."""

from api.app import create_app

app = create_app()
application = app.wsgi_app
if "metrics" in app.extensions:
    app.extensions["metrics"].start()
