"""The service as a WSGI application, for Granian and for ``flask --app wsgi``."""

from api.app import create_app

app = create_app()
