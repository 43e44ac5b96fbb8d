"""An edition as an answer: its document, filled in with names, counts, links, and the truth about its language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.domain.kind import CATEGORY, COLLECTION, KINDS, MOMENT, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.domain.rule import Served
from api.domain.state import State
from api.services.delivery.census import Census
from api.services.delivery.editions import Found
from api.services.delivery.links import Links
from api.services.delivery.names import Name, Names
from api.services.delivery.request import Reading, Voice

Document = dict[str, Any]
# These stay whatever ``fields`` asks for: without them an answer would not say what it is, or in which language.
ALWAYS = ("id", "kind", "slug", "language", "languages")


class Writer:
    """Makes the answers of one request: the same reading, names and counts for all of them."""

    def __init__(self, reading: Reading, voice: Voice, names: Names, census: Census) -> None:
        self._reading = reading
        self._rule = reading.rule
        self._voice = voice
        self._names = names
        self._census = census
        self._links = Links(voice.public_url, reading)

    def write(self, found: Found, document: Document, served: Served | None, links: Mapping[str, Any]) -> Document:
        """The answer for one edition: in the language of ``served``, or bilingual where that is None."""
        kind = KINDS[found.kind]
        answer: Document = {"id": document["id"], "kind": kind.name}
        answer |= self._facts(kind, document)
        answer |= {"slug": document["slug"], "slugs": document["slugs"]}
        answer |= self._relations(kind, found, document, served)
        answer |= self._texts(found, document, served)
        answer |= self._counts(kind, document)
        answer |= self._language(kind, found, document, served)
        answer["waivers"] = [waiver | {"release": found.first_release} for waiver in document["waivers"]]
        answer["rights"] = self._rights(found, served)
        answer["release"] = found.first_release
        answer["links"] = {"self": self._links.resource(kind, document["slug"] or ""), **links}
        return self.narrow(answer)

    def narrow(self, answer: Document) -> Document:
        """Only the fields that were asked for, and those that stay always."""
        if not self._reading.fields:
            return answer
        kept = {*self._reading.fields, *ALWAYS}
        return {name: value for name, value in answer.items() if name in kept}

    def _facts(self, kind: Kind, document: Document) -> Document:
        facts = document["facts"]
        answer: Document = {"number": document["number"]} if kind.has_number else {}
        if kind.facet:
            answer[kind.facet] = document["facet"]
        return answer | {name: facts.get(name) for name in kind.facts if name in PLAIN_FACTS}

    def _relations(self, kind: Kind, found: Found, document: Document, served: Served | None) -> Document:
        answer: Document = {}
        facts = document["facts"]
        if kind is not COLLECTION:
            answer["collection"] = self._named(self._names.find(found.collection_id), "title", served)
        if kind.has_category:
            answer["category"] = self._named(self._names.find(found.category_id), "name", served)
        if "part_of" in kind.facts:
            answer["part_of"] = self._named(self._names.find_by_id(SECTION.name, facts["part_of"]), "title", served)
        if "contents" in kind.facts:
            answer["contents"] = self._contents(found, facts["contents"])
        if "prompts" in kind.facts:
            prompts = [self._names.find_by_id(PROMPT.name, key) for key in facts["prompts"] or ()]
            answer["prompts"] = [self._named(prompt, "text", served) for prompt in prompts if prompt]
        return answer

    def _named(self, name: Name | None, label: str, served: Served | None) -> Document | None:
        if name is None:
            return None
        text: Any = {language.value: name.texts.get(language) for language in Language}
        if served is not None:
            text = name.texts.get(served.language)
        return {"slug": name.slug, label: text, "url": self._links.plain(KINDS[name.kind], name.slug)}

    def _contents(self, found: Found, contents: Mapping[str, str] | None) -> Document | None:
        """The list that a section is printed around, as an address: what stands in it is not repeated here."""
        if contents is None:
            return None
        collection = self._names.find(found.collection_id)
        slug = collection.slug if collection else None
        kind = KINDS[contents["kind"]]
        return {
            "kind": kind.name,
            "url": self._links.narrowed(kind, collection=slug, part=contents.get("part")),
        }

    def _texts(self, found: Found, document: Document, served: Served | None) -> Document:
        texts: Document = document["texts"]
        if served is not None:
            return texts
        both = {
            language: json.loads(found.documents[language])["texts"]
            for language in Language
            if language in found.documents and self._rule.admits(found.states[language])
        }
        return {
            name: {language.value: both[language][name] if language in both else None for language in Language}
            for name in texts
        }

    def _counts(self, kind: Kind, document: Document) -> Document:
        if kind is CATEGORY:
            narrowed: dict[str, str | None] = {"category": document["slug"]}
        elif kind is COLLECTION:
            narrowed = {"collection": document["slug"]}
        else:
            return {}
        total = self._census.count_within(kind, document["id"], MOMENT)
        return {"moments": {"total": total, "url": self._links.narrowed(MOMENT, **narrowed)}}

    def _language(self, kind: Kind, found: Found, document: Document, served: Served | None) -> Document:
        answer: Document = {}
        if served is None:
            admitted = [language for language in Language if self._rule.admits(found.states[language])]
            answer["languages"] = [language.value for language in admitted]
        else:
            answer["language"] = {
                "requested": self._rule.language.value,
                "served": served.language.value,
                "fallback": served.is_fallback,
                "reason": served.reason,
            }
        answer["translations"] = {
            language.value: self._translation(kind, document, language, found.states[language])
            for language in (Language.EN, Language.CY)
        }
        return answer

    def _translation(self, kind: Kind, document: Document, language: Language, state: State | None) -> Document | None:
        facts = document["translations"][language.value]
        if facts is None:
            return None
        url = self._links.in_language(kind, document["slug"] or "", language, self._rule.admits(state))
        return {**facts, "url": url}

    def _rights(self, found: Found, served: Served | None) -> Document:
        collection = self._names.find(found.resource_id if found.kind == COLLECTION.name else found.collection_id)
        titles = collection.texts if collection else {}
        said = {language.value: self._voice.attribute(language, titles.get(language)) for language in Language}
        licence = collection.facts.get("licence") if collection else None
        return {"licence": licence, "attribution": said if served is None else said[served.language.value]}


PLAIN_FACTS = frozenset({"position", "publisher", "year", "author"})
