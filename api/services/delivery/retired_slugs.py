"""Retired slugs: slugs that a resource once had. Each leads to the current slug of its own language."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from api.db.read_session import execute, table_of
from api.domain.errors import SlugMovedError
from api.domain.kind import Kind
from api.domain.language import Language
from api.models import Edition


def make_slug_error(session: Session, kind: Kind, slug: str, row: Any) -> SlugMovedError:
    """Return the error that redirects from ``slug`` to a current slug. ``row`` is the result of ``find_by_slug``.

    The current slug is the one in the language to which ``slug`` last belonged. If ``slug`` belonged to both languages,
    or if its language has no slug now, the current slug is the one in the source language.
    """
    language = _find_language(session, row.resource_id, slug)
    current = row.slugs.get(language) if language else None
    return SlugMovedError(kind.name, current or row.slugs[row.source_language])


def _find_language(session: Session, resource_id: int, slug: str) -> str | None:
    """Return the language that this slug last belonged to, or None if it belonged to both languages."""
    for (slugs,) in execute(session, _select_slugs(), resource_id=resource_id):
        languages = [language for language, other in slugs.items() if other == slug]
        if languages:
            return languages[0] if len(languages) == 1 else None
    return None


@cache
def _select_slugs() -> Select[Any]:
    edition = table_of(Edition).c
    # The Welsh and the English edition both store the slugs of both languages, so it is enough to read one of them.
    return (
        select(edition.slugs)
        .where(edition.resource_id == bindparam("resource_id"), edition.language == Language.EN.value)
        .order_by(edition.first_release.desc())
    )
