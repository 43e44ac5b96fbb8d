"""Private responses about the working copy, which must not be cached, and the links between pages of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import CursorFormat, PageCursors
from api.domain.document import to_json
from api.http.context import get_context
from api.http.responses import add_page_links
from api.services.delivery.links import build_url, format_param, link_pages


def private_response(body: Mapping[str, Any], *, status: int = 200, etag: str | None = None) -> Response:
    """Return ``body`` as JSON that no cache may store."""
    response = Response(to_json(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization"
    if etag is not None:
        response.headers["ETag"] = etag
    return response


def no_content_response() -> Response:
    """Return the response to a deletion."""
    return Response(status=204, headers={"Cache-Control": "no-store"})


def list_response(path: str, body: Mapping[str, Any], arguments: Mapping[str, Any], cursors: PageCursors) -> Response:
    """Return a page of a list, with links to its neighbours. The links have the parameters of the request."""
    url = f"{get_context().settings.public_url}/v1{path}"

    def to_url(cursor: str | None) -> str:
        params = {**arguments, "after": cursor}
        return build_url(url, dict(sorted((name, value) for name, value in params.items() if value is not None)))

    after = arguments.get("after")
    links = link_pages(to_url(after), after, cursors, to_url)
    return add_page_links(private_response({**body, "links": links}), links)


def list_fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the ``list_id`` of a list with these filters. A cursor is valid only for lists with the same id."""
    filters = sorted(
        (parameter, format_param(value))
        for parameter, value in arguments.items()
        if parameter not in {"after", "limit", "counts"}
    )
    return CursorFormat.fingerprint(name, filters)
