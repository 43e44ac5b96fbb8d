"""Generated content is valid, and the benchmark's reference returns the same responses as the service."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.services.booklets.verify import verify_content
from bench.generate import generate, make_folders
from bench.reference import create_reference
from tests.conftest import MakeApp, make_settings


def test_generated_content_is_valid_and_reproducible(empty_database: Database, empty_url: str) -> None:
    generate(empty_url, 8)
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []
    assert list(make_folders(8)) == list(make_folders(8))


def test_the_reference_returns_the_same_list_as_the_service(loaded_url: str, make_app: MakeApp) -> None:
    reference = create_reference(make_settings(loaded_url))
    reference_client, client = FlaskClient(reference, reference.response_class), Flask.test_client(make_app(loaded_url))
    for query in ("lang=cy", "lang=en", "lang=cy&limit=7", "lang=cy&category=better-outcomes"):
        expected, actual = (each.get(f"/v1/moments?{query}").json for each in (client, reference_client))
        # The reference does not issue cursors.
        for response in (expected, actual):
            response["links"] = response["links"]["self"].split("?")[0]
        assert actual == expected
    reference.extensions["eiliadau_hud"].database.close()
