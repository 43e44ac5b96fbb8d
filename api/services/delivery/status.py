"""The translation status of the public content: counts, and the resources with gaps in a language."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, select
from sqlalchemy.orm import Session, aliased

from api.domain.kind import KINDS
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState, Origin, State
from api.models import Edition, Resource, Waiver
from api.models.release import incomplete_clause
from api.services.delivery.links import Links
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import Snapshot, at_release, read_counts

# The stored numbers of resources, units and words with the same kind, category, language, state and origin.
Count = Mapping[str, Any]
_MEASURES = ("resources", "units", "words")
_STATES = tuple(state.value for state in (State.SOURCE, State.REVIEWED, State.TRANSLATED))
_ORIGINS = tuple(origin.value for origin in reversed(Origin))


def read_status(
    session: Session,
    snapshot: Snapshot,
    public_url: str,
    *,
    is_pinned: bool = False,
    default_min_state: MinState = MinState.TRANSLATED,
) -> dict[str, Any]:
    """Return the translation status at one release.

    It contains the stored counts of resources, units and words, and lists of the resources with gaps.
    """
    # Links accept every state, so that they work for all resources in the report, whatever MIN_STATE is.
    rule = LanguageRule(Language.EN, Fallback.NONE, MinState.TRANSLATED)
    context = ReadContext(snapshot, rule, is_pinned=is_pinned, default_min_state=default_min_state)
    links = Links(public_url, context)
    counts: Sequence[Count] = read_counts(session, snapshot)["texts"]
    categories = _read_category_slugs(session, snapshot)
    gaps = _list_gaps(session, snapshot, links)
    return {
        "release": snapshot.release,
        "languages": {language.value: _sum_language(counts, language) for language in Language},
        "by_kind": {kind: _sum_both([count for count in counts if count["kind"] == kind]) for kind in KINDS},
        "by_category": {
            slug: _sum_both([count for count in counts if count["category"] == row_id])
            for row_id, slug in categories.items()
        },
        "missing": [entry for entry, row in gaps if row.state is None],
        "outdated": [entry for entry, row in gaps if row.outdated],
        "waived": _list_waived(session, snapshot, links),
        "machine": [entry for entry, row in gaps if row.origin == Origin.MACHINE],
    }


def _sum_language(counts: Sequence[Count], language: Language) -> dict[str, Any]:
    public = _in_language(counts, language)
    return {
        **_sum(public),
        "by_state": {state: _sum(count for count in public if count["state"] == state) for state in _STATES},
        "by_origin": {origin: _sum(count for count in public if count["origin"] == origin) for origin in _ORIGINS},
    }


def _in_language(counts: Sequence[Count], language: Language) -> list[Count]:
    """Return the counts of the resources that are public in this language."""
    return [count for count in counts if count["language"] == language.value and count["state"] is not None]


def _sum(counts: Iterable[Count]) -> dict[str, int]:
    counts = list(counts)
    return {name: sum(count[name] for count in counts) for name in _MEASURES}


def _sum_both(counts: Sequence[Count]) -> dict[str, Any]:
    """Return the number of resources and, for each language, the sums for the resources public in that language."""
    total = sum(count["resources"] for count in counts if count["language"] == Language.EN)
    sums: dict[str, Any] = {"total": total}
    for language in Language:
        public = _in_language(counts, language)
        outdated = sum(count["resources"] for count in public if count["outdated"])
        sums[language.value] = {**_sum(public), "outdated": outdated}
    return sums


def _read_category_slugs(session: Session, snapshot: Snapshot) -> dict[int, str]:
    query = (
        select(Edition.resource_id, Edition.slugs, Edition.source_language)
        .where(Edition.kind == "category", Edition.language == Language.EN.value, ~Edition.withdrawn)
        .where(at_release(Edition, snapshot))
        .order_by(Edition.rank, Edition.resource_id)
    )
    return {row.resource_id: row.slugs[row.source_language] for row in session.execute(query)}


def _list_gaps(session: Session, snapshot: Snapshot, links: Links) -> list[tuple[dict[str, Any], Any]]:
    """Return the report entry and the row of each edition that is missing, outdated or translated by a machine."""
    has_gap: ColumnElement[bool] | TextClause = incomplete_clause("edition.")
    if not snapshot.is_current:
        has_any = Edition.state.is_(None) | Edition.outdated | (Edition.origin == Origin.MACHINE.value)
        has_gap = and_(at_release(Edition, snapshot), ~Edition.withdrawn, has_any)
    query = (
        select(
            Edition.kind, Resource.key, Edition.language, Edition.state, Edition.origin, Edition.outdated,
            Edition.slugs, Edition.source_language,
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .where(has_gap)
        .order_by(Edition.kind, Edition.rank, Edition.resource_id, Edition.language)
    )  # fmt: skip
    return [(_entry(row, row.language, links), row) for row in session.execute(query)]


def _entry(row: Any, language: str, links: Links) -> dict[str, Any]:
    """Describe a resource, with its URL in this language.

    If the resource is missing in this language, the URL is in the other language.
    """
    slug = row.slugs[row.source_language]
    available = Language(language) if row.state is not None else Language(language).other
    url = links.resource_in_language(KINDS[row.kind], slug, available, is_admitted=False)
    return {"id": f"{row.kind}.{row.key}", "language": language, "url": url}


def _list_waived(session: Session, snapshot: Snapshot, links: Links) -> list[dict[str, Any]]:
    edition = aliased(Edition)
    query = (
        select(
            edition.kind, Resource.key, edition.slugs, edition.source_language, edition.state, Waiver.language,
            Waiver.gap, Waiver.reason, Waiver.release,
        )
        .join(edition, and_(edition.resource_id == Waiver.resource_id, edition.first_release == Waiver.release))
        .join(Resource, Resource.id == edition.resource_id)
        .where(at_release(edition, snapshot), edition.language == Waiver.language)
        .order_by(edition.kind, edition.rank, edition.resource_id, Waiver.gap)
    )  # fmt: skip
    return [
        _entry(row, row.language, links) | {"gap": row.gap, "reason": row.reason, "release": row.release}
        for row in session.execute(query)
    ]


CSV_COLUMNS = ("language", "group", "name", *_MEASURES)


def to_csv(status: Mapping[str, Any]) -> str:
    """Return the counts of a translation status as CSV (RFC 4180), with one row for each language and group."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for language, sums in status["languages"].items():
        writer.writerow([language, "all", "", *_cells(sums)])
        for group in ("by_state", "by_origin"):
            for name, group_sums in sums[group].items():
                writer.writerow([language, group.removeprefix("by_"), name, *_cells(group_sums)])
    for group in ("by_kind", "by_category"):
        for name, sums in status[group].items():
            for language in (language.value for language in Language):
                writer.writerow([language, group.removeprefix("by_"), name, *_cells(sums[language])])
    return out.getvalue()


def _cells(sums: Mapping[str, int]) -> Sequence[int]:
    return [sums[name] for name in _MEASURES]
