"""An application without a database, for what is decided before anything is read."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.tools.addresses import make_bare_app


@pytest.fixture(scope="session")
def bare_client() -> FlaskClient:
    """Asks an application whose database is empty: for promises that no content can change."""
    return make_bare_app().test_client()
