"""Reports on releases: their dates and notes, their changes, and their waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.keyset import find_previous_page
from api.domain.cursor import ROW, CursorFormat
from api.domain.document import format_time
from api.domain.errors import ReleaseNotFoundError
from api.domain.kind import KINDS
from api.domain.language import Fallback, Language
from api.models import Edition, Release, Resource, Waiver
from api.services.delivery.links import page_url, plain_pages
from api.services.publishing.snapshot import MAX_RELEASE

_CURSORS = CursorFormat("releases", (ROW,))


def list_releases(
    session: Session, public_url: str, limit: int, after: str | None, language: str | None = None
) -> dict[str, Any]:
    """Return a page of releases, newest first. Raises InvalidRequestError for a bad cursor.

    ``language`` is the language that the request names, or None. If it is set, all links name it too.
    """
    query = select(Release)
    position = None if after is None else _CURSORS.decode(after)
    following = query if position is None else query.where(Release.number < position[0])
    rows = list(session.scalars(following.order_by(Release.number.desc()).limit(limit + 1)))
    page = rows[:limit]
    previous = find_previous_page(session, query, (Release.number,), position, limit, is_descending=True)
    key = (page[-1].number,) if len(rows) > limit else None
    cursors = _CURSORS.encode_pages(key, previous.start, has_previous=previous.exists)
    params = {"lang": language, "limit": limit}
    newest = session.scalar(select(Release.number).order_by(Release.number.desc()).limit(1)) or 0
    return {
        "items": [_describe_release(row, public_url, language) for row in page],
        "total": newest,
        "release": newest,
        "links": plain_pages(f"{public_url}/v1/releases", params, after, cursors),
    }


def get_release(session: Session, public_url: str, number: int, language: str | None = None) -> dict[str, Any]:
    """Return a release with its changes and waivers. Raises ReleaseNotFoundError.

    All links name ``language``, the language that the request names.
    """
    row = session.get(Release, number) if 0 < number <= MAX_RELEASE else None
    if row is None:
        raise ReleaseNotFoundError(str(number))
    return _describe_release(row, public_url, language) | {
        "changes": _list_changes(session, public_url, number, language),
        "waivers": _list_waivers(session, number),
    }


def _describe_release(row: Release, public_url: str, language: str | None) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": format_time(row.at),
        "note": row.note,
        "reverts": row.reverts,
        "links": {"self": page_url(f"{public_url}/v1/releases/{row.number}", {"lang": language})},
    }


def _list_changes(session: Session, public_url: str, number: int, language: str | None) -> Sequence[Mapping[str, Any]]:
    # Two queries, because a join would be slow on SQLite: it would scan all ended editions for each new edition.
    ended = select(Edition.resource_id, Edition.slugs, Edition.withdrawn).where(
        Edition.end_release == number, Edition.language == Language.EN.value
    )
    old_slugs = {row.resource_id: row.slugs for row in session.execute(ended) if not row.withdrawn}
    columns = (Edition.kind, Edition.slugs, Edition.source_language, Edition.withdrawn, Edition.first_release)
    began = (
        select(Edition.resource_id, Resource.key, *columns)
        .join(Resource, Resource.id == Edition.resource_id)
        .where(Edition.first_release == number, Edition.language == Language.EN.value)
        .order_by(Edition.kind, Edition.rank, Edition.resource_id)
    )
    # The report names a release, so its links lead to the texts of that release. A resource may have only one language.
    rule = {"lang": language, "fallback": Fallback.ALLOW.value if language else None, "release": number}
    changes = [
        describe_change(row, f"{row.kind}.{row.key}", old_slugs.get(row.resource_id), public_url)
        for row in session.execute(began)
    ]
    return [change | {"url": page_url(change["url"], rule)} for change in changes]


def describe_change(edition: Any, name: str, old_slugs: Any, public_url: str) -> dict[str, Any]:
    """Describe a change: ``published``, ``moved`` if the resource had other slugs before, or ``withdrawn``.

    ``name`` is the id of the resource; ``old_slugs`` is None if the resource was not public before.
    """
    slug = edition.slugs[edition.source_language]
    if edition.withdrawn:
        change = "withdrawn"
    elif old_slugs is not None and old_slugs != edition.slugs:
        change = "moved"
    else:
        change = "published"
    return {
        "change": change,
        "id": name,
        "kind": edition.kind,
        "slug": slug,
        "slugs": edition.slugs,
        "release": edition.first_release,
        "url": f"{public_url}/v1/{KINDS[edition.kind].plural}/{slug}",
    }


def _list_waivers(session: Session, number: int) -> Sequence[Mapping[str, Any]]:
    query = (
        select(Waiver, Resource.kind, Resource.key)
        .join(Resource, Resource.id == Waiver.resource_id)
        .where(Waiver.release == number)
        .order_by(Resource.kind, Resource.rank, Waiver.gap)
    )
    return [
        {"id": f"{kind}.{key}", "gap": waiver.gap, "language": waiver.language, "reason": waiver.reason}
        for waiver, kind, key in session.execute(query)
    ]
