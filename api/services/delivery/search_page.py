"""A page of search results in the current release, for searches and for lists with ``q``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.domain.cursor import RANK, ROW, CursorFormat, PageCursors
from api.domain.errors import DatabaseUnavailableError, InvalidRequestError, Issue, PageExpiredError
from api.domain.issue_code import IssueCode
from api.domain.language import Fallback, Language
from api.domain.search_query import parse_search_query
from api.services.delivery.request import ReadContext
from api.services.delivery.scope import Scope
from api.services.search.find import Match, SearchFilters, SortKey, find_match_page, find_matches
from api.services.search.index import is_index_current
from api.services.search.plan import SearchPlan, make_plans

# The key of a cursor: the release, then the sort key of the last match.
_CURSOR_KEY = (ROW, ROW, ROW, ROW, RANK, ROW)


@dataclass(frozen=True, slots=True)
class SearchScope:
    """A request for a page of a search.

    ``first_page`` is the URL of the first page of the search, for readers whose page has expired.
    """

    q: str
    narrowing: SearchFilters
    limit: int
    after: str | None
    fingerprint: str
    first_page: str


@dataclass(frozen=True, slots=True)
class SearchMatches:
    """The matches on a page, the number of matches on all pages, and the cursors of the neighbouring pages.

    ``plans`` are the search plans that found the matches. They are needed for snippets.
    """

    matches: Sequence[Match]
    total: int
    cursors: PageCursors
    plans: Sequence[SearchPlan]


def find_page(session: Session, context: ReadContext, search: SearchScope) -> SearchMatches:
    """Return a page of matches.

    Raises InvalidRequestError for a query without words or a bad cursor; PageExpiredError for a cursor of an older
    release; DatabaseUnavailableError if there is no index.
    """
    items = parse_search_query(search.q)
    release = context.snapshot.release
    cursors = CursorFormat(search.fingerprint, _CURSOR_KEY)
    position: SortKey | None = None
    if search.after is not None:
        cursor_release, *key = cursors.decode(search.after)
        if not 0 < cursor_release <= release:
            raise InvalidRequestError([Issue(IssueCode.UNREADABLE_AFTER, parameter="after")])
        if cursor_release < release:
            raise PageExpiredError(cursor_release, release, search.first_page)
        position = SortKey(*key)
    if not release:
        return SearchMatches([], 0, PageCursors(), [])
    if not is_index_current(session):
        raise DatabaseUnavailableError("there is no search index: run .venv/bin/flask search rebuild")
    plans = make_plans(session, items, _languages(context))
    matches, total, start = find_match_page(session, plans, search.narrowing, search.limit, position)
    page = matches[: search.limit]
    following = cursors.encode((release, *page[-1].sort_key)) if len(matches) > search.limit else None
    previous = cursors.encode((release, *start)) if start else None
    return SearchMatches(page, total, PageCursors(following, previous, has_previous=position is not None), plans)


def _languages(context: ReadContext) -> tuple[Language, ...]:
    rule = context.rule
    is_either = context.is_bilingual or rule.fallback is Fallback.ALLOW
    return (rule.language, rule.language.other) if is_either else (rule.language,)


def count_omitted(session: Session, context: ReadContext, search: SearchScope, result: SearchMatches) -> int:
    """Return the number of further resources that would match if the reader accepted fallbacks."""
    if context.is_bilingual or context.rule.fallback is Fallback.ALLOW or not context.snapshot.release:
        return 0
    plans = make_plans(session, parse_search_query(search.q), Language)
    _, total = find_matches(session, plans, search.narrowing, 1)
    return total - result.total


def narrow_to_matches(scope: Scope, context: ReadContext) -> SearchFilters:
    """Return the search filters for a list with ``q``.

    For a list in one language, only the texts that would be served are searched.
    """
    return SearchFilters(
        context.rule,
        is_served_only=not context.is_bilingual,
        columns={"kind": (scope.kind.name,), **scope.filters},
    )
