"""The printed booklet: its lines, and the references to them ("129+131", "91-93") that units and furniture hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from api.domain.text import normalise_for_comparison

_FORM = re.compile(r"[1-9][0-9]{0,6}(?:-[1-9][0-9]{0,6})?(?:\+[1-9][0-9]{0,6}(?:-[1-9][0-9]{0,6})?)*")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

Span = tuple[int, int]


def parse_printed(text: str) -> list[Span] | None:
    """The spans of lines in a reference, first and last both in it; None where it has not the form of one.

    ``-`` is "to", ``+`` joins what a break of a column or page parts in mid-sentence.
    """
    if not _FORM.fullmatch(text):
        return None
    spans = []
    for part in text.split("+"):
        first, _, last = part.partition("-")
        spans.append((int(first), int(last or first)))
    in_order = all(first <= last for first, last in spans) and all(
        before[1] < after[0] for before, after in pairwise(spans)
    )
    return spans if in_order else None


def lines_at(booklet: Sequence[str], printed: str) -> list[tuple[int, str]]:
    """The lines that hold text of those that ``printed`` names, each with its number (from 1)."""
    return [
        (number, booklet[number - 1])
        for first, last in parse_printed(printed) or ()
        for number in range(first, min(last, len(booklet)) + 1)
        if booklet[number - 1].strip()
    ]


def split_lines(booklet: str) -> list[str]:
    """Its lines as an editor counts them; str.splitlines() would count more."""
    return booklet.replace("\r\n", "\n").split("\n")


def words_of(text: str) -> list[str]:
    """The words of a text or of a line of markdown, without case, marks and punctuation."""
    return _WORD.findall(normalise_for_comparison(text))


def has_words(words: Sequence[str], inside: Sequence[str]) -> bool:
    """Do ``words`` stand in ``inside``, all of them, next to each other?"""
    return f" {' '.join(words)} " in f" {' '.join(inside)} "
