"""Emphasis: one ``*`` before and one after words of a paragraph, by the rules of CommonMark.

A star opens emphasis if it is left-flanking, and closes emphasis if it is right-flanking (CommonMark 0.31.2, 6.2).
There is no emphasis inside emphasis. All other stars are characters of the text: a star between spaces, a star without
a partner, several stars in a row, the star of a keycap (``*\ufe0f\u20e3``), and ``\\*``, which always means a star.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

_STARS = re.compile(r"(?P<escaped>\\\*)|\*\ufe0f?\u20e3|(?P<run>(?:\*(?!\ufe0f?\u20e3))+)")


@dataclass(slots=True)
class _Marks:
    """The marks of a paragraph: the positions of each pair, and whether a star that opens or closes is unpaired."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    has_open: bool = False
    has_close: bool = False
    # True if words are between runs of several stars, which Markdown calls strong emphasis.
    has_strong: bool = False


def split_paragraphs(text: str) -> list[str]:
    """Return the paragraphs of ``text``."""
    return text.split("\n\n")


def strip_emphasis(text: str) -> str:
    """Return ``text`` without its emphasis, and with ``*`` for each ``\\*``."""
    if "*" not in text:
        return text
    return "\n\n".join("".join(part for part, _ in _split(paragraph)) for paragraph in split_paragraphs(text))


def to_html(text: str) -> str:
    """Return ``text`` as HTML paragraphs, escaped, with ``<em>`` for emphasis."""
    return "".join(f"<p>{_to_html(paragraph)}</p>" for paragraph in split_paragraphs(text))


def has_broken_emphasis(text: str) -> bool:
    """Return whether emphasis begins in one paragraph and ends in another, or is marked with several stars (``**``)."""
    if "*" not in text:
        return False
    has_open = False
    for marks in map(_find_marks, split_paragraphs(text)):
        if marks.has_strong or (has_open and marks.has_close):
            return True
        has_open = has_open or marks.has_open
    return False


def _to_html(paragraph: str) -> str:
    html = [
        f"<em>{escape(part, quote=False)}</em>" if is_emphasis else escape(part, quote=False)
        for part, is_emphasis in _split(paragraph)
    ]
    return "".join(html).replace("\n", "<br>")


def _split(paragraph: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a paragraph, without marks, and whether each part is emphasised."""
    position = 0
    for start, end in _find_marks(paragraph).pairs if "*" in paragraph else ():
        yield paragraph[position:start].replace("\\*", "*"), False
        yield paragraph[start + 1 : end].replace("\\*", "*"), True
        position = end + 1
    yield paragraph[position:].replace("\\*", "*"), False


def _find_marks(paragraph: str) -> _Marks:
    marks = _Marks()
    opened: int | None = None
    is_run_open = False
    for match in _STARS.finditer(paragraph):
        if match["run"] is None:
            continue
        start, end = match.span()
        opens, closes = _flanking(paragraph[max(0, start - 1) : start], paragraph[end : end + 1])
        if len(match["run"]) > 1:
            marks.has_strong = marks.has_strong or (is_run_open and closes)
            is_run_open = is_run_open or opens
        elif closes and opened is not None:
            marks.pairs.append((opened, start))
            opened = None
        elif opens:
            marks.has_open = marks.has_open or opened is not None
            opened = start
        else:
            marks.has_close = marks.has_close or closes
    marks.has_open = marks.has_open or opened is not None
    return marks


def _flanking(before: str, after: str) -> tuple[bool, bool]:
    """Return whether stars between these characters are left-flanking and right-flanking.

    An empty string is the beginning or the end of the paragraph.
    """
    is_space_before, is_space_after = not before.strip(), not after.strip()
    is_sign_before, is_sign_after = _is_sign(before), _is_sign(after)
    is_left = not is_space_after and (not is_sign_after or is_space_before or is_sign_before)
    is_right = not is_space_before and (not is_sign_before or is_space_after or is_sign_after)
    return is_left, is_right


def _is_sign(character: str) -> bool:
    """Return whether a character is Unicode punctuation as CommonMark defines it: punctuation or a symbol."""
    return bool(character) and unicodedata.category(character)[0] in "PS"
