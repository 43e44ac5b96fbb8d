"""What people do to texts: deliver, correct, confirm, review, go back. Each act is a revision, or a review of one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.db.database import lock_shared
from api.domain.errors import ActionRefusedError, ForbiddenError, PreconditionFailedError, PreconditionRequiredError
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.roles import Person, Role
from api.domain.state import Origin, State
from api.domain.text import normalise
from api.models import Review, Revision, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.access.tokens import has_ever_had_role
from api.services.authoring.resources import refuse_suppressed
from api.services.authoring.slugs import set_slug_from_title
from api.services.authoring.unit_view import get_unit_view, read_review_status, unit_etag
from api.services.authoring.units import (
    NewText,
    UnitRecord,
    build_revision,
    decide,
    get_unit,
    write_source_row,
    write_target_row,
)


def open_unit(session: Session, name: str, if_match: str | None) -> UnitRecord:
    """The unit, locked for one act. Raises UnknownResource, PreconditionMissing, PreconditionFailed."""
    lock_shared(session)
    unit = get_unit(session, name, is_locked=True)
    refuse_suppressed(session, unit.resource_id)
    if if_match is None:
        raise PreconditionRequiredError
    if not _matches(if_match, unit_etag(unit.id, unit.version)):
        current, etag = get_unit_view(session, name)
        raise PreconditionFailedError(current, etag)
    return unit


def _matches(if_match: str, etag: str) -> bool:
    """Strong comparison (RFC 9110, 13.1.1): a weak validator never matches, ``*`` matches what exists."""
    given = [part.strip() for part in if_match.split(",")]
    return given == ["*"] or etag in given


def _check_language(person: Person, language: Language) -> None:
    if not person.may_write(language):
        raise ForbiddenError("language", language=language.value)


def _get(session: Session, revision_id: int | None) -> Revision | None:
    return session.get(Revision, revision_id) if revision_id is not None else None


def deliver_target(
    session: Session, audit: AuditContext, person: Person, unit: UnitRecord, new: NewText, *, is_origin_given: bool
) -> bool:
    """Write a target; False where it is what stands already, current, in that state and of that origin.

    Without an origin given, a machine's draft that a person touched is ``post-edited``, and stays so.
    """
    language = unit.source_language.other
    _check_language(person, language)
    text = normalise(new.text, is_block=_is_block(unit))
    standing = _get(session, unit.target_id)
    origin = new.origin if is_origin_given else _origin_after(standing)
    if origin is Origin.MACHINE and not new.tool:
        raise ActionRefusedError(IssueCode.REQUIRED)
    made = NewText(text, origin, new.state, new.tool if origin is Origin.MACHINE else None, new.comment)
    if standing is not None and _is_same(standing, made) and not _is_outdated(session, unit):
        _refuse_lost(new.comment)
        return False
    row = build_revision(audit, unit.id, language, text, made, act_word="write")
    write_target_row(session, audit, unit, row | {"based_on_id": unit.source_id})
    had_text = standing is not None and standing.state != State.INITIAL
    if not had_text and made.state is not State.INITIAL and unit.field in KINDS[unit.kind].slug_fields:
        set_slug_from_title(session, audit, unit.resource_id, language, text)
    return True


def _refuse_lost(comment: str | None) -> None:
    """Where nothing changes there is no revision to carry a comment: better a refusal than a comment that is lost."""
    if comment:
        raise ActionRefusedError(IssueCode.COMMENT_WITHOUT_CHANGE)


def _origin_after(standing: Revision | None) -> Origin:
    was_machine = standing is not None and standing.origin in {Origin.MACHINE, Origin.POST_EDITED}
    return Origin.POST_EDITED if was_machine else Origin.HUMAN


def _is_same(standing: Revision, new: NewText) -> bool:
    return (standing.text, standing.state, standing.origin) == (new.text, new.state.value, new.origin.value)


def _is_outdated(session: Session, unit: UnitRecord) -> bool:
    return read_review_status(session, unit.id)[0]


def _is_block(unit: UnitRecord) -> bool:
    return KINDS[unit.kind].get_field(unit.field).is_block


def deliver_source(
    session: Session,
    audit: AuditContext,
    person: Person,
    unit: UnitRecord,
    text: str,
    *,
    is_minor: bool,
    comment: str | None,
) -> bool:
    """Write a source; False where it is what stands already."""
    _check_language(person, unit.source_language)
    tidy = normalise(text, is_block=_is_block(unit))
    standing = _get(session, unit.source_id)
    if standing is not None and standing.text == tidy:
        _refuse_lost(comment)
        return False
    new = NewText(tidy, comment=comment)
    row = build_revision(audit, unit.id, unit.source_language, tidy, new, act_word="minor" if is_minor else "write")
    write_source_row(session, audit, unit, row | {"is_minor": is_minor})
    return True


def mark_minor(
    session: Session,
    audit: AuditContext,
    person: Person,
    unit: UnitRecord,
    number: int,
    *,
    is_minor: bool,
    comment: str | None,
) -> None:
    """Say of an earlier source revision that it was minor, or that it was not. Raises ActRefused."""
    _check_language(person, unit.source_language)
    about = _get_numbered(session, unit, unit.source_language, number)
    if about.number == 1 or about.about_id is not None:
        raise ActionRefusedError(IssueCode.NOT_A_CHANGE, revision=number)
    standing = _get(session, unit.source_id)
    assert standing is not None
    new = NewText(standing.text, Origin(standing.origin), comment=comment)
    row = build_revision(audit, unit.id, unit.source_language, standing.text, new, act_word="minor")
    write_source_row(session, audit, unit, row | {"is_minor": is_minor, "about_id": about.id})


def _get_numbered(session: Session, unit: UnitRecord, language: Language, number: int) -> Revision:
    found = session.scalar(
        select(Revision).where(
            Revision.unit_id == unit.id, Revision.language == language.value, Revision.number == number
        )
    )
    if found is None:
        raise ActionRefusedError(IssueCode.NO_SUCH_REVISION, revision=number)
    return found


def confirm(session: Session, audit: AuditContext, person: Person, unit: UnitRecord, comment: str | None) -> bool:
    """Say that the target is still right for the source as it is now; False where nobody doubted it."""
    language = unit.source_language.other
    _check_language(person, language)
    standing = _get_text(session, unit)
    if not any(read_review_status(session, unit.id)):
        _refuse_lost(comment)
        return False
    new = NewText(standing.text, Origin(standing.origin), State.TRANSLATED, standing.tool, comment)
    row = build_revision(audit, unit.id, language, standing.text, new, act_word="confirm")
    write_target_row(session, audit, unit, row | {"based_on_id": unit.source_id})
    return True


def _get_text(session: Session, unit: UnitRecord) -> Revision:
    standing = _get(session, unit.target_id)
    if standing is None or standing.state == State.INITIAL:
        raise ActionRefusedError(IssueCode.DRAFT)
    return standing


def review(
    session: Session, audit: AuditContext, person: Person, unit: UnitRecord, decision: str, comment: str | None
) -> None:
    """Approve a target that somebody else wrote, or send it back. Raises Forbidden, ActRefused."""
    _check_language(person, unit.source_language.other)
    standing = _get_text(session, unit)
    if standing.author_id == person.actor_id:
        raise ForbiddenError("own-revision")
    if Role.REVIEWER not in person.roles and not _was_written_over(session, person, standing):
        raise ForbiddenError("role", roles=[Role.REVIEWER.value])
    last = session.scalar(
        select(Review.decision).where(Review.revision_id == standing.id).order_by(Review.id.desc()).limit(1)
    )
    if last == "return":
        raise ActionRefusedError(IssueCode.RETURNED)
    if last == decision:
        raise ActionRefusedError(IssueCode.REVIEWED_ALREADY)
    if decision == "approve" and _is_outdated(session, unit):
        raise ActionRefusedError(IssueCode.OUTDATED)
    decide(session, audit, standing.id, decision, comment)
    session.execute(update(Unit).where(Unit.id == unit.id).values(version=Unit.version + 1))
    record_audit(
        session, audit, decision, unit.name, to_revision=standing.number, detail={"language": standing.language}
    )


def _was_written_over(session: Session, person: Person, standing: Revision) -> bool:
    """Did a reviewer write this over a revision of this translator's? Then the translator may approve it."""
    before = session.scalar(
        select(Revision.author_id)
        .where(
            Revision.unit_id == standing.unit_id,
            Revision.language == standing.language,
            Revision.number < standing.number,
            Revision.author_id != standing.author_id,
        )
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return before == person.actor_id and has_ever_had_role(session, standing.author_id, Role.REVIEWER)


def revert_text(
    session: Session, audit: AuditContext, person: Person, unit: UnitRecord, side: str, number: int
) -> None:
    """Go back to an earlier revision, as a new one: a target with the basis that it had. Raises ActRefused."""
    language = unit.source_language if side == "source" else unit.source_language.other
    _check_language(person, language)
    old = _get_numbered(session, unit, language, number)
    standing_id = unit.source_id if side == "source" else unit.target_id
    if old.id == standing_id:
        raise ActionRefusedError(IssueCode.STANDS_ALREADY, revision=number)
    if old.state == State.INITIAL:
        raise ActionRefusedError(IssueCode.DRAFT)
    new = NewText(old.text, Origin(old.origin), State.TRANSLATED, old.tool)
    row: dict[str, Any] = build_revision(audit, unit.id, language, old.text, new, act_word="revert")
    if side == "source":
        write_source_row(session, audit, unit, row | {"is_minor": False})
    else:
        write_target_row(session, audit, unit, row | {"based_on_id": old.based_on_id})
