"""The index of what is public now: made from the open editions, and changed by each release in its own transaction.

What the words of an edition are stands in ``search_text``, which is each engine's own: an FTS5 table on SQLite, a
``tsvector`` under a GIN index on PostgreSQL. It holds numbers of words and no text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Key, Number, RowId


class SearchEntry(Base):
    """An open edition that can be found: what it is filtered by, and its place among equals."""

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint("resource_id", "language"),
        CheckConstraint("language IN ('cy', 'en')", name="language"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    language: Mapped[str] = mapped_column(Key)
    state: Mapped[str]
    kind: Mapped[str] = mapped_column(Key)
    # The kind's number in the order of kinds, and the collection's (0: none), for putting equals in order.
    kind_place: Mapped[int]
    collection_id: Mapped[int] = mapped_column(Number)
    category_id: Mapped[int | None] = mapped_column(Number)
    rank: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int | None]
    facet: Mapped[str | None]


class SearchCounted(Base):
    """The words that an entry was counted for, by number (32 bits each, little-endian): taken off when it goes."""

    __tablename__ = "search_counted"

    edition_id: Mapped[int] = mapped_column(
        ForeignKey("search_entry.edition_id"), primary_key=True, autoincrement=False
    )
    numbers: Mapped[bytes] = mapped_column(LargeBinary)


class SearchWord(Base):
    """A word as it stands in public texts of one language, and in how many of them: none without any stays."""

    __tablename__ = "search_word"
    __table_args__ = (
        UniqueConstraint("language", "word"),
        CheckConstraint("language IN ('cy', 'en')", name="language"),
    )

    id: Mapped[RowId]
    language: Mapped[str] = mapped_column(Key)
    word: Mapped[str] = mapped_column(Key)
    texts: Mapped[int]


class SearchKey(Base):
    """What a word can be found by: itself, its lemma, what it can be a mutation of, each without accents."""

    __tablename__ = "search_key"
    __table_args__ = (Index("ix_search_key_word_id", "word_id"), {"sqlite_with_rowid": False})

    language: Mapped[str] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    word_id: Mapped[int] = mapped_column(ForeignKey("search_word.id"), primary_key=True)
    tier: Mapped[int]
    # Is the key the word itself, mutated or not? Else it is another form of it.
    is_same: Mapped[bool]


class SearchState(Base):
    """How many texts of a language can be found, and by which linguistics: another one makes the index anew."""

    __tablename__ = "search_state"
    __table_args__ = (CheckConstraint("language IN ('cy', 'en')", name="language"),)

    language: Mapped[str] = mapped_column(Key, primary_key=True)
    texts: Mapped[int]
    version: Mapped[str]
