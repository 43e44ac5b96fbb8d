"""Requests that no client library would send, written directly to a socket."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from api.cli.serve import granian_arguments
from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT
from tests.conftest import load_booklet, make_settings

HOST = "127.0.0.1"
SECONDS = 20
# One server for all tests of this module.
pytestmark = pytest.mark.xdist_group("raw requests")


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve the booklet from an SQLite file, and yield the port. These tests do not depend on the engine."""
    url = f"sqlite:///{tmp_path_factory.mktemp('served') / 'served.sqlite'}"
    settings = make_settings(url, port=_find_port())
    database = Database(settings)
    upgrade(database.engine)
    load_booklet(database)
    database.close()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "PORT": str(settings.port),
        "HOST": HOST,
        "PUBLIC_URL": "https://cynnwys.example",
        "LOG_LEVEL": "error",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *granian_arguments(settings)],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(settings.port, process)
        yield settings.port
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(SECONDS * 20):
        assert process.poll() is None, "the server ended"
        try:
            if _request(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail("the server did not start")


def _request(port: int, request: bytes) -> tuple[int | None, dict[str, str], bytes]:
    """Return the status, the headers with lower-case names, and the body.

    The status is None if the server closed the connection.
    """
    received = b""
    with socket.create_connection((HOST, port), timeout=SECONDS) as connection:
        try:
            connection.sendall(request)
            while chunk := connection.recv(65_536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        return None, {}, b""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def _send(port: int, line: str, *headers: str, body: bytes = b"") -> tuple[int | None, dict[str, str], bytes]:
    lines = [f"{line} HTTP/1.1", "Host: evil.example", "Connection: close", *headers, "", ""]
    return _request(port, "\r\n".join(lines).encode("latin-1") + body)


def _assert_problem(response: tuple[int | None, dict[str, str], bytes], status: int) -> dict[str, object]:
    actual, headers, body = response
    assert actual == status, response
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    problem: dict[str, object] = json.loads(body)
    assert problem["status"] == status
    assert problem["language"] == "cy"
    assert str(problem["type"]).startswith("https://cynnwys.example/problems/")
    return problem


def _assert_alive(port: int) -> None:
    assert _send(port, "GET /v1/moments/chain-reaction?lang=cy")[0] == 200


def test_links_do_not_depend_on_the_host_header(port: int) -> None:
    status, headers, body = _send(port, "GET /v1/moments/chain-reaction?lang=cy")
    assert status == 200
    assert headers["content-language"] == "cy"
    assert headers["etag"]
    assert b"evil.example" not in body
    assert json.loads(body)["links"]["self"] == "https://cynnwys.example/v1/moments/chain-reaction?lang=cy"


def test_head_and_304_have_no_body(port: int) -> None:
    status, headers, body = _send(port, "HEAD /v1/moments?lang=cy")
    assert (status, body) == (200, b"")
    status, second, body = _send(port, "GET /v1/moments?lang=cy", f"If-None-Match: W/{headers['etag']}")
    assert (status, body) == (304, b"")
    assert second["etag"] == headers["etag"]
    assert second["cache-control"] == headers["cache-control"]


@pytest.mark.parametrize("method", ["PURGE", "BREW", "PROPFIND", "M-SEARCH", "DELETE"])
def test_an_unknown_method_gets_a_405_with_an_allow_header(port: int, method: str) -> None:
    response = _send(port, f"{method} /v1/moments?lang=cy")
    _assert_problem(response, 405)
    _, headers, _ = response
    assert headers["allow"] == "GET, HEAD, OPTIONS"


def test_an_options_request_gets_a_204(port: int) -> None:
    status, headers, body = _send(port, "OPTIONS /v1/moments")
    assert (status, body) == (204, b"")
    assert headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_get_request_with_a_body_is_refused_whether_or_not_the_body_is_chunked(port: int) -> None:
    chunked = _send(port, "GET /v1/moments?lang=cy", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n")
    assert "body" in json.dumps(_assert_problem(chunked, 400)["errors"])
    counted = _send(port, "GET /v1/moments?lang=cy", "Content-Length: 5", body=b"hello")
    assert "body" in json.dumps(_assert_problem(counted, 400)["errors"])
    _assert_alive(port)


@pytest.mark.parametrize(
    "target",
    ["/v1/moments/%00?lang=cy", "/v1/moments/%ED%A0%80?lang=cy", "/v1/moments/..?lang=cy", "/v1//moments?lang=cy"],
)
def test_a_malformed_path_gets_a_404(port: int, target: str) -> None:
    _assert_problem(_send(port, f"GET {target}"), 404)


def test_query_strings_that_are_not_utf8_are_refused(port: int) -> None:
    _assert_problem(_send(port, "GET /v1/moments?lang=cy&collection=%FF%FE"), 400)


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /v1/moments/\x00 HTTP/1.1",
        b"GET /v1/" + b"a" * 200_000 + b" HTTP/1.1",
        b"GET /v1/moments HTTP/9.9",
        b"GET /v1/moments\xff\xfe HTTP/1.1",
        b"GET  /v1/moments HTTP/1.1",
        b"GET http://[::1/v1 HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"x" * 100_000,
    ],
    ids=["NUL", "long", "version", "bytes", "two spaces", "malformed host", "TLS", "not HTTP"],
)
def test_malformed_requests_are_refused_and_the_server_keeps_running(port: int, request_line: bytes) -> None:
    status, _, body = _request(port, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status is None or 400 <= status < 500, (status, body[:200])
    _assert_alive(port)


def test_too_many_headers_are_refused_and_the_server_keeps_running(port: int) -> None:
    many = "\r\n".join(f"X-{number}: {'a' * 100}" for number in range(5_000))
    status, _, _ = _send(port, "GET /v1/moments?lang=cy", many)
    assert status is None or 400 <= status < 500
    _assert_alive(port)


def test_a_very_long_accept_language_header_is_accepted(port: int) -> None:
    status, headers, _ = _send(port, "GET /v1/moments?limit=1", "Accept-Language: " + "cy;q=x," * 1_400 + "cy")
    assert status == 200
    assert headers["vary"] == "Accept-Language"
