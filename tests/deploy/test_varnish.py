"""Varnish with the project's VCL returns the responses of the service, from the cache where possible."""

from __future__ import annotations

import gzip
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import create_tokens
from tests.tools.middlewares import Reply, run_varnish, send_request
from tests.tools.rows import change_text
from tests.tools.servers import Server, run_servers, wait_until

# Accept-Language headers and their normalised values; None if Varnish passes a malformed header on to the service.
HEADERS = [
    ("cy", "cy"), ("en", "en"), ("CY", "cy"), ("cy-GB", "cy"), ("en-US,en;q=0.9", "en"), ("fr", "en"), ("*", "en"),
    ("cy-GB,cy;q=0.9,en-GB;q=0.8,en;q=0.7", "cy"), ("en-GB,en;q=0.9,cy;q=0.8", "en"), ("en;q=0.3, cy;q=0.31", "cy"),
    ("cy;q=0.5,en;q=0.5", "cy"), ("en;q=0.5,cy;q=0.5", "en"), ("cy;q=0.1,en;q=0.5,cy;q=0.9", "cy"),
    ("cy;q=0.5, en, cy", "cy"), ("en;q=0.999,cy;q=1.000", "cy"), ("cy, en;q=0", "cy only"), ("en;q=0", "cy only"),
    ("en, cy;q=0", "en only"), ("cy;q=0", "en only"), ("cy;q=0.0, fr", "en only"), ("cy;q=0,en;q=0", "en"),
    ("cy-GB;q=0, cy", "cy"), ("cy;q=0,en;q=0,*", "en"), ("en-GB;q=0,en;q=0.001", "en"),
    (" cy ; q = 0.7 , en;q=0.2", "cy"),
    ("fr-FR, de;q=0.9, cy;q=0.1", "cy"), ("cyx, en-x-y", "en"), (",,cy,,", "cy"), ("*;q=0, cy;q=0.1", "cy"),
    ("ENGLISH, cy;q=0.4", "cy"), ("en;q=0.8,cy;q=0.80", "en"), ("fr;q=1,en;q=0,cy;q=0.2,en-GB;q=0", "cy only"),
    ("cy;q=.5", None), ("cy;q=1.5,en", None), ("cy;q=x", None), ("cy;level=1", None), ("cy_GB", None),
    ("cy;;q=1", None), ("cym, eng;q=0.9", "cy"), ("wel-GB;q=0.2,ENG", "en"), ("cymx, eng-x", "en"),
    ("cy;q=0.12345,en;q=0.1", None), ("; q=1", None), ("cy;q=1e-3,en;q=0.01", None), ("cy;q=nan", None),
    ("x" * 1200 + ",cy", None), (",".join(["fr"] * 40) + ",cy", None), (",".join(["en;q=0.1", "cy;q=0.2"] * 6), None),
]  # fmt: skip
PATH, LIST = "/v1/moments/first", "/v1/moments"
VALIDATORS = ("etag", "cache-control", "vary", "content-location")


@dataclass
class ServiceBehindVarnish:
    """The service, and Varnish in front of it."""

    server: Server
    port: int
    database: Database
    secrets: dict[str, str]

    def direct(self, path: str = PATH, method: str = "GET", **headers: str) -> Reply:
        return send_request(self.server.port, path, method, _named(headers))

    def cached(self, path: str = PATH, method: str = "GET", **headers: str) -> Reply:
        return send_request(self.port, path, method, _named(headers))

    def release(self, text: str) -> None:
        with self.database.writing() as session:
            load(session, change_text(small_booklet(), "moment.first", "body", en=text, cy=f"CY {text}"))

    def purge(self, *keys: str) -> None:
        reply = self.cached("/", "PURGE", Surrogate_Key=" ".join(keys))
        assert reply.status == 200


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def is_hit(reply: Reply) -> bool:
    """Return whether the response came from the cache: ``X-Varnish`` then has two transaction ids, not one."""
    return len(reply.headers["x-varnish"].split()) == 2


def comparable(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Return a response without the headers that depend on the request or on Varnish.

    Varnish fetches compressed responses, and decompresses them for clients that want them plain. Their ETag is weak
    then, and still that of the compressed response.
    """
    omitted = {"x-request-id", "date", "server", "age", "x-varnish", "accept-ranges", "connection", "surrogate-key",
               "via", "content-length", "transfer-encoding"}  # fmt: skip
    body = reply.body
    if reply.status >= 400:
        body = body.replace(reply.headers["x-request-id"].encode(), b"")
    headers = {name: value for name, value in reply.headers.items() if name not in omitted}
    if "etag" in headers:
        headers["etag"] = headers["etag"].removeprefix("W/").replace('-gzip"', '"')
    return reply.status, headers, body


@contextmanager
def run_service(folder: Path, **settings: int) -> Iterator[ServiceBehindVarnish]:
    """Serve the small booklet with these settings, behind Varnish."""
    url = f"sqlite:///{folder / 'service.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    with database.writing() as session:
        load(session, small_booklet())
    secrets = create_tokens(database)
    with run_servers(url, folder / "hold", count=1, **settings) as (server,), run_varnish(server.port, folder) as port:
        yield ServiceBehindVarnish(server, port, database, secrets)
    database.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceBehindVarnish]:
    with run_service(tmp_path_factory.mktemp("varnish")) as service:
        yield service


@pytest.mark.parametrize(("header", "normalised"), HEADERS)
def test_accept_language_is_normalised_as_in_the_service(
    service: ServiceBehindVarnish, header: str, normalised: str | None
) -> None:
    direct = service.direct(LIST, Accept_Language=header)
    cached = service.cached(LIST, Accept_Language=header)
    assert comparable(cached) == comparable(direct)
    if normalised is None:
        assert not is_hit(service.cached(LIST, Accept_Language=header))
        return
    canonical = {"cy": "cy", "en": "en", "cy only": "cy, en;q=0", "en only": "en, cy;q=0"}[normalised]
    assert comparable(service.direct(LIST, Accept_Language=canonical)) == comparable(direct)
    service.cached(LIST, Accept_Language=canonical)
    # Both forms of the header share one stored response.
    again = service.cached(LIST, Accept_Language=header)
    assert is_hit(again)
    assert (
        again.headers["x-varnish"].split()[1]
        == service.cached(LIST, Accept_Language=canonical).headers["x-varnish"].split()[1]
    )


def test_a_request_without_accept_language_gets_the_default_language(service: ServiceBehindVarnish) -> None:
    assert comparable(service.cached(LIST)) == comparable(service.direct(LIST))


@pytest.mark.parametrize("path", ["/v1/moments/first", "/v1/moments/cyntaf", "/embed/moments/cyntaf"])
def test_a_slug_selects_the_language_of_a_request_without_a_preference(
    service: ServiceBehindVarnish, path: str
) -> None:
    for headers in ({}, {"Accept_Language": "fr"}, {"Accept_Language": "*"}):
        assert comparable(service.cached(path, **headers)) == comparable(service.direct(path, **headers))
        assert service.cached(path, **headers).headers["content-language"] == ("cy" if "cyntaf" in path else "en")
    assert service.cached(path, Accept_Language="en").headers["content-language"] == "en"


URLS = [
    "/v1", "/v1/moments?lang=cy", "/v1/moments?limit=2&lang=cy", "/v1/bilingual/moments", "/v1/moments/nobody",
    "/v1/moments?lang=fr", "/v1/moments?utm_source=x", "/v1/moments?lang=cy&lang=en", "/v1/releases/1", "/nowhere",
    "/v1/translation-status.csv", "/v1/translation-status/badge.svg", "/v1/changes?since=0",
    "/openapi.json", "/openapi.yaml",
    "/v1/moments/first?release=1&lang=en", "/v1/moments/random?seed=x", "/v1/moments?%6cang=cy", "/docs",
    "/v1/moments/gyntaf%20?lang=cy", "//v1/moments", "/v1/moments/", "/v1/moments/cyntaf?lang=cy#x",
]  # fmt: skip


@pytest.mark.parametrize("path", URLS)
def test_varnish_returns_the_responses_of_the_service(service: ServiceBehindVarnish, path: str) -> None:
    for _ in range(2):
        assert comparable(service.cached(path)) == comparable(service.direct(path))
    head = service.cached(path, "HEAD")
    assert (head.status, head.body) == (service.direct(path, "HEAD").status, b"")


def test_a_second_request_is_served_from_the_cache_with_its_own_request_id(service: ServiceBehindVarnish) -> None:
    first, second = (service.cached("/v1/prompts?lang=cy") for _ in range(2))
    with_id = service.cached("/v1/prompts?lang=cy", X_Request_Id="a-request-id")
    assert is_hit(second)
    assert is_hit(with_id)
    assert len({reply.headers["x-request-id"] for reply in (first, second, with_id)}) == 3
    assert with_id.headers["x-request-id"] == "a-request-id"
    assert is_hit(service.cached("/v1/prompts?utm_source=a&lang=cy&utm_b&_=1&fbclid=&gclid=x"))
    # Cookies and the order of parameters do not affect the cache key.
    assert is_hit(service.cached("/v1/prompts?lang=cy", Cookie="session=1; theme=dark"))
    service.cached("/v1/moments?lang=cy&limit=3")
    assert is_hit(service.cached("/v1/moments?limit=3&lang=cy"))


def test_a_matching_etag_gets_a_304(service: ServiceBehindVarnish) -> None:
    etag = service.cached().headers["etag"]
    for sent in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        cached = service.cached(If_None_Match=sent)
        assert (cached.status, cached.body) == (304, b"")
        assert {name: comparable(cached)[1][name] for name in VALIDATORS} == {
            name: comparable(service.direct())[1][name] for name in VALIDATORS
        }
    assert service.cached(If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "headers",
    [{"If_Match": '"other"'}, {"Accept": "text/html"}, {"Accept": "application/json;q=0, */*"}, {"Accept": "text/csv"}],
    ids=str,
)
def test_requests_with_if_match_or_an_unavailable_media_type_get_the_error_of_the_service(
    service: ServiceBehindVarnish, headers: dict[str, str]
) -> None:
    service.cached()
    cached, direct = service.cached(**headers), service.direct(**headers)
    assert comparable(cached) == comparable(direct)
    assert cached.status in {406, 412}


def test_browsers_and_programs_share_a_cached_response(service: ServiceBehindVarnish) -> None:
    service.cached()
    for accept in ("application/json", "text/html,application/xml;q=0.9,*/*;q=0.8", "*/*"):
        assert is_hit(service.cached(Accept=accept)), accept


def test_writes_and_requests_with_a_token_bypass_the_cache(service: ServiceBehindVarnish) -> None:
    bearer = f"Bearer {service.secrets['pedr']}"
    for _ in range(2):
        assert not is_hit(service.cached(Authorization=bearer))
        preview = service.cached(f"{PATH}?release=next", Authorization=bearer)
        assert (preview.status, is_hit(preview)) == (200, False)
    # Varnish must not serve the preview to readers without a token.
    assert service.cached(f"{PATH}?release=next").status == 401
    assert service.cached(PATH, "POST").status == service.direct(PATH, "POST").status == 405
    assert service.cached(PATH, "OPTIONS").headers["allow"] == service.direct(PATH, "OPTIONS").headers["allow"]


def test_neither_random_items_nor_health_checks_nor_errors_are_cached(service: ServiceBehindVarnish) -> None:
    for path in ("/v1/moments/random", "/healthz", "/readyz", "/v1/moments?limit=0"):
        assert not any(is_hit(service.cached(path)) for _ in range(3))


def test_a_purge_removes_only_responses_with_the_given_keys(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        paths = [PATH, "/v1/moments?lang=cy", "/v1/moments/fifth?lang=cy", f"{PATH}?lang=cy&release=1"]
        before = {path: [service.cached(path) for _ in range(2)][1] for path in paths}
        assert all(is_hit(reply) for reply in before.values())
        service.release("told again")
        assert service.cached().body == before[PATH].body
        service.purge("lists", "problems", "moment.first")
        after = {path: service.cached(path) for path in paths}
        assert [is_hit(after[path]) for path in paths] == [False, False, True, True]
        assert b"told again" in after[PATH].body


def test_a_stale_response_is_served_during_a_fetch_and_while_the_service_is_down(tmp_path: Path) -> None:
    with run_service(tmp_path, shared_max_age=1, max_age=1) as service:
        old = service.cached().body
        service.release("told again")
        wait_until(lambda: b"told again" in service.direct().body)
        time.sleep(1.5)
        stale = service.cached()
        assert (is_hit(stale), stale.body) == (True, old)
        wait_until(lambda: b"told again" in service.cached().body)
        os.killpg(service.server.process.pid, signal.SIGKILL)
        wait_until(lambda: service.cached("/v1", "OPTIONS").status == 503)
        time.sleep(1.5)
        stale = service.cached()
        assert (stale.status, b"told again" in stale.body) == (200, True)


def test_clients_with_gzip_get_the_compressed_bytes_of_the_service(service: ServiceBehindVarnish) -> None:
    path = "/v1/prompts?lang=en"
    plain, direct = service.cached(path), service.direct(path, Accept_Encoding="gzip")
    for encoding in ("gzip", "gzip, deflate, br, zstd"):
        reply = service.cached(path, Accept_Encoding=encoding)
        assert is_hit(reply)
        assert reply.headers["content-encoding"] == "gzip"
        assert (reply.headers["etag"], reply.body) == (direct.headers["etag"], direct.body)
        again = service.cached(path, Accept_Encoding=encoding, If_None_Match=reply.headers["etag"])
        assert (again.status, again.headers["etag"]) == (304, reply.headers["etag"])
    assert gzip.decompress(direct.body) == plain.body
    again = service.cached(path, If_None_Match=plain.headers["etag"])
    assert again.status == 304
