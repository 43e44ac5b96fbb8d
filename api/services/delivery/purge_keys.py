"""The surrogate keys that a CDN has to purge after a release: at least one key of each response that may have changed.

The keys of a response are the ids of its resources, ``kind.…`` for each of their kinds, and ``lists`` if any release
may change the response. A problem has the key ``problems``. A response to a URL that names a release has only the key
``pinned``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api.domain.errors import ReleaseNotFoundError
from api.domain.kind import CATEGORY, COLLECTION, GUIDE, KINDS, MOMENT, PROMPT, SECTION
from api.domain.language import Language
from api.models import Edition, Release, Resource, Suppression
from api.services.delivery.neighbours import NeighbourIndex, read_positions
from api.services.publishing.snapshot import Snapshot, at_release, read_counts, read_snapshot

# The keys that are purged after every release: lists and reports contain the number of the release, and a resource that
# was not found may now exist.
_EVERY_RELEASE = ("lists", "problems")
# The keys that are also purged after a suppression: those of responses to URLs that name a release, of problems, and
# of reports on releases.
_SUPPRESSION = ("pinned", "problems", "releases")
# The kinds whose title and URL (and licence, for a collection) appear in responses about other resources.
_NAMED_KINDS = (COLLECTION.name, SECTION.name, CATEGORY.name, PROMPT.name)
# The key of a kind is purged if at least this many resources of the kind have changed, and they are more than half of
# its public resources.
_MANY = 50


def list_purged_keys(session: Session, since: int) -> list[str]:
    """Return the keys of all responses that a release after ``since`` may have changed, sorted.

    Raises ReleaseNotFoundError.
    """
    current = read_snapshot(session).release
    if not 0 <= since <= current:
        raise ReleaseNotFoundError(str(since))
    suppressed = _read_suppressed(session, since)
    keys = set(_SUPPRESSION) if suppressed else set()
    if since == current and not suppressed:
        return []
    row_ids = set(suppressed)
    if since < current:
        keys |= set(_EVERY_RELEASE)
        changed = _read_changed(session, since)
        row_ids |= changed.keys()
        keys |= {"random"} if MOMENT.name in changed.values() else set()
        row_ids |= _find_new_neighbours(session, since, current, set(changed.values()), suppressed)
        row_ids |= _find_recounted(session, since, current)
        row_ids |= _find_referring(session, since, _find_renamed(session, since, changed) | suppressed)
        row_ids |= _find_containers(session, suppressed)
    return sorted(keys) + sorted(_to_keys(session, row_ids))


def _read_suppressed(session: Session, since: int) -> set[int]:
    """Return the resources that were suppressed when release ``since`` was made, or later."""
    at = session.scalar(select(Release.at).where(Release.number == since))
    query = select(Suppression.resource_id)
    return set(session.scalars(query if at is None else query.where(Suppression.at >= at)))


def _read_changed(session: Session, since: int) -> dict[int, str]:
    """Return the kind of each resource that a release after ``since`` published, moved or withdrew."""
    query = select(Edition.resource_id, Edition.kind).where(Edition.first_release > since)
    return {row.resource_id: row.kind for row in session.execute(query.distinct())}


def _find_new_neighbours(session: Session, since: int, current: int, kinds: set[str], suppressed: set[int]) -> set[int]:
    """Return the resources whose neighbours changed, for any language rule, in a release after ``since``."""
    index = NeighbourIndex(read_positions(session, since, kinds, suppressed))
    row_ids: set[int] = set()
    for number in range(since + 1, current + 1):
        row_ids |= index.advance(read_positions(session, number, kinds, suppressed, is_first=True))
    return row_ids


def _find_recounted(session: Session, since: int, current: int) -> set[int]:
    """Return the categories and collections whose number of moments changed."""
    counts = (_count_moments(session, number) for number in range(since, current + 1))
    return {
        row_id
        for before, after in pairwise(counts)
        for row_id in before.keys() | after.keys()
        if before.get(row_id) != after.get(row_id)
    }


def _count_moments(session: Session, number: int) -> dict[int, Counter[tuple[str | None, str | None]]]:
    """Count the moments of each collection and category by Welsh and English state. The keys are row ids."""
    counts: dict[int, Counter[tuple[str | None, str | None]]] = {}
    for row in read_counts(session, Snapshot(number, is_current=False))["resources"]:
        if row["kind"] == MOMENT.name:
            for parent in (row["collection"], row["category"]):
                if parent is not None:
                    counts.setdefault(parent, Counter())[row["cy"], row["en"]] += row["count"]
    return counts


def _find_renamed(session: Session, since: int, changed: Mapping[int, str]) -> set[int]:
    """Return the resources whose name, URL or licence changed, in either language, in any release after ``since``."""
    named = [row_id for row_id, kind in changed.items() if kind in _NAMED_KINDS]
    query = (
        select(
            Edition.resource_id, Edition.language, Edition.kind, Edition.first_release, Edition.slugs, Edition.facts,
            Edition.state, Edition.withdrawn, Edition.document,
        )
        .where(Edition.resource_id.in_(named), _is_public_since(since))
        .order_by(Edition.first_release)
    )  # fmt: skip
    names: dict[tuple[int, str], Any] = {}
    renamed = set()
    for row in session.execute(query):
        key = (row.resource_id, row.language)
        name = _name_of(row)
        # A resource that was first published after ``since`` had no name before.
        if names.get(key, None if row.first_release > since else name) != name:
            renamed.add(row.resource_id)
        names[key] = name
    return renamed


def _name_of(row: Any) -> tuple[Any, ...]:
    """Return the parts of an edition that affect responses about other resources: title, slugs, licence, state."""
    title = KINDS[row.kind].title_field
    text = None if row.document is None else json.loads(row.document)["texts"][title]
    return row.withdrawn, row.slugs, row.state, row.facts.get("licence"), text


def _is_public_since(since: int) -> Any:
    """Return the condition that an edition was public at ``since`` or later."""
    return or_(Edition.end_release.is_(None), Edition.end_release > since)


def _find_referring(session: Session, since: int, named: set[int]) -> set[int]:
    """Return the resources whose responses mentioned a resource in ``named``, in release ``since`` or later."""
    if not named:
        return set()
    query = select(Edition.resource_id).where(
        Edition.language == Language.EN.value,
        _is_public_since(since),
        or_(Edition.collection_id.in_(named), Edition.category_id.in_(named)),
    )
    return set(session.scalars(query)) | _find_referring_by_key(session, since, named)


def _find_referring_by_key(session: Session, since: int, named: set[int]) -> set[int]:
    """Return the sections and guide entries whose facts refer to a resource in ``named`` by its key."""
    keys: dict[str, set[str]] = {SECTION.name: set(), PROMPT.name: set()}
    for kind, key in session.execute(select(Resource.kind, Resource.key).where(Resource.id.in_(named))):
        keys.get(kind, set()).add(key)
    query = select(Edition.resource_id, Edition.facts).where(
        Edition.kind.in_((SECTION.name, GUIDE.name)), Edition.language == Language.EN.value, _is_public_since(since)
    )
    return {
        row.resource_id
        for row in session.execute(query)
        if row.facts.get("part_of") in keys[SECTION.name] or keys[PROMPT.name] & set(row.facts.get("prompts") or ())
    }


def _find_containers(session: Session, suppressed: set[int]) -> set[int]:
    """Return the collections and categories of the suppressed resources. A suppression changes their counts."""
    query = select(Edition.collection_id, Edition.category_id).where(Edition.resource_id.in_(suppressed)).distinct()
    return {row_id for row in session.execute(query) for row_id in row if row_id is not None}


def _to_keys(session: Session, row_ids: set[int]) -> Iterator[str]:
    """Yield the ids of these resources.

    If most resources of a kind changed, yield ``kind.…`` instead of their ids.
    """
    ids: dict[str, list[str]] = {}
    for row_id, kind, key in session.execute(select(Resource.id, Resource.kind, Resource.key)):
        if row_id in row_ids:
            ids.setdefault(kind, []).append(f"{kind}.{key}")
    query = (
        select(Edition.kind, func.count())
        .where(Edition.language == Language.EN.value, at_release(Edition, read_snapshot(session)), ~Edition.withdrawn)
        .group_by(Edition.kind)
    )
    public = {kind: int(count) for kind, count in session.execute(query)}
    for kind, names in ids.items():
        is_most = len(names) >= _MANY and 2 * len(names) > public.get(kind, 0)
        yield from [f"kind.{kind}"] if is_most else names
