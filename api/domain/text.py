"""Text as the service keeps it: plain, NFC, paragraphs parted by a blank line, and one mark, ``*…*``."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from html import escape

from api.domain.errors import TextRefused

MAX_CHARACTERS = 20_000

# Invisible characters change what a text says without a reader seeing it: bidi controls (Trojan Source), zero-width
# characters, the byte-order mark. Soft hyphens split words that search should find whole. U+2028 and U+2029 are line
# breaks to some readers and not to others.
_SURROGATE = "\ud800-\udfff"
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_CONTROL = "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
_REFUSED = re.compile(f"(?P<surrogate>[{_SURROGATE}])|(?P<invisible>[{_INVISIBLE}])|(?P<control>[{_CONTROL}])")
_EMPHASIS = re.compile(r"\*([^*]+)\*")


def normalise(text: str, *, is_block: bool = True) -> str:
    """``text`` in NFC with ``\\n`` line breaks and no space at a line's end.

    Raises TextRefused, which names what was wrong, for a text that is empty or over 20,000 characters, that holds a
    NUL, another control character, a lone surrogate or an invisible character, that has a line break where the field
    is one line, or whose ``*`` do not pair within a paragraph.
    """
    _refuse_characters(text)
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", unicodedata.normalize("NFC", "\n".join(lines))).strip("\n")
    if not tidy.strip():
        raise TextRefused("empty")
    if len(tidy) > MAX_CHARACTERS:
        raise TextRefused("too-long", limit=MAX_CHARACTERS)
    if not is_block and "\n" in tidy:
        raise TextRefused("not-one-line")
    if any("*" in _EMPHASIS.sub("", paragraph) for paragraph in paragraphs(tidy)):
        raise TextRefused("unbalanced-emphasis")
    return tidy


def _refuse_characters(text: str) -> None:
    # A megabyte is refused for its length before it is walked through.
    if len(text) > 4 * MAX_CHARACTERS:
        raise TextRefused("too-long", limit=MAX_CHARACTERS)
    found = _REFUSED.search(text)
    if found is None:
        return
    fault = "surrogate" if found.lastgroup == "surrogate" else f"{found.lastgroup}-character"
    raise TextRefused(fault, character=f"U+{ord(found.group()):04X}")


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def plain(text: str) -> str:
    """``text`` without its mark."""
    return _EMPHASIS.sub(r"\1", text)


def to_html(text: str) -> str:
    """``text`` as paragraphs of HTML: everything escaped but the mark, which is ``<em>``."""
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in paragraphs(text))


def _inline(paragraph: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", escape(paragraph, quote=False)).replace("\n", "<br>")


def count_words(text: str) -> int:
    """Words as a translator is paid for them: runs between spaces that hold a letter or a digit."""
    # The first character settles it for nearly every word; a release counts hundreds of thousands.
    return sum(word[0].isalnum() or any(map(str.isalnum, word)) for word in plain(text).split())


def content_hash(text: str) -> str:
    """SHA-256 in hex: two texts are the same text where this is."""
    return hashlib.sha256(text.encode()).hexdigest()


_FOLDS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "*": None, "\n": " "})


def fold(text: str) -> str:
    """``text`` for comparing what may be set in other type: case, quotes, dashes, emphasis and line breaks fold."""
    return re.sub(r" +", " ", text.translate(_FOLDS)).casefold().strip()


def stands_in(short: str, whole: str) -> bool:
    """Does ``short`` stand inside ``whole``, in whole words and word for word but for its type?"""
    wanted = re.escape(fold(short).strip(" .,;:!?'\""))
    return re.search(rf"(?<!\w){wanted}(?!\w)", fold(whole)) is not None


def tokens(text: str) -> Iterator[str]:
    """The words of ``text`` and what stands between them, in order; joined they are ``text`` again.

    A word keeps its apostrophes and hyphens, so that ``i’w`` and ``cyd-hwyluso`` are one word each.
    """
    yield from re.findall(r"[^\W_]+(?:[’'\-][^\W_]+)*|[\W_]+?(?=[^\W_]|$)|[\W_]+", text)
