"""Actions on texts: deliver, correct, confirm, review, revert. Each action writes a revision or a review."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.db.database import lock_shared
from api.domain.actions import AuditAction, Decision, RevisionAct, Side
from api.domain.errors import ActionRefusedError, ForbiddenError, PreconditionFailedError, PreconditionRequiredError
from api.domain.etag import etag_matches
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.parity import is_outdated
from api.domain.roles import Person, Role
from api.domain.state import Origin, State
from api.domain.text import normalise
from api.models import Review, Revision, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.access.tokens import has_ever_had_role
from api.services.authoring.resources import refuse_suppressed
from api.services.authoring.senses import read_senses
from api.services.authoring.slugs import set_slug_from_title
from api.services.authoring.unit_view import get_unit_view, unit_etag
from api.services.authoring.units import (
    NewText,
    UnitRecord,
    build_revision,
    get_unit,
    record_decision,
    write_source_row,
    write_target_row,
)


def open_unit(session: Session, name: str, if_match: str | None) -> UnitRecord:
    """Return the unit, locked for one action.

    Raises WorkingResourceNotFoundError, ActionRefusedError for a suppressed resource, PreconditionRequiredError,
    PreconditionFailedError.
    """
    lock_shared(session)
    unit = get_unit(session, name, is_locked=True)
    refuse_suppressed(session, unit.resource_id)
    if if_match is None:
        raise PreconditionRequiredError
    if not etag_matches(if_match, unit_etag(unit.id, unit.version)):
        current, etag = get_unit_view(session, unit.id)
        raise PreconditionFailedError(current, etag)
    return unit


def deliver_target(
    session: Session, audit: AuditContext, unit: UnitRecord, new: NewText, *, is_origin_given: bool = True
) -> bool:
    """Write a target. Return False if the current target is up to date and has the same text, state and origin.

    If the client sends no origin, a person's edit of a machine's text is ``post-edited``, and so is every later edit.
    """
    _check_language(audit, unit.target_language)
    text = normalise(new.text, is_block=unit.is_block)
    current = _get_target(session, unit)
    origin = new.origin if is_origin_given else _origin_after(current)
    revised = NewText(text, origin, new.state, new.tool if origin is Origin.MACHINE else None, new.comment)
    if current is not None and _is_same(current, revised) and not _is_outdated(session, unit, current):
        _refuse_comment(new.comment)
        return False
    row = build_revision(audit, unit.id, unit.target_language, text, revised, act=RevisionAct.WRITE)
    write_target_row(session, audit, unit, row | {"based_on_id": unit.source_id})
    had_text = current is not None and current.state != State.INITIAL
    if not had_text and revised.state is not State.INITIAL and unit.field in KINDS[unit.kind].slug_fields:
        set_slug_from_title(session, audit, unit.resource_id, unit.target_language, text)
    return True


def deliver_source(
    session: Session, audit: AuditContext, unit: UnitRecord, text: str, *, is_minor: bool, comment: str | None
) -> bool:
    """Write a source text. Return False if the current source has the same text."""
    _check_language(audit, unit.source_language)
    normalised = normalise(text, is_block=unit.is_block)
    if session.get_one(Revision, unit.source_id).text == normalised:
        _refuse_comment(comment)
        return False
    act = RevisionAct.MINOR if is_minor else RevisionAct.WRITE
    new = NewText(normalised, comment=comment)
    row = build_revision(audit, unit.id, unit.source_language, normalised, new, act=act)
    write_source_row(session, audit, unit, row | {"is_minor": is_minor})
    return True


def mark_minor(
    session: Session, audit: AuditContext, unit: UnitRecord, number: int, *, is_minor: bool, comment: str
) -> None:
    """Change whether an earlier source revision counts as minor. Raises ActionRefusedError."""
    _check_language(audit, unit.source_language)
    about = _get_revision(session, unit, unit.source_language, number)
    if about.number == 1 or about.about_id is not None:
        raise ActionRefusedError(IssueCode.NOT_A_CHANGE, revision=number)
    source = session.get_one(Revision, unit.source_id)
    new = NewText(source.text, Origin(source.origin), tool=source.tool, comment=comment)
    row = build_revision(audit, unit.id, unit.source_language, source.text, new, act=RevisionAct.MINOR)
    write_source_row(session, audit, unit, row | {"is_minor": is_minor, "about_id": about.id})


def confirm(session: Session, audit: AuditContext, unit: UnitRecord, comment: str | None) -> bool:
    """Confirm that the target is right for the current source.

    Return False if the target is neither outdated nor returned.
    """
    _check_language(audit, unit.target_language)
    target = _get_translated(session, unit)
    is_returned = _find_last_decision(session, target) == Decision.RETURN
    if not is_returned and not _is_outdated(session, unit, target):
        _refuse_comment(comment)
        return False
    new = NewText(target.text, Origin(target.origin), State.TRANSLATED, target.tool, comment)
    row = build_revision(audit, unit.id, unit.target_language, target.text, new, act=RevisionAct.CONFIRM)
    write_target_row(session, audit, unit, row | {"based_on_id": unit.source_id})
    return True


def review(session: Session, audit: AuditContext, unit: UnitRecord, decision: Decision, comment: str | None) -> None:
    """Approve or return a target that another person wrote. Raises ForbiddenError, ActionRefusedError."""
    _check_language(audit, unit.target_language)
    target = _get_translated(session, unit)
    if target.author_id == audit.actor_id:
        raise ForbiddenError("own-revision")
    if Role.REVIEWER not in audit.person.roles and not _is_correction_of(session, audit.person, target):
        raise ForbiddenError("role", roles=[Role.REVIEWER.value])
    last = _find_last_decision(session, target)
    if last == Decision.RETURN:
        raise ActionRefusedError(IssueCode.RETURNED)
    if last == decision:
        raise ActionRefusedError(IssueCode.REVIEWED_ALREADY)
    if decision is Decision.APPROVE and _is_outdated(session, unit, target):
        raise ActionRefusedError(IssueCode.OUTDATED)
    record_decision(session, audit, target.id, decision, comment)
    session.execute(update(Unit).where(Unit.id == unit.id).values(version=Unit.version + 1))
    record_audit(
        session,
        audit,
        AuditAction(decision),
        unit.name,
        to_revision=target.number,
        detail={"language": target.language},
    )


def revert_text(session: Session, audit: AuditContext, unit: UnitRecord, side: Side, number: int) -> None:
    """Restore the text of an earlier revision, as a new revision.

    A restored target is based on the same source revision as before. Raises ActionRefusedError.
    """
    is_source = side is Side.SOURCE
    language = unit.source_language if is_source else unit.target_language
    _check_language(audit, language)
    old = _get_revision(session, unit, language, number)
    if old.id == (unit.source_id if is_source else unit.target_id):
        raise ActionRefusedError(IssueCode.STANDS_ALREADY, revision=number)
    if old.state == State.INITIAL:
        raise ActionRefusedError(IssueCode.DRAFT)
    new = NewText(old.text, Origin(old.origin), State.TRANSLATED, old.tool)
    row = build_revision(audit, unit.id, language, old.text, new, act=RevisionAct.REVERT)
    if is_source:
        write_source_row(session, audit, unit, row | {"is_minor": False})
    else:
        write_target_row(session, audit, unit, row | {"based_on_id": old.based_on_id})


def _check_language(audit: AuditContext, language: Language) -> None:
    if not audit.person.may_write(language):
        raise ForbiddenError("language", language=language.value)


def _refuse_comment(comment: str | None) -> None:
    """Refuse a comment when nothing changes, since no revision would store it."""
    if comment:
        raise ActionRefusedError(IssueCode.COMMENT_WITHOUT_CHANGE)


def _get_target(session: Session, unit: UnitRecord) -> Revision | None:
    return session.get(Revision, unit.target_id) if unit.target_id is not None else None


def _get_translated(session: Session, unit: UnitRecord) -> Revision:
    """Return the current target. Raises ActionRefusedError if it is a draft or missing."""
    target = _get_target(session, unit)
    if target is None or target.state == State.INITIAL:
        raise ActionRefusedError(IssueCode.DRAFT)
    return target


def _get_revision(session: Session, unit: UnitRecord, language: Language, number: int) -> Revision:
    revision = session.scalar(
        select(Revision).where(
            Revision.unit_id == unit.id, Revision.language == language.value, Revision.number == number
        )
    )
    if revision is None:
        raise ActionRefusedError(IssueCode.NO_SUCH_REVISION, revision=number)
    return revision


def _origin_after(current: Revision | None) -> Origin:
    was_machine = current is not None and current.origin in {Origin.MACHINE, Origin.POST_EDITED}
    return Origin.POST_EDITED if was_machine else Origin.HUMAN


def _is_same(current: Revision, new: NewText) -> bool:
    return (current.text, current.state, current.origin) == (new.text, new.state.value, new.origin.value)


def _is_outdated(session: Session, unit: UnitRecord, target: Revision) -> bool:
    assert target.based_on_id is not None  # the database refuses a target without a basis
    senses = read_senses(session, {unit.source_id, target.based_on_id})
    return is_outdated(senses[unit.source_id], senses[target.based_on_id])


def _find_last_decision(session: Session, target: Revision) -> str | None:
    query = select(Review.decision).where(Review.revision_id == target.id).order_by(Review.id.desc())
    return session.scalar(query.limit(1))


def _is_correction_of(session: Session, person: Person, target: Revision) -> bool:
    """Return whether the target is a reviewer's correction of this person's text.

    The person may approve such a correction.
    """
    previous_author = session.scalar(
        select(Revision.author_id)
        .where(
            Revision.unit_id == target.unit_id,
            Revision.language == target.language,
            Revision.number < target.number,
            Revision.author_id != target.author_id,
        )
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return previous_author == person.actor_id and has_ever_had_role(session, target.author_id, Role.REVIEWER)
