"""Two requests share a cache key only if the application reads the same parameters and language from both."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.language import Language, parse_accept_language
from api.edge.cache_key import normalise_accept_language, parse_query, read_cache_key
from tests.tools.properties import steady

PARTS = st.sampled_from(
    ["lang", "q", "=", "&", "cy", "en", "%63", "%6c", "+", "%26", "%3D", "%ff", "%", ";", "a", "%C5%B5", "Q", "1"]
)


@steady
@given(st.lists(PARTS, max_size=12).map("".join))
def test_parameters_are_parsed_as_in_werkzeug(query: str) -> None:
    parameters = parse_query(query)
    if parameters is not None:
        expected = parse_qsl(query, keep_blank_values=True, errors="strict")
        assert sorted(expected) == list(parameters)
        assert len({name for name, _ in expected}) == len(expected)


@steady
@given(st.permutations(["lang=cy", "limit=5", "fields=slug%2Ctitle", "release=1"]))
def test_the_order_and_encoding_of_parameters_do_not_matter(parts: list[str]) -> None:
    assert parse_query("&".join(parts)) == parse_query("fields=slug,title&lang=cy&limit=%35&release=1")


@pytest.mark.parametrize("query", ["%6cang=CY&utm%5Fid=", "lang=cy&gclid=\xff", "lang=cy&utm_medium&_=1"])
def test_encoded_names_and_the_bytes_of_trackers_do_not_matter(query: str) -> None:
    assert parse_query(query) == (("lang", "cy"),)


@pytest.mark.parametrize(
    "query",
    ["lang=cy&lang=cy", "lang", "lang=cy&", "&", "q=%ff", "q=\u00ff", "Lang=cy", "q=" + "x" * 1_000],
)
def test_unusual_queries_have_no_cache_key(query: str) -> None:
    assert parse_query(query) is None


@steady
@given(
    st.one_of(
        st.none(), st.text(max_size=30), st.lists(st.sampled_from(["cy", "en", ";q=0", ",", "-GB", "*"])).map("".join)
    ),
    st.sampled_from(Language),
)
def test_accept_language_is_normalised_to_one_of_four_values(header: str | None, default: Language) -> None:
    name = normalise_accept_language(header, default)
    assert name in {"cy", "en", "cy only", "en only"}
    preference = parse_accept_language(header)
    assert name.partition(" ")[0] == (preference.language or default)
    assert name.endswith("only") == (preference.language is not None and preference.is_other_refused)


def test_unknown_parameters_of_an_embed_page_are_not_part_of_the_cache_key() -> None:
    def make_key(path: str, query: str) -> object:
        return read_cache_key({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}, Language.CY)

    page = "/embed/moments/chain-reaction"
    assert make_key(page, "lang=cy&dnt=1") == make_key(page, "lang=cy") != make_key(page, "lang=en")
    assert make_key(page, "lang=cy&theme=dark") != make_key(page, "lang=cy")
    assert make_key("/v1/moments", "lang=cy&dnt=1") != make_key("/v1/moments", "lang=cy")
