"""Two requests have one key only if the application reads the same in both."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.language import Language, parse_accept_language
from api.edge.cache_key import name_language, parse_query, read_cache_key
from tests.tools.properties import steady

PARTS = st.sampled_from(
    ["lang", "q", "=", "&", "cy", "en", "%63", "%6c", "+", "%26", "%3D", "%ff", "%", ";", "a", "%C5%B5", "Q", "1"]
)


@steady
@given(st.lists(PARTS, max_size=12).map("".join))
def test_a_key_holds_what_werkzeug_reads(query: str) -> None:
    key = parse_query(query)
    if key is not None:
        read = parse_qsl(query, keep_blank_values=True, errors="strict")
        assert sorted(read) == list(key)
        assert len({name for name, _ in read}) == len(read)


@steady
@given(st.permutations(["lang=cy", "limit=5", "fields=slug%2Ctitle", "release=1"]))
def test_the_order_of_parameters_is_no_difference(parts: list[str]) -> None:
    assert parse_query("&".join(parts)) == parse_query("fields=slug,title&lang=cy&limit=%35&release=1")


@pytest.mark.parametrize(
    "query",
    ["lang=cy&lang=cy", "lang", "%6cang=cy", "lang=cy&", "&", "q=%ff", "q=\u00ff", "Lang=cy", "q=" + "x" * 1_000],
)
def test_what_is_odd_has_no_key(query: str) -> None:
    assert parse_query(query) is None


@steady
@given(
    st.one_of(
        st.none(), st.text(max_size=30), st.lists(st.sampled_from(["cy", "en", ";q=0", ",", "-GB", "*"])).map("".join)
    ),
    st.sampled_from(Language),
)
def test_every_accept_language_comes_down_to_one_of_four(header: str | None, default: Language) -> None:
    name = name_language(header, default)
    assert name in {"cy", "en", "cy only", "en only"}
    preference = parse_accept_language(header)
    assert name.partition(" ")[0] == (preference.language or default)
    assert name.endswith("only") == (preference.language is not None and preference.is_other_refused)


def test_what_an_embed_page_ignores_is_no_part_of_its_key() -> None:
    def key_of(path: str, query: str) -> object:
        return read_cache_key({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}, Language.CY)

    page = "/embed/moments/chain-reaction"
    assert key_of(page, "lang=cy&dnt=1") == key_of(page, "lang=cy") != key_of(page, "lang=en")
    assert key_of(page, "lang=cy&theme=dark") != key_of(page, "lang=cy")
    assert key_of("/v1/moments", "lang=cy&dnt=1") != key_of("/v1/moments", "lang=cy")
