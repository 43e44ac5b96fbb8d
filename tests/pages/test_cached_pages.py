"""What is served for embedding comes from the same cache as the API, and goes with the release that it was made of."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.pages.static_files import NEWEST_COMPONENT, SCRIPT, STYLE
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import Question, ask, assert_alike
from tests.tools.rows import change_text

PUBLIC = "http://127.0.0.1:8000"
CHOICE = "kind=moment&slug=first&lang=cy"
URL = quote(f"{PUBLIC}/v1/moments/first", safe="")
TEXTS = (
    Question("/embed/moments/first", "lang=cy"),
    Question("/embed/moments/random", "seed=heddiw&lang=cy&category=care"),
    Question("/embed/session", "moments=first,second&lang=cy"),
    Question("/v1/oembed", f"url={URL}&lang=cy"),
    Question("/v1/oembed", f"url={URL}&lang=cy&format=xml&dnt=1"),
    Question("/embed", f"{CHOICE}&content=cy"),
    Question("/embed/handout", CHOICE),
    Question("/embed/handout", f"{CHOICE}&languages=both"),
    Question("/embed/scorm.zip", CHOICE),
)
PDF = Question("/embed/handout.pdf", CHOICE)
CODE = Question("/embed/qr.svg", CHOICE)
FILES = tuple(Question(path) for path in (STYLE.path, SCRIPT.path, "/embed.js", NEWEST_COMPONENT.path))
every_text = pytest.mark.parametrize("question", TEXTS, ids=str)


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet(), waive=True)
    return empty_database


@pytest.fixture
def app(database: Database, empty_url: str, make_app: MakeApp) -> Flask:
    return make_app(empty_url, release_check_ms=0)


def _watch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that the application itself is asked for from now on."""
    made: list[str] = []
    front = app.extensions["delivery"]
    run = front._run

    def counted(environ: dict[str, Any]) -> Any:
        made.append(environ["PATH_INFO"])
        return run(environ)

    monkeypatch.setattr(front, "_run", counted)
    return made


@pytest.mark.parametrize("question", [*TEXTS, PDF, CODE, *FILES], ids=str)
def test_it_is_made_once_and_then_given(app: Flask, monkeypatch: pytest.MonkeyPatch, question: Question) -> None:
    first = ask(app, question)
    assert first.status == "200 OK"
    made = _watch(app, monkeypatch)
    assert ask(app, question) == first
    etag = dict(first.headers)["ETag"]
    known = Question(question.path, question.query, {"HTTP_IF_NONE_MATCH": etag})
    assert ask(app, known).status == "304 NOT MODIFIED"
    assert made == []


@every_text
def test_a_release_makes_it_anew(app: Flask, database: Database, question: Question) -> None:
    before = ask(app, question)
    with database.writing() as session:
        moved = small_booklet()
        for slug in ("first", "second"):
            moved = change_text(moved, f"moment.{slug}", "title", en="Brand new", cy="Newydd sbon")
        load(session, moved, waive=True)
    after = ask(app, question)
    assert after.body != before.body
    assert b"Newydd sbon" in after.body


@pytest.mark.parametrize("question", [PDF, *(q for q in TEXTS if q.path.startswith("/embed/"))], ids=str)
def test_what_is_frozen_survives_a_release(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    frozen = Question(question.path, f"{question.query}&release=1")
    before = ask(app, frozen)
    assert dict(before.headers)["Cache-Control"] == "public, max-age=31536000, immutable"
    assert dict(before.headers)["Surrogate-Key"] == "pinned"
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en="New", cy="Newydd"), waive=True)
    made = _watch(app, monkeypatch)
    assert ask(app, frozen) == before
    assert made == []


@pytest.mark.parametrize(
    "path", ["/embed", "/embed/handout", "/embed/handout.pdf", "/embed/scorm.zip", "/embed/qr.svg"]
)
@pytest.mark.parametrize("named", ["", "lang=&", "lang=fr&"])
def test_whoever_asks_first_does_not_decide_the_language_of_the_next(
    database: Database, empty_url: str, make_app: MakeApp, path: str, named: str
) -> None:
    through, past = make_app(empty_url, release_check_ms=0), make_app(empty_url, cache_mb=0)
    for language in ("cy", "en", "cy, en;q=0", ""):
        headers = {"HTTP_ACCEPT_LANGUAGE": language} if language else {}
        said = assert_alike(through, past, Question(path, f"{named}kind=moment&slug=first", headers))
        if path != "/embed/qr.svg" and said.status == "200 OK":
            assert dict(said.headers)["Vary"] == "Accept-Language"


def test_what_a_cache_in_front_purges_by_stands_on_all_of_it(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    for question in (*TEXTS, PDF, CODE):
        keys = client.get(f"{question.path}?{question.query}").headers["Surrogate-Key"].split()
        assert "moment.first" in keys or "random" in keys or "lists" in keys, question
    assert "lists" in client.get(f"/embed?{CHOICE}").headers["Surrogate-Key"].split()
