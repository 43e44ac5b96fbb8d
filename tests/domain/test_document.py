"""Documents taken apart: every part as it was put in, whatever the texts say."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from api.domain.document import EditionSource, build_documents, split_document, texts_of, to_json
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts
from api.domain.state import Origin, State
from tests.tools.properties import steady

AT = datetime(2026, 1, 1, tzinfo=UTC)
# What parts a document, as somebody could write it.
NAMES = [',"texts":{', '},"translations":{"cy":', ',"en":', '},"waivers":', '"facts":', "\\", '\\"', '"', "}", "{slug}"]
texts = st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), min_size=1, max_size=8).map("".join)


def make(kind: str, said: dict[str, str], languages: list[Language], **more: object) -> dict[Language, str]:
    units = tuple(
        UnitTexts(n, name, {language: TextVersion(n, text, State.SOURCE, Origin.HUMAN, AT) for language in Language})
        for n, (name, text) in enumerate(said.items())
    )
    given_facts = {"position": 2, "author": "“A”", "part_of": "a", "prompts": ["b"], "contents": {"kind": "moment"}}
    facts = {name: given_facts.get(name) for name in KINDS[kind].facts}
    values = {"slugs": {"en": "a", "cy": None}, "number": 1, "facet": None, **more}
    subject = EditionSource(f"{kind}.a", kind, Language.EN, facts=facts, units=units, **values)  # type: ignore[arg-type]
    return {language: made.document for language, made in build_documents(subject, languages).items()}


@given(st.sampled_from(sorted(KINDS)), texts, st.sampled_from([[Language.EN], list(Language)]))
@steady
def test_the_parts_of_a_document_say_what_it_says(kind: str, text: str, languages: list[Language]) -> None:
    waivers = ({"gap": "missing", "language": "cy", "reason": {"en": text, "cy": text}},)
    documents = make(kind, {field.name: text for field in KINDS[kind].fields}, languages, waivers=waivers)
    for document in documents.values():
        said, parts = json.loads(document), split_document(document)
        assert (parts.id, parts.slug) == (said["id"], said["slug"])
        assert json.loads("{" + parts.slugs + "}") == {"slug": said["slug"], "slugs": said["slugs"]}
        values = {"number": parts.number, "facet": parts.facet, "facts": parts.facts, "waivers": parts.waivers}
        assert values == {name: to_json(said[name]) for name in values}
        assert {"en": parts.english, "cy": parts.welsh} == {
            language: to_json(translation) for language, translation in said["translations"].items()
        }
        assert texts_of(document) == said["texts"]


def test_a_resource_without_a_slug_has_none() -> None:
    documents = make("ground-rule", {"text": "A rule"}, [Language.EN], slugs={"en": None, "cy": None})
    assert split_document(documents[Language.EN]).slug is None
