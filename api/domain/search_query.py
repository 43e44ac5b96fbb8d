"""What a reader typed into a search, taken apart: words, phrases in quotes, and what is to be left out.

Nothing else has a meaning: every other sign parts words, and no sign is an error. So a query of any engine's own
syntax is a query for the words in it.
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
# So many words are looked for, and no more: what a query costs has a bound.
MAX_QUERY_WORDS = 16

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_ITEM = re.compile(r'(?P<out>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<words>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class QueryItem:
    """One thing wanted: what is written together, or a phrase. ``is_left_out``: wanted nowhere."""

    text: str
    is_phrase: bool = False
    is_excluded: bool = False


def parse_search_query(q: str) -> list[QueryItem]:
    """The items of a query. Raises RequestRefused where it asks for no word, or for too many.

    A quotation mark without a second is passed over. ``-`` leaves out only at the beginning of a word.
    """
    text = unicodedata.normalize("NFC", q.translate(_QUOTES))
    items = [item for found in _ITEM.finditer(text) for item in _parse_item(found)]
    if all(item.is_excluded for item in items):
        raise InvalidRequestError([Issue(IssueCode.NO_WORDS, parameter="q")])
    if sum(_count_words(item) for item in items) > MAX_QUERY_WORDS:
        raise InvalidRequestError([Issue(IssueCode.TOO_MANY_WORDS, parameter="q", data={"limit": MAX_QUERY_WORDS})])
    return items


def _parse_item(found: re.Match[str]) -> list[QueryItem]:
    is_left_out = found["out"] is not None
    if found["phrase"] is not None:
        phrase = QueryItem(found["phrase"], True, is_left_out)
        return [phrase] if _chunks(phrase.text) else []
    words = found["words"]
    return [
        QueryItem(words[chunk.parts[0].start : chunk.parts[-1].end], False, is_left_out) for chunk in _chunks(words)
    ]


def _chunks(text: str) -> list[Chunk]:
    # What is written together is the same in both languages; only what it is made of differs.
    return list(list_chunks(text, Language.CY))


def _count_words(item: QueryItem) -> int:
    return sum(len(chunk.parts) for chunk in _chunks(item.text))
