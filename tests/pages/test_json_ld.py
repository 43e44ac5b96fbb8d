"""JSON-LD of the embed pages, parsed with pyld: types, languages, translations."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from pyld import jsonld

from tests.pages.parsed_page import ParsedPage

SCHEMA = "https://schema.org/"
PUBLIC = "http://127.0.0.1:8000/v1"
# The terms that the pages use, copied from the context of schema.org, so that the tests fetch nothing.
CONTEXT = {
    "@vocab": SCHEMA,
    "dateModified": {"@id": "dateModified", "@type": "DateTime"},
    "license": {"@id": "license", "@type": "@id"},
}


def _load(url: str, _options: Any) -> dict[str, Any]:
    assert url.rstrip("/") == "https://schema.org"
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": CONTEXT},
    }


def _expand(client: FlaskClient, address: str) -> Any:
    (node,) = jsonld.expand(ParsedPage(client.get(address)).json_ld, {"documentLoader": _load})
    return node


def _value(node: Any, name: str) -> Any:
    return [value.get("@value", value) for value in node[f"{SCHEMA}{name}"]]


@pytest.mark.parametrize(
    ("lang", "relation", "title"),
    [("cy", "translationOfWork", "Adwaith cadwynol"), ("en", "workTranslation", "Chain reaction")],
)
def test_a_moment_is_described_as_a_work_with_a_language_and_a_link_to_its_translation(
    client: FlaskClient, lang: str, relation: str, title: str
) -> None:
    other = {"cy": "en", "en": "cy"}[lang]
    node = _expand(client, f"/embed/moments/chain-reaction?lang={lang}")
    assert node["@type"] == [f"{SCHEMA}CreativeWork"]
    assert node["@id"] == f"{PUBLIC}/moments/chain-reaction?lang={lang}"
    assert (_value(node, "inLanguage"), _value(node, "name")) == ([lang], [title])
    (twin,) = node[f"{SCHEMA}{relation}"]
    assert twin["@type"] == [f"{SCHEMA}CreativeWork"]
    assert twin["@id"] == f"{PUBLIC}/moments/chain-reaction?lang={other}"
    assert _value(twin, "inLanguage") == [other]
    (whole,) = node[f"{SCHEMA}isPartOf"]
    assert whole["@id"] == f"{PUBLIC}/collections/consultant-social-workers?lang={lang}"
    for address in (node["@id"], twin["@id"], whole["@id"]):
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_the_welsh_version_is_the_original_work_if_the_text_was_written_in_welsh_first(odd: FlaskClient) -> None:
    assert f"{SCHEMA}workTranslation" in _expand(odd, "/embed/moments/paned?lang=cy")
    assert f"{SCHEMA}translationOfWork" in _expand(odd, "/embed/moments/paned?lang=en")


def test_a_text_in_one_language_is_not_a_translation(odd: FlaskClient) -> None:
    node = _expand(odd, "/embed/moments/alone?lang=cy&fallback=allow")
    assert _value(node, "inLanguage") == ["en"]
    assert f"{SCHEMA}workTranslation" not in node


def test_a_set_lists_its_texts_as_parts_with_their_languages(odd: FlaskClient) -> None:
    node = _expand(odd, "/embed/prompts?stage=response&lang=cy&fallback=allow")
    assert sorted(_value(node, "inLanguage")) == ["cy", "en"]
    assert sorted(_value(part, "inLanguage")[0] for part in node[f"{SCHEMA}hasPart"]) == ["cy", "en"]


def test_every_term_is_in_the_schema_org_vocabulary(client: FlaskClient) -> None:
    allowed = {"inLanguage", "name", "text", "position", "dateModified", "creativeWorkStatus", "creditText", "license",
             "isPartOf", "hasPart", "translationOfWork", "workTranslation"}  # fmt: skip
    for address in ("/embed/moments/chain-reaction?lang=cy", "/embed/session?moments=chain-reaction&lang=en"):
        node = _expand(client, address)
        for work in (node, *node.get(f"{SCHEMA}hasPart", ())):
            assert {name.removeprefix(SCHEMA) for name in work if not name.startswith("@")} <= allowed
