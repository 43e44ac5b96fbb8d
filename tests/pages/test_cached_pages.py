"""Embed pages come from the same cache as API responses, and a new release replaces them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.pages.static_files import NEWEST_COMPONENT, SCRIPT, STYLE
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import RawRequest, assert_same_response, record_application_requests, send
from tests.tools.programs import find_program
from tests.tools.rows import change_text

PUBLIC = "http://127.0.0.1:8000"
CHOICE = "kind=moment&slug=first&lang=cy"
URL = quote(f"{PUBLIC}/v1/moments/first", safe="")
TEXTS = (
    RawRequest("/embed/moments/first", "lang=cy"),
    RawRequest("/embed/moments/random", "seed=heddiw&lang=cy&category=care"),
    RawRequest("/embed/session", "moments=first,second&lang=cy"),
    RawRequest("/v1/oembed", f"url={URL}&lang=cy"),
    RawRequest("/v1/oembed", f"url={URL}&lang=cy&format=xml&dnt=1"),
    RawRequest("/embed", f"{CHOICE}&content=cy"),
    RawRequest("/embed/handout", CHOICE),
    RawRequest("/embed/handout", f"{CHOICE}&languages=both"),
    RawRequest("/embed/scorm.zip", CHOICE),
)
PDF = RawRequest("/embed/handout.pdf", CHOICE)
CODE = RawRequest("/embed/qr.svg", CHOICE)
FILES = tuple(RawRequest(path) for path in (STYLE.path, SCRIPT.path, "/embed.js", NEWEST_COMPONENT.path))
every_text = pytest.mark.parametrize("raw_request", TEXTS, ids=str)


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet(), waive=True)
    return empty_database


@pytest.fixture
def app(database: Database, empty_url: str, make_app: MakeApp) -> Flask:
    return make_app(empty_url, release_check_ms=0)


@pytest.mark.parametrize("raw_request", [*TEXTS, PDF, CODE, *FILES], ids=str)
def test_pages_are_made_once_and_then_served_from_the_cache(app: Flask, raw_request: RawRequest) -> None:
    first = send(app, raw_request)
    assert first.status == "200 OK"
    requested = record_application_requests(app)
    assert send(app, raw_request) == first
    etag = dict(first.headers)["ETag"]
    conditional = RawRequest(raw_request.path, raw_request.query, {"HTTP_IF_NONE_MATCH": etag})
    assert send(app, conditional).status == "304 NOT MODIFIED"
    assert requested == []


@every_text
def test_a_release_replaces_cached_pages(app: Flask, database: Database, raw_request: RawRequest) -> None:
    before = send(app, raw_request)
    with database.writing() as session:
        changed = small_booklet()
        for slug in ("first", "second"):
            changed = change_text(changed, f"moment.{slug}", "title", en="Brand new", cy="Newydd sbon")
        load(session, changed, waive=True)
    after = send(app, raw_request)
    assert after.body != before.body
    assert b"Newydd sbon" in after.body


@pytest.mark.parametrize("raw_request", [PDF, *(q for q in TEXTS if q.path.startswith("/embed/"))], ids=str)
def test_pages_with_a_release_in_their_url_stay_cached_after_the_next_release(
    app: Flask, database: Database, raw_request: RawRequest
) -> None:
    pinned = RawRequest(raw_request.path, f"{raw_request.query}&release=1")
    before = send(app, pinned)
    assert dict(before.headers)["Cache-Control"] == "public, max-age=31536000, immutable"
    assert dict(before.headers)["Surrogate-Key"] == "pinned"
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en="New", cy="Newydd"), waive=True)
    requested = record_application_requests(app)
    assert send(app, pinned) == before
    assert requested == []


@pytest.mark.parametrize(
    "path", ["/embed", "/embed/handout", "/embed/handout.pdf", "/embed/scorm.zip", "/embed/qr.svg"]
)
@pytest.mark.parametrize("named", ["", "lang=&", "lang=fr&"])
def test_cached_pages_depend_on_the_preferred_language(
    database: Database, empty_url: str, make_app: MakeApp, path: str, named: str
) -> None:
    through, past = make_app(empty_url, release_check_ms=0), make_app(empty_url, cache_mb=0)
    for language in ("cy", "en", "cy, en;q=0", ""):
        headers = {"HTTP_ACCEPT_LANGUAGE": language} if language else {}
        expected = assert_same_response(through, past, RawRequest(path, f"{named}kind=moment&slug=first", headers))
        if path != "/embed/qr.svg" and expected.status == "200 OK":
            assert "Accept-Language" in dict(expected.headers)["Vary"]


def test_every_page_has_the_surrogate_keys_of_its_content(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    for raw_request in (*TEXTS, *([PDF] if find_program("pango") else []), CODE):
        keys = client.get(f"{raw_request.path}?{raw_request.query}").headers["Surrogate-Key"].split()
        assert "moment.first" in keys or "random" in keys or "lists" in keys, raw_request
    assert "lists" in client.get(f"/embed?{CHOICE}").headers["Surrogate-Key"].split()
