"""The content coding that a client gets by its Accept-Encoding header (RFC 9110, 12.5.3)."""

from __future__ import annotations

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.edge.coding import Coding, compress, is_compressible, rank_codings
from tests.tools.properties import steady

BR, GZIP, PLAIN = Coding.BR, Coding.GZIP, Coding.IDENTITY


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (PLAIN, BR, GZIP)),
        ("", (PLAIN,)),
        ("gzip", (GZIP, PLAIN)),
        ("br", (BR, PLAIN)),
        ("gzip, deflate, br, zstd", (BR, GZIP, PLAIN)),
        ("GZip , BR;q=0.5", (GZIP, BR, PLAIN)),
        ("x-gzip", (GZIP, PLAIN)),
        ("gzip;q=0.5, br;q=0.4", (GZIP, BR, PLAIN)),
        ("gzip;q=0", (PLAIN,)),
        ("br;q=0, gzip", (GZIP, PLAIN)),
        ("deflate, zstd", (PLAIN,)),
        ("identity", (PLAIN,)),
        ("identity;q=1, gzip;q=0.5", (PLAIN, GZIP)),
        ("identity;q=0.5, gzip;q=0.5", (GZIP, PLAIN)),
        ("identity;q=0, gzip", (GZIP,)),
        ("identity;q=0", ()),
        ("*", (BR, GZIP, PLAIN)),
        ("*;q=0", ()),
        ("*;q=0, gzip", (GZIP,)),
        ("*;q=0, identity;q=0.1", (PLAIN,)),
        ("gzip, *;q=0.1", (GZIP, BR, PLAIN)),
        ("br;q=0, *", (GZIP, PLAIN)),
        ("gzip;q=much, br;q=2, zstd", (PLAIN,)),
        ("gzip;q=nan", (PLAIN,)),
        ("gzip;level=9", (GZIP, PLAIN)),
        ("gzip;q=0.001", (GZIP, PLAIN)),
        (";;,,=", (PLAIN,)),
        ("gzip" + " " * 1_000, (PLAIN, BR, GZIP)),  # too long to be read
    ],
)
def test_the_codings_of_a_header_are_ranked_by_quality(header: str | None, expected: tuple[Coding, ...]) -> None:
    assert rank_codings(header) == expected


@steady
@given(st.text(max_size=400))
def test_a_header_never_causes_an_error(header: str) -> None:
    assert set(rank_codings(header)) <= set(Coding)


def test_compressed_bytes_are_the_same_each_time_and_decompress_to_the_body() -> None:
    body = "Mae’r tŷ’n wag. ".encode() * 100
    assert compress(body, BR) == compress(body, BR)
    assert compress(body, GZIP) == compress(body, GZIP)
    assert brotli.decompress(compress(body, BR)) == gzip.decompress(compress(body, GZIP)) == body
    assert compress(body, PLAIN) == body
    assert max(len(compress(body, coding)) for coding in (BR, GZIP)) < len(body) // 10


def test_only_text_is_compressible() -> None:
    for media_type in ("text/html; charset=utf-8", "text/css", "text/javascript", "text/csv; charset=utf-8", "text/xml",
                       "application/json", "application/ld+json", "application/yaml", "image/svg+xml"):  # fmt: skip
        assert is_compressible(media_type), media_type
    for media_type in ("image/png", "application/zip", "application/pdf", "font/woff2", "application/octet-stream", ""):
        assert not is_compressible(media_type), media_type
