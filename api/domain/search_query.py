"""Search queries: words, beginnings of words, phrases in quotation marks, and exclusions.

All other characters separate words, and no character causes an error. A query in the syntax of another search engine is
therefore read as plain words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.word import Chunk, list_chunks

MAX_QUERY_CHARACTERS = 200
# The number of words is limited because each word makes a query slower.
MAX_QUERY_WORDS = 16
# A prefix counts as this many words, because it may stand for many words of the index.
PREFIX_WORDS = 4
MIN_PREFIX_LETTERS = 2

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_ITEM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<words>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class QueryItem:
    """A word as typed by the reader, a prefix, or a phrase. Texts that contain an excluded item do not match.

    ``text`` does not contain the asterisk of a prefix.
    """

    text: str
    is_phrase: bool = False
    is_excluded: bool = False
    is_prefix: bool = False


def parse_search_query(q: str) -> list[QueryItem]:
    """Return the items of a query. Raises InvalidRequestError if the query has no word to find, or too many words.

    An unpaired quotation mark is ignored. ``-`` excludes only at the beginning of a word or phrase. ``*`` makes
    a word a prefix only directly after its last letter, and only if the word has at least two letters or digits.
    """
    text = unicodedata.normalize("NFC", q.translate(_QUOTES))
    items = [item for match in _ITEM.finditer(text) for item in _parse_item(match)]
    if all(item.is_excluded for item in items):
        raise InvalidRequestError([Issue(IssueCode.NO_WORDS, parameter="q")])
    if sum(_count_words(item) for item in items) > MAX_QUERY_WORDS:
        raise InvalidRequestError([Issue(IssueCode.TOO_MANY_WORDS, parameter="q", data={"limit": MAX_QUERY_WORDS})])
    return items


def _parse_item(match: re.Match[str]) -> list[QueryItem]:
    is_excluded = match["minus"] is not None
    if match["phrase"] is not None:
        phrase = QueryItem(match["phrase"], True, is_excluded)
        return [phrase] if _chunks(phrase.text) else []
    return [_to_word(match["words"], chunk, is_excluded=is_excluded) for chunk in _chunks(match["words"])]


def _to_word(words: str, chunk: Chunk, *, is_excluded: bool) -> QueryItem:
    end = chunk.parts[-1].end
    text = words[chunk.parts[0].start : end]
    has_star = words[end : end + 1] == "*" and not words[end + 1 : end + 2].isalnum()
    is_long = sum(map(str.isalnum, text)) >= MIN_PREFIX_LETTERS
    return QueryItem(text, is_excluded=is_excluded, is_prefix=has_star and is_long)


def _chunks(text: str) -> list[Chunk]:
    # Both languages have the same chunks; only the parts of a chunk differ.
    return list(list_chunks(text, Language.CY))


def _count_words(item: QueryItem) -> int:
    return PREFIX_WORDS if item.is_prefix else sum(len(chunk.parts) for chunk in _chunks(item.text))
