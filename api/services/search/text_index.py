"""The full-text index: FTS5 on SQLite, a ``tsvector`` with a GIN index on PostgreSQL.

Both indexes contain opaque tokens such as ``t12`` or ``b12``: a prefix for the field and a word id. This prevents the
engines from applying their own tokenisation and language rules. Both indexes store token positions for phrases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, cast, column, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

# PostgreSQL's limits on token positions, applied to both engines. Phrases beyond these limits do not match.
MAX_POSITION = 16_000
MAX_OCCURRENCES = 255
# The token that separates fields, so that no phrase matches across two fields.
GAP_TOKEN = "0"
# The number of pages to merge in one step, which takes one or two milliseconds.
MERGE_PAGES = 16

_TEXT = table("search_text", column("rowid"), column("id"), column("words"), column("search_text"))


@dataclass(frozen=True, slots=True)
class Term:
    """An expression that matches a text if the text contains these tokens in sequence."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """An expression that matches a text if at least one of ``parts`` matches the text."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """An expression that matches a text if all of ``parts`` and none of ``excluded`` match the text."""

    parts: tuple[Expression, ...]
    excluded: tuple[Expression, ...] = ()


Expression = Term | AnyOf | AllOf


def select_matching(session: Session, expression: Expression) -> Select[Any]:
    """Return a query for the ids of matching texts, with one column ``id``."""
    if _is_sqlite(session):
        match = literal(_to_fts5(expression))
        return select(_TEXT.c.rowid.label("id")).where(_TEXT.c.search_text.op("MATCH")(match))
    query = cast(_to_tsquery(expression), TSQUERY)
    return select(_TEXT.c.id.label("id")).where(_TEXT.c.words.op("@@")(query))


def tune_for_search(session: Session) -> None:
    """Switch off PostgreSQL's JIT and parallel workers for this transaction.

    PostgreSQL overestimates the number of rows in a search, and would choose slower plans.
    """
    if not _is_sqlite(session):
        settings = {"jit": "off", "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1"}
        session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


def index_texts(session: Session, texts: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Add texts to the index. Each text is a pair: its id, and its tokens in order."""
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
    """Remove texts from the index."""
    if not ids:
        return
    key = "rowid" if _is_sqlite(session) else "id"
    session.execute(text(f"DELETE FROM search_text WHERE {key} = :id"), [{"id": number} for number in ids])


def empty_texts(session: Session) -> None:
    """Remove all texts from the index."""
    session.execute(text("DELETE FROM search_text"))


def optimize(session: Session) -> None:
    """Erase deleted texts from the index: FTS5 retains deleted texts until it merges its segments."""
    if _is_sqlite(session):
        session.execute(text("INSERT INTO search_text (search_text) VALUES ('optimize')"))


def disable_automerge(session: Session) -> None:
    """Stop FTS5 from merging segments at each write: ``merge_step`` merges segments in the background.

    FTS5 still merges segments when there are many segments of one size.
    """
    if _is_sqlite(session):
        session.execute(text("INSERT INTO search_text (search_text, rank) VALUES ('automerge', 0)"))


def merge_step(session: Session) -> bool:
    """Merge a few pages of FTS5's segments, and return whether there are more pages to merge."""
    if not _is_sqlite(session):
        return False
    connection: Any = session.connection().connection.driver_connection
    before = connection.total_changes
    session.execute(text(f"INSERT INTO search_text (search_text, rank) VALUES ('merge', {MERGE_PAGES})"))
    # As documented by FTS5: fewer than two changes mean that there was nothing to merge.
    return bool(connection.total_changes - before >= 2)


def prepare_bulk(session: Session) -> None:
    """Prepare for adding many texts: PostgreSQL will add all texts to the index together, in ``finish_bulk``."""
    if not _is_sqlite(session):
        session.execute(text("SET LOCAL gin_pending_list_limit = '256MB'"))


def finish_bulk(session: Session) -> None:
    """Move pending texts into PostgreSQL's index, so that searches need not scan the pending list, and run ANALYZE.

    Without statistics, the planner expects a single entry. It would then scan all scores once for each entry.
    """
    if not _is_sqlite(session):
        session.execute(text("SELECT gin_clean_pending_list('ix_search_text_words')"))
        session.execute(text("ANALYZE search_entry, search_text"))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _limit_positions(tokens: Iterable[str]) -> list[str]:
    """Replace tokens beyond PostgreSQL's limits with gaps. After the highest position, keep only new tokens."""
    tokens = list(tokens)
    if len(tokens) <= MAX_OCCURRENCES:
        return tokens
    occurrences: Counter[str] = Counter()
    limited: list[str] = []
    for token in tokens:
        occurrences[token] += 1
        is_placed = len(limited) < MAX_POSITION and occurrences[token] <= MAX_OCCURRENCES
        if is_placed or (token != GAP_TOKEN and occurrences[token] == 1):
            limited.append(token)
        elif len(limited) < MAX_POSITION:
            limited.append(GAP_TOKEN)
    # Tokens after the last position may not have been next to each other in the text, so put a gap between them.
    return limited[:MAX_POSITION] + [item for token in limited[MAX_POSITION:] for item in (GAP_TOKEN, token)]


def _to_stream(tokens: Sequence[str]) -> str:
    return " ".join(tokens)


def _to_vector(tokens: Sequence[str]) -> str:
    positions: dict[str, list[int]] = {}
    for position, token in enumerate(tokens, start=1):
        if token != GAP_TOKEN:
            positions.setdefault(token, []).append(position)
    # A token that first occurs after PostgreSQL's highest position is stored without a position.
    return " ".join(
        f"{token}:{','.join(map(str, token_positions))}" if token_positions[0] <= MAX_POSITION else token
        for token, token_positions in positions.items()
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
