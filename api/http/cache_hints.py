"""Hints from a view to the response cache in front of it: what may be stored, and the keys that purge it.

The hints pass through the WSGI environment, where a client cannot set these names.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.services.publishing.snapshot import Epoch

# Read by the cache: a CacheHint, and the pattern of the URL.
CACHE_HINT, ROUTE = "eiliadau_hud.cache_hint", "eiliadau_hud.route"
# Set by the application if it read the replica; set by the cache if it must read the primary, or if the request only
# warms the cache.
ON_REPLICA, FROM_PRIMARY, WARMING = "eiliadau_hud.on_replica", "eiliadau_hud.from_primary", "eiliadau_hud.warming"
# The surrogate key of every problem about the content and of every redirect: any release may change those.
PROBLEM_KEY = "problems"


@dataclass(frozen=True, slots=True)
class CacheHint:
    """Permission to store a response while ``epoch`` is the newest; without an epoch, while the code is the same.

    ``is_fixed``: the URL names the release and the language, so that only a suppression can change the response.
    """

    epoch: Epoch | None
    is_fixed: bool
    # The media type that a client must accept.
    offered: str


def get_offered_media_types() -> str:
    """Return the media type that the view of this request responds with."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "gives", "application/json")


def is_acceptable(accept: str | None, offered: str) -> bool:
    """Return whether an Accept header allows this media type; a header that cannot be parsed allows everything."""
    # Parameters of a range (mostly charset) are ignored: every text is UTF-8.
    ranges = [(name.partition(";")[0].strip(), quality) for name, quality in parse_accept_header(accept, MIMEAccept)]
    return not ranges or MIMEAccept(ranges)[offered] > 0


def mark_cacheable(epoch: Epoch | None, *, is_fixed: bool = False) -> None:
    """Let the cache store the response to this request, for every client that sends the same request in this epoch.

    ``epoch`` must be read in the transaction that the response is made from.
    """
    request.environ[CACHE_HINT] = CacheHint(epoch, is_fixed, get_offered_media_types())


def surrogate_key(*keys: str, is_pinned: bool) -> str:
    """Return the value of a Surrogate-Key header.

    A response that names its release is never purged by a later one. ``services/delivery/purge_keys.py`` decides which
    keys a release purges.
    """
    return "pinned" if is_pinned else " ".join(keys)
