"""Generated content: as many moments as wanted, in both languages, through the service's own load and release.

``python -m bench.generate DATABASE_URL MOMENTS``. The same number gives the same content: every word comes from the
booklet's own texts, drawn as often as it stands there, so that lengths, letters and mutations are those of real Welsh.
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
from api.services.access.actors import make_audit_context
from api.services.booklets.folder import Folder, FolderResource, FolderUnit, read_folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.maintenance.compaction import compact
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT, Settings

BOOKLET = ROOT / "content" / "consultant-social-workers"
# A booklet holds no more than this; what is more goes into further ones, each a release.
BOOKLET_SIZE = 6_000
CATEGORIES = 12
WORDS = 120
_WORD = re.compile(r"[^\W\d_][\w’'-]*[^\W_]|[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws texts from the words of the booklet, in one language."""

    random: Random
    words: dict[Language, Sequence[str]]

    def line(self, language: Language, count: int) -> str:
        words = self.random.choices(self.words[language], k=count)
        return " ".join(words).capitalize()

    def block(self, language: Language, count: int) -> str:
        """About ``count`` words in sentences, two paragraphs of them."""
        sentences = [self.line(language, self.random.randint(7, 17)) + "." for _ in range(max(1, count // 12))]
        half = len(sentences) // 2
        return " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:]) if half else sentences[0]


def generate(database_url: str, moments: int) -> None:
    """Migrate the database, and load this many moments into it, in as many booklets and releases as they take."""
    database = Database(Settings(database_url=database_url, log_level="error"))
    upgrade(database.engine)
    for folder in make_folders(moments):
        load(database, folder)
    compact(database)
    database.close()


def load(database: Database, folder: Folder) -> int | None:
    """The release that this folder went out with; None where nothing of it was new."""
    with database.writing() as session:
        audit = make_audit_context(session, "content", "pack", kind="machine")
        return load_folder(session, audit, folder, LoadOptions(note=f"content load: {folder.key}")).release


def make_folders(moments: int) -> Iterator[Folder]:
    """The booklets, one after the other: only one of them is in memory."""
    words = read_words()
    for start in range(0, moments, BOOKLET_SIZE):
        place = start // BOOKLET_SIZE + 1
        yield _make_folder(place, start, min(BOOKLET_SIZE, moments - start), words)


def read_words() -> dict[Language, Sequence[str]]:
    texts: dict[Language, list[str]] = {language: [] for language in Language}
    for resource in read_folder(BOOKLET).resources:
        for unit in resource.units:
            for language, text in unit.texts.items():
                texts[language] += [word.lower() for word in _WORD.findall(text)]
    return {language: tuple(words) for language, words in texts.items()}


def _make_folder(place: int, start: int, moments: int, words: dict[Language, Sequence[str]]) -> Folder:
    drawer = Drawer(Random(place), words)
    key = f"booklet-{place}"
    categories = [f"{key}-category-{n}" for n in range(1, CATEGORIES + 1)]
    resources = [_make(drawer, "collection", key, {"title": 4, "strapline": 8})]
    resources += [_make(drawer, "section", f"{key}-preface", {"title": 3, "body": WORDS})]
    resources += [_make(drawer, "category", name, {"name": 3, "description": 30}) for name in categories]
    for n in range(1, moments + 1):
        category, is_welsh = categories[n % CATEGORIES], n % 3 == 0
        sizes = {"title": drawer.random.randint(2, 6), "body": drawer.random.randint(WORDS - 40, WORDS + 40)}
        resources.append(_make(drawer, "moment", f"moment-{start + n}", sizes, is_welsh, number=n, category=category))
    resources += [_make(drawer, "ground-rule", f"{key}-rule-{n}", {"text": 15}) for n in range(1, 7)]
    resources += [_make(drawer, "prompt", f"{key}-prompt-{n}", {"text": 15}, facet="framing") for n in range(1, 7)]
    resources += [_make(drawer, "guide", f"{key}-step-{n}", {"title": 4, "body": 40}, facet="step") for n in (1, 2, 3)]
    return Folder(key, tuple(resources))


def _make(
    drawer: Drawer, kind: str, key: str, sizes: dict[str, int], is_welsh: bool = False, **place: Any
) -> FolderResource:
    """A resource with a text of so many words in each field; ``place`` is its number, category and facet."""
    source = Language.CY if is_welsh else Language.EN
    return FolderResource(
        id=ResourceId(kind, key),
        source_language=source,
        slugs={source: key, source.other: f"{key}-{source.other}"},
        number=place.get("number"),
        category=place.get("category"),
        facet=place.get("facet"),
        facts={name: [] if name == "prompts" else None for name in KINDS[kind].facts},
        units=tuple(_make_unit(drawer, kind, name, size, place.get("number", 0)) for name, size in sizes.items()),
    )


def _make_unit(drawer: Drawer, kind: str, name: str, size: int, number: int) -> FolderUnit:
    """A unit: one in fifty a machine's draft, one in twenty read by somebody, the rest a person's translation."""
    draw = drawer.block if KINDS[kind].get_field(name).is_block else drawer.line
    is_machine, is_reviewed = number % 50 == 7, number % 20 == 3
    return FolderUnit(
        field=name,
        texts={language: draw(language, size) for language in Language},
        state=State.REVIEWED if is_reviewed else State.TRANSLATED,
        origin=Origin.MACHINE if is_machine else Origin.HUMAN,
        tool="large language model" if is_machine else None,
        reviewed_by="a reader" if is_reviewed else None,
    )


if __name__ == "__main__":
    began = time.perf_counter()
    generate(sys.argv[1], int(sys.argv[2]))
    print(f"{sys.argv[2]} moments: {time.perf_counter() - began:.1f} s")
