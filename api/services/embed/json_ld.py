"""An embed as JSON-LD, in schema.org's terms: works, their languages, and their translations."""

from __future__ import annotations

from typing import Any

from api.domain.kind import COLLECTION, KINDS
from api.domain.state import State
from api.services.embed.model import Embed
from api.services.embed.passage import Passage

CONTEXT = "https://schema.org"


def to_json_ld(embed: Embed, public_url: str, url: str, name: str) -> dict[str, Any]:
    """Return a ``CreativeWork`` for the page.

    If the page has several passages, each of them is a part of the work. ``url`` and ``name`` are the URL and the name
    of the page.
    """
    release = embed.target.release
    if len(embed.passages) == 1:
        return {"@context": CONTEXT, **_describe(embed.passages[0], public_url, release)}
    return {
        "@context": CONTEXT,
        "@type": "CreativeWork",
        "@id": url,
        "name": name,
        "inLanguage": [language.value for language in embed.languages],
        "hasPart": [_describe(passage, public_url, release) for passage in embed.passages],
    }


def _describe(passage: Passage, public_url: str, release: int | None) -> dict[str, Any]:
    pin = "" if release is None else f"&release={release}"
    path = f"{public_url}/v1/{KINDS[passage.kind].plural}/{passage.slug}?lang="
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "@id": f"{path}{passage.language.value}{pin}",
        "inLanguage": passage.language.value,
        "name": passage.title,
        "text": passage.text,
        "position": passage.number,
        "dateModified": passage.updated_at,
        "creativeWorkStatus": passage.state.value,
        "creditText": passage.attribution,
        "license": passage.licence,
    }
    if passage.collection is not None:
        whole = {"@type": "CreativeWork", "@id": f"{public_url}/v1/{COLLECTION.plural}/{passage.collection}"}
        work["isPartOf"] = whole | ({"name": passage.collection_title} if passage.collection_title else {})
    if passage.is_translated_elsewhere:
        other = {"@type": "CreativeWork", "@id": f"{path}{passage.language.other.value}{pin}"}
        other["inLanguage"] = passage.language.other.value
        work["workTranslation" if passage.state is State.SOURCE else "translationOfWork"] = other
    return {name: value for name, value in work.items() if value is not None}
