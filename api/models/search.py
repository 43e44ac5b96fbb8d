"""The search index of current editions, updated by each release in its own transaction.

The table ``search_text`` contains word ids and no text. It is an FTS5 table on SQLite, and has a ``tsvector`` with a
GIN index on PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Key, Number, RowId


class SearchEntry(Base):
    """A current edition in the index, with the columns for filtering and for sorting entries with equal scores."""

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
    # Editions of equal score are sorted by the position of the kind, then by the id of the collection (0: none).
    kind_place: Mapped[int]
    collection_id: Mapped[int] = mapped_column(Number)
    category_id: Mapped[int | None] = mapped_column(Number)
    rank: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int | None]
    facet: Mapped[str | None]


class SearchCounted(Base):
    """The word ids of an entry (32 bits each, little-endian), for updating word counts when the entry is removed."""

    __tablename__ = "search_counted"

    edition_id: Mapped[int] = mapped_column(
        ForeignKey("search_entry.edition_id"), primary_key=True, autoincrement=False
    )
    numbers: Mapped[bytes] = mapped_column(LargeBinary)


class SearchWord(Base):
    """A word of public texts in one language. ``texts`` is the number of texts that contain the word, at least one."""

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
    """A key for finding a word: the word, its lemma, or an unmutated form, each with and without accents."""

    __tablename__ = "search_key"
    __table_args__ = (Index("ix_search_key_word_id", "word_id"), {"sqlite_with_rowid": False})

    language: Mapped[str] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    word_id: Mapped[int] = mapped_column(ForeignKey("search_word.id"), primary_key=True)
    tier: Mapped[int]
    # True if the key is the word itself or its unmutated form. False if the key is another form, such as the lemma.
    is_same: Mapped[bool]


class SearchState(Base):
    """The number of indexed texts in a language, and the version of the word rules used to index these texts."""

    __tablename__ = "search_state"
    __table_args__ = (CheckConstraint("language IN ('cy', 'en')", name="language"),)

    language: Mapped[str] = mapped_column(Key, primary_key=True)
    texts: Mapped[int]
    version: Mapped[str]
