"""Hints from a view to the response cache: whether to store the response, and the keys that purge it.

The hints travel in the WSGI environment, under names that a client cannot set.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.services.publishing.snapshot import Epoch

# Variables that the cache reads: CACHE_HINT holds a CacheHint, and ROUTE holds the URL pattern of the view.
CACHE_HINT, ROUTE = "eiliadau_hud.cache_hint", "eiliadau_hud.route"
# The application sets ON_REPLICA if it read the replica. The cache sets FROM_PRIMARY if the application must read the
# primary, and WARMING if the request only warms the cache.
ON_REPLICA, FROM_PRIMARY, WARMING = "eiliadau_hud.on_replica", "eiliadau_hud.from_primary", "eiliadau_hud.warming"
JSON, PROBLEM_JSON = "application/json", "application/problem+json"
# The surrogate key of all redirects and of all problems about the content: any release may change such a response.
PROBLEM_KEY = "problems"


@dataclass(frozen=True, slots=True)
class CacheHint:
    """Permission to store a response for as long as ``epoch`` is the newest epoch.

    A response without an epoch depends on the code alone. ``is_fixed`` means that the URL names the release and the
    language, so that only a suppression can change the response.
    """

    epoch: Epoch | None
    is_fixed: bool
    # The media type of the response, which a client's Accept header must allow.
    offered: str


def get_offered_media_types() -> str:
    """Return the media type of the responses of this request's view."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "gives", JSON)


def is_acceptable(accept: str | None, offered: str) -> bool:
    """Return whether an Accept header allows this media type; a header that cannot be parsed allows everything.

    A header that allows problem documents allows JSON, unless it refuses JSON explicitly.
    """
    # Ignore the parameters of a media range, such as charset: every text is UTF-8.
    parsed = parse_accept_header(accept, MIMEAccept)
    ranges = MIMEAccept([(name.partition(";")[0].strip(), quality) for name, quality in parsed])
    if not ranges or ranges[offered] > 0:
        return True
    return offered == JSON and ranges.find(JSON) == -1 and ranges[PROBLEM_JSON] > 0


def mark_cacheable(epoch: Epoch | None, *, is_fixed: bool = False) -> None:
    """Let the cache store this response, and return it to every client that sends the same request in this epoch.

    Read ``epoch`` in the same transaction as the content of the response.
    """
    request.environ[CACHE_HINT] = CacheHint(epoch, is_fixed, get_offered_media_types())


def surrogate_key(*keys: str, is_pinned: bool) -> str:
    """Return the value of a Surrogate-Key header.

    A response whose URL names a release is never purged by a later release. ``services/delivery/purge_keys.py`` decides
    which keys a release purges.
    """
    return "pinned" if is_pinned else " ".join(keys)
