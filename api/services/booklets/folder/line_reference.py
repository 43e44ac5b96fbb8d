"""References to lines of a printed booklet, such as "14", "91-93" or "129+131"."""

from __future__ import annotations

import re
from itertools import pairwise

_SPAN = r"[1-9][0-9]{0,6}(?:-[1-9][0-9]{0,6})?"
_REFERENCE = re.compile(rf"{_SPAN}(?:\+{_SPAN})*")


def parse_line_reference(text: str) -> list[tuple[int, int]] | None:
    """Return the spans of lines in a reference; None if it is malformed or not in ascending order.

    A span is the first and the last line, both inclusive. In a reference, ``-`` means "to", and ``+`` joins two parts
    of a text that are separated by a column or page break.
    """
    if not _REFERENCE.fullmatch(text):
        return None
    spans = []
    for part in text.split("+"):
        first, _, last = part.partition("-")
        spans.append((int(first), int(last or first)))
    is_ascending = all(first <= last for first, last in spans) and all(
        previous[1] < following[0] for previous, following in pairwise(spans)
    )
    return spans if is_ascending else None
