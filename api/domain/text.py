"""Text as the service keeps it: plain, NFC, paragraphs parted by a blank line, and one mark, ``*…*``."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from html import escape

from api.domain.errors import InvalidTextError
from api.domain.issue_code import IssueCode
from api.domain.parity import MIN_REASON_CHARACTERS

MAX_TEXT_CHARACTERS = 20_000
MAX_COMMENT_CHARACTERS = 2_000
MAX_NAME_CHARACTERS = 200

# Invisible characters change what a text says without a reader seeing it: bidi controls (Trojan Source), zero-width
# characters, tags, the byte-order mark and all else that Unicode calls a format character (Cf); letters, fillers and
# variation selectors that show nothing; what is no character at all. Soft hyphens split words that search should find
# whole. U+FE0E and U+FE0F stay: they say whether ☺ is a letter or a picture. U+200D, which joins pictures, does not:
# it hides in words as well. U+2028 and U+2029 are line breaks to some readers and not to others.
_SURROGATE = "\ud800-\udfff"
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_SHOWS_NOTHING = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0d\uffa0"
_NO_CHARACTER = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_INVISIBLE = _FORMAT + _SHOWS_NOTHING + _NO_CHARACTER
_CONTROL = "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
_INVALID = re.compile(f"(?P<surrogate>[{_SURROGATE}])|(?P<invisible>[{_INVISIBLE}])|(?P<control>[{_CONTROL}])")
_CODES = {
    "surrogate": IssueCode.SURROGATE,
    "invisible": IssueCode.INVISIBLE_CHARACTER,
    "control": IssueCode.CONTROL_CHARACTER,
}
_EMPHASIS = re.compile(r"\*([^*]+)\*")


def normalise(text: str, *, is_block: bool = True) -> str:
    """``text`` in NFC with ``\\n`` line breaks and no space at a line's end.

    Raises TextRefused, which names what was wrong, for a text that is empty or over 20,000 characters, that holds a
    NUL, another control character, a lone surrogate or an invisible character, that has a line break where the field
    is one line, or whose ``*`` do not pair within a paragraph.
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
    if any("*" in _EMPHASIS.sub("", paragraph) for paragraph in split_paragraphs(tidy)):
        raise InvalidTextError(IssueCode.UNBALANCED_EMPHASIS)
    return tidy


def clean_comment(text: str) -> str:
    """A few words to others, which may be none, in one form. Raises TextRefused over 2,000 characters, and as above."""
    # A tab stands for itself here: a comment may quote code, or a table.
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(words) > MAX_COMMENT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_COMMENT_CHARACTERS)
    _check_characters(words.replace("\t", " "))
    return unicodedata.normalize("NFC", words) if _is_visible(words) else ""


def clean_name(text: str) -> str:
    """A name, or a note: one line of 1 to 200 characters, each run of white space one space. Raises TextRefused."""
    words = clean_comment(text)
    if not words:
        raise InvalidTextError(IssueCode.EMPTY)
    if len(words) > MAX_NAME_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_NAME_CHARACTERS)
    if "\n" in words:
        raise InvalidTextError(IssueCode.NOT_ONE_LINE)
    return " ".join(words.split())


def clean_reason(text: str) -> str:
    """Why a gap is let pass, for everybody to read: a text of at least 20 characters, white space counted once."""
    if len(text.strip()) > MAX_COMMENT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_COMMENT_CHARACTERS)
    if not text.strip():
        raise InvalidTextError(IssueCode.REASON_TOO_SHORT)
    tidy = normalise(text)
    if len(" ".join(tidy.split())) < MIN_REASON_CHARACTERS:
        raise InvalidTextError(IssueCode.REASON_TOO_SHORT)
    return tidy


def _is_visible(text: str) -> bool:
    """Is there anything to see? Spaces, marks on nothing, and U+2800, braille without a dot, show nothing."""
    return any(c != "\u2800" and unicodedata.category(c) not in {"Mn", "Zs", "Cc"} for c in text)


def _check_characters(text: str) -> None:
    # A megabyte is refused for its length before it is walked through.
    if len(text) > 4 * MAX_TEXT_CHARACTERS:
        raise InvalidTextError(IssueCode.TOO_LONG, limit=MAX_TEXT_CHARACTERS)
    found = _INVALID.search(text)
    if found is None:
        return
    raise InvalidTextError(_CODES[found.lastgroup or ""], character=f"U+{ord(found.group()):04X}")


def split_paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def strip_emphasis(text: str) -> str:
    """``text`` without its mark."""
    return text if "*" not in text else _EMPHASIS.sub(r"\1", text)


def to_html(text: str) -> str:
    """``text`` as paragraphs of HTML: everything escaped but the mark, which is ``<em>``."""
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in split_paragraphs(text))


def _inline(paragraph: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", escape(paragraph, quote=False)).replace("\n", "<br>")


# What a run between spaces holds from its first letter or digit on. A release counts hundreds of thousands.
_COUNTED_WORD = re.compile(r"[^\W_]\S*")


def count_words(text: str) -> int:
    """Words as a translator is paid for them: runs between spaces that hold a letter or a digit."""
    return len(_COUNTED_WORD.findall(strip_emphasis(text)))


def content_hash(text: str) -> str:
    """SHA-256 in hex: two texts are the same text where this is."""
    return hashlib.sha256(text.encode()).hexdigest()


_COMPARISON_TABLE = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "*": None, "\n": " "})


def normalise_for_comparison(text: str) -> str:
    """``text`` for comparing what may be set in other type: case, quotes, dashes, emphasis and line breaks fold."""
    return re.sub(r" +", " ", text.translate(_COMPARISON_TABLE)).casefold().strip()


def contains_phrase(phrase: str, text: str) -> bool:
    """Does ``short`` stand inside ``whole``, in whole words and word for word but for its type?"""
    wanted = re.escape(normalise_for_comparison(phrase).strip(" .,;:!?'\""))
    return re.search(rf"(?<!\w){wanted}(?!\w)", normalise_for_comparison(text)) is not None


# What may stand inside a word: apostrophes, however they are typed, and hyphens, those that hold a line together too.
_INSIDE = r"[’'‘ʼ\-\u2010\u2011]|(?<=\d)[.,](?=\d)"
_WORD = rf"(?:[£€$](?=\d))?[^\W_]+(?:(?:{_INSIDE})[^\W_]+)*"
_TOKEN = re.compile(rf"{_WORD}|[\W_]+?(?=[^\W_]|[£€$]\d|$)|[\W_]+")


def split_tokens(text: str) -> Iterator[str]:
    """The words of ``text`` and what stands between them, in order; joined they are ``text`` again.

    A word keeps its apostrophes and hyphens, and a number its marks, so that ``i’w``, ``cyd-hwyluso`` and ``£1,000.50``
    are one word each.
    """
    yield from _TOKEN.findall(text)
