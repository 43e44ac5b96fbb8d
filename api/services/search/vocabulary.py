"""The words of the index: a number each, the keys that they are found by, and in how many texts they stand."""

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

# PostgreSQL takes 65,535 parameters a statement, SQLite 32,766.
WORD_BATCH = 5_000
# What a token of a field begins with: a title's, or any other's.
TITLE, BODY = "t", "b"
FIELD_PREFIXES = (TITLE, BODY)


class WordIds:
    """What is written together, by how it is written: a release looks up millions, each by one dictionary.

    ``single`` has the number of what is one word; ``several`` those of its parts in order, and of the whole where it is
    a compound, which ``wholes`` has alone. ``tokens`` are those of the parts, by the mark of the field they stand in.
    """

    def __init__(self) -> None:
        self.single: dict[str, int] = {}
        self.several: dict[str, tuple[int, ...]] = {}
        self.wholes: dict[str, int] = {}
        self.tokens: Mapping[str, dict[str, tuple[str, ...]]] = {mark: _Tokens(mark, self) for mark in FIELD_PREFIXES}

    def has(self, written: str) -> bool:
        return written in self.single or written in self.several

    def list_parts(self, written: str) -> tuple[int, ...]:
        """The numbers of what it is made of, in order."""
        if written in self.single:
            return (self.single[written],)
        return self.several[written][:-1] if written in self.wholes else self.several[written]


class _Tokens(dict[str, tuple[str, ...]]):
    """The tokens of what is written, in fields of one mark: made when they are first wanted."""

    def __init__(self, mark: str, written: WordIds) -> None:
        super().__init__()
        self._mark, self._written = mark, written

    def __missing__(self, written: str) -> tuple[str, ...]:
        self[written] = found = tuple(f"{self._mark}{number}" for number in self._written.list_parts(written))
        return found


class Vocabulary:
    """The numbers of words, found or given, for as long as one change of the index takes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[Language, dict[str, int]] = {language: {} for language in Language}
        self._word_ids: dict[Language, WordIds] = {language: WordIds() for language in Language}
        self._gained: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()

    def add_words(self, language: Language, written: Iterable[str]) -> None:
        """Make these known to ``find``: a new word gets a number, and its keys."""
        known = self._word_ids[language]
        chunks = {each: split_word(each, language) for each in written if not known.has(each)}
        words = {part.form for chunk in chunks.values() for part in (*chunk.parts, chunk.whole) if part is not None}
        numbers = self._numbers[language]
        for batch in in_batches(sorted(words - numbers.keys()), WORD_BATCH):
            numbers |= self._find_or_add(language, batch)
        for each, chunk in chunks.items():
            if len(chunk.parts) == 1 and chunk.whole is None:
                known.single[each] = numbers[chunk.parts[0].form]
                continue
            parts = tuple(numbers[part.form] for part in chunk.parts)
            known.several[each] = parts
            if chunk.whole is not None:
                known.wholes[each] = whole = numbers[chunk.whole.form]
                known.several[each] = (*parts, whole)

    def get_word_ids(self, language: Language) -> WordIds:
        """What is known of all that ``learn`` has heard of."""
        return self._word_ids[language]

    def add_text(self, numbers: Iterable[int]) -> None:
        """These words stand in one text more."""
        self._gained.update(numbers)

    def remove_text(self, numbers: Iterable[int]) -> None:
        """These words stand in one text less."""
        self._lost.update(numbers)

    def write_counts(self) -> None:
        """Write what was counted; a word that stands in no text any more is forgotten."""
        touched = sorted(self._gained.keys() | self._lost.keys())
        differences = {number: self._gained[number] - self._lost[number] for number in touched}
        changes = [{"number": number, "by": by} for number, by in differences.items() if by]
        if changes:
            words: Any = SearchWord.__table__
            statement = update(words).where(words.c.id == bindparam("number"))
            self._session.execute(statement.values(texts=words.c.texts + bindparam("by")), changes)
        for batch in in_batches((number for number in touched if differences[number] < 0), WORD_BATCH):
            gone = select(SearchWord.id).where(SearchWord.id.in_(batch), SearchWord.texts < 1)
            numbers = list(self._session.scalars(gone))
            if numbers:
                quietly = {"synchronize_session": False}
                self._session.execute(
                    delete(SearchKey).where(SearchKey.word_id.in_(numbers)), execution_options=quietly
                )
                self._session.execute(delete(SearchWord).where(SearchWord.id.in_(numbers)), execution_options=quietly)

    def _find_or_add(self, language: Language, words: Sequence[str]) -> dict[str, int]:
        # One parameter, whatever their number: thousands would cost more than finding them.
        if self._session.get_bind().dialect.name == "sqlite":
            is_one: ColumnElement[bool] = SearchWord.word.in_(
                select(func.json_each(json.dumps(words)).table_valued("value").c.value)
            )
        else:
            is_one = SearchWord.word == any_(cast(words, ARRAY(String)))
        query = select(SearchWord.word, SearchWord.id).where(SearchWord.language == language.value, is_one)
        known: dict[str, int] = dict(self._session.execute(query).all())
        new = [word for word in words if word not in known]
        return known | self._add(language, new) if new else known

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
