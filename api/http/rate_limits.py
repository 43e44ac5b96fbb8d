"""How often one may ask: writes by token, searches and refused tokens by address. Counted in memory or in Redis."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from ipaddress import ip_address
from math import ceil
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from flask_limiter import ApplicationLimit, Limiter

from api.http.cache_hints import WARMING
from api.http.context import ServiceContext, get_context

log = structlog.get_logger("eiliadau_hud")

View = Callable[..., Response]
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# Seconds for which a request waits for a Redis that does not answer.
_PATIENCE = 0.5


def limit_as_search(view: View) -> View:
    """Say that what this view answers to a ``q`` is a search: it costs more than reading, and has a limit."""
    view.searches = True  # type: ignore[attr-defined]  # a function takes what is hung on it
    return view


def install_rate_limits(app: Flask, context: ServiceContext) -> None:
    """Count what has a limit before every view of ``app``; the guards come first."""
    settings = context.settings
    uses_redis = not settings.rate_limit_url.startswith("memory:")
    given = ((settings.write_limit, _limit_writes), (settings.search_limit, _limit_searches))
    limits = [limit for text, make in given if text != "0" for limit in make(text)]
    if not limits:
        return
    limiter = Limiter(
        get_client,
        application_limits=list(limits),
        storage_uri=settings.rate_limit_url,
        storage_options=_make_patient() if uses_redis else {},
        # Without it, a dead Redis would be a 500.
        in_memory_fallback_enabled=uses_redis,
        key_prefix="eiliadau-hud",
    )
    limiter.request_filter(_is_free)
    _forward_log()
    limiter.init_app(app)
    if uses_redis:
        context.conditions["limits"] = lambda: (
            "ok" if limiter.storage.check() else "counted by each worker: Redis does not answer"
        )


def get_retry_after() -> int:
    """After how many seconds the limit that was met begins anew."""
    (limiter,) = current_app.extensions["limiter"]
    limit = limiter.current_limit
    # The library names the second after the one in which the limit begins anew.
    return max(1, ceil(limit.reset_at - 1 - time.time())) if limit is not None else 1


def get_client() -> str:
    """The address that a request comes from; of IPv6 the network that one client has, since it has all of it.

    What proxies say is believed of as many of them as TRUSTED_PROXIES counts, and of no more.
    """
    address = request.remote_addr or ""
    trusted = get_context().settings.trusted_proxies
    said = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if 0 < trusted <= len(said):
        address = said[-trusted]
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        # Some proxies add a port; what is no address at all is nobody's in particular.
        host = address.rpartition(":")[0]
        return host if host.count(".") == 3 and len(host) < 16 else "unknown"
    return ":".join(found.exploded.split(":")[:4]) if found.version == 6 else str(found)


def _limit_writes(text: str) -> list[ApplicationLimit]:
    # Whoever has no valid token is counted by address: a new one for every request would be a new count.
    return [
        ApplicationLimit(text, key_function=_get_token, scope="writes", exempt_when=_is_no_write),
        ApplicationLimit(text, key_function=get_client, scope="refused", deduct_when=_is_refused),
    ]


def _limit_searches(text: str) -> list[ApplicationLimit]:
    return [ApplicationLimit(text, key_function=get_client, scope="searches", exempt_when=_is_no_search)]


def _get_token() -> str:
    """The token, as what cannot be told from it; without one, the address."""
    given = request.headers.get("Authorization")
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32] if given else get_client()


def _is_free() -> bool:
    is_counted = (
        request.method in _WRITES or not _is_no_search() or ("Authorization" in request.headers and _is_guarded())
    )
    return not is_counted or WARMING in request.environ


def _is_guarded() -> bool:
    """Does this address ask for a token?"""
    return hasattr(_get_view(), "roles") or request.args.get("release") == "next"


def _get_view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _is_no_write() -> bool:
    return request.method not in _WRITES


def _is_no_search() -> bool:
    return not (getattr(_get_view(), "searches", False) and "q" in request.args)


def _is_refused(response: Response) -> bool:
    return response.status_code == 401


def _make_patient() -> dict[str, Any]:
    """A Redis that is gone is given up at once: its own client would try again for seconds, in every request."""
    from redis.backoff import NoBackoff  # noqa: PLC0415  # who counts in memory pays nothing for Redis
    from redis.retry import Retry  # noqa: PLC0415

    return {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE, "retry": Retry(NoBackoff(), 0)}


class _Forward(logging.Handler):
    """What the limiter says of its storage, as a line of our log. Whom it has limited is not for the log."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.args:
            log.warning("limits", said=record.getMessage())


def _forward_log() -> None:
    logger = logging.getLogger("flask-limiter")
    logger.handlers, logger.propagate = [_Forward()], False
    logger.setLevel(logging.INFO)
