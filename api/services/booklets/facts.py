"""The facts of a resource, in the form that ``Resource.loaded`` stores and a load compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain.language import Language
from api.models import Resource
from api.services.booklets.folder import FolderResource


def get_folder_facts(resource: FolderResource) -> dict[str, Any]:
    """Return the facts of a resource in a content folder."""
    return {
        "slugs": {language.value: resource.slugs.get(language) for language in Language},
        "number": resource.number,
        "category": resource.category,
        "facet": resource.facet,
        "facts": dict(resource.facts),
    }


def get_stored_facts(row: Resource, slugs: Mapping[str, str | None], category: str | None) -> dict[str, Any]:
    """Return the facts of a stored resource. ``category`` is the key of its category."""
    return {
        "slugs": slugs,
        "number": row.number,
        "category": category,
        "facet": row.facet,
        "facts": row.facts,
    }
