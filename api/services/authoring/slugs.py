"""Slugs made from titles: from the source title of a new resource, and from the first translation of a title."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.domain.emphasis import strip_emphasis
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.slug import MAX_SLUG_LENGTH, is_slug, shorten_slug, slugify
from api.models import Resource
from api.services.access.audit_log import AuditContext
from api.services.authoring.resources import find_slug_holders, get_name, set_slug
from api.services.authoring.working_copy import read_slugs

# If a slug is taken, variants that end in a number less than this one are tried. If all variants are taken, the
# resource gets no slug.
_MAX_VARIANTS = 20


def make_slug(session: Session, kind: str, collection_id: int | None, language: Language, title: str) -> str | None:
    """Return the slug for this title; None if the title has no letters.

    The slug of a section starts with the slug of its collection.
    """
    slug = slugify(strip_emphasis(title))
    if slug is None or not KINDS[kind].has_collection_in_slug or collection_id is None:
        return slug
    slugs = read_slugs(session, [collection_id])[collection_id]
    prefix = slugs[language.value] or next(other for other in slugs.values() if other)
    return shorten_slug(f"{prefix}-{slug}")


def set_slug_from_title(session: Session, audit: AuditContext, row_id: int, language: Language, title: str) -> None:
    """Make a slug from the title, for a resource that has no slug in this language.

    If the slug is taken, a number is added. Translators who deliver a title do not choose the slug; editors can change
    it later.
    """
    if read_slugs(session, [row_id])[row_id][language.value] is not None:
        return
    row = session.execute(select(Resource.kind, Resource.collection_id).where(Resource.id == row_id)).one()
    slug = make_slug(session, row.kind, row.collection_id, language, title)
    if slug is None:
        return
    name = get_name(session, row_id)
    candidates = [slug, *(f"{slug[: MAX_SLUG_LENGTH - 3]}-{number}" for number in range(2, _MAX_VARIANTS))]
    holders = find_slug_holders(session, row.kind, candidates)
    for candidate in candidates:
        is_free = is_slug(candidate) and holders.get(candidate, name) == name
        if is_free and _try_set_slug(session, audit, name, language, candidate):
            return


def _try_set_slug(session: Session, audit: AuditContext, name: str, language: Language, slug: str) -> bool:
    """Set the slug. Return False if another transaction has just taken it."""
    try:
        with session.begin_nested():
            set_slug(session, audit, name, language, slug)
    except IntegrityError:
        return False
    return True
