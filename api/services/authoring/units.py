"""Units and the revisions of their texts. Each function that changes a text writes its revision and audit entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert_returning_ids
from api.domain.actions import AuditAction, Decision, RevisionAct
from api.domain.errors import InvalidRequestError, Issue, WorkingResourceNotFoundError
from api.domain.folding import fold_text
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS, UnitId, parse_unit_id
from api.domain.language import Language
from api.domain.state import Origin, State
from api.domain.text import content_hash
from api.models import Resource, Review, Revision, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.senses import derive_sense, refresh_senses


@dataclass(frozen=True, slots=True)
class NewText:
    """A text to be written; ``state`` and ``tool`` apply to a target only.

    Raises InvalidRequestError if a machine wrote the text and ``tool`` is missing.
    """

    text: str
    origin: Origin = Origin.HUMAN
    state: State = State.TRANSLATED
    tool: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.origin is Origin.MACHINE and not self.tool:
            raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/tool")])


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A unit, with the ids of its current revisions."""

    id: int
    resource_id: int
    name: str
    field: str
    kind: str
    source_language: Language
    source_id: int
    target_id: int | None
    version: int

    @property
    def target_language(self) -> Language:
        return self.source_language.other

    @property
    def is_block(self) -> bool:
        """Return whether the texts of the unit may have paragraphs."""
        return KINDS[self.kind].get_field(self.field).is_block


def get_unit(session: Session, name: str, *, is_locked: bool = False) -> UnitRecord:
    """Return the unit with this id (``moment.chain-reaction.body``).

    If ``is_locked`` is true, lock its row. Raises WorkingResourceNotFoundError.
    """
    parsed = parse_unit_id(name)
    row = _find_unit(session, parsed, is_locked=is_locked) if parsed is not None else None
    if parsed is None or row is None:
        raise WorkingResourceNotFoundError(name)
    unit = row.Unit
    assert unit.source_id is not None  # a unit is created with its source
    return UnitRecord(
        id=unit.id,
        resource_id=unit.resource_id,
        name=name,
        field=unit.field,
        kind=parsed.resource.kind,
        source_language=Language(row.source_language),
        source_id=unit.source_id,
        target_id=unit.target_id,
        version=unit.version,
    )


def _find_unit(session: Session, parsed: UnitId, *, is_locked: bool) -> Any:
    query = (
        select(Unit, Resource.source_language)
        .join(Resource, Resource.id == Unit.resource_id)
        .where(
            Resource.kind == parsed.resource.kind,
            Resource.key == parsed.resource.key,
            Unit.field == parsed.field,
            ~Resource.deleted,
        )
        # Read the row again after the lock: another session may have changed it in the meantime.
        .execution_options(populate_existing=True)
    )
    return session.execute(query.with_for_update(of=Unit) if is_locked else query).first()


def write_source_row(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any]) -> int:
    """Insert a source revision with these columns, refresh the senses of its unit, and return the revision's row id."""
    language = unit.source_language
    sense = derive_sense(session, unit.id, language.value, row)
    number = _next_number(session, unit.id, language)
    numbered = {**row, "number": number, "state": State.SOURCE.value, "sense_id": sense}
    revision_id = _write(session, audit, unit, numbered, "source_id")
    refresh_senses(session, unit.id, language.value)
    return revision_id


def write_target_row(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any]) -> int:
    """Insert a target revision with these columns, and return its row id."""
    numbered = {**row, "number": _next_number(session, unit.id, unit.target_language)}
    return _write(session, audit, unit, numbered, "target_id")


def _write(session: Session, audit: AuditContext, unit: UnitRecord, row: Mapping[str, Any], column: str) -> int:
    previous_id = unit.source_id if column == "source_id" else unit.target_id
    previous = session.get_one(Revision, previous_id) if previous_id is not None else None
    revision_id = session.execute(insert(Revision).values(**row).returning(Revision.id)).scalar_one()
    session.execute(update(Unit).where(Unit.id == unit.id).values({column: revision_id, "version": Unit.version + 1}))
    record_audit(
        session,
        audit,
        AuditAction(row["act"]),
        unit.name,
        from_revision=previous.number if previous is not None else None,
        to_revision=row["number"],
        detail={"language": row["language"]},
    )
    return revision_id


def record_decision(
    session: Session, audit: AuditContext, revision_id: int, decision: Decision, comment: str | None = None
) -> None:
    """Record a decision on a target revision. The database refuses a decision by the author of the revision."""
    author = session.scalar(select(Revision.author_id).where(Revision.id == revision_id))
    session.execute(
        insert(Review).values(
            revision_id=revision_id,
            author_id=author,
            reviewer_id=audit.actor_id,
            decision=decision.value,
            comment=comment,
            at=audit.at,
        )
    )


def build_revision(
    audit: AuditContext, unit_id: int, language: Language, text: str, new: NewText, *, act: RevisionAct
) -> dict[str, Any]:
    """Return the columns of a target's first revision.

    The caller must change ``number`` for a later revision, and ``state`` for a source revision.
    """
    return {
        "unit_id": unit_id,
        "language": language.value,
        "number": 1,
        "act": act.value,
        "text": text,
        "hash": content_hash(text),
        "folded": fold_text(text),
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
    """Insert units, and return their row ids in the order of ``rows``."""
    return bulk_insert_returning_ids(session, Unit, rows)


def insert_revisions(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert revisions, and return their row ids in the order of ``rows``.

    To make them current, call ``set_current_revisions``.
    """
    return bulk_insert_returning_ids(session, Revision, rows)


def set_current_revisions(session: Session, column: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Make these revisions the current ones of their units.

    Each pair is the row id of a unit and the row id of a revision. ``column`` is ``source_id`` or ``target_id``.
    """
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
