"""Texts as they are stored: plain text in NFC, with blank lines between paragraphs and ``*…*`` for emphasis."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from api.domain.emoji import EMOJI_PATTERN, EMOJI_SUFFIXES, blank_emoji, can_cut_at
from api.domain.emphasis import has_broken_emphasis, strip_emphasis
from api.domain.errors import InvalidTextError
from api.domain.folding import APOSTROPHES, HYPHENS
from api.domain.issue_code import IssueCode
from api.domain.parity import MIN_REASON_CHARACTERS

MAX_TEXT_CHARACTERS = 20_000
MAX_COMMENT_CHARACTERS = 2_000
MAX_NAME_CHARACTERS = 200

# Characters that are refused because a reader does not see them: bidi controls (Trojan Source), zero-width characters,
# tags, the byte-order mark and all other format characters (Cf); invisible letters, fillers and variation selectors;
# noncharacters. Soft hyphens are refused because they split words for search. Joiners, variation selectors and tags are
# allowed in emoji (``domain/emoji.py``) and refused elsewhere: they could be hidden inside words. U+2028 and U+2029 are
# refused because only some programs treat them as line breaks.
_SURROGATE = "\ud800-\udfff"
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0"
_NONCHARACTER = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_INVISIBLE = _FORMAT + _BLANK + _NONCHARACTER
_CONTROL = "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
_INVALID = re.compile(f"(?P<surrogate>[{_SURROGATE}])|(?P<invisible>[{_INVISIBLE}])|(?P<control>[{_CONTROL}])")
_CODES = {
    "surrogate": IssueCode.SURROGATE,
    "invisible": IssueCode.INVISIBLE_CHARACTER,
    "control": IssueCode.CONTROL_CHARACTER,
}


def normalise(text: str, *, is_block: bool = True) -> str:
    """Return ``text`` in NFC with ``\\n`` line breaks and no white space around lines.

    Raises InvalidTextError for a text that is empty or longer than 20,000 characters, that contains a control
    character, a lone surrogate or an invisible character outside emoji, that has a line break although ``is_block`` is
    false, or whose emphasis is marked wrongly.
    """
    _check_characters(text)
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", unicodedata.normalize("NFC", "\n".join(lines))).strip("\n")
    if not _is_visible(strip_emphasis(tidy)):
        raise InvalidTextError(IssueCode.EMPTY)
    if len(tidy) > MAX_TEXT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_TEXT_CHARACTERS)
    if not is_block and "\n" in tidy:
        raise InvalidTextError(IssueCode.NOT_ONE_LINE)
    if has_broken_emphasis(tidy):
        raise InvalidTextError(IssueCode.UNBALANCED_EMPHASIS)
    return tidy


def clean_comment(text: str) -> str:
    """Return a comment in NFC, which may be empty.

    Raises InvalidTextError if it is longer than 2,000 characters or contains characters that texts may not contain.
    """
    # Tabs are allowed: a comment may quote code or a table.
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(words) > MAX_COMMENT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_COMMENT_CHARACTERS)
    _check_characters(words.replace("\t", " "))
    return unicodedata.normalize("NFC", words) if _is_visible(words) else ""


def clean_name(text: str) -> str:
    """Return a name or note: one line of 1 to 200 characters, with single spaces. Raises InvalidTextError."""
    words = clean_comment(text)
    if not words:
        raise InvalidTextError(IssueCode.EMPTY)
    if len(words) > MAX_NAME_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_NAME_CHARACTERS)
    if "\n" in words:
        raise InvalidTextError(IssueCode.NOT_ONE_LINE)
    return " ".join(words.split())


def clean_reason(text: str) -> str:
    """Return the public reason for a waiver: a text of at least 20 characters. Raises InvalidTextError."""
    if len(text.strip()) > MAX_COMMENT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_COMMENT_CHARACTERS)
    if not text.strip():
        raise InvalidTextError(IssueCode.REASON_TOO_SHORT)
    tidy = normalise(text)
    if len(" ".join(tidy.split())) < MIN_REASON_CHARACTERS:
        raise InvalidTextError(IssueCode.REASON_TOO_SHORT)
    return tidy


def _is_visible(text: str) -> bool:
    """Return whether ``text`` has a character other than spaces, combining marks and U+2800 (blank braille)."""
    return any(c != "\u2800" and unicodedata.category(c) not in {"Mn", "Zs", "Cc"} for c in text)


def _check_characters(text: str) -> None:
    # Refuse very long texts first, so that they are not searched.
    if len(text) > 4 * MAX_TEXT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_TEXT_CHARACTERS)
    match = _INVALID.search(text) and _INVALID.search(blank_emoji(text))
    if match is None:
        return
    raise InvalidTextError(_CODES[match.lastgroup or ""], character=f"U+{ord(match.group()):04X}")


# A letter or digit. The digit of a keycap and the letter of an emoji are not part of words.
_LETTER = rf"[^\W_](?![{EMOJI_SUFFIXES}])"
_LETTERS = rf"[^\W_]+(?![{EMOJI_SUFFIXES}])"
# The first letter or digit of a word, and everything from there to the next space.
_COUNTED_WORD = re.compile(rf"{_LETTER}\S*")


def count_words(text: str) -> int:
    """Return the number of words as translators count them: runs of non-space characters with a letter or digit."""
    return len(_COUNTED_WORD.findall(strip_emphasis(text)))


def content_hash(text: str) -> str:
    """Return the SHA-256 of ``text`` in hex, for finding equal texts."""
    return hashlib.sha256(text.encode()).hexdigest()


_COMPARISON_TABLE = str.maketrans(
    {**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys("“”", '"'), "–": "-", "*": None, "\n": " "}
)


def normalise_for_comparison(text: str) -> str:
    """Return ``text`` with uniform case, quotation marks and dashes, and without emphasis and line breaks."""
    return re.sub(r" +", " ", text.replace("\\*", "*").translate(_COMPARISON_TABLE)).casefold().strip()


def contains_phrase(phrase: str, text: str) -> bool:
    """Return whether ``text`` contains ``phrase`` as whole words and emoji; differences in typography are ignored."""
    pattern = re.escape(normalise_for_comparison(phrase).strip(" .,;:!?'\""))
    whole = normalise_for_comparison(text)
    matches = re.finditer(rf"(?<!\w){pattern}(?!\w)", whole)
    return any(can_cut_at(whole, match.start()) and can_cut_at(whole, match.end()) for match in matches)


# Characters inside words: apostrophes and hyphens of all kinds, and the punctuation of numbers.
_INSIDE = rf"[{APOSTROPHES}{re.escape(HYPHENS)}]|(?<=\d)[.,](?=\d)"
_WORD = rf"(?:[£€$](?=\d))?{_LETTERS}(?:(?:{_INSIDE}){_LETTERS})*"
_TOKEN = re.compile(rf"{_WORD}|{EMOJI_PATTERN}|[\W_]+?(?={_LETTER}|[£€$]\d|{EMOJI_PATTERN}|$)|[\W_]+|[\s\S]")


def split_tokens(text: str) -> Iterator[str]:
    """Yield the words and emoji of ``text``, and the characters between them, in order.

    Joining all of them gives ``text``. Apostrophes and hyphens inside a word, and punctuation inside a number, do not
    end the word: ``i’w``, ``cyd-hwyluso`` and ``£1,000.50`` are one word each.
    """
    yield from _TOKEN.findall(text)
