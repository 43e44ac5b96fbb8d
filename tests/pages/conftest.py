"""Fixtures for the tests of pages: a small booklet of edge cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.conftest import MakeApp
from tests.tools.booklets import entry, load, small_booklet

SCRIPT = "<script>alert(1)</script></p></script><!--"


def _odd_booklet() -> list[Any]:
    """Return the small booklet with texts that are missing, machine-written, hostile or written in Welsh first."""
    care = "category.care"
    booklet = small_booklet()
    alone = entry("moment.alone", "alone", "unig", number=6, category=care)
    hostile = entry("moment.hostile", "hostile", "gelyniaethus", number=7, category=care)
    texts = {lang: {name: f"{lang} {SCRIPT} {name}" for name in ("title", "body")} for lang in ("en", "cy")}
    silent = entry("prompt.silent", "silent", facet="response")
    return [
        *booklet,
        replace(alone, texts={"en": alone.texts["en"]}),
        replace(hostile, texts=texts),
        replace(silent, texts={"en": silent.texts["en"]}),
        entry("moment.read", "read", "darllenwyd", number=8, category=care, origin="machine", state="reviewed"),
    ]


@pytest.fixture
def odd(empty_database: Database, empty_url: str, make_app: MakeApp) -> FlaskClient:
    """Return a client of a service with the booklet of edge cases as release 1."""
    with empty_database.writing() as session:
        load(session, _odd_booklet(), waive=True)
    return make_app(empty_url).test_client()
