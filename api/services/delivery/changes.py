"""The change feed: the newest edition of each resource since a release, for those who keep a copy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.domain.cursor import ROW, CursorFormat
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.models import Edition, Resource
from api.services.delivery.content import serialize_bilingual
from api.services.delivery.links import page_url
from api.services.delivery.release_reports import describe_change
from api.services.delivery.request import Branding, ReadContext
from api.services.publishing.snapshot import Snapshot, at_release, read_snapshot


def list_changes(
    session: Session, branding: Branding, *, since: int, after: str | None, limit: int, has_content: bool
) -> dict[str, Any]:
    """A page of what changed after release ``since``. The walk goes on in the release that it began with.

    Raises RequestRefused for an ``after`` that is none of ours, or a ``since`` that is still to come.
    """
    cursors = CursorFormat(f"changes:{since}:{has_content}", (ROW, ROW, ROW))
    place: tuple[int, int] = (0, 0)
    release: int | None = None
    if after is not None:
        release, *rest = cursors.decode(after)
        place = (rest[0], rest[1])
    snapshot = _snapshot(session, release)
    if since > snapshot.release:
        raise InvalidRequestError([Issue(IssueCode.OUT_OF_RANGE, "since", data={"least": 0, "most": snapshot.release})])
    rows = _read(session, snapshot, since, place, limit + 1)
    page = rows[:limit]
    documents = _contents(session, branding, snapshot, [row[0] for row in page]) if has_content else None
    items = [_describe(session, row, branding.public_url, documents) for row in page]
    last = page[-1][0] if len(rows) > limit else None
    cursor = cursors.encode((snapshot.release, last.first_release, last.resource_id)) if last else None
    url = f"{branding.public_url}/v1/changes"
    params = {"since": since, "include": "content" if has_content else None, "limit": limit}
    return {
        "items": items,
        "release": snapshot.release,
        "links": {
            "self": page_url(url, {**params, "after": after}),
            "next": page_url(url, {**params, "after": cursor}) if cursor else None,
        },
    }


def _snapshot(session: Session, release: int | None) -> Snapshot:
    if release is not None and release < 1:
        raise InvalidRequestError([Issue(IssueCode.UNREADABLE_AFTER, parameter="after")])
    return read_snapshot(session, release, parameter="after")


def _read(session: Session, snapshot: Snapshot, since: int, place: tuple[int, int], limit: int) -> Sequence[Any]:
    known = aliased(Edition)
    holder = aliased(Edition)
    query = (
        select(
            Edition, Resource.key, known.slugs, known.withdrawn, holder.slugs.label("collection_slugs"),
            holder.source_language.label("collection_language"),
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .outerjoin(
            holder,
            and_(
                holder.resource_id == Edition.collection_id,
                holder.language == Edition.language,
                at_release(holder, snapshot),
            ),
        )
        .outerjoin(
            known,
            and_(
                known.resource_id == Edition.resource_id,
                known.language == Edition.language,
                at_release(known, Snapshot(since, is_current=False)),
            ),
        )
        .where(
            Edition.language == Language.EN.value,
            at_release(Edition, snapshot),
            Edition.first_release > since,
            tuple_(Edition.first_release, Edition.resource_id) > place,
        )
        .order_by(Edition.first_release, Edition.resource_id)
        .limit(limit)
    )  # fmt: skip
    return list(session.execute(query))


def _describe(session: Session, row: Any, public_url: str, documents: dict[int, Any] | None) -> dict[str, Any]:
    edition, key, old_slugs, was_withdrawn, slugs, language = row
    old = None if old_slugs is None or was_withdrawn else old_slugs
    change = describe_change(edition, f"{edition.kind}.{key}", old, public_url)
    # The collection by its slug in the release that is read; a collection is in none.
    said = {**change, "collection": slugs[language] if slugs else None}
    return said if documents is None else said | {"content": documents.get(edition.resource_id)}


def _contents(session: Session, branding: Branding, snapshot: Snapshot, editions: Sequence[Edition]) -> dict[int, Any]:
    rule = LanguageRule(Language.EN, Fallback.ALLOW, MinState.TRANSLATED)
    reading = ReadContext(snapshot, rule, is_pinned=True, is_bilingual=True)
    written = serialize_bilingual(session, reading, branding, [e.resource_id for e in editions if not e.withdrawn])
    return {row_id: json.loads(document) for row_id, document in written.items()}
