"""An embed as JSON-LD, in schema.org's terms: works, their languages, and their translations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.domain.kind import COLLECTION, KINDS
from api.domain.state import State
from api.services.delivery.links import Links
from api.services.embed.model import Embed
from api.services.embed.passage import Passage

CONTEXT = "https://schema.org"


def to_json_ld(embed: Embed, public_url: str, url: str, name: str) -> dict[str, Any]:
    """Return a ``CreativeWork`` for the page.

    If the page has several passages, each of them is a part of the work. ``url`` and ``name`` are the URL and the name
    of the page.
    """
    # The links of a package name a release, even if the request for the package did not.
    links = Links(public_url, replace(embed.context, is_pinned=embed.target.release is not None))
    if len(embed.passages) == 1:
        return {"@context": CONTEXT, **_describe(embed.passages[0], links)}
    return {
        "@context": CONTEXT,
        "@type": "CreativeWork",
        "@id": url,
        "name": name,
        "inLanguage": [language.value for language in embed.languages],
        "hasPart": [_describe(passage, links) for passage in embed.passages],
    }


def _describe(passage: Passage, links: Links) -> dict[str, Any]:
    kind, language = KINDS[passage.kind], passage.language
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "@id": links.resource_in_language(kind, passage.slug, language, True),
        "inLanguage": passage.language.value,
        "name": passage.title,
        "text": passage.text,
        "position": passage.number,
        "dateModified": passage.updated_at,
        "creativeWorkStatus": passage.state.value,
        "creditText": passage.attribution,
        "license": passage.licence,
    }
    # A booklet without a title in this language is not available in this language.
    if passage.collection is not None and passage.collection_title:
        url = links.resource_in_language(COLLECTION, passage.collection, language, True)
        work["isPartOf"] = {"@type": "CreativeWork", "@id": url, "name": passage.collection_title}
    if passage.is_translated_elsewhere:
        url = links.resource_in_language(kind, passage.slug, language.other, passage.has_other)
        other = {"@type": "CreativeWork", "@id": url}
        other["inLanguage"] = passage.language.other.value
        work["workTranslation" if passage.state is State.SOURCE else "translationOfWork"] = other
    return {name: value for name, value in work.items() if value is not None}
