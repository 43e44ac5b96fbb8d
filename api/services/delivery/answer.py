"""An edition as an answer: its document, filled in with names, counts, links, and the truth about its language.

What an edition says of itself is JSON already, and is taken over as it stands; only what others know is written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from api.domain.document import DocumentParts, texts_of, to_json
from api.domain.kind import CATEGORY, COLLECTION, KINDS, MOMENT, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule, Served
from api.services.delivery.edition_pairs import EditionPair, Scope
from api.services.delivery.links import Links
from api.services.delivery.list_totals import ListTotals
from api.services.delivery.names import ResourceName, ResourceNames
from api.services.delivery.request import Branding, ReadContext

Document = dict[str, Any]
# These stay whatever ``fields`` asks for: without them an answer would not say what it is, or in which language.
ALWAYS = ("id", "kind", "slug", "language", "languages")
# These say how many moments are in them.
_COUNTED = (CATEGORY.name, COLLECTION.name)
PLAIN_FACTS = frozenset({"position", "publisher", "year", "author"})
# Stands for a slug in what is written once for a page: no address of ours has it.
_SLUG = "{slug}"


class SharedFragments(NamedTuple):
    """What answers say alike that are of one kind and collection, in the same states and served in one language.

    The first three are members of an answer; ``english``, ``welsh`` and ``address`` are addresses, as JSON, in which
    the slug is left open.
    """

    collection: str
    language: str
    rights: str
    english: str
    welsh: str
    address: str


class ContentSerializer:
    """Makes the answers of one request: the same reading, names and counts for all of them."""

    def __init__(
        self, reading: ReadContext, branding: Branding, links: Links, names: ResourceNames, census: ListTotals
    ) -> None:
        self._reading = reading
        self._rule = reading.rule
        self._voice = branding
        self._names = names
        self._census = census
        self._links = links
        # What answers of one release say alike by one rule, whoever asks for them.
        alike = (reading.rule, reading.is_bilingual, reading.is_pinned)
        self._frames: dict[tuple[Any, ...], SharedFragments] = reading.held.remember(("frames", *alike), dict)
        self._categories: dict[Any, str] = reading.held.remember(("categories", *alike), dict)

    def write(
        self, found: EditionPair, parts: DocumentParts, served: Served | None, links: Mapping[str, str | None]
    ) -> str:
        """The answer for one edition, as JSON: in the language of ``served``, or bilingual where that is None.

        ``links`` are its own, and take the place of the one address that an item of a list has.
        """
        kind = KINDS[found.kind]
        slug = parts.slug or ""
        frame = self._frame(kind, found, served)
        category = self._category(found.category_id, served) if kind.has_category else ""
        facts = json.loads(parts.facts) if kind.facts else {}
        own = f',"number":{parts.number}' if kind.has_number else ""
        own += _facts(kind, parts, facts) if facts or kind.facet else ""
        named = "".join(self._named_in_facts(kind, found, facts, served)) if facts else ""
        texts = parts.texts if served is not None else _both_texts(found, self._rule, parts)
        counts = self._counts(kind, found, parts.slug) if kind.name in _COUNTED else ""
        english, welsh = _at(parts.english, frame.english, slug), _at(parts.welsh, frame.welsh, slug)
        around = to_json(links)[1:-1] if links else f'"self":{frame.address.replace(_SLUG, slug)}'
        answer = (
            f'{{"id":"{parts.id}","kind":"{kind.name}"{own},{parts.slugs}'
            f"{frame.collection}{category}{named},{texts}{counts},{frame.language},"
            f'"translations":{{"en":{english},"cy":{welsh}}},"waivers":{_waivers(found, parts)},'
            f'{frame.rights},"release":{found.first_release},'
            f'"links":{{{around}}}}}'
        )
        return self._narrow(answer) if self._reading.fields else answer

    def _narrow(self, answer: str) -> str:
        """Only the fields that were asked for, and those that stay always."""
        kept = {*self._reading.fields, *ALWAYS}
        return to_json({name: value for name, value in json.loads(answer).items() if name in kept})

    def _frame(self, kind: Kind, found: EditionPair, served: Served | None) -> SharedFragments:
        collection_id = found.resource_id if kind is COLLECTION else found.collection_id
        # By one rule the same states are always served in the same language.
        key = (found.kind, collection_id, *found.states.values())
        frame = self._frames.get(key)
        if frame is None:
            collection = self._describe(self._names.find(found.collection_id), "title", served)
            frame = self._frames[key] = SharedFragments(
                collection="" if kind is COLLECTION else f',"collection":{to_json(collection)}',
                language=self._languages(found) if served is None else self._language(served),
                rights=self._rights(collection_id, served),
                english=self._address_in(kind, found, Language.EN),
                welsh=self._address_in(kind, found, Language.CY),
                address=to_json(self._links.resource(kind, _SLUG)),
            )
        return frame

    def _address_in(self, kind: Kind, found: EditionPair, language: Language) -> str:
        is_admitted = self._rule.admits(found.states[language])
        return to_json(self._links.in_language(kind, _SLUG, language, is_admitted))

    def _category(self, row_id: int | None, served: Served | None) -> str:
        key = (row_id, None if served is None else served.language)
        said = self._categories.get(key)
        if said is None:
            category = self._describe(self._names.find(row_id), "name", served)
            said = self._categories[key] = f',"category":{to_json(category)}'
        return said

    def _named_in_facts(self, kind: Kind, found: EditionPair, facts: Document, served: Served | None) -> Iterator[str]:
        if "part_of" in kind.facts:
            section = self._names.find_by_id(SECTION.name, facts["part_of"])
            yield f',"part_of":{to_json(self._describe(section, "title", served))}'
        if "contents" in kind.facts:
            yield f',"contents":{to_json(self._contents(found, facts["contents"]))}'
        if "prompts" in kind.facts:
            prompts = [self._names.find_by_id(PROMPT.name, key) for key in facts["prompts"] or ()]
            yield f',"prompts":{to_json([self._describe(prompt, "text", served) for prompt in prompts if prompt])}'

    def _describe(self, name: ResourceName | None, label: str, served: Served | None) -> Document | None:
        if name is None:
            return None
        if served is not None:
            text: Any = name.text(served.language, self._rule)
        else:
            text = {language.value: name.text(language, self._rule) for language in Language}
        return {"slug": name.slug, label: text, "url": self._links.plain(KINDS[name.kind], name.slug)}

    def _contents(self, found: EditionPair, contents: Mapping[str, str] | None) -> Document | None:
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

    def _counts(self, kind: Kind, found: EditionPair, slug: str | None) -> str:
        if kind is CATEGORY:
            scope, url = Scope(MOMENT, category_id=found.resource_id), self._links.narrowed(MOMENT, category=slug)
        else:
            scope, url = Scope(MOMENT, collection_id=found.resource_id), self._links.narrowed(MOMENT, collection=slug)
        return f',"moments":{{"total":{self._census.count(scope).total},"url":{to_json(url)}}}'

    def _languages(self, found: EditionPair) -> str:
        admitted = [language.value for language in Language if self._rule.admits(found.states[language])]
        return f'"languages":{to_json(admitted)}'

    def _language(self, served: Served) -> str:
        language = {
            "requested": self._rule.language.value,
            "served": served.language.value,
            "fallback": served.is_fallback,
            "reason": served.reason,
        }
        return f'"language":{to_json(language)}'

    def _rights(self, collection_id: int | None, served: Served | None) -> str:
        collection = self._names.find(collection_id)
        licence = collection.facts.get("licence") if collection else None
        if served is not None:
            line: Any = self._attribute(collection, served.language)
        else:
            line = {language.value: self._attribute(collection, language) for language in Language}
        rights = {"licence": licence, "attribution": line}
        return f'"rights":{to_json(rights)}'

    def _attribute(self, collection: ResourceName | None, language: Language) -> str:
        return self._voice.attribute(language, collection.text(language, self._rule) if collection else None)


def _at(translation: str, address: str, slug: str) -> str:
    """What is said of one language, with the address at which it is to be had; null where it is not public."""
    return translation if translation == "null" else f'{translation[:-1]},"url":{address.replace(_SLUG, slug)}}}'


def _members_of(values: Mapping[str, Any]) -> str:
    """``values`` as members of a JSON object, without its braces."""
    return to_json(values)[1:-1]


def _facts(kind: Kind, parts: DocumentParts, facts: Document) -> str:
    """What it says of itself beside its number and its texts."""
    said = f',"{kind.facet}":{parts.facet}' if kind.facet else ""
    plain = {name: value for name, value in facts.items() if name in PLAIN_FACTS}
    return f"{said},{_members_of(plain)}" if plain else said


def _both_texts(found: EditionPair, rule: LanguageRule, parts: DocumentParts) -> str:
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


def _waivers(found: EditionPair, parts: DocumentParts) -> str:
    """The gaps that it was published with, each with the release that did."""
    if parts.waivers == "[]":
        return parts.waivers
    return to_json([waiver | {"release": found.first_release} for waiver in json.loads(parts.waivers)])
