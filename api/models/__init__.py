"""The database tables, without queries or serialisation."""

from api.models.actor import Actor
from api.models.audit import Audit
from api.models.base import Base
from api.models.release import Edition, EditionUnit, Release, Waiver
from api.models.resource import Resource, ResourceSlug, Slug, Suppression
from api.models.search import SearchCounted, SearchEntry, SearchKey, SearchState, SearchWord
from api.models.token import Idempotency, Token
from api.models.unit import Review, Revision, Sense, Suggestion, Unit

__all__ = [
    "Actor",
    "Audit",
    "Base",
    "Edition",
    "EditionUnit",
    "Idempotency",
    "Release",
    "Resource",
    "ResourceSlug",
    "Review",
    "Revision",
    "SearchCounted",
    "SearchEntry",
    "SearchKey",
    "SearchState",
    "SearchWord",
    "Sense",
    "Slug",
    "Suggestion",
    "Suppression",
    "Token",
    "Unit",
    "Waiver",
]
