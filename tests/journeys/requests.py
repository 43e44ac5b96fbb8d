"""Requests to the service, and responses in the format of the reference model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.kind import KINDS
from tests.tools.reference_model import Rule, decide_rule

HEADERS = {"": None, "cy": "cy", "cy only": "cy, en;q=0", "en only": "en-GB, cy;q=0"}
LanguageRequest = tuple[dict[str, str], str, bool]


def list_language_requests() -> Iterator[LanguageRequest]:
    """Yield every language request: parameters, a key of ``HEADERS``, and whether it is bilingual."""
    for state in ({}, {"min_state": "translated"}, {"min_state": "reviewed"}):
        yield state, "", True
        for fallback in ({}, {"fallback": "allow"}, {"fallback": "none"}):
            for lang in ("cy", "en"):
                yield {"lang": lang, **fallback, **state}, "", False
    for header in HEADERS:
        yield {}, header, False
    yield {"fallback": "none"}, "cy", False


def rule_of(language_request: LanguageRequest, default: str, release: int | None) -> Rule:
    parameters, header, is_bilingual = language_request
    state, is_pinned = parameters.get("min_state"), release is not None
    if is_bilingual:
        return Rule(None, False, state or ("translated" if is_pinned else default))
    return decide_rule(parameters.get("lang"), parameters.get("fallback"), state, header, default, is_pinned=is_pinned)


def send(
    client: FlaskClient, path: str, language_request: LanguageRequest, release: int | None = None, **filters: str
) -> TestResponse:
    parameters, header, is_bilingual = language_request
    query = {**parameters, **filters, **({"release": str(release)} if release else {})}
    headers = {"Accept-Language": HEADERS[header]} if HEADERS[header] else {}
    root = "/v1/bilingual" if is_bilingual else "/v1"
    return client.get(root + path, query_string=query, headers=headers)


def summarise_response(response: TestResponse) -> dict[str, Any]:
    """Return a response about one resource in the format of ``ReferenceModel.respond``."""
    status = response.status_code
    if status == 308:
        return {"status": 308, "slug": urlsplit(response.headers["Location"]).path.rpartition("/")[2]}
    assert response.json is not None
    if status != 200:
        return {"status": status, **_problem(response.json)}
    body = response.json
    neighbours = {name: _slug(body["links"][name]) for name in ("next", "previous")}
    return {"status": 200, **summarise_item(body), **neighbours}


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


def summarise_item(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource of a response in the format of ``ReferenceModel.describe``."""
    names = [f.name for f in KINDS[body["kind"]].fields]
    empty = {"cy": None, "en": None} if "languages" in body else None
    summary = {
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
        summary["moments"] = body["moments"]["total"]
    key = "languages" if "languages" in body else "language"
    return summary | {key: body[key]}


def _fact(fact: Mapping[str, Any] | None) -> tuple[str, str, bool] | None:
    return None if fact is None else (fact["state"], fact["origin"], fact["outdated"])


def _name(parent: Mapping[str, Any] | None, label: str) -> tuple[str | None, Any] | None:
    return None if parent is None else (parent["slug"], parent[label])


def read_list(
    client: FlaskClient, path: str, language_request: LanguageRequest, release: int | None, **filters: str
) -> dict[str, Any]:
    """Read all pages of a list; return the list in the format of ``ReferenceModel.list_page``."""
    response = send(client, path, language_request, release, **filters)
    assert response.status_code == 200, response.text
    pages = [response.json]
    while url := pages[-1]["links"]["next"]:
        parts = urlsplit(url)
        response = client.get(parts.path, query_string=parts.query)
        assert response.status_code == 200, response.text
        pages.append(response.json)
        assert "after" in parse_qs(parts.query)
    totals = {name: {page[name] for page in pages} for name in ("total", "omitted", "release")}
    assert all(len(values) == 1 for values in totals.values()), totals
    return {
        "items": [summarise_item(i) for p in pages for i in p["items"]],
        **{name: v.pop() for name, v in totals.items()},
    }
