"""Schemas of the administration: tokens and the audit log."""

from __future__ import annotations

from marshmallow import fields

from api.domain.actions import AuditAction
from api.domain.language import Language
from api.domain.roles import Role
from api.schemas.common import PageLinksSchema, WireSchema, described


def _nullable_time(description: str) -> fields.String:
    """Return a required field with a time or null."""
    return fields.String(allow_none=True, required=True, metadata=described(description, format="date-time"))


class TokenSchema(WireSchema):
    """A token, without its secret."""

    prefix = fields.String(
        required=True,
        metadata=described(
            "The beginning of the token, which identifies it in lists and in the audit log.", "eih_0123456789"
        ),
    )
    name = fields.String(
        required=True,
        metadata=described(
            "The person’s name, in lower case. Tokens with the same name belong to the same person.", "twm"
        ),
    )
    roles = fields.List(
        fields.String(metadata={"enum": list(Role)}),
        required=True,
        metadata=described("The roles of the token.", ["translator"]),
    )
    language = fields.String(
        allow_none=True,
        required=True,
        metadata=described(
            "The only language whose texts the token may change, or null for both.", "cy", enum=list(Language)
        ),
    )
    created_at = _nullable_time("The time of its creation.")
    expires_at = _nullable_time("The time when it expires, or null.")
    revoked_at = _nullable_time("The time when it was revoked, or null.")
    last_used_at = _nullable_time("The time of its last use, to the minute, or null.")


class NewTokenSchema(TokenSchema):
    """A new token with its secret."""

    token = fields.String(required=True, metadata=described("The token itself, which is never shown again."))


class TokenListSchema(WireSchema):
    """All tokens, newest first."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class AuditEntrySchema(WireSchema):
    """An entry of the audit log."""

    at = fields.String(required=True, metadata=described("The time.", "2026-11-23T09:00:00Z", format="date-time"))
    by = fields.String(required=True, metadata=described("The person’s name, in lower case.", "twm"))
    act = fields.String(required=True, metadata=described("The action.", "write", enum=list(AuditAction)))
    subject = fields.String(
        required=True,
        metadata=described("The unit, resource, release or token.", "moment.chain-reaction.title"),
    )
    from_revision = fields.Integer(
        required=True, allow_none=True, metadata=described("The previous revision, or null.", 1)
    )
    to_revision = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("The new or reviewed revision, or null if the action is not about a text.", 2),
    )
    detail = fields.Dict(required=True, metadata=described("More data, which depend on the action."))
    request_id = fields.String(
        required=True, allow_none=True, metadata=described("The request’s id, or null for an operator’s command.")
    )


class AuditListSchema(WireSchema):
    """A page of the audit log, newest entries first."""

    items = fields.List(fields.Nested(AuditEntrySchema), required=True)
    links = fields.Nested(PageLinksSchema, required=True)
