"""The document of an edition: the JSON of a resource in one language, as a release stores it.

A document contains only the facts of its own resource. Names of other resources, counts, neighbours and URLs are added
from the same release when a response is written. If documents contained these values, renaming a category would change
the documents of all its moments.

The order of a document's members matters: ``split_document`` expects the members in the order in which
``_to_document`` writes them. Editions are compared by their bytes, so equal contents must give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from api.domain.emphasis import strip_emphasis, to_html
from api.domain.kind import KINDS, Field
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts
from api.domain.state import Origin, State, joint_origin, lowest_state
from api.domain.text import count_words
from api.domain.welsh import english_sort_key, welsh_sort_key

# Titles are sorted by their first characters only, which also limits the length of cursors (``domain/cursor.py``).
SORTED_CHARACTERS = 200
SORT_KEYS = {Language.CY: welsh_sort_key, Language.EN: english_sort_key}


@dataclass(frozen=True, slots=True)
class EditionSource:
    """The contents of an edition in both languages. ``facts`` refer to other resources by id."""

    id: str
    kind: str
    source_language: Language
    slugs: Mapping[str, str | None]
    number: int | None
    facet: str | None
    facts: Mapping[str, Any]
    units: tuple[UnitTexts, ...]
    waivers: tuple[Mapping[str, Any], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LanguageDocument:
    """One language of an edition: its document as JSON, and the columns used for listing, filtering and reporting."""

    document: str
    state: State
    origin: Origin
    is_outdated: bool
    words: int
    sort_key: bytes
    texts: tuple[tuple[int, TextVersion], ...]


# ``json.dumps`` with these arguments would create an encoder at every call.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: object) -> str:
    """Return ``value`` as compact JSON with non-ASCII letters unescaped; equal values give equal bytes."""
    return _encode(value)


def format_time(at: datetime) -> str:
    """Return ``at`` in the format of RFC 3339, in UTC and whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def random_position(resource_id: str) -> int:
    """Return the position of a resource in the order that ``random`` uses: a hash of the id, from 0 to 2^62."""
    return int.from_bytes(hashlib.sha256(resource_id.encode()).digest()[:8]) >> 2


def build_documents(source: EditionSource, public: Iterable[Language]) -> dict[Language, LanguageDocument]:
    """Return the documents of the languages in ``public``. Each unit must have a text in each of these languages."""
    chosen = set(public)
    languages = [language for language in Language if language in chosen]
    translations: dict[str, Any] = dict.fromkeys(language.value for language in Language)
    translations |= {language.value: _translation(source, language) for language in languages}
    return {language: _build_document(source, language, translations) for language in languages}


def _translation(source: EditionSource, language: Language) -> dict[str, Any]:
    texts = [unit.texts[language] for unit in source.units]
    return {
        "state": lowest_state(text.state for text in texts).value,
        "origin": joint_origin(text.origin for text in texts).value,
        "outdated": any(text.is_outdated for text in texts),
        "updated_at": format_time(max(text.updated_at for text in texts)),
    }


def _build_document(source: EditionSource, language: Language, translations: Mapping[str, Any]) -> LanguageDocument:
    texts = {unit.field: unit.texts[language] for unit in source.units}
    own = translations[language.value]
    titled = texts.get(KINDS[source.kind].title_field) or texts.get("text") or texts.get("body")
    return LanguageDocument(
        document=to_json(_to_document(source, texts, translations)),
        state=State(own["state"]),
        origin=Origin(own["origin"]),
        is_outdated=own["outdated"],
        words=sum(count_words(text.text) for text in texts.values()),
        sort_key=SORT_KEYS[language](strip_emphasis(titled.text)[:SORTED_CHARACTERS] if titled else ""),
        texts=tuple((unit.unit_id, unit.texts[language]) for unit in source.units),
    )


def _to_document(
    source: EditionSource, texts: Mapping[str, TextVersion], translations: Mapping[str, Any]
) -> dict[str, Any]:
    kind = KINDS[source.kind]
    return {
        "id": source.id,
        "kind": source.kind,
        "number": source.number,
        "slug": source.slugs[source.source_language.value],
        "slugs": {language.value: source.slugs.get(language.value) for language in Language},
        "facet": source.facet,
        "facts": {name: source.facts.get(name) for name in kind.facts},
        "texts": {name: value for f in kind.fields for name, value in _render(f, texts.get(f.name))},
        "translations": translations,
        "waivers": list(source.waivers),
    }


def _render(text_field: Field, text: TextVersion | None) -> Iterator[tuple[str, str | None]]:
    yield text_field.name, None if text is None else strip_emphasis(text.text)
    if text_field.is_block:
        yield f"{text_field.name}_html", None if text is None else to_html(text.text)


class DocumentParts(NamedTuple):
    """The parts of a document as JSON, copied into responses without decoding. ``id`` and ``slug`` are plain text.

    ``slugs`` and ``texts`` are the members of a JSON object without its braces (``"title":"…","body":"…"``). The other
    parts are JSON values.
    """

    id: str
    slug: str | None
    number: str
    slugs: str
    facet: str
    facts: str
    texts: str
    english: str
    welsh: str
    waivers: str


def split_document(document: str) -> DocumentParts:
    """Return the parts of a document, found by the separators between them.

    No value can contain a separator, because quotes inside JSON strings are escaped.
    """
    # Cut out the texts first: they are long, and each cut copies the remaining string.
    head, _, tail = document.partition(',"texts":{')
    texts, _, tail = tail.partition('},"translations":{"cy":')
    welsh, _, tail = tail.partition(',"en":')
    english, _, waivers = tail.partition('},"waivers":')
    name, _, head = head.partition('","kind":')
    _kind, _, head = head.partition(',"number":')
    number, _, head = head.partition(',"slug":')
    slug, _, head = head.partition(',"slugs":')
    slugs, _, head = head.partition(',"facet":')
    facet, _, facts = head.partition(',"facts":')
    # Ids and slugs are ASCII without quotes, so their JSON needs no decoding.
    plain_id, plain_slug = name.removeprefix('{"id":"'), None if slug == "null" else slug[1:-1]
    members = f'"slug":{slug},"slugs":{slugs}'
    return DocumentParts(plain_id, plain_slug, number, members, facet, facts, texts, english, welsh, waivers[:-1])


def texts_of(document: str) -> dict[str, str | None]:
    """Return the texts of a document by field name, as plain text and as HTML."""
    texts: dict[str, str | None] = json.loads("{" + split_document(document).texts + "}")
    return texts
