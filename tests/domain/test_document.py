"""Documents with equal contents have equal bytes, and splitting a document preserves its contents."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from api.domain.document import (
    EditionSource,
    build_documents,
    format_time,
    random_position,
    split_document,
    texts_of,
    to_json,
)
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts
from api.domain.state import Origin, State
from tests.tools.properties import steady

CY, EN = Language.CY, Language.EN
AT = datetime(2026, 1, 1, tzinfo=UTC)
# Texts that look like the separators of a document, or like other JSON.
SEPARATORS = [',"texts":{', '},"translations":{"cy":', ',"en":', '},"waivers":', '"facts":']
OTHER_JSON = ["\\", '\\"', '"', "}", "{slug}"]
pieces = st.one_of(st.sampled_from(SEPARATORS + OTHER_JSON), st.text(max_size=8))
texts = st.lists(pieces, min_size=1, max_size=8).map("".join)


def make_documents(kind: str, texts: dict[str, str], languages: list[Language], **more: object) -> dict[Language, str]:
    units = tuple(
        UnitTexts(n, name, {language: TextVersion(n, text, State.SOURCE, Origin.HUMAN, AT) for language in Language})
        for n, (name, text) in enumerate(texts.items())
    )
    all_facts = {"position": 2, "author": "“A”", "part_of": "a", "prompts": ["b"], "contents": {"kind": "moment"}}
    facts = {name: all_facts.get(name) for name in KINDS[kind].facts}
    values = {"slugs": {"en": "a", "cy": None}, "number": 1, "facet": None, **more}
    source = EditionSource(f"{kind}.a", kind, Language.EN, facts=facts, units=units, **values)  # type: ignore[arg-type]
    return {language: built.document for language, built in build_documents(source, languages).items()}


@given(st.sampled_from(sorted(KINDS)), texts, st.sampled_from([[Language.EN], list(Language)]))
@steady
def test_splitting_a_document_preserves_the_value_of_every_member(
    kind: str, text: str, languages: list[Language]
) -> None:
    waivers = ({"gap": "missing", "language": "cy", "reason": {"en": text, "cy": text}},)
    documents = make_documents(kind, {field.name: text for field in KINDS[kind].fields}, languages, waivers=waivers)
    for document in documents.values():
        members, parts = json.loads(document), split_document(document)
        assert (parts.id, parts.slug) == (members["id"], members["slug"])
        assert json.loads("{" + parts.slugs + "}") == {"slug": members["slug"], "slugs": members["slugs"]}
        values = {"number": parts.number, "facet": parts.facet, "facts": parts.facts, "waivers": parts.waivers}
        assert values == {name: to_json(members[name]) for name in values}
        assert {"en": parts.english, "cy": parts.welsh} == {
            language: to_json(translation) for language, translation in members["translations"].items()
        }
        assert texts_of(document) == members["texts"]


def test_splitting_a_document_without_a_slug_gives_no_slug() -> None:
    documents = make_documents("ground-rule", {"text": "A rule"}, [Language.EN], slugs={"en": None, "cy": None})
    assert split_document(documents[Language.EN]).slug is None


def source_text(text: str = "EN") -> TextVersion:
    return TextVersion(1, text, State.SOURCE, Origin.HUMAN, AT)


def target_text(state: State = State.TRANSLATED) -> TextVersion:
    return TextVersion(2, "CY", state, Origin.MACHINE, AT)


def make_source(**units: dict[Language, TextVersion]) -> EditionSource:
    unit_texts = tuple(UnitTexts(n, name, texts) for n, (name, texts) in enumerate(units.items(), start=1))
    return EditionSource("moment.a", "moment", EN, {"en": "a", "cy": None}, 1, None, {}, unit_texts)


def test_the_order_of_the_input_does_not_change_a_document() -> None:
    title = {EN: source_text("EN t"), CY: target_text()}
    body = {EN: source_text("EN *b*"), CY: target_text(State.REVIEWED)}
    documents = build_documents(make_source(title=title, body=body), [CY, EN])
    reordered = build_documents(make_source(body=dict(reversed(body.items())), title=title), [EN, CY])
    english, welsh = documents[EN], documents[CY]
    assert english.document == reordered[EN].document
    assert welsh.document == reordered[CY].document
    assert json.loads(english.document)["texts"] == {
        "title": "EN t", "body": "EN b", "body_html": "<p>EN <em>b</em></p>", "highlight": None, "highlight_html": None
    }  # fmt: skip
    assert (welsh.state, welsh.origin, english.state) == (State.TRANSLATED, Origin.MACHINE, State.SOURCE)


def test_an_omitted_language_is_null_in_the_document_of_the_other_language() -> None:
    documents = build_documents(make_source(title={EN: source_text(), CY: target_text()}), [EN])
    assert list(documents) == [EN]
    assert json.loads(documents[EN].document)["translations"]["cy"] is None


def test_times_are_in_utc_and_have_no_fractions_of_a_second() -> None:
    summer = timezone(timedelta(hours=1))
    assert format_time(datetime(2026, 6, 1, 0, 30, 5, 999, tzinfo=summer)) == "2026-05-31T23:30:05Z"


def test_random_positions_fit_a_signed_64_bit_column() -> None:
    positions = [random_position(f"moment.{n}") for n in range(500)]
    assert all(0 <= position < 2**62 for position in positions)
    assert len(set(positions)) == 500
