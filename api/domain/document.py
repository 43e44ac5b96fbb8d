"""The document of an edition: what one language of a resource says, apart from everything that others know.

A document holds its resource's own facts only. Names of other resources, counts, neighbours and addresses are filled
in from the same release when an answer is made: a renamed category would otherwise be a change to all its moments.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts
from api.domain.state import Origin, State, joint_origin, lowest_state
from api.domain.text import count_words, strip_emphasis, to_html
from api.domain.welsh import english_sort_key, welsh_sort_key

SORT_KEYS = {Language.CY: welsh_sort_key, Language.EN: english_sort_key}


@dataclass(frozen=True, slots=True)
class EditionSource:
    """What an edition is cut from, apart from its texts. ``facts`` name other resources by their ids."""

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
    """One language of an edition: its document as JSON, and what lists, filters and reports ask of it."""

    document: str
    state: State
    origin: Origin
    is_outdated: bool
    words: int
    sort_key: bytes
    texts: tuple[tuple[int, TextVersion], ...]


# As ``json.dumps`` with these arguments, which would make one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: object) -> str:
    """``value`` as compact JSON with its letters as they are: the same value gives the same bytes."""
    return _encode(value)


def format_time(at: datetime) -> str:
    """``at`` in RFC 3339, UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def random_position(resource_id: str) -> int:
    """Where a resource stands on the circle that ``random`` draws from: 0 to 2^62, spread evenly, never moving."""
    return int.from_bytes(hashlib.sha256(resource_id.encode()).digest()[:8]) >> 2


def build_documents(subject: EditionSource, public: Iterable[Language]) -> dict[Language, LanguageDocument]:
    """The documents of the languages in ``public``; each unit must have a text in each of them."""
    languages = set(public)
    facts = {language: _translation(subject, language) for language in Language if language in languages}
    translations = {language.value: facts.get(language) for language in Language}
    return {language: _cut_language(subject, language, translations) for language in Language if language in languages}


class DocumentParts(NamedTuple):
    """A document taken apart into the JSON that an answer takes over as it stands; ``id`` and ``slug`` are plain.

    ``slugs`` and ``texts`` are members of an object (``"title":"…","body":"…"``), the rest are values.
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


_TEXTS, _TRANSLATIONS = ',"texts":{', '},"translations":{"cy":'


def split_document(document: str) -> DocumentParts:
    """The parts of a document that ``cut`` made.

    They are found by the names between them. No text can hold such a name: in JSON the quotes of a text are escaped.
    """
    # By places first, as the texts are long: each is copied once.
    start = document.index(_TEXTS)
    end = document.index(_TRANSLATIONS, start)
    own, texts, rest = document[:start], document[start + len(_TEXTS) : end], document[end + len(_TRANSLATIONS) :]
    welsh, _, rest = rest.partition(',"en":')
    english, _, waivers = rest.partition('},"waivers":')
    head, _, rest = own.partition(',"number":')
    number, _, rest = rest.partition(',"slug":')
    slugs, _, rest = rest.partition(',"facet":')
    facet, _, facts = rest.partition(',"facts":')
    # Ids and slugs are ASCII without quotes: their JSON is they themselves.
    name = head[len('{"id":"') : head.index('","kind":"')]
    slug = slugs[: slugs.index(",")]
    bare = None if slug == "null" else slug[1:-1]
    return DocumentParts(name, bare, number, f'"slug":{slugs}', facet, facts, texts, english, welsh, waivers[:-1])


def texts_of(document: str) -> dict[str, str | None]:
    """The texts of a document, plain and as HTML, by name."""
    texts: dict[str, str | None] = json.loads("{" + split_document(document).texts + "}")
    return texts


def _translation(subject: EditionSource, language: Language) -> dict[str, Any]:
    texts = [unit.texts[language] for unit in subject.units]
    return {
        "state": lowest_state(text.state for text in texts).value,
        "origin": joint_origin(text.origin for text in texts).value,
        "outdated": any(text.is_outdated for text in texts),
        "updated_at": format_time(max(text.updated_at for text in texts)),
    }


def _cut_language(subject: EditionSource, language: Language, translations: Mapping[str, Any]) -> LanguageDocument:
    kind = KINDS[subject.kind]
    texts = {unit.field: unit.texts[language] for unit in subject.units}
    own = translations[language.value]
    document = {
        "id": subject.id,
        "kind": subject.kind,
        "number": subject.number,
        "slug": subject.slugs[subject.source_language.value],
        "slugs": {language.value: subject.slugs.get(language.value) for language in Language},
        "facet": subject.facet,
        "facts": {name: subject.facts.get(name) for name in kind.facts},
        "texts": {name: value for f in kind.fields for name, value in _render(f.name, f.is_block, texts)},
        "translations": translations,
        "waivers": list(subject.waivers),
    }
    named = texts.get(kind.title_field) or texts.get("text") or texts.get("body")
    return LanguageDocument(
        document=to_json(document),
        state=State(own["state"]),
        origin=Origin(own["origin"]),
        is_outdated=own["outdated"],
        words=sum(count_words(text.text) for text in texts.values()),
        sort_key=SORT_KEYS[language](strip_emphasis(named.text)[:200] if named else ""),
        texts=tuple((unit.unit_id, unit.texts[language]) for unit in subject.units),
    )


def _render(name: str, is_block: bool, texts: Mapping[str, TextVersion]) -> list[tuple[str, str | None]]:
    text = texts[name].text if name in texts else None
    rendered: list[tuple[str, str | None]] = [(name, None if text is None else strip_emphasis(text))]
    if is_block:
        rendered.append((f"{name}_html", None if text is None else to_html(text)))
    return rendered
