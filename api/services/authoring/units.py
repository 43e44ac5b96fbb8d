"""Texts and their revisions. Whatever changes a text writes its revision in the same lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert_returning_ids
from api.domain.errors import WorkingResourceNotFoundError
from api.domain.kind import KINDS, parse_unit_id
from api.domain.language import Language
from api.domain.state import Origin, State
from api.domain.text import content_hash, normalise
from api.models import Resource, Review, Revision, Unit
from api.services.access.actors import AuditContext, record_audit
from api.services.authoring.senses import find_sense, mark_revision_minor


@dataclass(frozen=True, slots=True)
class NewText:
    """A text that somebody gives: ``state`` and ``tool`` belong to a target only."""

    text: str
    origin: Origin = Origin.HUMAN
    state: State = State.TRANSLATED
    tool: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A unit as acts on it need it; the revisions are those that stand now."""

    id: int
    resource_id: int
    name: str
    field: str
    kind: str
    source_language: Language
    source_id: int
    target_id: int | None
    version: int


def get_unit(session: Session, name: str, *, is_locked: bool = False) -> UnitRecord:
    """The unit with this id (``moment.chain-reaction.body``), its row locked if asked. Raises UnknownResource."""
    parsed = parse_unit_id(name)
    query = select(Unit, Resource.source_language).join(Resource, Resource.id == Unit.resource_id)
    if parsed is not None:
        here = (
            Resource.kind == parsed.resource.kind,
            Resource.key == parsed.resource.key,
            Unit.field == parsed.field,
            ~Resource.deleted,
        )
        # populate_existing: after waiting for the lock, what was read before is not what stands.
        asked = query.where(*here).execution_options(populate_existing=True)
        row = session.execute(asked.with_for_update(of=Unit) if is_locked else asked).first()
        if row is not None:
            unit, language = row
            kind, source = parsed.resource.kind, Language(language)
            assert unit.source_id is not None  # a unit is made with its source
            here_now = (unit.source_id, unit.target_id, unit.version)
            return UnitRecord(unit.id, unit.resource_id, name, parsed.field, kind, source, *here_now)
    raise WorkingResourceNotFoundError(name)


def write_source(session: Session, audit: AuditContext, name: str, new: NewText, *, is_minor: bool = False) -> int:
    """The row id of a new source revision. Raises UnknownResource, TextRefused.

    A minor one keeps the sense of what it replaces; one that is word for word an earlier one has that one's.
    """
    unit = get_unit(session, name)
    text = normalise(new.text, is_block=KINDS[unit.kind].get_field(unit.field).is_block)
    row = build_revision(audit, unit.id, unit.source_language, text, new, act_word="minor" if is_minor else "write")
    return write_source_row(session, audit, unit, row | {"is_minor": is_minor})


def write_source_row(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any]) -> int:
    """The row id of a new source revision with these columns; the senses of its unit are worked out anew."""
    language = unit.source_language
    sense = find_sense(session, unit.id, language.value, row)
    number = _next_number(session, unit.id, language)
    numbered = {**row, "number": number, "state": State.SOURCE.value, "sense_id": sense}
    revision_id = _write(session, audit, unit, numbered, "source_id")
    mark_revision_minor(session, unit.id, language.value)
    return revision_id


def write_target(session: Session, audit: AuditContext, name: str, new: NewText) -> int:
    """The row id of a new target revision, based on the source as it stands. Raises UnknownResource, TextRefused."""
    unit = get_unit(session, name)
    text = normalise(new.text, is_block=KINDS[unit.kind].get_field(unit.field).is_block)
    row = build_revision(audit, unit.id, unit.source_language.other, text, new, act_word="write")
    return write_target_row(session, audit, unit, row | {"based_on_id": unit.source_id})


def write_target_row(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any]) -> int:
    """The row id of a new target revision with these columns."""
    numbered = {**row, "number": _next_number(session, unit.id, unit.source_language.other)}
    return _write(session, audit, unit, numbered, "target_id")


def _write(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any], column: str) -> int:
    before = unit.source_id if column == "source_id" else unit.target_id
    number_before = session.scalar(select(Revision.number).where(Revision.id == before)) if before else None
    revision_id = session.execute(insert(Revision).values(**row).returning(Revision.id)).scalar_one()
    session.execute(update(Unit).where(Unit.id == unit.id).values({column: revision_id, "version": Unit.version + 1}))
    detail = {"language": row["language"]}
    record_audit(
        session, audit, row["act"], unit.name, from_revision=number_before, to_revision=row["number"], detail=detail
    )
    return revision_id


def approve(session: Session, audit: AuditContext, revision_id: int, comment: str | None = None) -> None:
    """Record that a person found a target right. The database refuses it to the revision's own author."""
    decide(session, audit, revision_id, "approve", comment)


def decide(session: Session, audit: AuditContext, revision_id: int, decision: str, comment: str | None) -> None:
    """Record a decision on a target revision, in the name of its reader."""
    author = session.scalar(select(Revision.author_id).where(Revision.id == revision_id))
    session.execute(
        insert(Review).values(
            revision_id=revision_id,
            author_id=author,
            reviewer_id=audit.actor_id,
            decision=decision,
            comment=comment,
            at=audit.at,
        )
    )


def build_revision(
    audit: AuditContext, unit_id: int, language: Language, text: str, new: NewText, *, act_word: str
) -> dict[str, Any]:
    """The columns of a revision, its first unless a number is put in; a source's ``state`` is put in likewise."""
    return {
        "unit_id": unit_id,
        "language": language.value,
        "number": 1,
        "act": act_word,
        "text": text,
        "hash": content_hash(text),
        "sense_id": None,
        "based_on_id": None,
        "state": State.INITIAL.value if new.state is State.INITIAL else State.TRANSLATED.value,
        "origin": new.origin.value,
        "tool": new.tool,
        "via": audit.via,
        "author_id": audit.actor_id,
        "comment": new.comment,
        "request_id": audit.request_id,
        "at": audit.at,
    }


def insert_units(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The row ids of new units, in the order of ``rows``."""
    return bulk_insert_returning_ids(session, Unit, rows)


def insert_revisions(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The row ids of new revisions, in the order of ``rows``; the caller makes them stand with ``set_standing``."""
    return bulk_insert_returning_ids(session, Revision, rows)


def set_current_revisions(session: Session, column: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Make each revision the one that stands for its unit: ``column`` is ``source_id`` or ``target_id``."""
    connection = session.connection()
    table = cast(Table, Unit.__table__)
    connection.execute(
        table.update()
        .where(table.c.id == bindparam("unit"))
        .values({column: bindparam("revision"), "version": table.c.version + 1}),
        [{"unit": unit_id, "revision": revision_id} for unit_id, revision_id in pairs],
    )


def _next_number(session: Session, unit_id: int, language: Language) -> int:
    highest = session.scalar(
        select(func.max(Revision.number)).where(Revision.unit_id == unit_id, Revision.language == language.value)
    )
    return (highest or 0) + 1
