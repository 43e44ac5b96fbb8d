"""Which kept answers a release may have changed: the surrogate keys that a cache in front has to purge.

An answer that names no release carries the ids of the resources that it holds, ``kind.…`` of each, and ``lists`` if
it may change with any release; a problem carries ``problems``; what names a release carries ``pinned`` alone.
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

# What every release changes: lists and reports say its number, and what was not found may be there now.
EVERY_RELEASE = ("lists", "problems")
# What a suppression changes besides: answers that name a release, and what releases say of themselves.
SUPPRESSION = ("pinned", "problems", "releases")
# Kinds that others name in their answers, by title, address and (a collection) licence.
NAMED = (COLLECTION.name, SECTION.name, CATEGORY.name, PROMPT.name)
# From here on, more than half of a kind is purged as a kind.
MANY = 50


def list_purged_keys(session: Session, since: int) -> list[str]:
    """Every key of an answer that a release after ``since`` may have changed, in order. Raises ReleaseMissing."""
    current = read_snapshot(session).release
    if not 0 <= since <= current:
        raise ReleaseNotFoundError(str(since))
    suppressed = _read_suppressed(session, since)
    keys = set(SUPPRESSION) if suppressed else set()
    if since == current and not suppressed:
        return []
    row_ids = set(suppressed)
    if since < current:
        keys |= set(EVERY_RELEASE)
        touched = _read_touched(session, since)
        row_ids |= touched.keys()
        keys |= {"random"} if MOMENT.name in touched.values() else set()
        row_ids |= _beside(session, since, current, set(touched.values()), suppressed)
        row_ids |= _recounted(session, since, current)
        row_ids |= _naming(session, since, _renamed(session, since, touched) | suppressed)
        row_ids |= _around(session, suppressed)
    return sorted(keys) + sorted(_by_kind(session, row_ids))


def _read_suppressed(session: Session, since: int) -> set[int]:
    """The resources that were emptied after that release, or with it: when in doubt, once more."""
    at = session.scalar(select(Release.at).where(Release.number == since))
    query = select(Suppression.resource_id)
    return set(session.scalars(query if at is None else query.where(Suppression.at >= at)))


def _read_touched(session: Session, since: int) -> dict[int, str]:
    """The kind of each resource that a release after ``since`` published, moved or withdrew."""
    query = select(Edition.resource_id, Edition.kind).where(Edition.first_release > since)
    return {row.resource_id: row.kind for row in session.execute(query.distinct())}


def _beside(session: Session, since: int, current: int, kinds: set[str], suppressed: set[int]) -> set[int]:
    """Those that had another before or after them, by any reader's rule, at any release since."""
    shelves = NeighbourIndex(read_positions(session, since, kinds, suppressed))
    found: set[int] = set()
    for number in range(since + 1, current + 1):
        found |= shelves.advance(read_positions(session, number, kinds, suppressed, is_begun=True))
    return found


def _recounted(session: Session, since: int, current: int) -> set[int]:
    """The categories and collections that say another number of moments."""
    counts = (_count(session, number) for number in range(since, current + 1))
    return {
        row_id
        for before, after in pairwise(counts)
        for row_id in before.keys() | after.keys()
        if before.get(row_id) != after.get(row_id)
    }


def _count(session: Session, number: int) -> dict[int, Counter[tuple[str | None, str | None]]]:
    """By the row id of what they are in: how many moments are public in these states."""
    found: dict[int, Counter[tuple[str | None, str | None]]] = {}
    for row in read_counts(session, Snapshot(number, is_current=False))["resources"]:
        if row["kind"] == MOMENT.name:
            for parent in (row["collection"], row["category"]):
                if parent is not None:
                    found.setdefault(parent, Counter())[row["cy"], row["en"]] += row["count"]
    return found


def _renamed(session: Session, since: int, touched: Mapping[int, str]) -> set[int]:
    """Those whose name, address or licence, in either language, is not what it was at any time since."""
    named = [row_id for row_id, kind in touched.items() if kind in NAMED]
    query = (
        select(
            Edition.resource_id, Edition.language, Edition.kind, Edition.first_release, Edition.slugs, Edition.facts,
            Edition.state, Edition.withdrawn, Edition.document,
        )
        .where(Edition.resource_id.in_(named), _alive(since))
        .order_by(Edition.first_release)
    )  # fmt: skip
    known: dict[tuple[int, str], Any] = {}
    found = set()
    for row in session.execute(query):
        key = (row.resource_id, row.language)
        called = _called(row)
        # What begins after ``since`` was, until then, called nothing.
        if known.get(key, None if row.first_release > since else called) != called:
            found.add(row.resource_id)
        known[key] = called
    return found


def _called(row: Any) -> tuple[Any, ...]:
    title = KINDS[row.kind].title_field
    text = None if row.document is None else json.loads(row.document)["texts"][title]
    return row.withdrawn, row.slugs, row.state, row.facts.get("licence"), text


def _alive(since: int) -> Any:
    """Editions that were public at ``since`` or later."""
    return or_(Edition.end_release.is_(None), Edition.end_release > since)


def _naming(session: Session, since: int, named: set[int]) -> set[int]:
    """Those whose answers name one of these, at any time since."""
    if not named:
        return set()
    query = select(Edition.resource_id).where(
        Edition.language == Language.EN.value,
        _alive(since),
        or_(Edition.collection_id.in_(named), Edition.category_id.in_(named)),
    )
    return set(session.scalars(query)) | _naming_by_key(session, since, named)


def _naming_by_key(session: Session, since: int, named: set[int]) -> set[int]:
    """Sections that are part of one of these, and guides that name one of these prompts."""
    keys: dict[str, set[str]] = {SECTION.name: set(), PROMPT.name: set()}
    for kind, key in session.execute(select(Resource.kind, Resource.key).where(Resource.id.in_(named))):
        keys.get(kind, set()).add(key)
    query = select(Edition.resource_id, Edition.facts).where(
        Edition.kind.in_((SECTION.name, GUIDE.name)), Edition.language == Language.EN.value, _alive(since)
    )
    return {
        row.resource_id
        for row in session.execute(query)
        if row.facts.get("part_of") in keys[SECTION.name] or keys[PROMPT.name] & set(row.facts.get("prompts") or ())
    }


def _around(session: Session, suppressed: set[int]) -> set[int]:
    """What the emptied were in: it is counted again, at every release."""
    query = select(Edition.collection_id, Edition.category_id).where(Edition.resource_id.in_(suppressed)).distinct()
    return {row_id for row in session.execute(query) for row_id in row if row_id is not None}


def _by_kind(session: Session, row_ids: set[int]) -> Iterator[str]:
    """The ids of these; ``kind.…`` in place of those of a kind when they are many, and most of it."""
    found: dict[str, list[str]] = {}
    for row_id, kind, key in session.execute(select(Resource.id, Resource.kind, Resource.key)):
        if row_id in row_ids:
            found.setdefault(kind, []).append(f"{kind}.{key}")
    query = (
        select(Edition.kind, func.count())
        .where(Edition.language == Language.EN.value, at_release(Edition, read_snapshot(session)), ~Edition.withdrawn)
        .group_by(Edition.kind)
    )
    public = {kind: int(count) for kind, count in session.execute(query)}
    for kind, names in found.items():
        is_most = len(names) >= MANY and 2 * len(names) > public.get(kind, 0)
        yield from [f"kind.{kind}"] if is_most else names
