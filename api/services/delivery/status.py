"""The parity of what is public: by language, kind, category, state and origin, and what keeps it from being whole."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
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

Row = Mapping[str, Any]
STATES = tuple(state.value for state in (State.SOURCE, State.REVIEWED, State.TRANSLATED))
ORIGINS = tuple(origin.value for origin in reversed(Origin))


def read_status(
    session: Session,
    snapshot: Snapshot,
    public_url: str,
    *,
    is_pinned: bool = False,
    default_min_state: MinState = MinState.TRANSLATED,
) -> dict[str, Any]:
    """The report on one release: counts that were kept with it, and the resources behind what is lacking."""
    # Whatever the report names can be read at its address, a draft included: so the state is spelt out.
    rule = LanguageRule(Language.EN, Fallback.NONE, MinState.TRANSLATED)
    reading = ReadContext(snapshot, rule, is_pinned=is_pinned, default_min_state=default_min_state)
    links = Links(public_url, reading)
    rows: Sequence[Row] = read_counts(session, snapshot)["texts"]
    categories = _category_slugs(session, snapshot)
    listed = _list_editions(session, snapshot, links)
    return {
        "release": snapshot.release,
        "languages": {language.value: _language(rows, language) for language in Language},
        "by_kind": {kind: _both([r for r in rows if r["kind"] == kind]) for kind in KINDS},
        "by_category": {
            slug: _both([r for r in rows if r["category"] == row_id]) for row_id, slug in categories.items()
        },
        "missing": [entry for entry, row in listed if row.state is None],
        "outdated": [entry for entry, row in listed if row.outdated],
        "waived": _list_waived(session, snapshot, links),
        "machine": [entry for entry, row in listed if row.origin == Origin.MACHINE],
    }


def _language(rows: Sequence[Row], language: Language) -> dict[str, Any]:
    mine = [row for row in rows if row["language"] == language.value and row["state"] is not None]
    return {
        **_sums(mine),
        "by_state": {state: _sums([r for r in mine if r["state"] == state]) for state in STATES},
        "by_origin": {origin: _sums([r for r in mine if r["origin"] == origin]) for origin in ORIGINS},
    }


def _sums(rows: Iterable[Row]) -> dict[str, int]:
    rows = list(rows)
    return {name: sum(row[name] for row in rows) for name in ("resources", "units", "words")}


def _both(rows: Sequence[Row]) -> dict[str, Any]:
    """``total`` resources, and for each language those that have it, current or outdated."""
    total = sum(row["resources"] for row in rows if row["language"] == Language.EN)
    said: dict[str, Any] = {"total": total}
    for language in Language:
        mine = [row for row in rows if row["language"] == language.value and row["state"] is not None]
        said[language.value] = {
            **_sums(mine),
            "outdated": sum(row["resources"] for row in mine if row["outdated"]),
        }
    return said


def _category_slugs(session: Session, snapshot: Snapshot) -> dict[int, str]:
    query = (
        select(Edition.resource_id, Edition.slugs, Edition.source_language)
        .where(Edition.kind == "category", Edition.language == Language.EN.value, ~Edition.withdrawn)
        .where(at_release(Edition, snapshot))
        .order_by(Edition.rank, Edition.resource_id)
    )
    return {row.resource_id: row.slugs[row.source_language] for row in session.execute(query)}


def _list_editions(session: Session, snapshot: Snapshot, links: Links) -> list[tuple[dict[str, Any], Any]]:
    is_lacking: ColumnElement[bool] | TextClause = incomplete_clause("edition.")
    if not snapshot.is_current:
        lacks = Edition.state.is_(None) | Edition.outdated | (Edition.origin == Origin.MACHINE.value)
        is_lacking = and_(at_release(Edition, snapshot), ~Edition.withdrawn, lacks)
    query = (
        select(
            Edition.kind, Resource.key, Edition.language, Edition.state, Edition.origin, Edition.outdated,
            Edition.slugs, Edition.source_language,
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .where(is_lacking)
        .order_by(Edition.kind, Edition.rank, Edition.resource_id, Edition.language)
    )  # fmt: skip
    return [(_entry(row, row.language, links), row) for row in session.execute(query)]


def _entry(row: Any, language: str, links: Links) -> dict[str, Any]:
    """A resource in a report: where its text in this language is, or (missing) where it can be read at all."""
    slug = row.slugs[row.source_language]
    readable = Language(language) if row.state is not None else Language(language).other
    url = links.resource_in_language(KINDS[row.kind], slug, readable, is_admitted=False)
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


CSV_COLUMNS = ("language", "group", "name", "resources", "units", "words")


def to_csv(status: Mapping[str, Any]) -> str:
    """The report's counts as CSV (RFC 4180): one row a language and group."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for language, said in status["languages"].items():
        writer.writerow([language, "all", "", *_cells(said)])
        for group in ("by_state", "by_origin"):
            for name, sums in said[group].items():
                writer.writerow([language, group.removeprefix("by_"), name, *_cells(sums)])
    for group in ("by_kind", "by_category"):
        for name, said in status[group].items():
            for language in (language.value for language in Language):
                writer.writerow([language, group.removeprefix("by_"), name, *_cells(said[language])])
    return out.getvalue()


def _cells(sums: Mapping[str, int]) -> Sequence[int]:
    pick: Callable[[str], int] = sums.__getitem__
    return [pick(name) for name in ("resources", "units", "words")]
