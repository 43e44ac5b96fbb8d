"""Answers to those who administer the service: tokens and the trail."""

from __future__ import annotations

from marshmallow import fields

from api.domain.roles import Role
from api.schemas.common import LinksSchema, WireSchema, described


def _time(description: str) -> fields.String:
    """A time, or null."""
    return fields.String(allow_none=True, required=True, metadata=described(description, format="date-time"))


class TokenSchema(WireSchema):
    """A token, without its secret."""

    prefix = fields.String(
        required=True, metadata=described("Its beginning, which names it in lists and in the trail.", "eih_0123456789")
    )
    name = fields.String(
        required=True, metadata=described("Whose it is, in lower case: tokens of one name are one person.", "twm")
    )
    roles = fields.List(
        fields.String(metadata={"enum": list(Role)}),
        required=True,
        metadata=described("What it may be used for.", ["translator"]),
    )
    language = fields.String(
        allow_none=True,
        required=True,
        metadata=described("The only language whose texts it may write; null is both.", "cy"),
    )
    created_at = _time("When it was made.")
    expires_at = _time("When it ends; null is never.")
    revoked_at = _time("When it was revoked; null where it was not.")
    last_used_at = _time("When it was last used, give or take a minute; null is never.")


class NewTokenSchema(TokenSchema):
    """A token at the only moment at which it is shown."""

    token = fields.String(required=True, metadata=described("The token itself: it is shown this once."))


class TokenListSchema(WireSchema):
    """All tokens, newest first."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class AuditLineSchema(WireSchema):
    """One act."""

    at = fields.String(required=True, metadata=described("When.", "2026-11-23T09:00:00Z", format="date-time"))
    by = fields.String(required=True, metadata=described("Who, in lower case.", "twm"))
    act = fields.String(required=True, metadata=described("What was done.", "write"))
    subject = fields.String(
        required=True,
        metadata=described("To which unit, resource, release or token.", "moment.chain-reaction.title"),
    )
    from_revision = fields.Integer(
        required=True, allow_none=True, metadata=described("The revision that stood before; null where none did.", 1)
    )
    to_revision = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("The revision that the act made, or that a review is of; null where it is of no text.", 2),
    )
    detail = fields.Dict(required=True, metadata=described("What else is to be known; it depends on the act."))
    request_id = fields.String(
        required=True, allow_none=True, metadata=described("The request’s id; null for a command of an operator.")
    )


class AuditListSchema(WireSchema):
    """A page of the trail, newest first."""

    items = fields.List(fields.Nested(AuditLineSchema), required=True)
    links = fields.Nested(LinksSchema, required=True)
