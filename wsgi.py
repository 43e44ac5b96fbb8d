"""The service as a WSGI application, for Granian and for ``flask --app wsgi``."""

from api.app import create_app
from api.setting_rules import InvalidSettingError

try:
    app = create_app()
except InvalidSettingError as error:
    raise SystemExit(str(error)) from None
