"""What measuring stands on: content that verifies, and a reference that gives the same answers."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.services.booklets.verify import verify_content
from bench.generate import generate, make_folders
from bench.reference import create_reference
from tests.conftest import MakeApp, make_settings


def test_generated_content_is_content_and_always_the_same(empty_database: Database, empty_url: str) -> None:
    generate(empty_url, 8)
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []
    assert list(make_folders(8)) == list(make_folders(8))


def test_the_reference_gives_the_same_list(loaded_url: str, make_app: MakeApp) -> None:
    reference = create_reference(make_settings(loaded_url))
    theirs, ours = FlaskClient(reference, reference.response_class), Flask.test_client(make_app(loaded_url))
    for query in ("lang=cy", "lang=en", "lang=cy&limit=7", "lang=cy&category=better-outcomes"):
        mine, other = (client.get(f"/v1/moments?{query}").json for client in (ours, theirs))
        # The reference does not make keys of pages.
        mine["links"], other["links"] = mine["links"]["self"].split("?")[0], other["links"]["self"].split("?")[0]
        assert mine == other
    reference.extensions["eiliadau_hud"].database.close()
