"""An edition as an answer: its document, filled in with names, counts, links, and the truth about its language.

What an edition says of itself is JSON already, and is taken over as it stands; only what others know is written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.domain.document import Parts, texts_of, to_json
from api.domain.kind import CATEGORY, COLLECTION, KINDS, MOMENT, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule, Served
from api.services.delivery.census import Census
from api.services.delivery.editions import Found, Scope
from api.services.delivery.links import Links
from api.services.delivery.names import Name, Names
from api.services.delivery.request import Reading, Voice

Document = dict[str, Any]
# These stay whatever ``fields`` asks for: without them an answer would not say what it is, or in which language.
ALWAYS = ("id", "kind", "slug", "language", "languages")
PLAIN_FACTS = frozenset({"position", "publisher", "year", "author"})
# Stands for a slug in what is written once for a page: no address of ours has it.
_SLUG = "{slug}"


class Writer:
    """Makes the answers of one request: the same reading, names and counts for all of them."""

    def __init__(self, reading: Reading, voice: Voice, names: Names, census: Census) -> None:
        self._reading = reading
        self._rule = reading.rule
        self._voice = voice
        self._names = names
        self._census = census
        self._links = Links(voice.public_url, reading)
        # What every answer of a page says again: whose it is, where it belongs, what language it is in.
        self._said: dict[tuple[Any, ...], str] = {}

    def write(self, found: Found, parts: Parts, served: Served | None, links: Mapping[str, str | None]) -> str:
        """The answer for one edition, as JSON: in the language of ``served``, or bilingual where that is None."""
        answer = "{" + ",".join(self._members(KINDS[found.kind], found, parts, served, links)) + "}"
        return self._narrow(answer) if self._reading.fields else answer

    def _narrow(self, answer: str) -> str:
        """Only the fields that were asked for, and those that stay always."""
        kept = {*self._reading.fields, *ALWAYS}
        return to_json({name: value for name, value in json.loads(answer).items() if name in kept})

    def _members(
        self, kind: Kind, found: Found, parts: Parts, served: Served | None, links: Mapping[str, str | None]
    ) -> Iterator[str]:
        language = None if served is None else served.language
        facts = json.loads(parts.facts) if kind.facts else {}
        yield f'"id":"{parts.id}","kind":"{kind.name}"'
        yield from _facts(kind, parts, facts)
        yield parts.slugs
        yield from self._relations(kind, found, facts, language)
        yield parts.texts if served is not None else _both_texts(found, self._rule, parts)
        yield from self._counts(kind, found, parts.slug)
        yield self._languages(found) if served is None else self._language(served)
        yield self._translations(kind, found, parts)
        yield '"waivers":[]' if parts.waivers == "[]" else f'"waivers":{_waivers(found, parts)}'
        yield self._rights(found.resource_id if kind is COLLECTION else found.collection_id, language)
        address = links.get("self") or self._links.resource(kind, parts.slug or "")
        around = "".join(f',"{name}":{to_json(link)}' for name, link in links.items() if name != "self")
        yield f'"release":{found.first_release},"links":{{"self":{to_json(address)}{around}}}'

    def _relations(self, kind: Kind, found: Found, facts: Document, language: Language | None) -> Iterator[str]:
        if kind is not COLLECTION:
            yield self._holder("collection", found.collection_id, "title", language)
        if kind.has_category:
            yield self._holder("category", found.category_id, "name", language)
        if kind.facts:
            yield from self._named_in_facts(kind, found, facts, language)

    def _holder(self, member: str, row_id: int | None, label: str, language: Language | None) -> str:
        """What an answer is in: the same for many of a page."""
        key = (member, row_id, language)
        said = self._said.get(key)
        if said is None:
            said = f'"{member}":{to_json(self._describe(self._names.find(row_id), label, language))}'
            self._said[key] = said
        return said

    def _named_in_facts(self, kind: Kind, found: Found, facts: Document, language: Language | None) -> Iterator[str]:
        if "part_of" in kind.facts:
            section = self._names.find_by_id(SECTION.name, facts["part_of"])
            yield f'"part_of":{to_json(self._describe(section, "title", language))}'
        if "contents" in kind.facts:
            yield f'"contents":{to_json(self._contents(found, facts["contents"]))}'
        if "prompts" in kind.facts:
            prompts = [self._names.find_by_id(PROMPT.name, key) for key in facts["prompts"] or ()]
            yield f'"prompts":{to_json([self._describe(prompt, "text", language) for prompt in prompts if prompt])}'

    def _describe(self, name: Name | None, label: str, language: Language | None) -> Document | None:
        if name is None:
            return None
        text: Any = {each.value: name.text(each, self._rule) for each in Language}
        if language is not None:
            text = text[language.value]
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

    def _counts(self, kind: Kind, found: Found, slug: str | None) -> Iterator[str]:
        if kind is CATEGORY:
            scope, url = Scope(MOMENT, category_id=found.resource_id), self._links.narrowed(MOMENT, category=slug)
        elif kind is COLLECTION:
            scope, url = Scope(MOMENT, collection_id=found.resource_id), self._links.narrowed(MOMENT, collection=slug)
        else:
            return
        yield f'"moments":{{"total":{self._census.count(scope).total},"url":{to_json(url)}}}'

    def _languages(self, found: Found) -> str:
        admitted = [language.value for language in Language if self._rule.admits(found.states[language])]
        return f'"languages":{to_json(admitted)}'

    def _language(self, served: Served) -> str:
        key = ("language", served.language, served.reason)
        if key not in self._said:
            language = {
                "requested": self._rule.language.value,
                "served": served.language.value,
                "fallback": served.is_fallback,
                "reason": served.reason,
            }
            self._said[key] = f'"language":{to_json(language)}'
        return self._said[key]

    def _translations(self, kind: Kind, found: Found, parts: Parts) -> str:
        english = self._translation(kind, found, parts, Language.EN, parts.english)
        return (
            f'"translations":{{"en":{english},"cy":{self._translation(kind, found, parts, Language.CY, parts.welsh)}}}'
        )

    def _translation(self, kind: Kind, found: Found, parts: Parts, language: Language, said: str) -> str:
        """What is said of one language, with the address at which it is to be had; null where it is not public."""
        if said == "null":
            return said
        # Addresses differ in nothing but their slugs, which are ASCII: the rest is made, and escaped, once.
        key = (kind.name, language, found.states[language])
        around = self._said.get(key)
        if around is None:
            is_admitted = self._rule.admits(found.states[language])
            around = self._said[key] = to_json(self._links.in_language(kind, _SLUG, language, is_admitted))
        return f'{said[:-1]},"url":{around.replace(_SLUG, parts.slug or "")}}}'

    def _rights(self, collection_id: int | None, language: Language | None) -> str:
        key = ("rights", collection_id, language)
        said = self._said.get(key)
        if said is None:
            collection = self._names.find(collection_id)
            lines = {
                each.value: self._voice.attribute(each, collection.text(each, self._rule) if collection else None)
                for each in Language
            }
            licence = collection.facts.get("licence") if collection else None
            rights = {"licence": licence, "attribution": lines if language is None else lines[language.value]}
            said = self._said[key] = f'"rights":{to_json(rights)}'
        return said


def _members_of(values: Mapping[str, Any]) -> str:
    """``values`` as members of a JSON object, without its braces."""
    return to_json(values)[1:-1]


def _facts(kind: Kind, parts: Parts, facts: Document) -> Iterator[str]:
    if kind.has_number:
        yield f'"number":{parts.number}'
    if kind.facet:
        yield f'"{kind.facet}":{parts.facet}'
    plain = {name: facts.get(name) for name in kind.facts if name in PLAIN_FACTS}
    if plain:
        yield _members_of(plain)


def _both_texts(found: Found, rule: LanguageRule, parts: Parts) -> str:
    """Each text in both languages; null where a language is not to be served."""
    both = {
        language: texts_of(document)
        for language, document in found.documents.items()
        if document is not None and rule.admits(found.states[language])
    }
    names = json.loads("{" + parts.texts + "}")
    return _members_of(
        {
            name: {language.value: both[language][name] if language in both else None for language in Language}
            for name in names
        }
    )


def _waivers(found: Found, parts: Parts) -> str:
    """The gaps that it was published with, each with the release that did."""
    if parts.waivers == "[]":
        return parts.waivers
    return to_json([waiver | {"release": found.first_release} for waiver in json.loads(parts.waivers)])
