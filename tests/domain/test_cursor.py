"""Cursors keep their format, so that clients' cursors stay valid, and every cursor is within the length limit."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cursor import RANK, ROW, CursorFormat
from api.domain.document import SORT_KEYS, SORTED_CHARACTERS
from api.domain.errors import InvalidRequestError
from api.domain.issue_code import IssueCode
from tests.tools.properties import steady

TITLES = CursorFormat("0123456789ab", (ROW, bytes, ROW))


def test_the_format_of_cursors_does_not_change() -> None:
    assert CursorFormat("releases", (ROW,)).encode((7,)) == "WyJyZWxlYXNlcyIsN10"
    assert TITLES.encode((1, b"\x41\0y", 12)) == "WyIwMTIzNDU2Nzg5YWIiLDEsIjQxMDA3OSIsMTJd"
    assert CursorFormat.fingerprint("moment", None, [("category", "care")]) == "0f57586065a8"


@given(st.integers(1 - ROW, ROW - 1), st.integers(1 - RANK, RANK - 1), st.binary(max_size=40), st.text(max_size=40))
@steady
def test_decoding_an_encoded_cursor_returns_the_same_key(row: int, rank: int, sort_key: bytes, text: str) -> None:
    cursors = CursorFormat("a list", (ROW, RANK, bytes, str))
    key = (row, rank, sort_key, text.replace("\0", ""))
    assert cursors.decode(cursors.encode(key)) == key


def test_the_longest_sort_key_fits_into_a_cursor() -> None:
    letters = map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    # Sort keys are longest for characters whose lower-case form has several characters.
    longest = [letter for letter in letters if len(letter.casefold()) > 1]
    for pattern, letter in product(("{}", "1{}", "{} "), (*longest, "a")):
        title = pattern.format(letter) * SORTED_CHARACTERS
        for sort_key in SORT_KEYS.values():
            cursor = TITLES.encode((1, sort_key(title[:SORTED_CHARACTERS]), ROW - 1))
            assert len(cursor) <= CursorFormat.MAX_LENGTH, title[:2]


@pytest.mark.parametrize("raw", [b"[" * 2_990, b"[" + b"9" * 2_980 + b"]", b'["\\ud800"]', b"\xff", b"{}", b"null"])
def test_the_parser_handles_every_cursor_within_the_length_limit(raw: bytes) -> None:
    after = urlsafe_b64encode(raw).decode().rstrip("=")
    assert len(after) <= CursorFormat.MAX_LENGTH
    with pytest.raises(InvalidRequestError):
        TITLES.decode(after)


@pytest.mark.parametrize("key", [(), (1, "41"), (1, "4", 2), (1, "zz", 2), (True, "41", 2), (1, 41, 2), (ROW, "41", 2)])
def test_cursor_keys_of_the_wrong_type_are_refused(key: tuple[object, ...]) -> None:
    forged = CursorFormat(TITLES.list_id, ()).encode(key)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError) as caught:
        TITLES.decode(forged)
    assert [issue.code for issue in caught.value.issues] == [IssueCode.UNREADABLE_AFTER]
