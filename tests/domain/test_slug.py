"""Slugs: how they are made from texts, and which are valid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.slug import is_slug, slugify
from tests.tools.properties import steady


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Chain reaction", "chain-reaction"),
        ("Adwaith cadwynol", "adwaith-cadwynol"),
        ("Tŷ’r Cyffredin", "tyr-cyffredin"),
        ("Môr & mynydd – 2!", "mor-mynydd-2"),
        ("‘All he wanted was a cwtch’", "all-he-wanted-was-a-cwtch"),
        ("…", None),
        ("日本", None),
        ("word " * 40, "-".join(["word"] * 20)),
        ("x" * 150, "x" * 100),
    ],
)
def test_slugs_are_ascii_and_end_with_a_whole_word(text: str, slug: str | None) -> None:
    assert slugify(text) == slug


@steady
@given(st.text(max_size=300))
def test_every_generated_slug_is_valid(text: str) -> None:
    slug = slugify(text)
    assert slug is None or slug == "random" or is_slug(slug)


@pytest.mark.parametrize(
    "slug", ["random", "", "A", "a--b", "-a", "a-", "a_b", "a b", "a/b", "..", "tŷ", "a\n", "x" * 101]
)
def test_malformed_slugs_are_refused(slug: str) -> None:
    assert not is_slug(slug)
