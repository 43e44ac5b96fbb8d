"""The WSGI application in front of the framework: a kept answer costs it a few lookups, all else it passes on."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlencode

import structlog

from api.domain.language import Language
from api.edge.cache_key import CacheKey, read_cache_key
from api.edge.counters import Counters
from api.edge.entry import Entry, Header, StoredResponse, make_entry
from api.edge.housekeeper import Housekeeper
from api.edge.release_watch import ReleaseWatcher
from api.edge.store import Store
from api.edge.warmer import Warmer
from api.http.cache_hints import FROM_PRIMARY, ON_REPLICA, ROUTE, WARMING
from api.http.context import ServiceContext, accept_request_id, make_request_id
from api.services.maintenance.compaction import compact_step
from api.services.publishing.snapshot import Epoch, read_epoch

log = structlog.get_logger("eiliadau_hud")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[Header]], object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Seconds for which anybody waits for the answer that another is about to get.
PATIENCE = 2.0
_READS = {"GET", "HEAD"}
_HARMLESS = {"GET", "HEAD", "OPTIONS"}
# What makes an answer depend on what its reader has already. The whole answer is made, and compared here.
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")


class CacheMiddleware:
    """A cache of finished answers in front of ``application``. Turned off, it passes everything on."""

    def __init__(self, application: Application, context: ServiceContext, figures: Counters) -> None:
        settings = context.settings
        self._application, self._service, self.figures = application, context, figures
        self._default = Language(settings.default_language)
        self.store = Store(settings.cache_mb * 2**20, figures.leave)
        self.watch = ReleaseWatcher(
            self._ask_epoch, self._renew, settings.release_check_ms / 1000, settings.stale_if_error
        )
        if not settings.cache_mb:
            # No answer depends on it. Who reads the figures wants to know all the same.
            self.watch.next_poll = float("inf")
        self.warmer = Warmer(self._make_warm, settings.cache_warm)
        self.housekeeper = Housekeeper(lambda: compact_step(context.database))
        self._flights: dict[CacheKey, Event] = {}
        self._lock = Lock()
        self._is_told = settings.log_level == "debug"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        now = monotonic()
        if now >= self.watch.next_poll:
            self.watch.poll(now)
        get = environ.get
        entry = self.store.by_request.get(
            (environ["PATH_INFO"], get("QUERY_STRING", ""), get("HTTP_ACCEPT_LANGUAGE"), get("HTTP_ACCEPT"))
        )
        if (
            entry is None
            or environ["REQUEST_METHOD"] != "GET"
            # As is_past() says it: a call would cost more than all of these.
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_IF_MATCH" in environ
            or "HTTP_TRANSFER_ENCODING" in environ
            or "HTTP_UPGRADE" in environ
            or "CONTENT_LENGTH" in environ
            or self._is_told
        ):
            return self._answer(environ, start_response, now)
        entry.used = now
        given = get("HTTP_X_REQUEST_ID")
        request_id = make_request_id() if given is None else accept_request_id(given)
        if "HTTP_IF_NONE_MATCH" in environ and entry.is_known(environ):
            entry.revalidations += 1
            headers = entry.not_modified_headers.copy()
            headers[entry.known_id_place] = ("X-Request-Id", request_id)
            start_response("304 NOT MODIFIED", headers)
            return []
        entry.hits += 1
        headers = entry.head.copy()
        headers[entry.id_place] = ("X-Request-Id", request_id)
        start_response("200 OK", headers)
        return entry.body

    def _answer(self, environ: Environ, start_response: StartResponse, now: float) -> Iterable[bytes]:
        """The answer to what is not found at first sight."""
        key = read_cache_key(environ, self._default) if self.store.epoch is not None else None
        if key is None:
            return self._give(self._pass(environ), environ, start_response)
        entry = self.store.find(key)
        if entry is None:
            made = self._fill(key, environ, now)
            if isinstance(made, StoredResponse):
                return self._give(made, environ, start_response)
            entry = made
        else:
            entry.used = now
            self._count(entry, environ)
        if environ["REQUEST_METHOD"] == "GET":
            raw = (environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
            self.store.alias((*raw, environ.get("HTTP_ACCEPT_LANGUAGE"), environ.get("HTTP_ACCEPT")), entry)
        return self._give(_cut(entry, environ), environ, start_response)

    def _count(self, entry: Entry, environ: Environ) -> None:
        is_known = "HTTP_IF_NONE_MATCH" in environ and entry.is_known(environ)
        if is_known:
            entry.revalidations += 1
        else:
            entry.hits += 1
        if self._is_told:
            log.debug("hit", path=entry.key.path, route=entry.route, status=304 if is_known else 200)

    def _give(self, answer: StoredResponse, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(answer.status, answer.headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _fill(self, key: CacheKey, environ: Environ, now: float) -> Entry | StoredResponse:
        """The answer that the application gives: an entry, kept if it can be, where its view says that it may.

        Of those who ask the same at one time, one asks the application, and the others wait for what it gets.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._flights[key] = Event()
        if flight is not None:
            flight.wait(PATIENCE)
            entry = self.store.find(key)
            if entry is not None:
                self._count(entry, environ)
                return entry
            return self._make(key, environ, now)
        try:
            return self._make(key, environ, now)
        finally:
            with self._lock:
                self._flights.pop(key).set()

    def _make(self, key: CacheKey, environ: Environ, now: float, heat: int = 0) -> Entry | StoredResponse:
        whole = {name: value for name, value in environ.items() if name not in _CONDITIONS}
        whole["REQUEST_METHOD"] = "GET"
        started = perf_counter()
        answer = self._ask(whole)
        entry = make_entry(key, answer, whole, now)
        is_known = entry is not None and "HTTP_IF_NONE_MATCH" in environ and entry.is_known(environ)
        self._record(whole, environ["REQUEST_METHOD"], 304 if is_known else answer.code, started)
        if entry is None:
            # What is nobody else's is compared by the application, which alone knows what it may leave unsaid.
            return self._ask(environ) if any(name in environ for name in _CONDITIONS) else answer
        entry.past_hits = heat
        self._keep(entry)
        return entry

    def _keep(self, entry: Entry) -> None:
        if not self.store.add(entry) and entry.kept.epoch not in {None, self.store.epoch}:
            # Made from another release than the one that is kept: there is a newer one.
            self.watch.invalidate()

    def _pass(self, environ: Environ) -> StoredResponse:
        """What the application answers to what is none of the cache's business."""
        started = perf_counter()
        answer = self._ask(environ)
        method = environ["REQUEST_METHOD"]
        if method not in _HARMLESS:
            self.watch.invalidate()
        self._record(environ, method, answer.code, started)
        return answer

    def _record(self, environ: Environ, method: str, status: int, started: float) -> None:
        if WARMING not in environ:
            self.figures.record(environ.get(ROUTE), method, status, perf_counter() - started)

    def _ask(self, environ: Environ) -> StoredResponse:
        """What the application answers. What it lacks on a replica, which may lag, it is asked for on the primary."""
        if self._service.database.replica is None or environ["REQUEST_METHOD"] not in _READS:
            return self._run(environ)
        original = dict(environ)
        answer = self._run(environ)
        if answer.code < 400 or ON_REPLICA not in environ:
            return answer
        environ.clear()
        environ.update(original | {FROM_PRIMARY: True})
        return self._run(environ)

    def _run(self, environ: Environ) -> StoredResponse:
        head: list[Any] = []

        def start(status: str, headers: list[Header], _exc_info: object = None) -> Callable[[bytes], object]:
            head[:] = status, headers
            return head.append

        chunks = self._application(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return StoredResponse(head[0], head[1], body)

    def _make_warm(self, entry: Entry) -> None:
        """Ask again for what ``entry`` answered."""
        if self.store.find(entry.key) is None:
            # What was asked for long ago counts less with every release.
            self._make(entry.key, _ask_again(entry.key), monotonic(), entry.popularity // 2)

    def _renew(self, epoch: Epoch | None) -> None:
        if not self.store.limit:
            return
        gone = self.store.set_epoch(epoch)
        if epoch is not None:
            self.warmer.begin(gone)
            self.housekeeper.begin()

    def close(self) -> None:
        """End what goes on behind the readers' backs, and let go of the database. Nothing may be asked any more."""
        self.warmer.stop()
        self.housekeeper.stop()
        self._service.database.close()

    def _ask_epoch(self) -> Epoch:
        with self._service.database.reading_replica() as (session, _):
            return read_epoch(session)


def _ask_again(key: CacheKey) -> Environ:
    """A request that has this key, as the worker asks it of itself."""
    language, _, only = key.language.partition(" ")
    header = f"{language}, {Language(language).other};q=0" if only else language
    environ: Environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": key.path, "QUERY_STRING": urlencode(key.query),
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_LANGUAGE": header, "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        WARMING: True,
    }  # fmt: skip
    return environ if key.accept is None else environ | {"HTTP_ACCEPT": key.accept}


def _cut(entry: Entry, environ: Environ) -> StoredResponse:
    """The entry as an answer to this request: whole, or as a 304."""
    request_id = accept_request_id(environ.get("HTTP_X_REQUEST_ID"))
    if "HTTP_IF_NONE_MATCH" in environ and entry.is_known(environ):
        headers = entry.not_modified_headers.copy()
        headers[entry.known_id_place] = ("X-Request-Id", request_id)
        return StoredResponse("304 NOT MODIFIED", headers, b"")
    headers = entry.head.copy()
    headers[entry.id_place] = ("X-Request-Id", request_id)
    return StoredResponse("200 OK", headers, entry.body[0])
