"""Generates moments in both languages, and loads and releases them with the service's own code.

``python -m bench.generate DATABASE_URL MOMENTS``. The same number of moments always gives the same content. All words
come from the booklet, with the same frequency, so that lengths, letters and mutations are those of real Welsh.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from api.db.database import Database
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.access.audit_log import make_audit_context
from api.services.booklets.folder import Folder, FolderResource, FolderUnit, read_folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.maintenance.compaction import compact
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT, Settings

BOOKLET = ROOT / "content" / "consultant-social-workers"
# The most moments of one booklet. Each booklet is one release.
BOOKLET_SIZE = 6_000
CATEGORIES = 12
WORDS = 120
_WORD = re.compile(r"[^\W\d_][\w’'-]*[^\W_]|[^\W\d_]")


@dataclass(frozen=True, slots=True)
class TextGenerator:
    """Makes random texts from the words of the booklet."""

    random: Random
    words: dict[Language, Sequence[str]]

    def line(self, language: Language, count: int) -> str:
        """Return ``count`` words."""
        words = self.random.choices(self.words[language], k=count)
        return " ".join(words).capitalize()

    def block(self, language: Language, count: int) -> str:
        """Return about ``count`` words, as sentences in two paragraphs."""
        sentences = [self.line(language, self.random.randint(7, 17)) + "." for _ in range(max(1, count // 12))]
        half = len(sentences) // 2
        return " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:]) if half else sentences[0]


def generate(database_url: str, moments: int) -> None:
    """Migrate the database and load this many moments, with one release per booklet."""
    database = Database(Settings(database_url=database_url, log_level="error"))
    upgrade(database.engine)
    for folder in make_folders(moments):
        load(database, folder)
    compact(database)
    database.close()


def load(database: Database, folder: Folder) -> int | None:
    """Load a folder and return its release, or None if nothing was new."""
    with database.writing() as session:
        audit = make_audit_context(session, "content", "pack", kind="machine")
        return load_folder(session, audit, folder, LoadOptions(note=f"content load: {folder.key}")).release


def make_folders(moments: int) -> Iterator[Folder]:
    """Yield the booklets one at a time, so that only one is in memory."""
    words = read_words()
    for start in range(0, moments, BOOKLET_SIZE):
        number = start // BOOKLET_SIZE + 1
        yield _make_folder(number, start, min(BOOKLET_SIZE, moments - start), words)


def read_words() -> dict[Language, Sequence[str]]:
    """Return all words of the booklet by language, in order and with repetitions."""
    texts: dict[Language, list[str]] = {language: [] for language in Language}
    for resource in read_folder(BOOKLET).resources:
        for unit in resource.units:
            for language, text in unit.texts.items():
                texts[language] += [word.lower() for word in _WORD.findall(text)]
    return {language: tuple(words) for language, words in texts.items()}


def _make_folder(booklet: int, start: int, moments: int, words: dict[Language, Sequence[str]]) -> Folder:
    generator = TextGenerator(Random(booklet), words)
    key = f"booklet-{booklet}"
    categories = [f"{key}-category-{n}" for n in range(1, CATEGORIES + 1)]
    resources = [_make_resource(generator, "collection", key, {"title": 4, "strapline": 8})]
    resources += [_make_resource(generator, "section", f"{key}-preface", {"title": 3, "body": WORDS})]
    resources += [_make_resource(generator, "category", name, {"name": 3, "description": 30}) for name in categories]
    for n in range(1, moments + 1):
        category, is_welsh = categories[n % CATEGORIES], n % 3 == 0
        sizes = {"title": generator.random.randint(2, 6), "body": generator.random.randint(WORDS - 40, WORDS + 40)}
        resources.append(
            _make_resource(generator, "moment", f"moment-{start + n}", sizes, is_welsh, number=n, category=category)
        )
    resources += [_make_resource(generator, "ground-rule", f"{key}-rule-{n}", {"text": 15}) for n in range(1, 7)]
    resources += [
        _make_resource(generator, "prompt", f"{key}-prompt-{n}", {"text": 15}, facet="framing") for n in range(1, 7)
    ]
    resources += [
        _make_resource(generator, "guide", f"{key}-step-{n}", {"title": 4, "body": 40}, facet="step") for n in (1, 2, 3)
    ]
    return Folder(key, tuple(resources))


def _make_resource(
    generator: TextGenerator, kind: str, key: str, sizes: dict[str, int], is_welsh: bool = False, **attributes: Any
) -> FolderResource:
    """Return a resource. ``sizes`` is the word count of each field; ``attributes`` can be number, category, facet."""
    source = Language.CY if is_welsh else Language.EN
    return FolderResource(
        id=ResourceId(kind, key),
        source_language=source,
        slugs={source: key, source.other: f"{key}-{source.other}"},
        number=attributes.get("number"),
        category=attributes.get("category"),
        facet=attributes.get("facet"),
        facts={name: [] if name == "prompts" else None for name in KINDS[kind].facts},
        units=tuple(
            _make_unit(generator, kind, name, size, attributes.get("number", 0)) for name, size in sizes.items()
        ),
    )


def _make_unit(generator: TextGenerator, kind: str, name: str, size: int, number: int) -> FolderUnit:
    """Return a unit: one in fifty is machine translated, one in twenty reviewed, the rest translated by people."""
    make_text = generator.block if KINDS[kind].get_field(name).is_block else generator.line
    is_machine, is_reviewed = number % 50 == 7, number % 20 == 3
    return FolderUnit(
        field=name,
        texts={language: make_text(language, size) for language in Language},
        state=State.REVIEWED if is_reviewed else State.TRANSLATED,
        origin=Origin.MACHINE if is_machine else Origin.HUMAN,
        tool="large language model" if is_machine else None,
        reviewed_by="a reader" if is_reviewed else None,
    )


if __name__ == "__main__":
    started = time.perf_counter()
    generate(sys.argv[1], int(sys.argv[2]))
    print(f"{sys.argv[2]} moments: {time.perf_counter() - started:.1f} s")
