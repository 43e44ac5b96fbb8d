"""A booklet with the longest slugs and long titles, in which languages are missing and slugs were retired."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.db.database import Database
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.slug import MAX_SLUG_LENGTH
from api.domain.state import MinState
from api.services.authoring.resources import set_slug
from api.services.booklets.folder import Folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.publishing.releases import publish
from tests.tools.booklets import REASONS, editor, entry, get_row_ids, loader, small_booklet, to_folder
from tests.tools.edits import set_withdrawn
from tests.tools.entries import Entry

# A sort key covers 200 characters of a title; U+FB03 has the longest sort key of all characters.
LONG_TITLE = "\ufb03" * 220
MOMENTS = 26
# Each resource and the language in which it is missing.
MISSING = {"moment.second": "cy", "moment.paned": "en", "category.talk": "cy", "prompt.reply": "cy", "guide.word": "cy"}
# The translation of these has not been reviewed.
UNREVIEWED = ("moment.m6", "moment.m7")
RETIRED = ("moment.first", "prompt.begin", "category.care", "collection.small")
WITHDRAWN = "moment.fifth"


def _long_slug(start: str) -> str:
    return f"{start}-{'x' * MAX_SLUG_LENGTH}"[:MAX_SLUG_LENGTH]


def _lengthen(item: Entry) -> Entry:
    """Return the entry with slugs of 100 characters in its languages, and a long title."""
    slugs = {language: _long_slug(slug) if slug else None for language, slug in item.slugs.items()}
    name = KINDS[item.kind].title_field
    texts = {
        language: fields | ({name: f"{LONG_TITLE} {fields[name]}"} if name in fields else {})
        for language, fields in item.texts.items()
    }
    missing = MISSING.get(item.id)
    if missing is not None:
        texts = {language: fields for language, fields in texts.items() if language != missing}
        slugs = {**slugs, missing: None}
    return replace(item, slugs=slugs, texts=texts, state="translated" if item.id in UNREVIEWED else "reviewed")


def make_entries() -> list[Entry]:
    """Return the small booklet and more moments, all with long slugs."""
    more = [
        entry(f"moment.m{number}", f"m{number}", f"c{number}", number=number, category="category.care")
        for number in range(6, MOMENTS + 1)
    ]
    return [_lengthen(item) for item in (*small_booklet(), *more)]


def _to_folder(entries: list[Entry]) -> Folder:
    """Return the folder, with a section that introduces a list and a step of the guide that names prompts."""
    facts: dict[str, dict[str, Any]] = {
        "section.small-why": {"contents": {"kind": "guide", "part": "step"}},
        "guide.meet": {"prompts": ["begin", "reply"]},
    }
    folder = to_folder(entries)
    resources = tuple(
        replace(resource, facts=resource.facts | facts.get(str(resource.id), {})) for resource in folder.resources
    )
    return replace(folder, resources=resources)


def load_longest_booklet(database: Database) -> None:
    """Make three releases: the booklet; new slugs; a withdrawal."""
    with database.writing() as session:
        load_folder(session, loader(session), _to_folder(make_entries()), LoadOptions(waive=REASONS, note="a load"))
    with database.writing() as session:
        audit = editor(session)
        for name in RETIRED:
            for language in Language:
                set_slug(session, audit, name, language, _long_slug(f"new-{language.value}-{name.partition('.')[2]}"))
        publish(session, audit, get_row_ids(session, *RETIRED), note="new slugs", required=MinState.TRANSLATED)
    with database.writing() as session:
        set_withdrawn(session, editor(session), WITHDRAWN, is_withdrawn=True)
        publish(session, editor(session), get_row_ids(session, WITHDRAWN), note="x", required=MinState.TRANSLATED)
