"""What a release holds, counted once when it is made and kept with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, aliased

from api.domain.language import Language
from api.models import Edition, Release
from api.services.snapshot import Snapshot, at_release


def count_release(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    """The counts of one release: ``resources`` for lists, ``texts`` for the status report.

    A row of ``resources`` counts those that agree in kind, collection, category, facet and in the state of each
    language; every list's ``total`` and ``omitted``, by whatever filter and language rule, is a sum of such rows.
    """
    return {"resources": _count_resources(session, snapshot), "texts": _count_texts(session, snapshot)}


def _count_resources(session: Session, snapshot: Snapshot) -> list[dict[str, Any]]:
    cy, en = aliased(Edition), aliased(Edition)
    groups = (cy.kind, cy.collection_id, cy.category_id, cy.facet, cy.state, en.state)
    query = (
        select(*groups, func.count())
        .join(en, and_(en.resource_id == cy.resource_id, en.first_release == cy.first_release))
        .where(cy.language == Language.CY, en.language == Language.EN, at_release(cy, snapshot), ~cy.withdrawn)
        .group_by(*groups)
        .order_by(*groups)
    )
    names = ("kind", "collection", "category", "facet", "cy", "en", "count")
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def _count_texts(session: Session, snapshot: Snapshot) -> list[dict[str, Any]]:
    e = Edition
    groups = (e.kind, e.category_id, e.language, e.state, e.origin, e.outdated)
    query = (
        select(*groups, func.count(), func.sum(e.units), func.sum(e.words))
        .where(at_release(e, snapshot), ~e.withdrawn)
        .group_by(*groups)
        .order_by(*groups)
    )
    names = ("kind", "category", "language", "state", "origin", "outdated", "resources", "units", "words")
    return [
        dict(zip(names, (*row[:6], int(row[6]), int(row[7]), int(row[8])), strict=True))
        for row in session.execute(query)
    ]


def keep_counts(session: Session, snapshot: Snapshot) -> None:
    """Count a release and keep the counts with it."""
    counts = count_release(session, snapshot)
    session.execute(update(Release).where(Release.number == snapshot.release).values(counts=counts))
