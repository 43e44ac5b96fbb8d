"""Answers to those who work on the content."""

from __future__ import annotations

from marshmallow import fields

from api.domain.language import Language
from api.domain.parity import WAIVABLE
from api.schemas.common import LinksSchema, SlugsSchema, WireSchema, described
from api.schemas.report import FullReleaseSchema


def _maybe(description: str) -> fields.String:
    return fields.String(allow_none=True, required=True, metadata=described(description))


class SideSchema(WireSchema):
    """One text of a unit."""

    language = fields.String(required=True, metadata=described("Its language.", "en", enum=list(Language)))
    text = _maybe("The text; null where there is none yet.")
    revision = fields.Integer(required=True, allow_none=True, metadata=described("The revision that stands."))
    updated_at = _maybe("When it was written.")
    updated_by = _maybe("Who wrote it.")


class ReturnedSchema(WireSchema):
    """Why a target was sent back."""

    by = fields.String(required=True)
    at = fields.String(required=True)
    comment = fields.String(required=True, allow_none=True)


class TargetSchema(SideSchema):
    """The translation of a unit."""

    state = fields.String(required=True, metadata=described("`initial`, `translated` or `reviewed`."))
    origin = _maybe("Who wrote it: a person, a machine, or a person after a machine.")
    tool = _maybe("Which machine.")
    based_on = fields.Integer(
        required=True, allow_none=True, metadata=described("The source revision that it was made from.")
    )
    outdated = fields.Boolean(required=True, metadata=described("Has the sense of the source changed since?"))
    returned = fields.Nested(ReturnedSchema, required=True, allow_none=True)


class WordChangeSchema(WireSchema):
    """A stretch of the source, and what became of it."""

    op = fields.String(required=True, metadata={"enum": ["equal", "insert", "delete"]})
    text = fields.String(required=True)


class UnitSchema(WireSchema):
    """One translatable text, in both languages, as it stands in the working copy."""

    id = fields.String(required=True, metadata=described("Its id.", "moment.chain-reaction.title"))
    resource = fields.String(required=True, metadata=described("The resource that it is of."))
    field = fields.String(required=True, metadata=described("Which of its texts.", "title"))
    note = _maybe("A note to translators.")
    source = fields.Nested(SideSchema, required=True)
    target = fields.Nested(TargetSchema, required=True)
    source_changes = fields.List(
        fields.Nested(WordChangeSchema),
        required=True,
        metadata=described("From the source that the target is based on to the one that stands, word by word."),
    )
    etag = fields.String(metadata=described("In a list: what If-Match takes."))


class UnitListSchema(WireSchema):
    """A page of the queue, most needed first."""

    items = fields.List(fields.Nested(UnitSchema), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    links = fields.Nested(LinksSchema, required=True)


class HistorySchema(WireSchema):
    """Every revision of both texts, oldest first."""

    id = fields.String(required=True)
    source = fields.List(fields.Dict(), required=True)
    target = fields.List(fields.Dict(), required=True)


class WorkingResourceSchema(WireSchema):
    """A resource as it stands in the working copy."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    source_language = fields.String(required=True, metadata={"enum": list(Language)})
    slugs = fields.Nested(SlugsSchema, required=True)
    collection = _maybe("The key of its collection.")
    category = _maybe("The key of its category.")
    number = fields.Integer(required=True, allow_none=True)
    withdrawn = fields.Boolean(required=True)
    release = fields.Integer(
        required=True, allow_none=True, metadata=described("The release that its public edition is of.")
    )
    units = fields.List(fields.String(), required=True)
    etag = fields.String(metadata=described("In a list: what If-Match takes."))


class WorkingResourceListSchema(WireSchema):
    """A page of working copies, by kind and place."""

    items = fields.List(fields.Nested(WorkingResourceSchema), required=True)
    links = fields.Nested(LinksSchema, required=True)


class BlockerSchema(WireSchema):
    """What keeps a resource from going out."""

    resource = fields.String(required=True)
    gap = fields.String(required=True, metadata=described("What is wrong.", "missing"))
    language = _maybe("In which language, where it is a text.")
    units = fields.List(fields.String(), required=True)
    waivable = fields.Boolean(required=True, metadata=described(f"May be waived: {', '.join(sorted(WAIVABLE))}."))


class NextResourceSchema(WireSchema):
    """A resource that would change."""

    id = fields.String(required=True)
    change = fields.String(required=True, metadata={"enum": ["new", "changed", "withdrawn"]})
    blocked = fields.Boolean(required=True)
    units = fields.List(fields.Dict(), required=True)


class NextReleaseSchema(WireSchema):
    """What would go out now, and what blocks it."""

    resources = fields.List(fields.Nested(NextResourceSchema), required=True)
    blockers = fields.List(fields.Nested(BlockerSchema), required=True)
    required_state = fields.String(required=True)


class MadeReleaseSchema(FullReleaseSchema):
    """The release that was made."""


class TokenSchema(WireSchema):
    """A token, without its secret."""

    prefix = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    language = _maybe("The only language whose texts it may write.")
    created_at = _maybe("When it was made.")
    expires_at = _maybe("When it ends.")
    revoked_at = _maybe("When it was revoked.")
    last_used_at = _maybe("When it was last used, to the minute.")


class NewTokenSchema(TokenSchema):
    """A token at the only moment at which it is shown."""

    token = fields.String(required=True, metadata=described("The token itself: it is shown once."))


class TokenListSchema(WireSchema):
    """All tokens."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class AuditLineSchema(WireSchema):
    """One act."""

    at = fields.String(required=True)
    by = fields.String(required=True)
    act = fields.String(required=True)
    subject = fields.String(required=True)
    from_revision = fields.Integer(required=True, allow_none=True)
    to_revision = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True)
    request_id = fields.String(required=True, allow_none=True)


class AuditListSchema(WireSchema):
    """A page of the trail, newest first."""

    items = fields.List(fields.Nested(AuditLineSchema), required=True)
    links = fields.Nested(LinksSchema, required=True)
