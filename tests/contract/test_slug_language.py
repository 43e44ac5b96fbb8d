"""A slug that only one language has selects this language, if neither the URL nor a header names one."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from api.domain.kind import KINDS, Kind
from api.domain.language import Language
from api.edge.application import warming_environ
from api.edge.cache_key import read_cache_key
from tests.conftest import MakeApp
from tests.tools.cache_bypass import RawRequest, RawResponse, assert_same_response, send
from tests.tools.endpoints import SLUGS

UNDECIDED: tuple[dict[str, str], ...] = (
    {}, {"HTTP_ACCEPT_LANGUAGE": "fr"}, {"HTTP_ACCEPT_LANGUAGE": "*"}, {"HTTP_ACCEPT_LANGUAGE": "cy;q=0,en;q=0"}
)  # fmt: skip
BASE = "http://127.0.0.1:8000"


@pytest.fixture(params=["cy", "en"])
def pair(request: pytest.FixtureRequest, shared_url: str, make_app: MakeApp) -> tuple[Flask, Flask]:
    """Return applications with and without the cache, for each default language."""
    cached, uncached = (
        make_app(shared_url, default_language=request.param, release_check_ms=0, cache_mb=size) for size in (64, 0)
    )
    return cached, uncached


def _slugs(app: Flask, kind: Kind) -> list[tuple[str, str]]:
    """List the slugs of a resource, and the language that each selects."""
    response = app.test_client().get(f"/v1/bilingual/{kind.plural}/{SLUGS[kind.plural]}")
    slugs: dict[str, str | None] = response.json["slugs"]  # type: ignore[index]
    # What has no title has one slug, which belongs to both languages: then the default language decides.
    default = app.extensions["eiliadau_hud"].settings.default_language
    return [(language if slugs["cy"] else default, slug) for language, slug in slugs.items() if slug]


def _read(pair: tuple[Flask, Flask], path: str, query: str, headers: dict[str, str]) -> tuple[RawResponse, str, str]:
    response = assert_same_response(*pair, RawRequest(path, query, headers))
    assert response.status == "200 OK", response
    names = dict(response.headers)
    assert "Accept-Language" in names["Vary"]
    return response, names["Content-Language"], names["Content-Location"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_slug_selects_its_language_for_every_kind(pair: tuple[Flask, Flask], kind: Kind) -> None:
    for language, slug in _slugs(pair[0], kind):
        path = f"/v1/{kind.plural}/{slug}"
        named = send(pair[1], RawRequest(path, f"lang={language}&fallback=allow"))
        for headers in UNDECIDED:
            response, served, location = _read(pair, path, "", headers)
            assert (served, response.body) == (language, named.body), headers
            assert location.endswith(f"?lang={language}&fallback=allow")
        for other in ("cy", "en"):
            assert _read(pair, path, "", {"HTTP_ACCEPT_LANGUAGE": other})[1] == other
            assert dict(send(pair[0], RawRequest(path, f"lang={other}")).headers)["Content-Language"] == other


@pytest.mark.parametrize("plural", ["moments", "prompts"])
def test_a_slug_selects_the_language_of_an_embed_page_and_its_oembed_response(
    pair: tuple[Flask, Flask], plural: str
) -> None:
    kind = next(kind for kind in KINDS.values() if kind.plural == plural)
    for language, slug in _slugs(pair[0], kind):
        page = f"/embed/{plural}/{slug}"
        urls = [f"{BASE}/v1/{plural}/{slug}", f"{BASE}/v1/bilingual/{plural}/{slug}", f"{BASE}{page}"]
        oembed = [("/v1/oembed", f"url={quote(url, safe='')}") for url in urls]
        for path, query in [(page, ""), (page, "theme=dark"), *oembed]:
            for headers in UNDECIDED:
                assert _read(pair, path, query, headers)[1] == language, (path, query, headers)
            for other in ("cy", "en"):
                assert _read(pair, path, query, {"HTTP_ACCEPT_LANGUAGE": other})[1] == other


def test_the_first_slug_of_one_language_selects_the_language_of_a_session(pair: tuple[Flask, Flask]) -> None:
    for first, second, language in (
        ("adwaith-cadwynol", "being-heard", "cy"), ("being-heard", "adwaith-cadwynol", "en")
    ):  # fmt: skip
        page = f"{BASE}/embed/session?moments={first},{second}"
        for path, query in (
            ("/embed/session", f"moments={first},{second}"), ("/v1/oembed", f"url={quote(page, safe='')}")
        ):  # fmt: skip
            assert _read(pair, path, query, {})[1] == language


def test_bilingual_responses_and_lists_do_not_depend_on_slugs(pair: tuple[Flask, Flask]) -> None:
    responses = [
        assert_same_response(*pair, RawRequest(f"/v1/bilingual/moments/{slug}"))
        for slug in ("chain-reaction", "adwaith-cadwynol")
    ]
    assert responses[0] == responses[1]
    assert "Accept-Language" not in dict(responses[0].headers).get("Vary", "")


@pytest.mark.parametrize("header", [None, "cy", "en", "cy, en;q=0", "en, cy;q=0"])
@pytest.mark.parametrize("path", ["/v1/moments/adwaith-cadwynol", "/v1/moments", "/embed/session", "/v1/oembed"])
def test_the_cache_is_warmed_with_the_same_preference(path: str, header: str | None) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "theme=dark"}
    key = read_cache_key(environ | ({"HTTP_ACCEPT_LANGUAGE": header} if header else {}), Language.EN)
    assert key is not None
    assert read_cache_key(warming_environ(key), Language.EN) == key
