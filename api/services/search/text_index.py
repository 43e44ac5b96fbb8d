"""What finds: FTS5 on SQLite, a ``tsvector`` under GIN on PostgreSQL. Both hold tokens that neither understands.

A token is a word's number with its field before it, ``t12`` or ``b12``: a tokeniser has nothing to split, and a
language's rules nothing to bend. Each engine keeps the places of tokens, so that it can find a phrase.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, cast, column, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

# PostgreSQL knows the place of a token up to here, and so often; what is behind is on neither engine found in a phrase.
MAX_POSITION = 16_000
MAX_OCCURRENCES = 255
# Between fields: a place that no phrase runs across.
GAP_TOKEN = "0"
# How many pages of the index are made anew in one step: a millisecond or two.
MERGE_PAGES = 16

_TEXT = table("search_text", column("rowid"), column("id"), column("words"), column("search_text"))


@dataclass(frozen=True, slots=True)
class Term:
    """A token, or several that follow one another."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Texts that fit one of these."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Texts that fit all of these, and none of ``without``."""

    parts: tuple[Expression, ...]
    excluded: tuple[Expression, ...] = ()


Expression = Term | AnyOf | AllOf


def select_matching(session: Session, expression: Expression) -> Select[Any]:
    """The ids of the texts that fit, as a query with one column ``id``."""
    if _is_sqlite(session):
        wanted = literal(_to_fts5(expression))
        return select(_TEXT.c.rowid.label("id")).where(_TEXT.c.search_text.op("MATCH")(wanted))
    query = cast(_to_tsquery(expression), TSQUERY)
    return select(_TEXT.c.id.label("id")).where(_TEXT.c.words.op("@@")(query))


def tune_for_search(session: Session) -> None:
    """Before a search: PostgreSQL expects far more rows of one than come, and would bring heavy machinery to it."""
    if not _is_sqlite(session):
        settings = {"jit": "off", "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1"}
        session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


def index_texts(session: Session, texts: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Add texts: an id each, and its tokens in order."""
    if not texts:
        return
    if _is_sqlite(session):
        statement = text("INSERT INTO search_text (rowid, words) VALUES (:id, :words)")
        make = _to_stream
    else:
        statement = text("INSERT INTO search_text (id, words) VALUES (:id, CAST(:words AS tsvector))")
        make = _to_vector
    session.execute(statement, [{"id": number, "words": make(_limit_positions(tokens))} for number, tokens in texts])


def unindex_texts(session: Session, ids: Sequence[int]) -> None:
    """Take texts out, without a trace of them left in the index."""
    if not ids:
        return
    key = "rowid" if _is_sqlite(session) else "id"
    session.execute(text(f"DELETE FROM search_text WHERE {key} = :id"), [{"id": number} for number in ids])


def empty_texts(session: Session) -> None:
    """Take all texts out."""
    session.execute(text("DELETE FROM search_text"))


def optimize(session: Session) -> None:
    """After something was taken out that must vanish: FTS5 keeps what is deleted until it tidies up."""
    if _is_sqlite(session):
        session.execute(text("INSERT INTO search_text (search_text) VALUES ('optimize')"))


def disable_automerge(session: Session) -> None:
    """Let FTS5 put what is new beside what it has: merging is for ``merge_pieces``, when nobody waits.

    Of its own accord it merges whenever it writes. That it still does where there are many pieces of a size.
    """
    if _is_sqlite(session):
        session.execute(text("INSERT INTO search_text (search_text, rank) VALUES ('automerge', 0)"))


def merge_step(session: Session) -> bool:
    """Merge a little of what FTS5 has in pieces; is there more to do?"""
    if not _is_sqlite(session):
        return False
    connection: Any = session.connection().connection.driver_connection
    before = connection.total_changes
    session.execute(text(f"INSERT INTO search_text (search_text, rank) VALUES ('merge', {MERGE_PAGES})"))
    # By FTS5's own description: with less than two changes, it found nothing to merge.
    return bool(connection.total_changes - before >= 2)


def prepare_bulk(session: Session) -> None:
    """Before many texts: PostgreSQL puts them into the index at the end, together."""
    if not _is_sqlite(session):
        session.execute(text("SET LOCAL gin_pending_list_limit = '256MB'"))


def finish_bulk(session: Session) -> None:
    """After them: what waits is put in, so that no reader goes through a heap of it, and the planner is told.

    Where it has not counted the entries, it takes them for one, and goes through all that ranks once for each.
    """
    if not _is_sqlite(session):
        session.execute(text("SELECT gin_clean_pending_list('ix_search_text_words')"))
        session.execute(text("ANALYZE search_entry, search_text"))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _limit_positions(tokens: Iterable[str]) -> list[str]:
    """The tokens with a gap for each that PostgreSQL could not place; behind the last place, only new ones."""
    tokens = list(tokens)
    if len(tokens) <= MAX_OCCURRENCES:
        return tokens
    seen: Counter[str] = Counter()
    kept: list[str] = []
    for token in tokens:
        seen[token] += 1
        is_placed = len(kept) < MAX_POSITION and seen[token] <= MAX_OCCURRENCES
        if is_placed or (token != GAP_TOKEN and seen[token] == 1):
            kept.append(token)
        elif len(kept) < MAX_POSITION:
            kept.append(GAP_TOKEN)
    # Behind the last place words only stand beside each other by chance.
    return kept[:MAX_POSITION] + [each for token in kept[MAX_POSITION:] for each in (GAP_TOKEN, token)]


def _to_stream(tokens: Sequence[str]) -> str:
    return " ".join(tokens)


def _to_vector(tokens: Sequence[str]) -> str:
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, start=1):
        if token != GAP_TOKEN:
            places.setdefault(token, []).append(place)
    # A place past the last is no place: the token stands in the text, and that is all.
    return " ".join(
        f"{token}:{','.join(map(str, at))}" if at[0] <= MAX_POSITION else token for token, at in places.items()
    )


def _to_fts5(expression: Expression) -> str:
    if isinstance(expression, Term):
        return f'"{" ".join(expression.tokens)}"'
    joined = _join(expression, _to_fts5, " AND " if isinstance(expression, AllOf) else " OR ")
    if isinstance(expression, AllOf) and expression.excluded:
        return f"({joined} NOT ({' OR '.join(_to_fts5(part) for part in expression.excluded)}))"
    return joined


def _to_tsquery(expression: Expression) -> str:
    if isinstance(expression, Term):
        words = " <-> ".join(expression.tokens)
        return f"({words})" if len(expression.tokens) > 1 else words
    joined = _join(expression, _to_tsquery, " & " if isinstance(expression, AllOf) else " | ")
    if isinstance(expression, AllOf) and expression.excluded:
        return f"({joined} & !({' | '.join(_to_tsquery(part) for part in expression.excluded)}))"
    return joined


def _join(expression: AnyOf | AllOf, render: Any, operator: str) -> str:
    return f"({operator.join(render(part) for part in expression.parts)})"
