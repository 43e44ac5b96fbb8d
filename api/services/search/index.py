"""The search index of current editions: updated in the transaction of each release, and rebuilt when needed."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.bulk_insert import bulk_insert
from api.db.database import lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.word import find_written_words
from api.models import Edition, SearchCounted, SearchEntry, SearchKey, SearchState, SearchWord
from api.services.search.text_index import (
    GAP_TOKEN,
    disable_automerge,
    empty_texts,
    finish_bulk,
    index_texts,
    prepare_bulk,
    unindex_texts,
)
from api.services.search.vocabulary import BODY, TITLE, Vocabulary, WordIds
from api.services.search.word_keys import linguistics_version

_KIND_PLACES = {name: index for index, name in enumerate(KINDS)}
# For thousands of rows, a statement on a table takes half as long as a statement on a mapped class.
_ENTRY: Any = SearchEntry.__table__
_COUNTED: Any = SearchCounted.__table__
# With at least this many resources, PostgreSQL adds all texts to the index together. With fewer, that would be slower.
_BULK = 200

_COLUMNS = (
    Edition.id, Edition.resource_id, Edition.language, Edition.state, Edition.kind, Edition.collection_id,
    Edition.category_id, Edition.rank, Edition.number, Edition.facet, Edition.document,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldWords:
    """The words of one field in order, as written in the text. ``prefix`` is the prefix of the field's tokens."""

    prefix: str
    words: list[str]


def read_words(kind: str, document: str) -> list[FieldWords]:
    """Return the words of an edition's document, field by field."""
    texts: dict[str, str | None] = json.loads(document)["texts"]
    title = KINDS[kind].title_field
    return [
        FieldWords(TITLE if field.name == title else BODY, find_written_words(text))
        for field in KINDS[kind].fields
        if (text := texts.get(field.name))
    ]


def update_index(session: Session, row_ids: Sequence[int]) -> None:
    """Update the index for these resources. The caller must hold the exclusive lock.

    Rebuilds the whole index if there is none, or if the word rules have changed.
    """
    if not is_index_current(session):
        _rebuild(session)
        return
    _update(session, row_ids)


def is_index_current(session: Session) -> bool:
    """Return whether there is an index that was made with the current word rules."""
    versions = session.scalars(select(SearchState.version)).all()
    return len(versions) == len(Language) and set(versions) == {linguistics_version()}


@young_gc_only()
def rebuild_index(session: Session) -> int:
    """Rebuild the index from the current editions, and return the number of its texts."""
    lock_exclusive(session)
    _rebuild(session)
    return sum(session.scalars(select(SearchState.texts)))


def rebuild_if_stale(session: Session) -> None:
    """Rebuild the index if it is missing or the word rules have changed; do nothing if there are no editions."""
    if is_index_current(session) or session.scalar(select(Edition.id).limit(1)) is None:
        return
    rebuild_index(session)


def _rebuild(session: Session) -> None:
    empty_texts(session)
    for model in (SearchCounted, SearchEntry, SearchKey, SearchWord, SearchState):
        session.execute(delete(model))
    session.execute(
        insert(SearchState),
        [{"language": language.value, "texts": 0, "version": linguistics_version()} for language in Language],
    )
    public = select(Edition.resource_id).where(Edition.end_release.is_(None), Edition.document.is_not(None)).distinct()
    _update(session, list(session.scalars(public.order_by(Edition.resource_id))))


def _update(session: Session, row_ids: Sequence[int]) -> None:
    is_bulk = len(row_ids) >= _BULK
    if is_bulk:
        prepare_bulk(session)
    disable_automerge(session)
    vocabulary = Vocabulary(session)
    totals: Counter[str] = Counter()
    # Remove all entries, then remove all their texts, then add everything. If DELETEs and INSERTs alternated, FTS5
    # would flush its pending changes at each DELETE, and spend its time merging small segments.
    removed_ids: list[int] = []
    for batch in in_batches(row_ids):
        for row in _remove_entries(session, vocabulary, batch):
            removed_ids.append(row.edition_id)
            totals[row.language] -= 1
    for ids in in_batches(removed_ids):
        unindex_texts(session, ids)
    for batch in in_batches(row_ids):
        totals.update(_add_entries(session, vocabulary, batch))
    vocabulary.write_counts()
    for state in session.scalars(select(SearchState)):
        state.texts += totals[state.language]
    session.flush()
    if is_bulk:
        finish_bulk(session)


def _remove_entries(session: Session, vocabulary: Vocabulary, row_ids: Sequence[int]) -> Sequence[Row[int, str, bytes]]:
    """Remove the entries of these resources, but not the indexed texts. Return the removed entries."""
    query = (
        select(SearchEntry.edition_id, SearchEntry.language, SearchCounted.numbers)
        .join(SearchCounted, SearchCounted.edition_id == SearchEntry.edition_id)
        .where(SearchEntry.resource_id.in_(row_ids))
    )
    rows = session.execute(query).all()
    for row in rows:
        vocabulary.remove_text(_unpack(row.numbers))
    ids = [row.edition_id for row in rows]
    for table in (_COUNTED, _ENTRY):
        session.execute(delete(table).where(table.c.edition_id.in_(ids)))
    return rows


def _add_entries(session: Session, vocabulary: Vocabulary, row_ids: Sequence[int]) -> list[str]:
    """Add entries and texts for the current editions of these resources. Return the language of each added text."""
    query = select(*_COLUMNS).where(
        Edition.resource_id.in_(row_ids), Edition.end_release.is_(None), Edition.document.is_not(None)
    )
    rows = session.execute(query.order_by(Edition.id)).all()
    if not rows:
        return []
    fields_by_row = [read_words(row.kind, row.document) for row in rows]
    for language in Language:
        words: set[str] = set()
        for row, fields in zip(rows, fields_by_row, strict=True):
            if row.language == language.value:
                words.update(*(field.words for field in fields))
        vocabulary.add_words(language, words)
    texts, counted = [], []
    for row, fields in zip(rows, fields_by_row, strict=True):
        word_ids = vocabulary.get_word_ids(Language(row.language))
        numbers = _collect_word_ids(fields, word_ids)
        vocabulary.add_text(numbers)
        counted.append({"edition_id": row.id, "numbers": struct.pack(f"<{len(numbers)}I", *numbers)})
        texts.append((row.id, _collect_tokens(fields, word_ids)))
    bulk_insert(session, SearchEntry, [_to_entry_row(row) for row in rows])
    bulk_insert(session, SearchCounted, counted)
    index_texts(session, texts)
    return [row.language for row in rows]


def _unpack(numbers: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(numbers) // 4}I", numbers)


def _to_entry_row(row: Any) -> dict[str, Any]:
    return {
        "edition_id": row.id,
        "resource_id": row.resource_id,
        "language": row.language,
        "state": row.state,
        "kind": row.kind,
        "kind_place": _KIND_PLACES[row.kind],
        "collection_id": row.collection_id or 0,
        "category_id": row.category_id,
        "rank": row.rank,
        "number": row.number,
        "facet": row.facet,
    }


def _collect_word_ids(fields: Iterable[FieldWords], word_ids: WordIds) -> list[int]:
    """Return the ids of all words of a text, without duplicates and in no particular order."""
    chunks: set[str] = set().union(*(field.words for field in fields))
    numbers: set[Any] = set(map(word_ids.single.get, chunks))
    if None in numbers:
        numbers.discard(None)
        numbers.update(*map(word_ids.several.__getitem__, word_ids.several.keys() & chunks))
    return list(numbers)


def _collect_tokens(fields: Iterable[FieldWords], word_ids: WordIds) -> list[str]:
    """Return the tokens of all fields, then the tokens of whole compounds.

    A gap follows each field and each compound, so that no phrase matches across fields or contains a compound's token.
    """
    tokens: list[str] = []
    wholes: list[str] = []
    for field in fields:
        prefix = field.prefix
        tokens += chain.from_iterable(map(word_ids.tokens[prefix].__getitem__, field.words))
        tokens.append(GAP_TOKEN)
        for word in filter(word_ids.wholes.__contains__, field.words):
            wholes += [f"{prefix}{word_ids.wholes[word]}", GAP_TOKEN]
    return tokens + wholes
