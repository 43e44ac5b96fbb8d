"""The cost of a cached response: calls of the WSGI application in one thread, without a network.

    .venv/bin/python -m bench.hit [DATABASE_URL]

Prints nanoseconds per call, as medians over rounds. In each round all cases take turns: a constant response with the
same headers, cached responses, a cached response that is found by its key only, and the application without the cache.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter_ns
from typing import Any

from api.app import create_app
from api.settings import ROOT, Settings

ROUNDS, CALLS, BATCH = 15, 3_000, 30
ITEM, LIST = "/v1/moments/chain-reaction", "/v1/moments"
# The WSGI environment as Granian makes it, which includes the variables of the process.
BASE: dict[str, Any] = dict(os.environ) | {
    "GATEWAY_INTERFACE": "CGI/1.1", "SCRIPT_NAME": "", "SERVER_SOFTWARE": "Granian", "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True, "wsgi.multiprocess": False, "wsgi.multithread": True, "wsgi.run_once": False,
    "wsgi.version": (1, 0), "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
    "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "wsgi.input": None,
    "HTTP_HOST": "127.0.0.1:8000", "HTTP_USER_AGENT": "bench", "HTTP_ACCEPT": "*/*",
}  # fmt: skip

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class StartResponse:
    """A ``start_response`` that stores its arguments."""

    status = ""
    headers: list[tuple[str, str]]

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = status, headers


def copy_string(text: str) -> str:
    """Return a copy of the string without a computed hash, like a string that a server has just made."""
    return text[:1] + text[1:]


def time_calls(application: Application, path: str, query: str, count: int, **more: str) -> float:
    """Return nanoseconds per call. Batches are small, so that the arguments are still in the processor's cache."""
    return sum(
        _time_batch(application, path, query, min(count, BATCH), more) for _ in range(max(count // BATCH, 1))
    ) / max(count // BATCH, 1)


def _time_batch(application: Application, path: str, query: str, count: int, more: dict[str, str]) -> float:
    scopes = [
        {"PATH_INFO": copy_string(path), "QUERY_STRING": copy_string(query)}
        | {name: copy_string(text) for name, text in more.items()}
        for _ in range(count)
    ]
    environs = [BASE | scope for scope in scopes]
    started = perf_counter_ns()
    for environ in environs:
        b"".join(application(environ, StartResponse()))
    return (perf_counter_ns() - started) / count


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{ROOT / 'var' / 'service.sqlite'}"
    cached = create_app(Settings(database_url=url, log_level="warning"))
    uncached = create_app(Settings(database_url=url, log_level="warning", cache_mb=0))
    start_response = StartResponse()
    body = list(cached.wsgi_app(BASE | {"PATH_INFO": ITEM, "QUERY_STRING": "lang=cy"}, start_response))
    etag = dict(start_response.headers)["ETag"]
    headers = start_response.headers

    def constant(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return body

    middleware = cached.wsgi_app
    cases: dict[str, Callable[[], float]] = {
        "constant response": lambda: time_calls(constant, ITEM, "lang=cy", CALLS),
        "cached item": lambda: time_calls(middleware, ITEM, "lang=cy", CALLS),
        "cached item, by Accept-Language": lambda: time_calls(
            middleware, ITEM, "", CALLS, HTTP_ACCEPT_LANGUAGE="cy-GB,cy;q=0.9,en;q=0.5"
        ),
        "cached item, br": lambda: time_calls(
            middleware, ITEM, "lang=cy", CALLS, HTTP_ACCEPT_ENCODING="gzip, deflate, br, zstd"
        ),
        "cached list of 20, br": lambda: time_calls(
            middleware, LIST, "lang=cy", CALLS, HTTP_ACCEPT_ENCODING="gzip, deflate, br, zstd"
        ),
        "cached list of 20": lambda: time_calls(middleware, LIST, "lang=cy", CALLS),
        "cached item, 304": lambda: time_calls(middleware, ITEM, "lang=cy", CALLS, HTTP_IF_NONE_MATCH=etag),
        "cached item, X-Request-Id sent": lambda: time_calls(
            middleware, ITEM, "lang=cy", CALLS, HTTP_X_REQUEST_ID="0123456789abcdef"
        ),
        "cached item, found by its key (HEAD)": lambda: time_calls(
            middleware, ITEM, "lang=cy", CALLS // 10, REQUEST_METHOD="HEAD"
        ),
        "item, no cache": lambda: time_calls(uncached.wsgi_app, ITEM, "lang=cy", CALLS // 100),
        "list of 20, no cache": lambda: time_calls(uncached.wsgi_app, LIST, "lang=cy", CALLS // 100),
    }
    times_by_case: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, run in cases.items():
            times_by_case[name].append(run())
    for name, times in times_by_case.items():
        print(f"{name:40} {median(times):12,.0f} ns")


if __name__ == "__main__":
    main()
