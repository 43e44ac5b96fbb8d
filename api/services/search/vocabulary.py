"""The words of the index: a number each, the keys that they are found by, and in how many texts they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from api.domain.language import Language
from api.models import SearchKey, SearchWord
from api.services.search.word_keys import keys_of

# PostgreSQL takes 65,535 parameters a statement, SQLite 32,766.
BATCH = 5_000


class Vocabulary:
    """The numbers of words, found or given, for as long as one change of the index takes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[tuple[Language, str], int] = {}
        self._changes: Counter[int] = Counter()

    def number(self, language: Language, words: Iterable[str]) -> dict[str, int]:
        """The number of each of these words; a new word gets one, and its keys."""
        wanted = set(words)
        unknown = sorted(word for word in wanted if (language, word) not in self._numbers)
        for batch in in_slices(unknown):
            self._learn(language, batch)
        return {word: self._numbers[language, word] for word in wanted}

    def count(self, numbers: Iterable[int], by: int) -> None:
        """These words stand in one text more (1) or less (-1)."""
        for number in numbers:
            self._changes[number] += by

    def write_counts(self) -> None:
        """Write what was counted; a word that stands in no text any more is forgotten."""
        changes = [{"number": number, "by": by} for number, by in sorted(self._changes.items()) if by]
        if changes:
            words = SearchWord.__table__
            statement = update(words).where(words.c.id == bindparam("number"))
            self._session.execute(statement.values(texts=words.c.texts + bindparam("by")), changes)
        for batch in in_slices(sorted(self._changes)):
            gone = select(SearchWord.id).where(SearchWord.id.in_(batch), SearchWord.texts < 1)
            numbers = list(self._session.scalars(gone))
            if numbers:
                quietly = {"synchronize_session": False}
                self._session.execute(
                    delete(SearchKey).where(SearchKey.word_id.in_(numbers)), execution_options=quietly
                )
                self._session.execute(delete(SearchWord).where(SearchWord.id.in_(numbers)), execution_options=quietly)
        self._changes.clear()

    def _learn(self, language: Language, words: Sequence[str]) -> None:
        query = select(SearchWord.word, SearchWord.id).where(
            SearchWord.language == language.value, SearchWord.word.in_(words)
        )
        known: dict[str, int] = {row.word: row.id for row in self._session.execute(query)}
        new = [word for word in words if word not in known]
        if new:
            known |= self._add(language, new)
        self._numbers |= {(language, word): number for word, number in known.items()}

    def _add(self, language: Language, words: Sequence[str]) -> dict[str, int]:
        statement = insert(SearchWord).returning(SearchWord.id, sort_by_parameter_order=True)
        rows = [{"language": language.value, "word": word, "texts": 0} for word in words]
        numbers = dict(zip(words, self._session.scalars(statement, rows), strict=True))
        keys = [
            {"language": language.value, "key": key, "word_id": number, "tier": int(tier)}
            for word, number in numbers.items()
            for key, tier in keys_of(word, language).items()
        ]
        self._session.execute(insert(SearchKey), keys)
        return numbers


def in_slices(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """The items in order, at most ``size`` at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
