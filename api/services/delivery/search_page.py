"""A page of what was found in the current release, for a search and for a list's ``q`` alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.domain.cursor import RANK, ROW, CursorFormat
from api.domain.errors import DatabaseUnavailableError, InvalidRequestError, Issue, PageExpiredError
from api.domain.issue_code import IssueCode
from api.domain.language import Fallback, Language
from api.domain.search_query import parse_search_query
from api.services.delivery.edition_pairs import Scope
from api.services.delivery.request import ReadContext
from api.services.search.find import Match, Narrowing, Place, find
from api.services.search.index import is_current
from api.services.search.meaning import SearchPlan, read_meaning

# The key of a cursor: the release, then the sort key of the last match.
_CURSOR_KEY = (ROW, ROW, ROW, ROW, RANK, ROW)


@dataclass(frozen=True, slots=True)
class SearchScope:
    """One page of one search. ``first_page`` is where to begin again when a new release has made it another."""

    q: str
    narrowing: Narrowing
    limit: int
    after: str | None
    fingerprint: str
    first_page: str


@dataclass(frozen=True, slots=True)
class SearchMatches:
    """A page of matches, how many there are in all, and the ``after`` of the next page where there is one."""

    matches: Sequence[Match]
    total: int
    after: str | None
    meanings: Sequence[SearchPlan]


def find_page(session: Session, reading: ReadContext, asked: SearchScope) -> SearchMatches:
    """The page of matches that is asked for. Raises RequestRefused, PageExpired, Unavailable."""
    items = parse_search_query(asked.q)
    release = reading.snapshot.release
    cursors = CursorFormat(asked.fingerprint, _CURSOR_KEY)
    place: Place | None = None
    if asked.after is not None:
        begun, *rest = cursors.decode(asked.after)
        if not 0 < begun <= release:
            raise InvalidRequestError([Issue(IssueCode.UNREADABLE_AFTER, parameter="after")])
        if begun < release:
            raise PageExpiredError(begun, release, asked.first_page)
        place = (rest[0], rest[1], rest[2], rest[3], rest[4])
    if not release:
        return SearchMatches([], 0, None, [])
    if not is_current(session):
        raise DatabaseUnavailableError("the index of search is not made: flask --app wsgi search rebuild")
    meanings = read_meaning(session, items, _languages(reading))
    matches, total = find(session, meanings, asked.narrowing, asked.limit + 1, place)
    page = matches[: asked.limit]
    more = cursors.encode((release, *page[-1].place)) if len(matches) > asked.limit else None
    return SearchMatches(page, total, more, meanings)


def _languages(reading: ReadContext) -> tuple[Language, ...]:
    rule = reading.rule
    is_both = reading.is_bilingual or rule.fallback is Fallback.ALLOW
    return (rule.language, rule.language.other) if is_both else (rule.language,)


def count_omitted(session: Session, reading: ReadContext, asked: SearchScope, found: SearchMatches) -> int:
    """How many more would be found if the other language might stand in where the one asked for is not served."""
    if reading.is_bilingual or reading.rule.fallback is Fallback.ALLOW or not reading.snapshot.release:
        return 0
    meanings = read_meaning(session, parse_search_query(asked.q), Language)
    _, both = find(session, meanings, asked.narrowing, 1)
    return both - found.total


def narrow_to_matches(scope: Scope, reading: ReadContext) -> Narrowing:
    """What a list's ``q`` is narrowed to: in one language, it searches the text that the list would serve of each."""
    return Narrowing(
        reading.rule,
        is_served_only=not reading.is_bilingual,
        kind=scope.kind.name,
        collection_id=scope.collection_id,
        category_id=scope.category_id,
        number=scope.number,
        facet=scope.facet,
    )
