"""Folding of texts: the form in which texts are compared with a search, however their characters were typed."""

from __future__ import annotations

import re
import unicodedata

# The characters that people type, or that programs insert, for an apostrophe: the typewriter's, single quotation marks
# (U+2018, U+2019, U+201B), modifier letters (U+02BC, U+02BB), the prime, the grave and acute accents of keyboards, and
# the full-width form.
APOSTROPHES = "'’‘‛ʼʻ′`´＇"
# Unicode counts these apostrophes as letters.
LETTER_APOSTROPHES = frozenset("ʼʻ")
# Hyphens that do not end a word (U+2010, U+2011).
HYPHENS = "-‐‑"
# The Unicode property White_Space, apart from the space.
WHITE_SPACE = "\t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WHITE_SPACE = re.compile(f"[{WHITE_SPACE}]")

_SPELLING = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(HYPHENS + "–—", "-")
    | dict.fromkeys("“”„«»", '"')
    # Marks of emphasis are not part of a text. The form of an emoji makes no difference.
    | dict.fromkeys("*\ufe0e\ufe0f", "")
)


def fold_text(text: str) -> str:
    """Return ``text`` for comparison: in lower case, without accents, emphasis marks and line breaks.

    All apostrophes are ``'``, all hyphens and dashes are ``-``, and all double quotation marks are ``"``. If the result
    is empty, ``text`` has nothing to compare.
    """
    spelled = text.replace("\\*", "*").casefold().translate(_SPELLING)
    if not spelled.isascii():
        decomposed = unicodedata.normalize("NFD", spelled)
        spelled = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(spelled.split())


def replace_white_space(text: str) -> str:
    """Return ``text`` with a space in place of each tab, line break and other white space."""
    return _WHITE_SPACE.sub(" ", text)
