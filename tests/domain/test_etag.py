"""Comparison of If-Match with the current entity tag."""

from __future__ import annotations

import pytest

from api.domain.etag import etag_matches

ETAG = '"unit-1-2"'


@pytest.mark.parametrize("if_match", [ETAG, f'"another", {ETAG}', f' {ETAG} ,"another"', "*", " * "])
def test_an_if_match_header_with_the_current_etag_or_an_asterisk_matches(if_match: str) -> None:
    assert etag_matches(if_match, ETAG)


@pytest.mark.parametrize("if_match", ["", f"W/{ETAG}", '"unit-1-20"', "unit-1-2", '*, "another"'])
def test_neither_a_weak_etag_nor_another_etag_matches(if_match: str) -> None:
    assert not etag_matches(if_match, ETAG)
