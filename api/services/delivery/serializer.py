"""The JSON of a resource: its stored document, completed with names, counts, links and the served language.

The document of an edition is already JSON. Its parts (see ``api/domain/document.py``) are copied unchanged, which takes
a third of the time of decoding and encoding them. All other JSON is written here. A *member* is ``"name":value``;
several members are joined by commas. A response contains the members in the order of ``serialize``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.domain.document import DocumentParts, texts_of, to_json
from api.domain.kind import CATEGORY, COLLECTION, KINDS, MOMENT, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule, Served
from api.i18n import N_, Translations
from api.services.delivery.edition_pairs import EditionPair
from api.services.delivery.links import Links
from api.services.delivery.list_totals import count_list
from api.services.delivery.names import ResourceName, ResourceNames
from api.services.delivery.request import Branding, ReadContext
from api.services.delivery.scope import Scope

ATTRIBUTION = N_("From the booklet “{title}”. The rights stay with the booklet’s owners.")
# Used if the booklet has no title in the language of the response, even if it has a title in the other language.
UNTITLED_ATTRIBUTION = N_("The rights stay with the booklet’s owners.")
# The fields that a response has even if ``fields`` does not name them: they identify the resource and its language.
REQUIRED_FIELDS = ("id", "kind", "slug", "language", "languages")
# The facts that do not refer to another resource. They are copied unchanged.
PLAIN_FACTS = frozenset({"position", "publisher", "year", "author"})
# The placeholder for the slug in URLs that differ only in the slug. Real URLs contain no braces.
_SLUG = "{slug}"


class SharedFragments(NamedTuple):
    """The JSON that is the same for all resources with the same kind, collection and states.

    ``collection``, ``language`` and ``rights`` are members. The others are URLs as JSON strings, with ``{slug}`` in
    place of the slug: the URL of the resource itself, of its English version and of its Welsh version.
    """

    collection: str
    language: str
    rights: str
    url: str
    english_url: str
    welsh_url: str


class ContentSerializer:
    """Serializes the resources of one response."""

    def __init__(
        self, session: Session, context: ReadContext, branding: Branding, links: Links, names: ResourceNames
    ) -> None:
        self._session, self._context, self._rule = session, context, context.rule
        self._translations = branding.translations
        self._links, self._names = links, names
        # All responses with the same release and the same values in ``group`` share these two caches.
        group = (context.rule, context.is_bilingual, context.is_pinned)
        self._fragments: dict[Any, SharedFragments] = context.cache.get_or_compute(("fragments", *group), dict)
        self._categories: dict[Any, str] = context.cache.get_or_compute(("categories", *group), dict)

    def serialize(
        self,
        edition: EditionPair,
        parts: DocumentParts,
        served: Served | None,
        links: Mapping[str, str | None] | None = None,
    ) -> str:
        """Return a resource as JSON: in one language, or bilingual if ``served`` is None.

        ``links`` are the links of a single resource. Without them, as in a list, the only link is ``self``.
        """
        kind = KINDS[edition.kind]
        shared = self._get_fragments(kind, edition, served)
        facts = json.loads(parts.facts) if kind.facts else {}
        slug = parts.slug or ""
        english = _add_url(parts.english, shared.english_url, slug)
        welsh = _add_url(parts.welsh, shared.welsh_url, slug)
        own_links = _to_members(links) if links else f'"self":{shared.url.replace(_SLUG, slug)}'
        members = (
            f'"id":"{parts.id}","kind":"{kind.name}"',
            f'"number":{parts.number}' if kind.has_number else "",
            f'"{kind.facet}":{parts.facet}' if kind.facet else "",
            _to_members({name: value for name, value in facts.items() if name in PLAIN_FACTS}) if facts else "",
            parts.slugs,
            shared.collection,
            self._category(edition, served) if kind.has_category else "",
            _to_members(self._named_resources(kind, edition, facts, served)) if facts else "",
            parts.texts if served is not None else _bilingual_texts(edition, self._rule, parts),
            self._moments(kind, edition, parts),
            f'{shared.language},"translations":{{"en":{english},"cy":{welsh}}},"waivers":{_waivers(edition, parts)}',
            f'{shared.rights},"release":{edition.first_release},"links":{{{own_links}}}',
        )
        document = "{" + ",".join(filter(None, members)) + "}"
        return self._select_fields(document) if self._context.fields else document

    def _select_fields(self, document: str) -> str:
        names = {*self._context.fields, *REQUIRED_FIELDS}
        return to_json({name: value for name, value in json.loads(document).items() if name in names})

    def _get_fragments(self, kind: Kind, edition: EditionPair, served: Served | None) -> SharedFragments:
        collection_id = edition.resource_id if kind is COLLECTION else edition.collection_id
        # The key contains the states, since they determine the language that is served. The language rule is the same
        # for all fragments in this cache.
        key = (edition.kind, collection_id, *edition.states.values())
        fragments = self._fragments.get(key)
        if fragments is None:
            collection = self._describe(self._names.find(edition.collection_id), "title", served)
            fragments = self._fragments[key] = SharedFragments(
                collection="" if kind is COLLECTION else f'"collection":{to_json(collection)}',
                language=self._languages(edition) if served is None else self._language(served),
                rights=self._rights(collection_id, served),
                url=to_json(self._links.resource(kind, _SLUG)),
                english_url=self._url_in(kind, edition, Language.EN),
                welsh_url=self._url_in(kind, edition, Language.CY),
            )
        return fragments

    def _url_in(self, kind: Kind, edition: EditionPair, language: Language) -> str:
        is_admitted = self._rule.admits(edition.states[language])
        return to_json(self._links.resource_in_language(kind, _SLUG, language, is_admitted))

    def _category(self, edition: EditionPair, served: Served | None) -> str:
        key = (edition.category_id, None if served is None else served.language)
        member = self._categories.get(key)
        if member is None:
            category = self._describe(self._names.find(edition.category_id), "name", served)
            member = self._categories[key] = f'"category":{to_json(category)}'
        return member

    def _named_resources(
        self, kind: Kind, edition: EditionPair, facts: Mapping[str, Any], served: Served | None
    ) -> dict[str, Any]:
        """Return the facts that refer to other resources."""
        named: dict[str, Any] = {}
        if "part_of" in kind.facts:
            section = self._names.find_by_id(SECTION.name, facts["part_of"])
            named["part_of"] = self._describe(section, "title", served)
        if "contents" in kind.facts:
            named["contents"] = self._contents(edition, facts["contents"])
        if "prompts" in kind.facts:
            prompts = [self._names.find_by_id(PROMPT.name, key) for key in facts["prompts"] or ()]
            named["prompts"] = [self._describe(prompt, "text", served) for prompt in prompts if prompt]
        return named

    def _describe(self, name: ResourceName | None, field: str, served: Served | None) -> dict[str, Any] | None:
        if name is None:
            return None
        if served is not None:
            text: Any = name.text(served.language, self._rule)
        else:
            text = {language.value: name.text(language, self._rule) for language in Language}
        # A link to a resource that the language rule leaves out would be a 404.
        is_served = name.slug is not None and self._context.serves(name.states)
        url = self._links.resource(KINDS[name.kind], name.slug or "") if is_served else None
        return {"slug": name.slug, field: text, "url": url}

    def _contents(self, edition: EditionPair, contents: Mapping[str, str] | None) -> dict[str, Any] | None:
        """Return the link to the list that a section of the booklet introduces."""
        if contents is None:
            return None
        collection = self._names.find(edition.collection_id)
        slug = collection.slug if collection else None
        kind = KINDS[contents["kind"]]
        url = self._links.filtered_list(kind, collection=slug, part=contents.get("part"))
        return {"kind": kind.name, "url": url}

    def _moments(self, kind: Kind, edition: EditionPair, parts: DocumentParts) -> str:
        """Return the number of moments in a category or collection, and the link to the list of them."""
        if kind is CATEGORY:
            scope = Scope(MOMENT, category_ids=(edition.resource_id,))
        elif kind is COLLECTION:
            scope = Scope(MOMENT, collection_id=edition.resource_id)
        else:
            return ""
        url = self._links.filtered_list(MOMENT, **{kind.name: parts.slug})
        total = count_list(self._session, self._context, scope).total
        return _to_members({"moments": {"total": total, "url": url}})

    def _languages(self, edition: EditionPair) -> str:
        admitted = [language.value for language in Language if self._rule.admits(edition.states[language])]
        return _to_members({"languages": admitted})

    def _language(self, served: Served) -> str:
        language = {
            "requested": self._rule.language.value,
            "served": served.language.value,
            "fallback": served.is_fallback,
            "reason": served.reason,
        }
        return _to_members({"language": language})

    def _rights(self, collection_id: int | None, served: Served | None) -> str:
        collection = self._names.find(collection_id)
        licence = collection.facts.get("licence") if collection else None
        titles = {language: collection.text(language, self._rule) if collection else None for language in Language}
        sentences = {item.value: attribution(self._translations, item, title) for item, title in titles.items()}
        text = sentences if served is None else sentences[served.language.value]
        return _to_members({"rights": {"licence": licence, "attribution": text}})


def attribution(translations: Translations, language: Language, title: str | None) -> str:
    """Return the attribution sentence for a booklet with this title, or without a title if it is None."""
    if title is None:
        return translations.gettext(language, UNTITLED_ATTRIBUTION)
    return translations.gettext(language, ATTRIBUTION, {"title": title})


def _to_members(values: Mapping[str, Any]) -> str:
    """Return ``values`` as members, without the braces of an object."""
    return to_json(values)[1:-1]


def _add_url(translation: str, url: str, slug: str) -> str:
    """Return the JSON of a translation with its URL. ``null``, for a language that is not public, stays the same."""
    return translation if translation == "null" else f'{translation[:-1]},"url":{url.replace(_SLUG, slug)}}}'


def _bilingual_texts(edition: EditionPair, rule: LanguageRule, parts: DocumentParts) -> str:
    """Return each text in both languages; null in a language that the rule does not admit."""
    texts = {
        language: texts_of(document)
        for language, document in edition.documents.items()
        if document is not None and rule.admits(edition.states[language])
    }
    return _to_members(
        {
            name: {language.value: texts[language][name] if language in texts else None for language in Language}
            for name in json.loads("{" + parts.texts + "}")
        }
    )


def _waivers(edition: EditionPair, parts: DocumentParts) -> str:
    """Return the waivers of this edition, each with the number of its release."""
    if parts.waivers == "[]":
        return parts.waivers
    return to_json([waiver | {"release": edition.first_release} for waiver in json.loads(parts.waivers)])
