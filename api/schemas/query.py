"""The query parameters of each path."""

from __future__ import annotations

from typing import Any

from api.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, CursorFormat
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS, Kind
from api.domain.language import Fallback
from api.domain.search_query import MAX_QUERY_CHARACTERS
from api.domain.state import MinState
from api.schemas.common import described
from api.schemas.fields import (
    BASE64,
    PreviewableRelease,
    QueryChoice,
    QueryInteger,
    QuerySchema,
    QueryText,
    ReleaseNumber,
)
from api.schemas.filter_fields import category_filter, collection_filter, filter_fields
from api.schemas.language_fields import QueryLanguage
from api.schemas.list_fields import QueryOptions
from api.schemas.search import HIT_FIELDS
from api.schemas.words_field import QueryWords
from api.services.delivery.list_order import list_sorts

QueryFields = dict[str, Any]


def _language() -> QueryFields:
    return {
        "lang": QueryLanguage(
            metadata=described(
                "The language to serve. A text that is not available in it is a 404, unless `fallback=allow`. "
                "The default depends on `Accept-Language`.",
                "cy",
            ),
        ),
        "fallback": QueryChoice(
            Fallback,
            metadata=described(
                "Whether the other language may be served instead. The default is `none` with `lang`, and "
                "`allow` without it."
            ),
        ),
        **_state(),
    }


def _state() -> QueryFields:
    return {
        "min_state": QueryChoice(
            MinState,
            metadata=described("The minimum state of a translation to be served. The default is a setting."),
        )
    }


def _release() -> QueryFields:
    return {
        "release": PreviewableRelease(
            metadata=described(
                "The number of the release to read. The default is the current one. `next` reads the working copy as "
                "the next release; it requires a token of any role, sent as `Authorization: Bearer …`."
            )
        )
    }


def _fields(kind: Kind, names: tuple[str, ...]) -> QueryFields:
    return _selection(names, f"{_title(kind, False)}Fields")


def _selection(names: tuple[str, ...], component: str) -> QueryFields:
    return {
        "fields": QueryOptions(
            names,
            code=IssueCode.UNKNOWN_FIELD,
            metadata=described(
                "The fields to return: repeated, or separated by commas. All other members are left out of the "
                "response, even if its schema requires them, except `id`, `kind`, `slug` and the language.",
                ["slug", "title"] if "title" in names else ["slug"],
                x_component=component,
            ),
        )
    }


def _page() -> QueryFields:
    return {"limit": limit_parameter(), "after": after_parameter()}


def limit_parameter() -> QueryInteger:
    """Return the parameter for the number of items on a page."""
    return QueryInteger(1, MAX_LIMIT, metadata=described("The number of items on a page.", default=DEFAULT_LIMIT))


def after_parameter() -> QueryText:
    """Return the parameter for the cursor of a page."""
    return QueryText(
        limit=CursorFormat.MAX_LENGTH,
        pattern=BASE64,
        metadata=described("The end of the previous page, as in its `links.next`."),
    )


def _q(*, is_required: bool = False) -> QueryWords:
    return QueryWords(
        limit=MAX_QUERY_CHARACTERS,
        required=is_required,
        metadata=described(
            "Words to find, in all their forms. A phrase in quotes (“…”) matches exactly; `-word` "
            "excludes a word; `begin*` matches every word that begins so. The best match is first.",
            "gartref",
            x_component="RequiredQ" if is_required else "Q",
        ),
    )


def _sort(kind: Kind) -> QueryFields:
    description = (
        "The order, instead of the order of the booklet: by `title` in the language’s own alphabet (by the text, if "
        "there is no title), or by the release that last changed the resource (`updated`). A hyphen reverses the order."
    )
    numbered = " `number`: by the printed number; resources without a number come last." if kind.has_number else ""
    name = "NumberedSort" if kind.has_number else "Sort"
    return {
        "sort": QueryChoice(list_sorts(kind), metadata=described(description + numbered, "-updated", x_component=name))
    }


def _schema(name: str, fields: QueryFields) -> QuerySchema:
    return QuerySchema.from_dict(fields, name=name)()  # type: ignore[return-value]  # it is a QuerySchema


def resource_query(kind: Kind, names: tuple[str, ...], *, is_bilingual: bool) -> QuerySchema:
    """Return the parameters of one resource; ``names`` are the fields of its response."""
    language = _state() if is_bilingual else _language()
    return _schema(f"{_title(kind, is_bilingual)}Query", {**language, **_release(), **_fields(kind, names)})


def list_query(kind: Kind, names: tuple[str, ...], *, is_bilingual: bool) -> QuerySchema:
    """Return the parameters of a list of resources of this kind."""
    language = _state() if is_bilingual else _language()
    if is_bilingual:
        language["lang"] = QueryLanguage(
            metadata=described("The language of the titles for `sort=title`.", x_component="TitleLang"),
        )
    parts = (language, filter_fields(kind), {"q": _q()}, _sort(kind), _page(), _release(), _fields(kind, names))
    return _schema(
        f"{_title(kind, is_bilingual)}ListQuery", {name: field for part in parts for name, field in part.items()}
    )


def random_query(kind: Kind, names: tuple[str, ...]) -> QuerySchema:
    """Return the parameters of ``random``: the filters of a list, and a seed."""
    seed = {
        "seed": QueryText(
            metadata=described(
                "A seed, for example the date for a moment of the day. The same seed returns the same "
                "resource as long as it is available.",
                "2026-11-23",
            )
        )
    }
    return _schema(
        f"Random{_title(kind, False)}Query", {**_language(), **filter_fields(kind), **seed, **_fields(kind, names)}
    )


def _title(kind: Kind, is_bilingual: bool) -> str:
    bare = "".join(part.capitalize() for part in kind.name.split("-"))
    return f"Bilingual{bare}" if is_bilingual else bare


class NoQuery(QuerySchema):
    """The parameters of a path that takes only ``lang``."""

    lang = QueryLanguage(metadata=described("The language of notices and problems.", x_component="NoticeLang"))


class StatusQuery(NoQuery):
    release = ReleaseNumber(
        metadata=described("The release to report on. The default is the current one.", x_component="ReportRelease")
    )


class ReleaseListQuery(NoQuery):
    limit = limit_parameter()
    after = after_parameter()


class ChangesQuery(NoQuery):
    since = QueryInteger(
        0,
        2**31 - 1,
        required=True,
        metadata=described("The last release that the client has read; 0 returns all changes.", 0),
    )
    include = QueryChoice(
        ("content",), metadata=described("`content` adds the facts of each resource, in both languages.")
    )
    limit = limit_parameter()
    after = after_parameter()


def search_query() -> QuerySchema:
    """Return the parameters of a search. There is no ``release``, since a search always reads the current release."""
    kind = QueryOptions(
        KINDS,
        metadata=described("Only resources of one of these kinds.", ["moment", "prompt"], x_component="SearchKinds"),
    )
    collection = collection_filter()
    filters = {"kind": kind, "collection": collection, "category": category_filter()}
    fields = _selection(HIT_FIELDS, "SearchFields")
    return _schema("SearchQuery", {"q": _q(is_required=True), **_language(), **filters, **fields, **_page()})
