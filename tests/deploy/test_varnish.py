"""Varnish with the project's VCL: it answers what the service answers, and asks it no more often than it must."""

from __future__ import annotations

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

# A header, and which of the four it comes down to; None: in no form of the RFC, and left to the service.
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
    ("cy;;q=1", None),
    ("cy;q=0.12345,en;q=0.1", None), ("; q=1", None), ("cy;q=1e-3,en;q=0.01", None), ("cy;q=nan", None),
    ("x" * 1200 + ",cy", None), (",".join(["fr"] * 40) + ",cy", None), (",".join(["en;q=0.1", "cy;q=0.2"] * 6), None),
]  # fmt: skip
PATH = "/v1/moments/first"


@dataclass
class Fronted:
    """The service and the Varnish in front of it."""

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
    """A hit names two transactions: this one, and the one that fetched."""
    return len(reply.headers["x-varnish"].split()) == 2


def plain(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """An answer without what tells one request, and one hop, from another."""
    own = {"x-request-id", "date", "server", "age", "x-varnish", "accept-ranges", "connection", "surrogate-key", "via",
           "content-length", "transfer-encoding"}  # fmt: skip
    body = reply.body
    if reply.status >= 400:
        body = body.replace(reply.headers["x-request-id"].encode(), b"")
    return reply.status, {name: value for name, value in reply.headers.items() if name not in own}, body


@contextmanager
def front(folder: Path, **settings: int) -> Iterator[Fronted]:
    """The small booklet, served with these settings, and a Varnish."""
    url = f"sqlite:///{folder / 'service.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    with database.writing() as session:
        load(session, small_booklet())
    secrets = create_tokens(database)
    with run_servers(url, folder / "hold", count=1, **settings) as (server,), run_varnish(server.port, folder) as port:
        yield Fronted(server, port, database, secrets)
    database.close()


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronted]:
    with front(tmp_path_factory.mktemp("varnish")) as fronted:
        yield fronted


@pytest.mark.parametrize(("header", "named"), HEADERS)
def test_accept_language_comes_down_to_one_of_four_as_in_the_service(
    fronted: Fronted, header: str, named: str | None
) -> None:
    direct = fronted.direct(Accept_Language=header)
    cached = fronted.cached(Accept_Language=header)
    assert plain(cached) == plain(direct)
    if named is None:
        assert not is_hit(fronted.cached(Accept_Language=header))
        return
    spelt = {"cy": "cy", "en": "en", "cy only": "cy, en;q=0", "en only": "en, cy;q=0"}[named]
    assert plain(fronted.direct(Accept_Language=spelt)) == plain(direct)
    fronted.cached(Accept_Language=spelt)
    # Whoever came first, they share one stored answer.
    again = fronted.cached(Accept_Language=header)
    assert is_hit(again)
    assert (
        again.headers["x-varnish"].split()[1] == fronted.cached(Accept_Language=spelt).headers["x-varnish"].split()[1]
    )


def test_without_the_header_the_default_language_answers(fronted: Fronted) -> None:
    assert plain(fronted.cached()) == plain(fronted.direct())


ADDRESSES = [
    "/v1", "/v1/moments?lang=cy", "/v1/moments?limit=2&lang=cy", "/v1/bilingual/moments", "/v1/moments/nobody",
    "/v1/moments?lang=fr", "/v1/moments?utm_source=x", "/v1/moments?lang=cy&lang=en", "/v1/releases/1", "/nowhere",
    "/v1/translation-status.csv", "/v1/translation-status/badge.svg", "/v1/changes?since=0", "/openapi.json",
    "/v1/moments/first?release=1&lang=en", "/v1/moments/random?seed=x", "/v1/moments?%6cang=cy", "/docs",
    "/v1/moments/gyntaf%20?lang=cy", "//v1/moments", "/v1/moments/", "/v1/moments/cyntaf?lang=cy#x",
]  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_is_the_services_own(fronted: Fronted, path: str) -> None:
    for _ in range(2):
        assert plain(fronted.cached(path)) == plain(fronted.direct(path))
    head = fronted.cached(path, "HEAD")
    assert (head.status, head.body) == (fronted.direct(path, "HEAD").status, b"")


def test_a_second_reader_is_answered_from_the_cache_with_an_id_of_their_own(fronted: Fronted) -> None:
    first, second = (fronted.cached("/v1/prompts?lang=cy") for _ in range(2))
    named = fronted.cached("/v1/prompts?lang=cy", X_Request_Id="a-reader-s-own")
    assert is_hit(second)
    assert is_hit(named)
    assert len({reply.headers["x-request-id"] for reply in (first, second, named)}) == 3
    assert named.headers["x-request-id"] == "a-reader-s-own"
    # Neither cookies nor the order of parameters make another answer.
    assert is_hit(fronted.cached("/v1/prompts?lang=cy", Cookie="session=1; theme=dark"))
    fronted.cached("/v1/moments?lang=cy&limit=3")
    assert is_hit(fronted.cached("/v1/moments?limit=3&lang=cy"))


def test_who_has_it_already_is_told_so(fronted: Fronted) -> None:
    etag = fronted.direct().headers["etag"]
    fronted.cached()
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        cached, direct = fronted.cached(If_None_Match=sent), fronted.direct(If_None_Match=sent)
        assert (cached.status, cached.body) == (304, b"")
        for name in ("etag", "cache-control", "vary", "content-location"):
            assert cached.headers[name] == direct.headers[name]
    assert fronted.cached(If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "headers",
    [{"If_Match": '"other"'}, {"Accept": "text/html"}, {"Accept": "application/json;q=0, */*"}, {"Accept": "text/csv"}],
    ids=str,
)
def test_what_depends_on_another_header_is_left_to_the_service(fronted: Fronted, headers: dict[str, str]) -> None:
    fronted.cached()
    cached, direct = fronted.cached(**headers), fronted.direct(**headers)
    assert plain(cached) == plain(direct)
    assert cached.status in {406, 412}


def test_browsers_and_programs_share_an_answer(fronted: Fronted) -> None:
    fronted.cached()
    for accept in ("application/json", "text/html,application/xml;q=0.9,*/*;q=0.8", "*/*"):
        assert is_hit(fronted.cached(Accept=accept)), accept


def test_a_token_and_a_write_go_past_the_cache(fronted: Fronted) -> None:
    bearer = f"Bearer {fronted.secrets['pedr']}"
    for _ in range(2):
        assert not is_hit(fronted.cached(Authorization=bearer))
        preview = fronted.cached(f"{PATH}?release=next", Authorization=bearer)
        assert (preview.status, is_hit(preview)) == (200, False)
    # What was fetched with a token is nobody else's.
    assert fronted.cached(f"{PATH}?release=next").status == 401
    assert fronted.cached(PATH, "POST").status == fronted.direct(PATH, "POST").status == 405
    assert fronted.cached(PATH, "OPTIONS").headers["allow"] == fronted.direct(PATH, "OPTIONS").headers["allow"]


def test_what_may_not_be_stored_is_not(fronted: Fronted) -> None:
    for path in ("/v1/moments/random", "/healthz", "/readyz", "/v1/moments?limit=0"):
        assert not any(is_hit(fronted.cached(path)) for _ in range(3))


def test_a_purge_takes_what_carries_the_key_and_leaves_the_rest(tmp_path: Path) -> None:
    with front(tmp_path) as fronted:
        paths = [PATH, "/v1/moments?lang=cy", "/v1/moments/fifth?lang=cy", f"{PATH}?lang=cy&release=1"]
        before = {path: [fronted.cached(path) for _ in range(2)][1] for path in paths}
        assert all(is_hit(reply) for reply in before.values())
        fronted.release("told anew")
        assert fronted.cached().body == before[PATH].body
        fronted.purge("lists", "problems", "moment.first")
        after = {path: fronted.cached(path) for path in paths}
        assert [is_hit(after[path]) for path in paths] == [False, False, True, True]
        assert b"told anew" in after[PATH].body


def test_a_stale_answer_is_given_while_a_new_one_is_fetched_and_while_the_service_is_away(tmp_path: Path) -> None:
    with front(tmp_path, shared_max_age=1, max_age=1) as fronted:
        old = fronted.cached().body
        fronted.release("told anew")
        wait_until(lambda: b"told anew" in fronted.direct().body)
        time.sleep(1.5)
        stale = fronted.cached()
        assert (is_hit(stale), stale.body) == (True, old)
        wait_until(lambda: b"told anew" in fronted.cached().body)
        os.killpg(fronted.server.process.pid, signal.SIGKILL)
        wait_until(lambda: fronted.cached("/v1", "OPTIONS").status == 503)
        time.sleep(1.5)
        stale = fronted.cached()
        assert (stale.status, b"told anew" in stale.body) == (200, True)
