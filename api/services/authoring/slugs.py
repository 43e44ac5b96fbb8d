"""Slugs made from a title or a name: at creation in the source language, and when the first translation comes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.slug import MAX_LENGTH, is_slug, shorten_slug, slugify
from api.domain.text import strip_emphasis
from api.models import Resource
from api.services.access.actors import AuditContext
from api.services.authoring.resources import find_slug_holders, get_name, set_slug
from api.services.authoring.working_copy import read_slugs

# How many resources may have one title before the next is left without a slug of its own.
_TRIES = 20


def make_slug(session: Session, kind: str, collection_id: int | None, language: Language, title: str) -> str | None:
    """The slug that this title makes, a section's with its collection's before it; None where it has no letter."""
    slug = slugify(strip_emphasis(title))
    if slug is None or not KINDS[kind].has_collection_in_slug or collection_id is None:
        return slug
    slugs = read_slugs(session, [collection_id])[collection_id]
    prefix = slugs[language.value] or next(each for each in slugs.values() if each)
    return shorten_slug(f"{prefix}-{slug}")


def set_slug_from_title(session: Session, audit: AuditContext, row_id: int, language: Language, title: str) -> None:
    """Give a resource that has none in this language the slug of its title, numbered where that is another's.

    A translator who delivers a title has no address to choose: an editor may give another afterwards.
    """
    if read_slugs(session, [row_id])[row_id][language.value] is not None:
        return
    row = session.execute(select(Resource.kind, Resource.collection_id).where(Resource.id == row_id)).one()
    slug = make_slug(session, row.kind, row.collection_id, language, title)
    if slug is None:
        return
    name = get_name(session, row_id)
    tries = [slug, *(f"{slug[: MAX_LENGTH - 3]}-{number}" for number in range(2, _TRIES))]
    holders = find_slug_holders(session, row.kind, tries)
    for each in tries:
        if is_slug(each) and holders.get(each, name) == name and _is_set(session, audit, name, language, each):
            return


def _is_set(session: Session, audit: AuditContext, name: str, language: Language, slug: str) -> bool:
    """Somebody else may take it at this very moment: then it is theirs."""
    try:
        with session.begin_nested():
            set_slug(session, audit, name, language, slug)
    except IntegrityError:
        return False
    return True
