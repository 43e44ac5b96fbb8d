"""What a kept answer costs: the WSGI application alone, no network, one thread.

    .venv/bin/python -m bench.hit [DATABASE_URL]

Prints nanoseconds a call, the median of rounds that alternate between what is compared: a constant answer with the same
headers, kept answers, one found by its key only, and the application without the cache.
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

ROUNDS, CALLS, SOME = 15, 3_000, 30
ITEM, LIST = "/v1/moments/chain-reaction", "/v1/moments"
# As Granian makes it: what the process's environment says stands in it too.
BASE: dict[str, Any] = dict(os.environ) | {
    "GATEWAY_INTERFACE": "CGI/1.1", "SCRIPT_NAME": "", "SERVER_SOFTWARE": "Granian", "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True, "wsgi.multiprocess": False, "wsgi.multithread": True, "wsgi.run_once": False,
    "wsgi.version": (1, 0), "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
    "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "wsgi.input": None,
    "HTTP_HOST": "127.0.0.1:8000", "HTTP_USER_AGENT": "bench", "HTTP_ACCEPT": "*/*",
}  # fmt: skip

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Head:
    """What the server keeps of an answer."""

    status = ""
    headers: list[tuple[str, str]]

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = status, headers


def fresh(text: str) -> str:
    """The same text as a new object, whose hash is not known yet: as a server hands it over."""
    return text[:1] + text[1:]


def time_calls(application: Application, path: str, query: str, count: int, **more: str) -> float:
    """Nanoseconds a call. Few at a time, so that what a call is given is still in the processor's cache."""
    return sum(
        _time_some(application, path, query, min(count, SOME), more) for _ in range(max(count // SOME, 1))
    ) / max(count // SOME, 1)


def _time_some(application: Application, path: str, query: str, count: int, more: dict[str, str]) -> float:
    scopes = [
        {"PATH_INFO": fresh(path), "QUERY_STRING": fresh(query)} | {name: fresh(text) for name, text in more.items()}
        for _ in range(count)
    ]
    environs = [BASE | scope for scope in scopes]
    started = perf_counter_ns()
    for environ in environs:
        b"".join(application(environ, Head()))
    return (perf_counter_ns() - started) / count


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{ROOT / 'var' / 'service.sqlite'}"
    kept = create_app(Settings(database_url=url, log_level="warning"))
    bare = create_app(Settings(database_url=url, log_level="warning", cache_mb=0))
    head = Head()
    body = list(kept.wsgi_app(BASE | {"PATH_INFO": ITEM, "QUERY_STRING": "lang=cy"}, head))
    etag = dict(head.headers)["ETag"]
    headers = head.headers

    def constant(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return body

    front = kept.wsgi_app
    cases: dict[str, Callable[[], float]] = {
        "a constant answer": lambda: time_calls(constant, ITEM, "lang=cy", CALLS),
        "kept item": lambda: time_calls(front, ITEM, "lang=cy", CALLS),
        "kept item, by Accept-Language": lambda: time_calls(
            front, ITEM, "", CALLS, HTTP_ACCEPT_LANGUAGE="cy-GB,cy;q=0.9,en;q=0.5"
        ),
        "kept list of 20": lambda: time_calls(front, LIST, "lang=cy", CALLS),
        "kept item, 304": lambda: time_calls(front, ITEM, "lang=cy", CALLS, HTTP_IF_NONE_MATCH=etag),
        "kept item, X-Request-Id given": lambda: time_calls(
            front, ITEM, "lang=cy", CALLS, HTTP_X_REQUEST_ID="0123456789abcdef"
        ),
        "kept item, found by its key (HEAD)": lambda: time_calls(
            front, ITEM, "lang=cy", CALLS // 10, REQUEST_METHOD="HEAD"
        ),
        "item, no cache": lambda: time_calls(bare.wsgi_app, ITEM, "lang=cy", CALLS // 100),
        "list of 20, no cache": lambda: time_calls(bare.wsgi_app, LIST, "lang=cy", CALLS // 100),
    }
    took: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, run in cases.items():
            took[name].append(run())
    for name, times in took.items():
        print(f"{name:40} {median(times):12,.0f} ns")


if __name__ == "__main__":
    main()
