"""The change feed: the newest edition of each resource that changed since a release, for clients that keep a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.db.keyset import find_previous_page
from api.domain.cursor import DEFAULT_LIMIT, ROW, CursorFormat, PageCursors
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.models import Edition, Resource
from api.services.delivery.edition_pairs import find_editions
from api.services.delivery.feed_content import ParentKeys, describe_content
from api.services.delivery.links import Links, PageLinks, link_pages, page_url
from api.services.delivery.release_reports import describe_change
from api.services.delivery.request import Branding, ReadContext
from api.services.publishing.snapshot import Epoch, Snapshot, at_release, read_snapshot

# The position before the first change.
_START = (0, 0)


@dataclass(frozen=True, slots=True)
class ChangesRequest:
    """A page of the changes after release ``since``. If the request names a ``language``, its links name it too."""

    since: int
    after: str | None = None
    limit: int = DEFAULT_LIMIT
    has_content: bool = False
    language: str | None = None


def list_changes(
    session: Session, branding: Branding, request: ChangesRequest, default_min_state: MinState
) -> tuple[dict[str, Any], Epoch]:
    """Return a page of the resources that changed after a release, and the epoch of the response.

    The cursor holds the release of the first page, and all later pages read the same release. Links in the content
    have a ``min_state`` that admits every state, unless this is the default of the service. Raises
    ReleaseNotFoundError; InvalidRequestError if the cursor is invalid or the release ``since`` has not been made.
    """
    since, limit = request.since, request.limit
    cursors = CursorFormat(f"changes:{since}:{request.has_content}", (ROW, ROW, ROW))
    position: tuple[int, int] = _START
    release: int | None = None
    if request.after is not None:
        release, *key = cursors.decode(request.after)
        position = (key[0], key[1])
    snapshot = _read_snapshot(session, release)
    if since > snapshot.release:
        raise InvalidRequestError(
            [Issue(IssueCode.RELEASE_NOT_MADE, "since", data={"value": since, "newest": snapshot.release})]
        )
    query = _select_changes(snapshot, since)
    order = (Edition.first_release, Edition.resource_id)
    rows = session.execute(query.where(tuple_(*order) > position).order_by(*order).limit(limit + 1)).all()
    page = rows[:limit]
    contents = _read_contents(session, branding, snapshot, page, default_min_state) if request.has_content else None
    items = [_describe(row, branding.public_url, contents, request.language) for row in page]
    previous = find_previous_page(session, query, order, None if position == _START else position, limit)
    last = page[-1] if len(rows) > limit else None
    following = (snapshot.release, last.first_release, last.resource_id) if last else None
    start = (snapshot.release, *(previous.start or _START))
    pages = cursors.encode_pages(following, start, has_previous=previous.exists)
    # All pages read the same release, so a link from a later page to the first page names this release.
    first = cursors.encode((snapshot.release, *_START))
    links = _link_pages(branding.public_url, request, pages, first)
    return {"items": items, "release": snapshot.release, "links": links}, snapshot.epoch


def _link_pages(public_url: str, request: ChangesRequest, pages: PageCursors, first: str) -> PageLinks:
    """Return the member ``links`` of a page; ``first`` is the cursor of the first page in the release that was read."""
    url, include = f"{public_url}/v1/changes", "content" if request.has_content else None
    params = {"lang": request.language, "since": request.since, "include": include, "limit": request.limit}
    own = page_url(url, {**params, "after": request.after})
    return link_pages(own, request.after, pages, lambda cursor: page_url(url, {**params, "after": cursor or first}))


def _read_snapshot(session: Session, release: int | None) -> Snapshot:
    if release is not None and release < 1:
        raise InvalidRequestError([Issue(IssueCode.UNREADABLE_AFTER, parameter="after")])
    return read_snapshot(session, release, parameter="after")


def _select_changes(snapshot: Snapshot, since: int) -> Select[Any]:
    old, collection = aliased(Edition), aliased(Edition)
    of_collection, of_category = aliased(Resource), aliased(Resource)
    query: Any = (
        select(
            Edition.resource_id, Edition.kind, Edition.slugs, Edition.source_language, Edition.withdrawn,
            Edition.first_release, Resource.key,
            old.slugs.label("old_slugs"), old.withdrawn.label("was_withdrawn"),
            collection.slugs.label("collection_slugs"), collection.source_language.label("collection_language"),
            of_collection.key.label("collection_key"), of_category.key.label("category_key"),
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .outerjoin(of_collection, of_collection.id == Edition.collection_id)
        .outerjoin(of_category, of_category.id == Edition.category_id)
        .outerjoin(
            collection,
            and_(
                collection.resource_id == Edition.collection_id,
                collection.language == Edition.language,
                at_release(collection, snapshot),
            ),
        )
        .outerjoin(
            old,
            and_(
                old.resource_id == Edition.resource_id,
                old.language == Edition.language,
                at_release(old, Snapshot(since, is_current=False)),
            ),
        )
        .where(
            Edition.language == Language.EN.value,
            at_release(Edition, snapshot),
            Edition.first_release > since,
        )
    )  # fmt: skip
    selection: Select[Any] = query
    return selection


def _describe(row: Any, public_url: str, contents: Mapping[int, Any] | None, language: str | None) -> dict[str, Any]:
    old_slugs = None if row.was_withdrawn else row.old_slugs
    change = describe_change(row, f"{row.kind}.{row.key}", old_slugs, public_url)
    if language is not None:
        # A resource may have only one language.
        change["url"] = page_url(change["url"], {"lang": language, "fallback": Fallback.ALLOW.value})
    # Null for a collection, since collections do not belong to a collection.
    change["collection"] = row.collection_slugs[row.collection_language] if row.collection_slugs else None
    return change if contents is None else change | {"content": contents.get(row.resource_id)}


def _read_contents(
    session: Session, branding: Branding, snapshot: Snapshot, rows: Sequence[Any], default_min_state: MinState
) -> dict[int, Any]:
    """Return the content of each resource that is public, by row id."""
    rule = LanguageRule(Language.EN, Fallback.ALLOW, MinState.TRANSLATED)
    context = ReadContext(snapshot, rule, is_bilingual=True, default_min_state=default_min_state)
    links = Links(branding.public_url, context)
    parents = {row.resource_id: ParentKeys(row.collection_key, row.category_key) for row in rows if not row.withdrawn}
    return {
        edition.resource_id: describe_content(edition, parents[edition.resource_id], branding, links)
        for edition in find_editions(session, list(parents), context)
    }
