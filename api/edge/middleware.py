"""The WSGI middleware that responds from the cache and passes everything else to the application."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, Lock
from time import monotonic, perf_counter

import structlog

from api.domain.language import Language
from api.edge.application import Application, ApplicationCaller, Environ, StartResponse, warming_environ
from api.edge.cache_key import CacheKey, read_cache_key
from api.edge.counters import Counters
from api.edge.entry import ApplicationResponse, CacheEntry, Head, make_entry
from api.edge.housekeeper import Housekeeper
from api.edge.release_watch import ReleaseWatcher
from api.edge.store import CacheStore
from api.edge.warmer import Warmer
from api.http.cache_hints import ROUTE, WARMING
from api.http.context import ServiceContext, accept_request_id, make_request_id
from api.http.query_string import has_ignored
from api.services.maintenance.compaction import compact_step
from api.services.publishing.snapshot import Epoch, read_epoch

log = structlog.get_logger("eiliadau_hud")

# The maximum time in seconds that a request waits for another request with the same key.
SHARED_FETCH_SECONDS = 2.0
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Headers that are not passed on to the application, because a cache entry needs a complete response. The middleware
# compares validators itself.
_CONDITIONAL_HEADERS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")


class CacheMiddleware:
    """A response cache in front of ``application``. With ``CACHE_MB=0`` it passes every request on."""

    def __init__(self, application: Application, context: ServiceContext, counters: Counters) -> None:
        settings = context.settings
        self._context, self.counters = context, counters
        self._application = ApplicationCaller(application, has_replica=context.database.replica is not None)
        self._default_language = Language(settings.default_language)
        self.store = CacheStore(settings.cache_mb * 2**20, counters.retire)
        self.watcher = ReleaseWatcher(
            self._read_epoch, self._change_epoch, settings.release_check_ms / 1000, settings.stale_if_error
        )
        if not settings.cache_mb:
            # Without a cache, no request needs the epoch, so requests never poll for it. The metrics poll on their own
            # thread.
            self.watcher.next_poll = float("inf")
        self.warmer = Warmer(self._refresh, settings.cache_warm)
        self.housekeeper = Housekeeper(lambda: compact_step(context.database))
        self._fetches: dict[CacheKey, Event] = {}
        self._lock = Lock()
        self._is_debug = settings.log_level == "debug"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        now = monotonic()
        if now >= self.watcher.next_poll:
            self.watcher.poll(now)
        get = environ.get
        variant = self.store.by_request.get(
            (
                environ["PATH_INFO"],
                get("QUERY_STRING", ""),
                get("HTTP_ACCEPT_LANGUAGE"),
                get("HTTP_ACCEPT"),
                get("HTTP_ACCEPT_ENCODING"),
            )
        )
        if (
            variant is None
            or environ["REQUEST_METHOD"] != "GET"
            # The checks of must_bypass_cache(), repeated here because a call would take longer than all of them.
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_IF_MATCH" in environ
            or "HTTP_TRANSFER_ENCODING" in environ
            or "HTTP_UPGRADE" in environ
            or "CONTENT_LENGTH" in environ
            or self._is_debug
        ):
            return self._respond(environ, start_response, now)
        entry = variant.entry
        entry.last_used = now
        sent_id = get("HTTP_X_REQUEST_ID")
        request_id = make_request_id() if sent_id is None else accept_request_id(sent_id)
        if "HTTP_IF_NONE_MATCH" in environ:
            head = entry.find_not_modified(environ["HTTP_IF_NONE_MATCH"], variant.coding, get("HTTP_ACCEPT_ENCODING"))
            if head is not None:
                entry.revalidations += 1
                start_response("304 NOT MODIFIED", head.with_request_id(request_id))
                return []
        entry.hits += 1
        start_response("200 OK", variant.head.with_request_id(request_id))
        return variant.body

    def _respond(self, environ: Environ, start_response: StartResponse, now: float) -> Iterable[bytes]:
        """Respond to a request that ``__call__`` could not answer from the store's index of raw requests."""
        key = read_cache_key(environ, self._default_language)
        if key is None:
            return _send(self._bypass(environ), environ, start_response)
        entry = self.store.find(key) if self.store.limit else None
        if entry is None:
            fetched = self._fetch_once(key, environ, now)
            if isinstance(fetched, ApplicationResponse):
                return _send(fetched, environ, start_response)
            entry = fetched
        else:
            entry.last_used = now
            self._count_hit(entry, environ)
        coding = entry.choose_coding(environ.get("HTTP_ACCEPT_ENCODING"))
        head = _find_not_modified(entry, environ)
        if head is not None and coding not in entry.variants:
            # A 304 has no body, so nothing is compressed for it.
            return _send(_not_modified_response(head, environ), environ, start_response)
        # Each coding is computed when it is first needed.
        variant = entry.variants.get(coding) or self.store.add_variant(entry, coding)
        query = environ.get("QUERY_STRING", "")
        # Trackers send a different value with each visit, so indexing such requests would only fill the index.
        if environ["REQUEST_METHOD"] == "GET" and not has_ignored(query):
            names = ("HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING")
            language, accept, encoding = map(environ.get, names)
            self.store.add_alias((environ["PATH_INFO"], query, language, accept, encoding), variant)
        if head is not None:
            return _send(_not_modified_response(head, environ), environ, start_response)
        request_id = accept_request_id(environ.get("HTTP_X_REQUEST_ID"))
        response = ApplicationResponse("200 OK", variant.head.with_request_id(request_id), variant.body[0])
        return _send(response, environ, start_response)

    def _count_hit(self, entry: CacheEntry, environ: Environ) -> None:
        is_not_modified = _find_not_modified(entry, environ) is not None
        if is_not_modified:
            entry.revalidations += 1
        else:
            entry.hits += 1
        if self._is_debug:
            log.debug("hit", path=entry.key.path, route=entry.route, status=304 if is_not_modified else 200)

    def _fetch_once(self, key: CacheKey, environ: Environ, now: float) -> CacheEntry | ApplicationResponse:
        """Fetch the response from the application. Simultaneous requests with the same key wait for the first one."""
        if self.store.epoch is None:
            return self._fetch(key, environ, now)
        with self._lock:
            other_fetch = self._fetches.get(key)
            if other_fetch is None:
                self._fetches[key] = Event()
        if other_fetch is not None:
            other_fetch.wait(SHARED_FETCH_SECONDS)
            entry = self.store.find(key)
            if entry is not None:
                self._count_hit(entry, environ)
                return entry
            return self._fetch(key, environ, now)
        try:
            return self._fetch(key, environ, now)
        finally:
            with self._lock:
                self._fetches.pop(key).set()

    def _fetch(
        self, key: CacheKey, environ: Environ, now: float, past_hits: int = 0
    ) -> CacheEntry | ApplicationResponse:
        """Fetch the response from the application, and store it as an entry if it is cacheable."""
        unconditional = {name: value for name, value in environ.items() if name not in _CONDITIONAL_HEADERS}
        unconditional["REQUEST_METHOD"] = "GET"
        started = perf_counter()
        response = self._application.fetch(unconditional)
        entry = make_entry(key, response, unconditional, now)
        is_not_modified = entry is not None and _find_not_modified(entry, environ) is not None
        status = 304 if is_not_modified else response.status_code
        self._record(unconditional, environ["REQUEST_METHOD"], status, started)
        if entry is None:
            # The response is not cacheable: let the application evaluate the conditional headers itself.
            is_conditional = any(name in environ for name in _CONDITIONAL_HEADERS)
            return self._application.fetch(environ) if is_conditional else response
        entry.past_hits = past_hits
        is_stored = bool(self.store.limit) and self.store.add(entry)
        if self.store.limit and not is_stored and entry.cache_hint.epoch not in {None, self.store.epoch}:
            # The response was made from a newer release than the store's.
            self.watcher.invalidate()
        return entry

    def _bypass(self, environ: Environ) -> ApplicationResponse:
        """Fetch the response to a request that has no cache key."""
        started = perf_counter()
        response = self._application.fetch(environ)
        method = environ["REQUEST_METHOD"]
        if method not in _SAFE_METHODS:
            self.watcher.invalidate()
        self._record(environ, method, response.status_code, started)
        return response

    def _record(self, environ: Environ, method: str, status: int, started: float) -> None:
        if WARMING not in environ:
            self.counters.record(environ.get(ROUTE), method, status, perf_counter() - started)

    def _refresh(self, entry: CacheEntry) -> None:
        """Fetch the response of an outdated entry again. The new entry starts with half of the old popularity."""
        if self.store.find(entry.key) is None:
            fetched = self._fetch(entry.key, warming_environ(entry.key), monotonic(), entry.popularity // 2)
            if isinstance(fetched, CacheEntry):
                for coding in entry.variants.keys() - fetched.variants.keys():
                    self.store.add_variant(fetched, coding)

    def _change_epoch(self, epoch: Epoch | None) -> None:
        if not self.store.limit:
            return
        outdated = self.store.set_epoch(epoch)
        if epoch is not None:
            self.warmer.schedule(outdated)
            self.housekeeper.schedule()

    def close(self) -> None:
        """Stop the background workers and close the database. No requests may follow."""
        self.warmer.stop()
        self.housekeeper.stop()
        self._context.database.close()

    def _read_epoch(self) -> Epoch:
        with self._context.database.reading_replica() as (session, _):
            return read_epoch(session)


def _send(response: ApplicationResponse, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response(response.status, response.headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]


def _find_not_modified(entry: CacheEntry, environ: Environ) -> Head | None:
    """Return the headers of a 304 if the client has this response already."""
    if "HTTP_IF_NONE_MATCH" not in environ:
        return None
    accept_encoding = environ.get("HTTP_ACCEPT_ENCODING")
    return entry.find_not_modified(environ["HTTP_IF_NONE_MATCH"], entry.choose_coding(accept_encoding), accept_encoding)


def _not_modified_response(head: Head, environ: Environ) -> ApplicationResponse:
    request_id = accept_request_id(environ.get("HTTP_X_REQUEST_ID"))
    return ApplicationResponse("304 NOT MODIFIED", head.with_request_id(request_id), b"")
