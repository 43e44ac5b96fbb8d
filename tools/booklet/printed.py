"""The lines and words of a printed booklet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from api.domain.text import normalise_for_comparison
from api.services.booklets.folder.line_reference import parse_line_reference

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def split_lines(booklet: str) -> list[str]:
    """Return the lines as editors count them. ``str.splitlines()`` would split at more characters."""
    return booklet.replace("\r\n", "\n").split("\n")


def get_printed_lines(booklet: Sequence[str], reference: str) -> list[tuple[int, str]]:
    """Return the numbers (from 1) and texts of the lines in a line reference, without blank lines."""
    return [
        (number, booklet[number - 1])
        for first, last in parse_line_reference(reference) or ()
        for number in range(first, min(last, len(booklet)) + 1)
        if booklet[number - 1].strip()
    ]


def split_words(text: str) -> list[str]:
    """Return the words of a text or a line of markdown, case-folded and without markup and punctuation."""
    return _WORD.findall(normalise_for_comparison(text))


def contains_words(words: Sequence[str], inner: Sequence[str]) -> bool:
    """Return whether ``inner`` is a contiguous part of ``words``."""
    return f" {' '.join(inner)} " in f" {' '.join(words)} "
