"""The query parameters of each address, as schemas that document and enforce them alike."""

from __future__ import annotations

from typing import Any

from api.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, CursorFormat
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS, MOMENT, Kind
from api.domain.language import Fallback, Language
from api.domain.search_query import MAX_QUERY_CHARACTERS
from api.domain.slug import MAX_SLUG_LENGTH
from api.domain.state import MinState
from api.schemas.fields import (
    BASE64,
    SLUG,
    PreviewableRelease,
    QueryBoolean,
    QueryChoice,
    QueryChoices,
    QueryInteger,
    QuerySchema,
    QueryText,
    ReleaseNumber,
)

Fields = dict[str, Any]


def _language() -> Fields:
    return {
        "lang": QueryChoice(
            Language,
            code=IssueCode.UNKNOWN_LANGUAGE,
            metadata={
                "description": "The language wanted. Who names one gets that language or a 404, never the other in "
                "its place. Without it, `Accept-Language` decides.",
                "example": "cy",
            },
        ),
        "fallback": QueryChoice(
            Fallback,
            metadata={
                "description": "May the other language stand in? `none` where `lang` is given, `allow` otherwise."
            },
        ),
        **_state(),
    }


def _state() -> Fields:
    return {
        "min_state": QueryChoice(
            MinState,
            metadata={"description": "How far reviewed a translation must be to be served. The default is a setting."},
        )
    }


def _release() -> Fields:
    return {
        "release": PreviewableRelease(
            metadata={
                "description": "The release to read; without it, the current one. `next`, with a token, is the "
                "working copy as it would be.",
                "type": ["integer", "string"],
                "pattern": "^next$",
                "example": 1,
            }
        )
    }


def _fields(names: tuple[str, ...]) -> Fields:
    return {
        "fields": QueryChoices(
            names,
            metadata={
                "description": "Only these fields, parted by commas; `id`, `kind`, `slug` and the language stay.",
                "example": ["slug", "title"] if "title" in names else ["slug"],
            },
        )
    }


def _page() -> Fields:
    return {
        "limit": QueryInteger(
            1, MAX_LIMIT, metadata={"description": "How many resources a page holds.", "default": DEFAULT_LIMIT}
        ),
        "after": _after(),
    }


def _after() -> QueryText:
    return QueryText(
        limit=CursorFormat.MAX_LENGTH,
        pattern=BASE64,
        metadata={"description": "Where the last page ended: follow `links.next`, do not make one up."},
    )


def _slug(of: str, example: str) -> QueryText:
    metadata = {"description": f"Only of this {of}, by slug.", "example": example}
    return QueryText(limit=MAX_SLUG_LENGTH, pattern=SLUG, metadata=metadata)


def _filters(kind: Kind) -> Fields:
    found: Fields = {}
    if kind.name != "collection":
        found["collection"] = _slug("collection", "consultant-social-workers")
    if kind.has_category:
        found["category"] = _slug("category", "better-outcomes")
    if kind.has_number:
        found["number"] = QueryInteger(1, 1_000_000, metadata={"description": "The number that it is printed with."})
    if kind.facet:
        found[kind.facet] = QueryChoice(kind.facet_values, metadata={"description": f"Only of this {kind.facet}."})
    return found


def _q(*, is_required: bool = False) -> QueryText:
    return QueryText(
        limit=MAX_QUERY_CHARACTERS,
        required=is_required,
        metadata={
            "description": "Words to find, in any of their forms. “…” in quotes is found word for word; `-word` leaves "
            "out. The best come first.",
            "example": "gartref",
        },
    )


def _sort(kind: Kind) -> Fields:
    if kind is not MOMENT:
        return {}
    return {"sort": QueryChoice(("title",), metadata={"description": "By title, in the language’s own alphabet."})}


def _schema(name: str, fields: Fields) -> QuerySchema:
    return QuerySchema.from_dict(fields, name=name)()  # type: ignore[return-value]  # it is a QuerySchema


def resource_query(kind: Kind, names: tuple[str, ...], *, is_bilingual: bool) -> QuerySchema:
    """The parameters of one resource's address; ``names`` are the fields that its answer has."""
    language = _state() if is_bilingual else _language()
    return _schema(f"{_title(kind, is_bilingual)}Query", {**language, **_release(), **_fields(names)})


def list_query(kind: Kind, names: tuple[str, ...], *, is_bilingual: bool) -> QuerySchema:
    """The parameters of a kind's list."""
    language = _state() if is_bilingual else _language()
    if is_bilingual and kind is MOMENT:
        language["lang"] = QueryChoice(
            Language,
            code=IssueCode.UNKNOWN_LANGUAGE,
            metadata={"description": "The language whose titles `sort=title` goes by."},
        )
    parts = (language, _filters(kind), {"q": _q()}, _sort(kind), _page(), _release(), _fields(names))
    return _schema(
        f"{_title(kind, is_bilingual)}ListQuery", {name: field for part in parts for name, field in part.items()}
    )


def random_query(kind: Kind, names: tuple[str, ...]) -> QuerySchema:
    """The parameters of ``random``: a list's filters, and a seed for one that stays."""
    seed = {
        "seed": QueryText(
            metadata={
                "description": "The same seed gives the same resource, for as long as it can: a moment of the day.",
                "example": "2026-11-23",
            }
        )
    }
    return _schema(f"Random{_title(kind, False)}Query", {**_language(), **_filters(kind), **seed, **_fields(names)})


def _title(kind: Kind, is_bilingual: bool) -> str:
    bare = "".join(part.capitalize() for part in kind.name.split("-"))
    return f"Bilingual{bare}" if is_bilingual else bare


class NoQuery(QuerySchema):
    """An address without parameters of its own; the language of its problems is the reader's."""

    lang = QueryChoice(
        Language, code=IssueCode.UNKNOWN_LANGUAGE, metadata={"description": "The language of notices and problems."}
    )


class StatusQuery(NoQuery):
    release = ReleaseNumber(metadata={"description": "The release to report on; without it, the current one."})


class ReleaseListQuery(NoQuery):
    limit = QueryInteger(
        1, MAX_LIMIT, metadata={"description": "How many releases a page holds.", "default": DEFAULT_LIMIT}
    )
    after = _after()


class ChangesQuery(NoQuery):
    since = QueryInteger(
        0,
        2**31 - 1,
        required=True,
        metadata={"description": "The last release that the caller knows; 0 is everything.", "example": 0},
    )
    include = QueryChoice(
        ("content",), metadata={"description": "`content` adds the bilingual document of each resource."}
    )
    limit = QueryInteger(
        1, MAX_LIMIT, metadata={"description": "How many changes a page holds.", "default": DEFAULT_LIMIT}
    )
    after = _after()


def search_query() -> QuerySchema:
    """The parameters of a search. A release is none of them: only the current one is searched."""
    kind = QueryChoice(KINDS, metadata={"description": "Only of this kind.", "example": "moment"})
    filters = {name: field for name, field in _filters(MOMENT).items() if name in {"collection", "category"}}
    return _schema("SearchQuery", {"q": _q(is_required=True), **_language(), "kind": kind, **filters, **_page()})


class QueueQuery(NoQuery):
    state = QueryChoice(("initial", "translated", "reviewed"), metadata={"description": "Only in this state."})
    outdated = QueryBoolean(metadata={"description": "Only those whose source has changed since, or only the others."})
    returned = QueryBoolean(metadata={"description": "Only those that were sent back, or only the others."})
    kind = QueryChoice(KINDS, metadata={"description": "Only of resources of this kind."})
    collection = QueryText(metadata={"description": "Only of this collection, by key."})
    category = QueryText(metadata={"description": "Only of this category, by key."})
    target = QueryChoice(Language, metadata={"description": "Only those that are translated into this language."})
    by = QueryText(metadata={"description": "Only those whose translation this person wrote last; `me` is the caller."})
    q = QueryText(metadata={"description": "Only those with these letters in either text."})
    counts = QueryBoolean(metadata={"description": "Count by state, too."})
    limit = QueryInteger(
        1, MAX_LIMIT, metadata={"description": "How many units a page holds.", "default": DEFAULT_LIMIT}
    )
    after = _after()


class ResourceListQuery(NoQuery):
    kind = QueryChoice(KINDS, metadata={"description": "Only of this kind."})
    limit = QueryInteger(
        1, MAX_LIMIT, metadata={"description": "How many resources a page holds.", "default": DEFAULT_LIMIT}
    )
    after = _after()


class AuditQuery(NoQuery):
    subject = QueryText(metadata={"description": "Only about this resource, unit, release or token."})
    by = QueryText(metadata={"description": "Only by this person."})
    limit = QueryInteger(
        1, MAX_LIMIT, metadata={"description": "How many lines a page holds.", "default": DEFAULT_LIMIT}
    )
    after = _after()
