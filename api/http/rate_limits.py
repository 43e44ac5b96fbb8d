"""Rate limits, counted in memory or in Redis: writes per token, searches and refused tokens per IP address."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from flask_limiter import ApplicationLimit, Limiter

from api.http.cache_hints import WARMING
from api.http.context import ServiceContext

log = structlog.get_logger("eiliadau_hud")

View = Callable[..., Response]
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# Seconds for which a request waits for Redis.
_REDIS_TIMEOUT = 0.5


def limit_as_search(view: View) -> View:
    """Apply the search limit to requests for this view with the parameter ``q``, since a search is expensive."""
    view.searches = True  # type: ignore[attr-defined]  # functions accept attributes
    return view


def install_rate_limits(app: Flask, context: ServiceContext) -> None:
    """Check the limits before every view of ``app``, after the request hooks."""
    settings = context.settings
    uses_redis = not settings.rate_limit_url.startswith("memory:")
    rates = ((settings.write_limit, _limit_writes), (settings.search_limit, _limit_searches))
    limits = [limit for rate, make_limits in rates if rate != "0" for limit in make_limits(rate)]
    if not limits:
        return
    limiter = Limiter(
        get_client,
        application_limits=[*limits],
        storage_uri=settings.rate_limit_url,
        storage_options=_redis_options() if uses_redis else {},
        # Without the fallback, every limited request would be a 500 while Redis is down.
        in_memory_fallback_enabled=uses_redis,
        key_prefix="eiliadau-hud",
    )
    limiter.request_filter(_is_unlimited)
    _forward_log()
    limiter.init_app(app)
    if uses_redis:
        context.readiness_checks["limits"] = lambda: (
            "ok" if limiter.storage.check() else "counted by each worker: Redis does not answer"
        )


def get_retry_after() -> int:
    """Return the seconds until the limit that was exceeded is reset."""
    (limiter,) = current_app.extensions["limiter"]
    limit = limiter.current_limit
    # The library's ``reset_at`` is one second too late.
    return max(1, ceil(limit.reset_at - 1 - time.time())) if limit is not None else 1


def get_client() -> str:
    """Return the IP address of the client; for IPv6, the /64 network, since one client may use all of its addresses.

    If TRUSTED_PROXIES is set, ``create_app`` has taken the address from the proxy's header. Anything that is not an IP
    address counts as "unknown".
    """
    host = (request.remote_addr or "").strip("[]")
    if host.count(":") == 1:
        # Some proxies add the port to an IPv4 address.
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))


def _limit_writes(rate: str) -> list[ApplicationLimit]:
    # Count invalid tokens per IP address: a client that sends a new token each time would never reach a limit per
    # token.
    return [
        ApplicationLimit(rate, key_function=_get_token_hash, scope="writes", exempt_when=_is_no_write),
        ApplicationLimit(rate, key_function=get_client, scope="refused", deduct_when=_is_unauthenticated),
    ]


def _limit_searches(rate: str) -> list[ApplicationLimit]:
    return [ApplicationLimit(rate, key_function=get_client, scope="searches", exempt_when=_is_no_search)]


def _get_token_hash() -> str:
    """Return a hash of the token, so that no token is stored; if there is no token, return the client's address."""
    header = request.headers.get("Authorization")
    return hashlib.sha256(header.encode("utf-8", "replace")).hexdigest()[:32] if header else get_client()


def _is_unlimited() -> bool:
    is_counted = (
        request.method in _WRITES or not _is_no_search() or ("Authorization" in request.headers and _is_guarded())
    )
    return not is_counted or WARMING in request.environ


def _is_guarded() -> bool:
    """Return whether this URL requires a token."""
    return hasattr(_get_view(), "roles") or request.args.get("release") == "next"


def _get_view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _is_no_write() -> bool:
    return request.method not in _WRITES


def _is_no_search() -> bool:
    return not (getattr(_get_view(), "searches", False) and "q" in request.args)


def _is_unauthenticated(response: Response) -> bool:
    return response.status_code == 401


def _redis_options() -> dict[str, Any]:
    """Return options for a Redis client that gives up at once. By default every request would retry for seconds."""
    from redis.backoff import NoBackoff  # noqa: PLC0415  # not needed if limits are counted in memory
    from redis.retry import Retry  # noqa: PLC0415

    return {"socket_timeout": _REDIS_TIMEOUT, "socket_connect_timeout": _REDIS_TIMEOUT, "retry": Retry(NoBackoff(), 0)}


class _LogForwarder(logging.Handler):
    """Forwards the limiter's messages about its storage to our log. Messages that name a client are dropped."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.args:
            log.warning("limits", message=record.getMessage())


def _forward_log() -> None:
    logger = logging.getLogger("flask-limiter")
    logger.handlers, logger.propagate = [_LogForwarder()], False
    logger.setLevel(logging.INFO)
