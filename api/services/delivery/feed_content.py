"""The ``content`` of a change in the change feed: the facts of one resource, for clients that keep a copy.

The content of a resource does not depend on other resources: it refers to them by id, and contains neither their names
nor any counts. It therefore changes only in a release that lists the resource as changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from api.domain.kind import CATEGORY, COLLECTION, KINDS, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.services.delivery.edition_pairs import EditionPair
from api.services.delivery.links import Links
from api.services.delivery.request import Branding
from api.services.delivery.serializer import PLAIN_FACTS, attribution


class ParentKeys(NamedTuple):
    """The keys of the collection and the category of a resource; None if it has none."""

    collection: str | None
    category: str | None


def describe_content(edition: EditionPair, parents: ParentKeys, branding: Branding, links: Links) -> dict[str, Any]:
    """Return the content of a public resource, with its texts in both languages, whatever their review state is."""
    kind = KINDS[edition.kind]
    documents = {language: json.loads(text) for language, text in edition.documents.items() if text is not None}
    document = next(iter(documents.values()))
    titles = {language: documents[language]["texts"][kind.title_field] for language in documents}
    facts: Mapping[str, Any] = document["facts"]
    return {
        "id": document["id"],
        "kind": kind.name,
        "order": edition.rank,
        **({"number": document["number"]} if kind.has_number else {}),
        **({kind.facet: document["facet"]} if kind.facet else {}),
        **{name: value for name, value in facts.items() if name in PLAIN_FACTS},
        "slug": document["slug"],
        "slugs": document["slugs"],
        **_refer(kind, parents, facts),
        **_pair_texts(documents, document["texts"]),
        "languages": [language.value for language in Language if language in documents],
        "translations": _add_urls(kind, document, links),
        "waivers": [waiver | {"release": edition.first_release} for waiver in document["waivers"]],
        **({"rights": _describe_rights(facts, branding, titles)} if kind is COLLECTION else {}),
        "release": edition.first_release,
        "links": {"self": links.resource(kind, document["slug"])},
    }


def _refer(kind: Kind, parents: ParentKeys, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the references to other resources, as ids. A missing reference is None."""
    references: dict[str, Any] = {}
    if kind is not COLLECTION:
        references["collection"] = _to_id(COLLECTION, parents.collection)
    if kind.has_category:
        references["category"] = _to_id(CATEGORY, parents.category)
    if "part_of" in kind.facts:
        references["part_of"] = _to_id(SECTION, facts["part_of"])
    if "contents" in kind.facts:
        contents = facts["contents"]
        references["contents"] = contents and {"kind": contents["kind"], "part": contents.get("part")}
    if "prompts" in kind.facts:
        references["prompts"] = [_to_id(PROMPT, key) for key in facts["prompts"] or ()]
    return references


def _to_id(kind: Kind, key: str | None) -> str | None:
    return None if key is None else f"{kind.name}.{key}"


def _pair_texts(documents: Mapping[Language, Any], names: Mapping[str, Any]) -> dict[str, dict[str, str | None]]:
    return {
        name: {
            language.value: documents[language]["texts"][name] if language in documents else None
            for language in Language
        }
        for name in names
    }


def _add_urls(kind: Kind, document: Mapping[str, Any], links: Links) -> dict[str, Any]:
    return {
        name: translation and translation | {"url": links.resource_in_language(kind, document["slug"], language, True)}
        for language in Language
        for name, translation in [(language.value, document["translations"][language.value])]
    }


def _describe_rights(
    facts: Mapping[str, Any], branding: Branding, titles: Mapping[Language, str | None]
) -> dict[str, Any]:
    """Return the rights in a booklet, which are those of every resource in it.

    A copy that omits the title in a language, because of the title's state, shows ``attribution_without_title``.
    """
    return {
        "licence": facts["licence"],
        "attribution": _attribute(branding, titles),
        "attribution_without_title": _attribute(branding, {}),
    }


def _attribute(branding: Branding, titles: Mapping[Language, str | None]) -> dict[str, str]:
    return {language.value: attribution(branding.translations, language, titles.get(language)) for language in Language}
