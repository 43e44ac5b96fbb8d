"""Cached responses are compressed once for each content coding, with the validators and headers of RFC 9110."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.edge import entry as entry_module
from api.edge.coding import MIN_BYTES, Coding
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import RawRequest, RawResponse, get_middleware, record_application_requests, send
from tests.tools.clients import Clients
from tests.tools.endpoints import CACHEABLE, Endpoint, for_endpoints
from tests.tools.rows import change_text
from tests.tools.servers import wait_until

DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: lambda body: body}
BROWSER = "gzip, deflate, br, zstd"
LIST = "/v1/moments"


@pytest.fixture
def app(make_app: MakeApp, loaded_url: str) -> Flask:
    return make_app(loaded_url)


def fetch(
    app: Flask, path: str = LIST, query: str = "lang=cy", encoding: str | None = None, **more: str
) -> RawResponse:
    headers = {f"HTTP_{name.upper()}": value for name, value in more.items() if name != "method"}
    headers |= {} if encoding is None else {"HTTP_ACCEPT_ENCODING": encoding}
    return send(app, RawRequest(path, query, headers, more.get("method", "GET")))


def header(response: RawResponse, name: str) -> str | None:
    values = [value for present, value in response.headers if present == name]
    assert len(values) <= 1, values
    return values[0] if values else None


@for_endpoints([endpoint for endpoint in CACHEABLE if endpoint.rule != "/embed/handout.pdf"])
def test_every_cached_response_is_the_same_in_each_coding(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    app, query = sqlite_client.application, endpoint.query
    plain = fetch(app, endpoint.path, query)
    is_text = not str(header(plain, "Content-Type")).startswith(("application/zip", "application/pdf", "image/png"))
    is_compressed = is_text and len(plain.body) >= MIN_BYTES
    assert header(plain, "Content-Encoding") is None
    assert ("Accept-Encoding" in str(header(plain, "Vary"))) == is_compressed
    for encoding, coding in ((BROWSER, "br"), ("gzip, deflate", "gzip"), ("identity", None), ("deflate", None)):
        response = fetch(app, endpoint.path, query, encoding)
        assert header(response, "Content-Encoding") == (coding if is_compressed else None)
        assert DECODERS[header(response, "Content-Encoding")](response.body) == plain.body
        assert header(response, "Content-Length") == str(len(response.body))
        suffix = f'-{coding}"' if is_compressed and coding else '"'
        assert header(response, "ETag") == f"{str(header(plain, 'ETag'))[:-1]}{suffix}"
        differing = {"Content-Encoding", "Content-Length", "ETag"}
        assert {h for h in response.headers if h[0] not in differing} == {
            h for h in plain.headers if h[0] not in differing
        }
        head = fetch(app, endpoint.path, query, encoding, method="HEAD")
        assert (head.status, head.body, head.headers) == ("200 OK", b"", response.headers)


@pytest.mark.parametrize("cache_mb", [0, 64])
def test_a_client_with_the_etag_of_an_acceptable_coding_gets_a_304_with_this_etag(
    make_app: MakeApp, loaded_url: str, cache_mb: int
) -> None:
    app = make_app(loaded_url, cache_mb=cache_mb)
    plain, br, zipped = (str(header(fetch(app, encoding=coding), "ETag")) for coding in (None, "br", "gzip"))
    assert len({plain, br, zipped}) == 3
    assert header(fetch(app), "Vary") == "Accept-Encoding"
    cases = [
        # the ETag in the request, its Accept-Encoding, the ETag of the 304
        (plain, None, plain), (plain, BROWSER, plain), (br, BROWSER, br), (zipped, BROWSER, zipped),
        (f"W/{br}", BROWSER, br), (f"W/{plain}", "gzip", plain), (f'"x", {zipped}, {br}', BROWSER, br),
        ("*", BROWSER, br), ("*", "gzip", zipped), ("*", None, plain), (br, None, br), (zipped, "gzip;q=0.1", zipped),
        (zipped, "br", None), (br, "gzip", None), (br, "identity", None), (plain, "identity;q=0, br", None),
        (f"W/{zipped}", "identity", zipped),
        ('"x"', BROWSER, None), (f"{plain[:-1]}-zstd\"", BROWSER, None), (f"{plain[:-1]}-br-br\"", BROWSER, None),
    ]  # fmt: skip
    for sent, encoding, expected in cases:
        for method in ("GET", "GET", "HEAD"):
            response = fetch(app, encoding=encoding, if_none_match=sent, method=method)
            assert response.status == ("304 NOT MODIFIED" if expected else "200 OK"), (sent, encoding)
            if expected:
                assert header(response, "ETag") == expected, (sent, encoding)
                assert header(response, "Vary") == "Accept-Encoding"
                assert {"Content-Encoding", "Content-Length", "Content-Type"}.isdisjoint(dict(response.headers))
                assert response.body == b""


def test_a_304_needs_no_compressed_bytes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    br = str(header(fetch(app, encoding="br"), "ETag"))
    store = get_middleware(app).store
    store.set_epoch(store.epoch)  # removes the index of raw requests, which lead to variants
    for entry in store.entries():
        del entry.variants[Coding.BR]
    monkeypatch.setattr(entry_module, "compress", None)
    for encoding in (None, BROWSER):
        assert fetch(app, encoding=encoding, if_none_match=br).status == "304 NOT MODIFIED"


def test_responses_vary_by_language_and_coding(app: Flask) -> None:
    assert header(fetch(app, query=""), "Vary") == "Accept-Language, Accept-Encoding"
    assert header(fetch(app, query="", encoding="br"), "Vary") == "Accept-Language, Accept-Encoding"


def test_small_responses_are_not_compressed_unless_the_client_refuses_identity(app: Flask) -> None:
    query = "lang=cy&fields=slug"
    small = fetch(app, "/v1/moments/chain-reaction", query, BROWSER)
    assert len(small.body) < MIN_BYTES
    assert header(small, "Content-Encoding") is None
    assert header(small, "Vary") is None
    forced = fetch(app, "/v1/moments/chain-reaction", query, "identity;q=0, gzip")
    assert header(forced, "Content-Encoding") == "gzip"
    assert header(forced, "Vary") == "Accept-Encoding"
    assert gzip.decompress(forced.body) == small.body
    # There is no coding left: the response is sent nevertheless, which RFC 9110 (15.5.7) prefers to a 406.
    nothing = fetch(app, query=query, encoding="identity;q=0")
    assert (nothing.status, header(nothing, "Content-Encoding")) == ("200 OK", None)


def test_each_coding_is_computed_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[Coding] = []
    original = entry_module.compress

    def count(body: bytes, coding: Coding) -> bytes:
        computed.append(coding)
        return original(body, coding)

    monkeypatch.setattr(entry_module, "compress", count)
    fetched = record_application_requests(app)
    for _ in range(3):
        for encoding in (BROWSER, "gzip", None, "br;q=0.5, gzip;q=0.4", "gzip, deflate"):
            fetch(app, encoding=encoding)
            fetch(app, encoding=encoding, method="HEAD")
    assert computed == [Coding.BR, Coding.GZIP]
    assert len(fetched) == 1


def test_compressed_bytes_count_towards_the_limit_of_the_cache(make_app: MakeApp, loaded_url: str) -> None:
    app = make_app(loaded_url, cache_mb=1)
    store = get_middleware(app).store
    for number in range(120):
        for encoding in (None, "br", "gzip"):
            fetch(
                app, query=f"lang=cy&limit={number % 60 + 1}&fields=title,body&number={number + 1}", encoding=encoding
            )
        fetch(app, query=f"lang=cy&limit={number % 60 + 1}&fields=slug,title", encoding="br")
        assert store.size + store.alias_size <= store.limit
        assert store.size == sum(entry.size for entry in store.entries())
        for entry in store.entries():
            assert entry.size >= sum(len(variant.body[0]) for variant in entry.variants.values())
    assert store.evictions > 0


def test_the_codings_of_a_popular_response_are_computed_again_after_a_release(
    make_app: MakeApp, empty_database: Database, empty_url: str
) -> None:
    def release(title: str) -> None:
        with empty_database.writing() as session:
            load(session, change_text(small_booklet(), "moment.first", "title", en=title, cy=title))

    release("R1")
    app = make_app(empty_url, cache_warm=2)
    for _ in range(3):
        fetch(app, encoding=BROWSER)
    release("R2")
    fetch(app, "/healthz", "")
    wait_until(lambda: [e for e in get_middleware(app).store.entries() if Coding.BR in e.variants] != [])
    fetched = record_application_requests(app)
    assert b"R2" in brotli.decompress(fetch(app, encoding=BROWSER).body)
    assert fetched == []


@pytest.fixture
def private(app: Flask) -> tuple[Flask, dict[str, str]]:
    secrets = Clients.of(app).secrets
    return app, {name: f"Bearer {secret}" for name, secret in secrets.items()}


def test_private_responses_and_errors_are_not_compressed(private: tuple[Flask, dict[str, str]]) -> None:
    app, bearer = private
    requests: list[tuple[str, str, str]] = [
        ("/v1/units", "limit=100", "mair"), (LIST, "release=next", "mair"), (LIST, "lang=cy", "mair"),
        ("/v1/tokens", "", "ann"), ("/v1/audit", "", "ann"), ("/v1/releases/next", "", "pedr"),
    ]  # fmt: skip
    for path, query, name in requests:
        response = fetch(app, path, query, BROWSER, authorization=bearer[name])
        assert response.status == "200 OK"
        assert header(response, "Content-Encoding") is None, path
    for path, query in (("/v1/moments/random", "lang=cy"), ("/v1/moments/nothing", ""), ("/v1/moments", "limit=x")):
        assert header(fetch(app, path, query, BROWSER), "Content-Encoding") is None, path


def test_if_match_accepts_every_etag_that_a_get_request_returned(app: Flask) -> None:
    tags = {str(header(fetch(app, encoding=encoding), "ETag")) for encoding in (None, "br", "gzip")}
    for tag in tags:
        for encoding in (None, BROWSER):
            assert fetch(app, encoding=encoding, if_match=f'"x", {tag}').status == "200 OK"
    for wrong in (f"W/{min(tags)}", '"x-br"', f'{min(tags)[:-1]}-zstd"'):
        assert fetch(app, if_match=wrong).status == "412 PRECONDITION FAILED"


def test_writes_accept_the_etag_of_a_version_in_every_coding(app: Flask) -> None:
    """A proxy that compresses may add the coding to the ETag of a unit, as Apache does."""
    clients = Clients.of(app)
    path = "/units/moment.chain-reaction.title"
    for ending in ("", "-gzip", "-br"):
        etag = clients.request("mair", "GET", path).headers["ETag"]
        body: dict[str, Any] = {"text": f"Adwaith cadwynol{ending}"}
        sent = f'{etag[:-1]}{ending}"'
        assert clients.request("mair", "PUT", f"{path}/target", body, if_match=sent).status_code == 200
        assert clients.request("mair", "PUT", f"{path}/target", body, if_match=sent).status_code == 412
    etag = clients.request("mair", "GET", path).headers["ETag"]
    for wrong in (f"W/{etag}", f'{etag[:-1]}-zstd"', f'{etag[:-2]}-gzip"'):
        assert clients.request("mair", "PUT", f"{path}/target", body, if_match=wrong).status_code == 412
