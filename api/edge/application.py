"""Calls of the WSGI application behind the cache."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from api.domain.language import Language
from api.edge.cache_key import NO_PREFERENCE, CacheKey
from api.edge.entry import ApplicationResponse, Header
from api.http.cache_hints import FROM_PRIMARY, ON_REPLICA, WARMING

Environ = dict[str, Any]
StartResponse = Callable[[str, list[Header]], object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_READ_METHODS = {"GET", "HEAD"}


class ApplicationCaller:
    """Calls an application. A read that fails on the replica is repeated on the primary, since the replica may lag."""

    def __init__(self, application: Application, *, has_replica: bool) -> None:
        self._application, self._has_replica = application, has_replica

    def fetch(self, environ: Environ) -> ApplicationResponse:
        """Return the complete response. The application adds its cache hints to ``environ``."""
        if not self._has_replica or environ["REQUEST_METHOD"] not in _READ_METHODS:
            return self._call(environ)
        original = dict(environ)
        response = self._call(environ)
        if response.status_code < 400 or ON_REPLICA not in environ:
            return response
        environ.clear()
        environ.update(original | {FROM_PRIMARY: True})
        return self._call(environ)

    def _call(self, environ: Environ) -> ApplicationResponse:
        head: list[Any] = []

        def start_response(status: str, headers: list[Header], _exc_info: object = None) -> Callable[[bytes], object]:
            head[:] = status, headers
            return head.append

        chunks = self._application(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return ApplicationResponse(head[0], head[1], body)


def warming_environ(key: CacheKey) -> Environ:
    """Return the environment of a request with this key, marked as a request that the cache makes to warm itself."""
    language, _, only = key.language.partition(" ")
    accept_language = f"{language}, {Language(language).other};q=0" if only else language
    environ: Environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": key.path, "QUERY_STRING": urlencode(key.query),
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_LANGUAGE": accept_language, "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr, "wsgi.input": io.BytesIO(), "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False, WARMING: True,
    }  # fmt: skip
    if key.language == NO_PREFERENCE:
        del environ["HTTP_ACCEPT_LANGUAGE"]
    return environ if key.accept is None else environ | {"HTTP_ACCEPT": key.accept}
