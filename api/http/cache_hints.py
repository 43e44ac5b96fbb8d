"""What a view tells the delivery cache in front of it: that its answer may be kept, and what it was made from.

The word passes through the WSGI environment, where no client can put anything under these names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app, has_request_context, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.http.context import get_context
from api.services.publishing.snapshot import Epoch

# What the layer in front reads: a Kept; the address's pattern.
KEPT, ROUTE = "eiliadau_hud.kept", "eiliadau_hud.route"
# Was the answer read on the replica? And what the layer in front says: read the primary; nobody waits for this one.
ON_REPLICA, FROM_PRIMARY, WARMING = "eiliadau_hud.on_replica", "eiliadau_hud.from_primary", "eiliadau_hud.warming"


@dataclass(frozen=True, slots=True)
class CacheHint:
    """An answer may be kept for as long as ``epoch`` is the newest; without one, as long as the code is the same.

    ``is_fixed``: its address names release and language, so that a later release leaves it as it is. A suppression
    does not.
    """

    epoch: Epoch | None
    is_fixed: bool
    # The media type that a client must accept.
    offered: str


def get_offered_media_types() -> str:
    """The media type that the view of this request answers with."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "gives", "application/json")


def is_acceptable(accept: str | None, offered: str) -> bool:
    """Does an Accept header take this media type? One that cannot be read is no wish that could not be met."""
    # A range's parameters (charset, mostly) ask for nothing that JSON, or any text of ours, could lack.
    ranges = [(wanted.partition(";")[0].strip(), q) for wanted, q in parse_accept_header(accept, MIMEAccept)]
    return not ranges or MIMEAccept(ranges)[offered] > 0


def mark_cacheable(epoch: Epoch | None, *, is_fixed: bool = False) -> None:
    """Say that the answer to this request is the same for everybody who asks the same in this epoch.

    ``epoch`` is what the transaction read that the answer was made in, never what another one reads later.
    """
    request.environ[KEPT] = CacheHint(epoch, is_fixed, get_offered_media_types())


@contextmanager
def open_read_session() -> Iterator[Session]:
    """A session that sees what is public, on the replica where there is one. Raises Unavailable."""
    # A command reads without a request.
    from_primary = not has_request_context() or FROM_PRIMARY in request.environ
    with get_context().database.reading_replica(from_primary=from_primary) as (session, is_replica):
        if is_replica:
            request.environ[ON_REPLICA] = True
        yield session
