"""Emphasis and stars: rendering, plain text, and marks that are refused."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.emphasis import has_broken_emphasis, split_paragraphs, strip_emphasis, to_html
from tests.tools.properties import steady

texts = st.lists(st.sampled_from([*"ab *\\’.,\n‘ŷ<&1", "*\ufe0f\u20e3"]), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "html", "bare"),
    [
        ("a\n\nb\nc", "<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("*a* b", "<p><em>a</em> b</p>", "a b"),
        ("<script>&</script> *<b>*", "<p>&lt;script&gt;&amp;&lt;/script&gt; <em>&lt;b&gt;</em></p>", None),
        ('2 < 3 ‘quoted’ "too"', '<p>2 &lt; 3 ‘quoted’ "too"</p>', '2 < 3 ‘quoted’ "too"'),
        ("*a\nb* c", "<p><em>a<br>b</em> c</p>", "a\nb c"),
        ("*ll*ong, a *ng*hath", "<p><em>ll</em>ong, a <em>ng</em>hath</p>", "llong, a nghath"),
        ("*“tŷ”*’r", "<p><em>“tŷ”</em>’r</p>", "“tŷ”’r"),
    ],
)
def test_html_is_escaped_except_for_emphasis(text: str, html: str, bare: str | None) -> None:
    assert to_html(text) == html
    assert bare is None or strip_emphasis(text) == bare


@pytest.mark.parametrize(
    "text",
    [
        "* llaeth\n* bara",
        "* one\n\n* two",
        "5 * 3 = 15",
        "5* gwesty",
        "£5*, £6*",
        "*gweler y nodyn",
        "a ** b",
        "***",
        "* * *",
        "f*** off",
        "*️⃣ Seren",
        "1️⃣ *️⃣ #️⃣",
        "a *b",
        "a* b",
        "*",
    ],
)
def test_a_star_that_marks_no_emphasis_is_kept_as_a_star(text: str) -> None:
    assert not has_broken_emphasis(text)
    assert strip_emphasis(text) == text
    assert "<em>" not in to_html(text)
    assert to_html(text).count("*") == text.count("*")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("* llaeth\n* *dau* beint", "<p>* llaeth<br>* <em>dau</em> beint</p>"),
        ("*a *b* c", "<p>*a <em>b</em> c</p>"),
        ("5\\*3\\*2", "<p>5*3*2</p>"),
        ("\\*a\\*", "<p>*a*</p>"),
        ("*5\\*3*", "<p><em>5*3</em></p>"),
        ("a \\ b \\n", "<p>a \\ b \\n</p>"),
        ("*a**️⃣", "<p><em>a</em>*️⃣</p>"),
    ],
)
def test_stars_and_emphasis_can_be_in_one_paragraph(text: str, html: str) -> None:
    assert not has_broken_emphasis(text)
    assert to_html(text) == html


@pytest.mark.parametrize("text", ["**trwm**", "a **b** c", "***a***", "*a\n\nb*", "x *a\n\nb\n\nc* y"])
def test_emphasis_across_paragraphs_or_with_several_stars_is_broken(text: str) -> None:
    assert has_broken_emphasis(text)


@steady
@given(st.lists(st.text("abŷ’.1", min_size=1).map("x{}x".format), min_size=1, max_size=8))
def test_every_second_phrase_between_stars_is_emphasised(phrases: list[str]) -> None:
    text = " ".join(f"*{phrase}*" if index % 2 else phrase for index, phrase in enumerate(phrases))
    assert re.findall("<em>(.*?)</em>", to_html(text)) == phrases[1::2]
    assert strip_emphasis(text) == " ".join(phrases)


@steady
@given(texts)
def test_the_html_and_the_plain_text_have_the_same_characters(text: str) -> None:
    paragraphs = to_html(text).removeprefix("<p>").removesuffix("</p>").split("</p><p>")
    plain = [unescape(re.sub("</?em>", "", paragraph.replace("<br>", "\n"))) for paragraph in paragraphs]
    assert "\n\n".join(plain) == strip_emphasis(text)
    assert len(plain) == len(split_paragraphs(text))


@steady
@given(texts)
def test_a_text_with_escaped_stars_has_no_emphasis(plain: str) -> None:
    written = plain.replace("*", "\\*")
    assert strip_emphasis(written) == plain
    assert "<em>" not in to_html(written)
    assert not has_broken_emphasis(written)


@steady
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*"), max_size=200))
def test_a_text_without_stars_survives_escaping(text: str) -> None:
    inner = to_html(text).removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inner
    assert unescape(inner) == text
