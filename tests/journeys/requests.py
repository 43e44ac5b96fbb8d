"""Asking the service, and reading from its answers what the plain model says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.kind import KINDS
from tests.tools.reference_model import Rule, decide

HEADERS = {"": None, "cy": "cy", "cy only": "cy, en;q=0", "en only": "en-GB, cy;q=0"}
Question = tuple[dict[str, str], str, bool]


def questions() -> Iterator[Question]:
    """Every language rule as parameters, an Accept-Language, and whether both languages are asked for."""
    for state in ({}, {"min_state": "translated"}, {"min_state": "reviewed"}):
        yield state, "", True
        for fallback in ({}, {"fallback": "allow"}, {"fallback": "none"}):
            for lang in ("cy", "en"):
                yield {"lang": lang, **fallback, **state}, "", False
    for header in HEADERS:
        yield {}, header, False
    yield {"fallback": "none"}, "cy", False


def rule_of(question: Question, default: str, release: int | None) -> Rule:
    given, header, is_bilingual = question
    state, is_pinned = given.get("min_state"), release is not None
    if is_bilingual:
        return Rule(None, False, state or ("translated" if is_pinned else default))
    return decide(given.get("lang"), given.get("fallback"), state, header, default, is_pinned=is_pinned)


def ask(client: FlaskClient, path: str, question: Question, release: int | None = None, **more: str) -> TestResponse:
    given, header, is_bilingual = question
    query = {**given, **more, **({"release": str(release)} if release else {})}
    headers = {"Accept-Language": HEADERS[header]} if HEADERS[header] else {}
    root = "/v1/bilingual" if is_bilingual else "/v1"
    return client.get(root + path, query_string=query, headers=headers)


def told(response: TestResponse) -> dict[str, Any]:
    """What a resource's address answered, in the form of ``PlainModel.answer``."""
    status = response.status_code
    if status == 308:
        return {"status": 308, "slug": urlsplit(response.headers["Location"]).path.rpartition("/")[2]}
    assert response.json is not None
    if status != 200:
        return {"status": status, **_problem(response.json)}
    body = response.json
    around = {name: _slug(body["links"][name]) for name in ("next", "previous")}
    return {"status": 200, **told_of(body), **around}


def _problem(body: Mapping[str, Any]) -> dict[str, Any]:
    name = body["type"].rpartition("/")[2]
    if name == "withdrawn":
        return {"problem": name, "since": body["since"], "id": body["resource"]}
    if name == "language-not-available":
        alternate = body.get("links", {}).get("alternate")
        return {"problem": name, "reason": body["reason"], "readable": alternate["hreflang"] if alternate else None}
    return {"problem": name}


def _slug(url: str | None) -> str | None:
    return urlsplit(url).path.rpartition("/")[2] if url else None


def told_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer or an item says of its resource, in the form of ``PlainModel.tell``."""
    names = [f.name for f in KINDS[body["kind"]].fields]
    empty = {"cy": None, "en": None} if "languages" in body else None
    told = {
        "id": body["id"],
        "slug": body["slug"],
        "slugs": body["slugs"],
        "number": body.get("number"),
        "release": body["release"],
        "waivers": sorted((w["gap"], w["language"]) for w in body["waivers"]),
        "translations": {x: _fact(fact) for x, fact in body["translations"].items()},
        "texts": {name: body[name] for name in names if body[name] != empty},
        "collection": _name(body.get("collection"), "title"),
        "category": _name(body.get("category"), "name"),
    }
    if "moments" in body:
        told["moments"] = body["moments"]["total"]
    key = "languages" if "languages" in body else "language"
    return told | {key: body[key]}


def _fact(fact: Mapping[str, Any] | None) -> tuple[str, str, bool] | None:
    return None if fact is None else (fact["state"], fact["origin"], fact["outdated"])


def _name(named: Mapping[str, Any] | None, label: str) -> tuple[str | None, Any] | None:
    return None if named is None else (named["slug"], named[label])


def told_list(client: FlaskClient, path: str, question: Question, release: int | None, **more: str) -> dict[str, Any]:
    """What a list answered on all its pages together, in the form of ``PlainModel.list``."""
    response = ask(client, path, question, release, **more)
    assert response.status_code == 200, response.text
    pages = [response.json]
    while url := pages[-1]["links"]["next"]:
        parts = urlsplit(url)
        response = client.get(parts.path, query_string=parts.query)
        assert response.status_code == 200, response.text
        pages.append(response.json)
        assert "after" in parse_qs(parts.query)
    said = {name: {page[name] for page in pages} for name in ("total", "omitted", "release")}
    assert all(len(values) == 1 for values in said.values()), said
    return {"items": [told_of(i) for p in pages for i in p["items"]], **{name: v.pop() for name, v in said.items()}}
