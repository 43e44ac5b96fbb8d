"""A passage: one text in an embed, with notes on its language and state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.state import MinState, Origin, State

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """A resource in an embed, in one language.

    ``html`` is safe to insert in a page. ``notes`` are codes of notes on the language and state.
    ``has_other`` is true if the minimum state of the language rule also admits the text in the other language.
    """

    id: str
    kind: str
    slug: str
    language: Language
    title: str | None
    html: str
    text: str
    highlight_html: str | None
    number: int | None
    stage: str | None
    category: str | None
    state: State
    origin: Origin
    notes: tuple[str, ...]
    has_other: bool
    # Whether the resource is public in the other language, in any state.
    is_translated_elsewhere: bool
    collection: str | None
    collection_title: str | None
    attribution: str
    licence: str | None
    updated_at: str


def make_passage(document: Document, min_state: MinState) -> Passage:
    """Return the passage for a document of the delivery services."""
    kind = KINDS[document["kind"]]
    language = Language(document["language"]["served"])
    facts = document["translations"][language.value]
    other = document["translations"][language.other.value]
    collection, category = document.get("collection") or {}, document.get("category") or {}
    block = next(field.name for field in kind.fields if field.is_block)
    return Passage(
        id=document["id"],
        kind=kind.name,
        slug=document["slug"],
        language=language,
        title=document.get("title"),
        html=document[f"{block}_html"],
        text=document[block],
        highlight_html=document.get("highlight_html"),
        number=document.get("number"),
        stage=document.get("stage"),
        category=category.get("name"),
        state=State(facts["state"]),
        origin=Origin(facts["origin"]),
        notes=_list_notes(document, facts),
        has_other=other is not None and min_state.admits(State(other["state"])),
        is_translated_elsewhere=other is not None,
        collection=collection.get("slug"),
        collection_title=collection.get("title"),
        attribution=document["rights"]["attribution"],
        licence=document["rights"]["licence"],
        updated_at=facts["updated_at"],
    )


def _list_notes(document: Document, facts: Document) -> tuple[str, ...]:
    reason = document["language"]["reason"]
    state, origin = facts["state"], facts["origin"]
    notes = [reason] if reason else []
    if state == State.SOURCE.value:
        notes += ["source-by-machine"] if origin == Origin.MACHINE.value else []
    elif state == State.REVIEWED.value:
        notes += ["reviewed-machine"] if origin == Origin.MACHINE.value else []
    else:
        notes += ["machine"] if origin == Origin.MACHINE.value else ["unreviewed"]
    return (*notes, "outdated") if facts["outdated"] else tuple(notes)


def common_notes(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the notes that all these passages have in common. A page shows them only once."""
    if not passages:
        return ()
    return tuple(note for note in passages[0].notes if all(note in passage.notes for passage in passages))
