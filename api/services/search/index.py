"""The index of what is public: each release changes it in its own transaction, and it can be made anew at any time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from api.db import lock_releases
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.word import list_chunks
from api.models import Edition, SearchEntry, SearchKey, SearchState, SearchWord
from api.services.search.text_index import (
    GAP,
    delete_texts,
    empty_texts,
    finish_bulk,
    insert_texts,
    prepare_bulk,
)
from api.services.search.vocabulary import Vocabulary, in_slices
from api.services.search.word_keys import linguistics_version

TITLE, BODY = "t", "b"
_KIND_PLACES = {name: place for place, name in enumerate(KINDS)}
_BATCH = 500
# From so many resources on PostgreSQL is told to put them in together: before, that would take longer.
_BULK = 200

_COLUMNS = (
    Edition.id, Edition.resource_id, Edition.language, Edition.state, Edition.kind, Edition.collection_id,
    Edition.category_id, Edition.rank, Edition.number, Edition.facet, Edition.document,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldWords:
    """The words of one field in order, and the wholes of its compounds. ``mark`` is what the field weighs as."""

    mark: str
    words: tuple[str, ...]
    wholes: tuple[str, ...]


def read_words(kind: str, document: str, language: Language) -> list[FieldWords]:
    """The words of an edition's document, field by field."""
    texts: dict[str, str | None] = json.loads(document)["texts"]
    found = []
    for field in KINDS[kind].fields:
        said = texts.get(field.name)
        if said:
            chunks = list(list_chunks(said, language))
            words = tuple(part.form for chunk in chunks for part in chunk.parts)
            wholes = tuple(chunk.whole.form for chunk in chunks if chunk.whole)
            found.append(FieldWords(TITLE if field.name == KINDS[kind].title_field else BODY, words, wholes))
    return found


def update_index(session: Session, row_ids: Sequence[int]) -> None:
    """Bring the index of these resources to what is public of them now. The caller holds the lock on releases.

    An index that was never made, or by other linguistics, is made whole.
    """
    if not is_current(session):
        _make_anew(session)
        return
    _change(session, row_ids)


def is_current(session: Session) -> bool:
    """Is there an index, made by today's linguistics?"""
    versions = session.scalars(select(SearchState.version)).all()
    return len(versions) == len(Language) and set(versions) == {linguistics_version()}


def rebuild_index(session: Session) -> int:
    """Make the index anew from what is public; how many texts it holds."""
    lock_releases(session)
    _make_anew(session)
    return sum(session.scalars(select(SearchState.texts)))


def fill_index(session: Session) -> None:
    """Make the index where there is none, or one by other linguistics, and something to find."""
    if is_current(session) or session.scalar(select(Edition.id).limit(1)) is None:
        return
    rebuild_index(session)


def _make_anew(session: Session) -> None:
    empty_texts(session)
    for model in (SearchEntry, SearchKey, SearchWord, SearchState):
        session.execute(delete(model))
    session.execute(
        insert(SearchState),
        [{"language": language.value, "texts": 0, "version": linguistics_version()} for language in Language],
    )
    public = select(Edition.resource_id).where(Edition.end_release.is_(None), Edition.document.is_not(None)).distinct()
    _change(session, list(session.scalars(public.order_by(Edition.resource_id))))


def _change(session: Session, row_ids: Sequence[int]) -> None:
    is_bulk = len(row_ids) >= _BULK
    if is_bulk:
        prepare_bulk(session)
    vocabulary = Vocabulary(session)
    totals: Counter[str] = Counter()
    for batch in in_slices(row_ids, _BATCH):
        totals.subtract(_take_out(session, vocabulary, batch))
        totals.update(_put_in(session, vocabulary, batch))
    vocabulary.write_counts()
    for state in session.scalars(select(SearchState)):
        state.texts += totals[state.language]
    session.flush()
    if is_bulk:
        finish_bulk(session)


def _take_out(session: Session, vocabulary: Vocabulary, row_ids: Sequence[int]) -> list[str]:
    """Take out what the index holds of these; the language of each text. A closed edition still has its document."""
    query = (
        select(*_COLUMNS)
        .join(SearchEntry, SearchEntry.edition_id == Edition.id)
        .where(SearchEntry.resource_id.in_(row_ids))
    )
    rows = session.execute(query).all()
    for _, tokens in _tokenise(vocabulary, rows):
        vocabulary.count(_numbers_in(tokens), by=-1)
    delete_texts(session, [row.id for row in rows])
    session.execute(
        delete(SearchEntry).where(SearchEntry.resource_id.in_(row_ids)),
        execution_options={"synchronize_session": False},
    )
    return [row.language for row in rows]


def _put_in(session: Session, vocabulary: Vocabulary, row_ids: Sequence[int]) -> list[str]:
    """Put in what is public of these now; the language of each text."""
    query = select(*_COLUMNS).where(
        Edition.resource_id.in_(row_ids), Edition.end_release.is_(None), Edition.document.is_not(None)
    )
    rows = session.execute(query.order_by(Edition.id)).all()
    if not rows:
        return []
    texts = []
    for row, tokens in _tokenise(vocabulary, rows):
        vocabulary.count(_numbers_in(tokens), by=1)
        texts.append((row.id, tokens))
    session.execute(insert(SearchEntry), [_entry(row) for row in rows])
    insert_texts(session, texts)
    return [row.language for row in rows]


def _entry(row: Any) -> dict[str, Any]:
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


def _tokenise(vocabulary: Vocabulary, rows: Iterable[Any]) -> Iterator[tuple[Any, list[str]]]:
    """Each row with the tokens of its document."""
    read = [(row, read_words(row.kind, row.document, Language(row.language))) for row in rows]
    numbers = {
        language: vocabulary.number(
            language,
            {
                word
                for row, fields in read
                if row.language == language.value
                for field in fields
                for word in (*field.words, *field.wholes)
            },
        )
        for language in Language
    }
    for row, fields in read:
        yield row, _to_tokens(fields, numbers[Language(row.language)])


def _to_tokens(fields: Sequence[FieldWords], numbers: dict[str, int]) -> list[str]:
    """The words of all fields, a gap between fields; then the wholes, which follow nothing."""
    tokens: list[str] = []
    for field in fields:
        tokens += [f"{field.mark}{numbers[word]}" for word in field.words]
        tokens.append(GAP)
    for field in fields:
        for whole in field.wholes:
            tokens += [f"{field.mark}{numbers[whole]}", GAP]
    return tokens


def _numbers_in(tokens: Iterable[str]) -> set[int]:
    return {int(token[1:]) for token in tokens if token != GAP}
