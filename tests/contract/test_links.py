"""Links are absolute, begin with PUBLIC_URL, and work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.domain.kind import PLURALS

PUBLIC = "https://cynnwys.example/hud"
LINK = re.compile(r"^[a-z]+://")
OTHERS = ("/v1", "/v1/releases", "/v1/releases/1", "/v1/translation-status", "/v1/translation-status?release=1",
          "/v1/changes?since=0&include=content&limit=100", "/v1/moments/random?seed=1")  # fmt: skip


@pytest.fixture
def public_app(shared_url: str, make_app: Any, min_state: str) -> Flask:
    app: Flask = make_app(shared_url, public_url=PUBLIC, min_state=min_state)
    return app


def _list_links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"url", "href"} or (name in {"self", "next", "previous"} and isinstance(item, str)):
                assert item is None or LINK.match(item), (name, item)
            yield from _list_links(item)
    elif isinstance(value, list):
        for item in value:
            yield from _list_links(item)
    elif isinstance(value, str) and LINK.match(value):
        yield value


def _read(client: FlaskClient, path: str) -> Any:
    response = client.get(path, headers={"Host": "evil.example:8080", "X-Forwarded-Host": "evil.example"})
    assert response.status_code == 200, path
    assert "evil" not in response.text
    assert "evil" not in str(response.headers)
    headers = re.findall(r"<([^>]*)>", response.headers.get("Link", ""))
    if "Content-Location" in response.headers:
        headers.append(response.headers["Content-Location"])
    return [response.get_json(), headers]


def _walk(client: FlaskClient, path: str) -> Iterator[Any]:
    """Read every page of a list."""
    next_path: str | None = path
    while next_path:
        body, headers = _read(client, next_path)
        yield [body, headers]
        link = body["links"].get("next")
        next_path = link.removeprefix(PUBLIC) if link else None


# With MIN_STATE=reviewed, a link to an unreviewed translation works only with `min_state`.
@pytest.mark.parametrize("min_state", ["reviewed"])
def test_every_link_in_responses_about_the_booklet_works(public_app: Flask) -> None:
    client = public_app.test_client()
    links: set[str] = set()
    for plural in PLURALS:
        for path in (f"/v1/{plural}?lang=cy", f"/v1/{plural}?limit=7", f"/v1/{plural}?release=1&lang=en",
                     f"/v1/bilingual/{plural}"):  # fmt: skip
            for page in _walk(client, path):
                links |= set(_list_links(page))
    for path in OTHERS:
        links |= set(_list_links(_read(client, path)))
    assert len(links) > 400
    assert {link for link in links if not link.startswith(f"{PUBLIC}/")} == set()
    dead = {link: client.get(link.removeprefix(PUBLIC)).status_code for link in sorted(links)}
    assert {link: status for link, status in dead.items() if status >= 300} == {}


@pytest.mark.parametrize("min_state", ["translated"])
@pytest.mark.parametrize("path", ["/v1/moments?limit=0", "/v1/nothing", "/v1/moments/nothing?lang=cy"])
def test_the_type_of_a_problem_is_the_url_of_a_page_about_the_problem(public_app: Flask, path: str) -> None:
    client = public_app.test_client()
    response = client.get(path, headers={"Host": "evil.example"})
    problem_type = response.get_json()["type"]
    assert problem_type.startswith(f"{PUBLIC}/problems/")
    page = client.get(problem_type.removeprefix(PUBLIC), query_string={"lang": "cy"})
    assert page.status_code == 200
    assert '<html lang="cy"' in page.text


@pytest.mark.parametrize("min_state", ["translated"])
def test_the_link_header_repeats_the_links_of_the_body(public_app: Flask) -> None:
    client = public_app.test_client()
    response = client.get("/v1/moments?lang=cy&limit=1")
    links = response.get_json()["links"]
    assert f'<{links["self"]}>; rel="self"' in response.headers["Link"]
    assert f'<{links["next"]}>; rel="next"' in response.headers["Link"]
    assert 'rel="alternate"; hreflang="en"' in response.headers["Link"]
    moment = client.get("/v1/moments/chain-reaction?lang=cy")
    assert f'<{moment.get_json()["links"]["previous"]}>; rel="prev"' in moment.headers["Link"]
    assert f'<{PUBLIC}/v1/moments/chain-reaction?lang=en>; rel="alternate"; hreflang="en"' in moment.headers["Link"]
