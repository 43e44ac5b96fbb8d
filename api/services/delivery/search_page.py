"""A page of what was found in the current release, for a search and for a list's ``q`` alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.domain.cursor import RANK, ROW, decode_cursor, encode_cursor
from api.domain.errors import Fault, PageExpired, RequestRefused, Unavailable
from api.domain.language import Fallback, Language
from api.domain.search_query import read_query
from api.services.delivery.edition_pairs import Scope
from api.services.delivery.request import Reading
from api.services.search.find import Match, Narrowing, Place, find
from api.services.search.index import is_current
from api.services.search.meaning import Meaning, read_meaning

# The place in a search: the release, then the place of the last match.
_SHAPE = (ROW, ROW, ROW, ROW, RANK, ROW)


@dataclass(frozen=True, slots=True)
class Search:
    """One page of one search. ``first_page`` is where to begin again when a new release has made it another."""

    q: str
    narrowing: Narrowing
    limit: int
    after: str | None
    fingerprint: str
    first_page: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of matches, how many there are in all, and the ``after`` of the next page where there is one."""

    matches: Sequence[Match]
    total: int
    after: str | None
    meanings: Sequence[Meaning]


def find_page(session: Session, reading: Reading, asked: Search) -> Found:
    """The page of matches that is asked for. Raises RequestRefused, PageExpired, Unavailable."""
    items = read_query(asked.q)
    release = reading.snapshot.release
    place: Place | None = None
    if asked.after is not None:
        begun, *rest = decode_cursor(asked.after, asked.fingerprint, _SHAPE)
        if not 0 < begun <= release:
            raise RequestRefused([Fault("unreadable-after", parameter="after")])
        if begun < release:
            raise PageExpired(begun, release, asked.first_page)
        place = (rest[0], rest[1], rest[2], rest[3], rest[4])
    if not release:
        return Found([], 0, None, [])
    if not is_current(session):
        raise Unavailable("the index of search is not made: flask --app wsgi search rebuild")
    meanings = read_meaning(session, items, _languages(reading))
    matches, total = find(session, meanings, asked.narrowing, asked.limit + 1, place)
    page = matches[: asked.limit]
    more = encode_cursor((release, *page[-1].place), asked.fingerprint) if len(matches) > asked.limit else None
    return Found(page, total, more, meanings)


def _languages(reading: Reading) -> tuple[Language, ...]:
    rule = reading.rule
    is_both = reading.is_bilingual or rule.fallback is Fallback.ALLOW
    return (rule.language, rule.language.other) if is_both else (rule.language,)


def count_omitted(session: Session, reading: Reading, asked: Search, found: Found) -> int:
    """How many more would be found if the other language might stand in where the one asked for is not served."""
    if reading.is_bilingual or reading.rule.fallback is Fallback.ALLOW or not reading.snapshot.release:
        return 0
    meanings = read_meaning(session, read_query(asked.q), Language)
    _, both = find(session, meanings, asked.narrowing, 1)
    return both - found.total


def narrow_list(scope: Scope, reading: Reading) -> Narrowing:
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
