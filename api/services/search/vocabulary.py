"""The words of the index, with their ids, their keys, and the number of texts that contain them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, bindparam, cast, delete, func, select, update
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.bulk_insert import bulk_insert, bulk_insert_returning_ids
from api.domain.language import Language
from api.domain.word import split_word
from api.models import SearchKey, SearchWord
from api.services.search.word_keys import keys_of

# PostgreSQL accepts 65,535 parameters for each statement, SQLite 32,766.
WORD_BATCH = 5_000
# Prefixes of tokens: for the title, and for all other fields.
TITLE, BODY = "t", "b"
FIELD_PREFIXES = (TITLE, BODY)


class WordIds:
    """The word ids of chunks, by chunk as written in the text. A release looks up millions of chunks.

    ``single`` maps a chunk that is one word to its id. ``several`` maps any other chunk to the ids of its parts, in
    order; for a compound, the id of the whole compound comes last. ``wholes`` maps compounds to the id of the whole
    compound. ``tokens`` maps each field prefix to the tokens of each chunk's parts.
    """

    def __init__(self) -> None:
        self.single: dict[str, int] = {}
        self.several: dict[str, tuple[int, ...]] = {}
        self.wholes: dict[str, int] = {}
        self.tokens: Mapping[str, dict[str, tuple[str, ...]]] = {
            prefix: _Tokens(prefix, self) for prefix in FIELD_PREFIXES
        }

    def has(self, chunk: str) -> bool:
        """Return whether the ids of a chunk were added."""
        return chunk in self.single or chunk in self.several

    def list_parts(self, chunk: str) -> tuple[int, ...]:
        """Return the ids of the parts of a chunk, in order."""
        if chunk in self.single:
            return (self.single[chunk],)
        return self.several[chunk][:-1] if chunk in self.wholes else self.several[chunk]


class _Tokens(dict[str, tuple[str, ...]]):
    """The tokens of chunks for one field prefix. The tokens of a chunk are created when first requested."""

    def __init__(self, prefix: str, word_ids: WordIds) -> None:
        super().__init__()
        self._prefix, self._word_ids = prefix, word_ids

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        self[chunk] = tokens = tuple(f"{self._prefix}{number}" for number in self._word_ids.list_parts(chunk))
        return tokens


class Vocabulary:
    """The word ids that are looked up or assigned during one update of the index."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[Language, dict[str, int]] = {language: {} for language in Language}
        self._word_ids: dict[Language, WordIds] = {language: WordIds() for language in Language}
        self._gained: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()

    def add_words(self, language: Language, spellings: Iterable[str]) -> None:
        """Look up the ids of these chunks, and add new words with their keys."""
        word_ids = self._word_ids[language]
        chunks = {chunk: split_word(chunk, language) for chunk in spellings if not word_ids.has(chunk)}
        words = {part.form for split in chunks.values() for part in (*split.parts, split.whole) if part is not None}
        numbers = self._numbers[language]
        for batch in in_batches(sorted(words - numbers.keys()), WORD_BATCH):
            numbers |= self._find_or_add(language, batch)
        for chunk, split in chunks.items():
            if len(split.parts) == 1 and split.whole is None:
                word_ids.single[chunk] = numbers[split.parts[0].form]
                continue
            parts = tuple(numbers[part.form] for part in split.parts)
            word_ids.several[chunk] = parts
            if split.whole is not None:
                word_ids.wholes[chunk] = whole = numbers[split.whole.form]
                word_ids.several[chunk] = (*parts, whole)

    def get_word_ids(self, language: Language) -> WordIds:
        """Return the word ids of all chunks that were passed to ``add_words``."""
        return self._word_ids[language]

    def add_text(self, numbers: Iterable[int]) -> None:
        """Add one to the number of texts that contain each of these words."""
        self._gained.update(numbers)

    def remove_text(self, numbers: Iterable[int]) -> None:
        """Subtract one from the number of texts that contain each of these words."""
        self._lost.update(numbers)

    def write_counts(self) -> None:
        """Write the numbers of texts to the database, and delete words that no text contains any more."""
        changed = sorted(self._gained.keys() | self._lost.keys())
        differences = {number: self._gained[number] - self._lost[number] for number in changed}
        changes = [{"number": number, "by": by} for number, by in differences.items() if by]
        if changes:
            words: Any = SearchWord.__table__
            statement = update(words).where(words.c.id == bindparam("number"))
            self._session.execute(statement.values(texts=words.c.texts + bindparam("by")), changes)
        for batch in in_batches((number for number in changed if differences[number] < 0), WORD_BATCH):
            unused = select(SearchWord.id).where(SearchWord.id.in_(batch), SearchWord.texts < 1)
            numbers = list(self._session.scalars(unused))
            if numbers:
                options = {"synchronize_session": False}
                self._session.execute(
                    delete(SearchKey).where(SearchKey.word_id.in_(numbers)), execution_options=options
                )
                self._session.execute(delete(SearchWord).where(SearchWord.id.in_(numbers)), execution_options=options)

    def _find_or_add(self, language: Language, words: Sequence[str]) -> dict[str, int]:
        # Pass all words in one parameter: thousands of parameters would take longer than the lookup.
        if self._session.get_bind().dialect.name == "sqlite":
            is_requested: ColumnElement[bool] = SearchWord.word.in_(
                select(func.json_each(json.dumps(words)).table_valued("value").c.value)
            )
        else:
            is_requested = SearchWord.word == any_(cast(words, ARRAY(String)))
        query = select(SearchWord.word, SearchWord.id).where(SearchWord.language == language.value, is_requested)
        numbers: dict[str, int] = dict(self._session.execute(query).all())
        new = [word for word in words if word not in numbers]
        return numbers | self._add(language, new) if new else numbers

    def _add(self, language: Language, words: Sequence[str]) -> dict[str, int]:
        rows = [{"language": language.value, "word": word, "texts": 0} for word in words]
        numbers = dict(zip(words, bulk_insert_returning_ids(self._session, SearchWord, rows), strict=True))
        keys = [
            {"language": language.value, "key": key, "word_id": number, "tier": near.tier, "is_same": near.is_same}
            for word, number in numbers.items()
            for key, near in keys_of(word, language).items()
        ]
        bulk_insert(self._session, SearchKey, keys)
        return numbers
