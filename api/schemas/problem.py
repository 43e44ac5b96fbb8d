"""Schemas of problem documents (RFC 9457), with the issues and blockers in them."""

from __future__ import annotations

from marshmallow import fields

from api.domain.gap import WAIVABLE, Gap
from api.domain.language import Language
from api.domain.roles import Role
from api.domain.rule import FallbackReason
from api.schemas.common import WireSchema, described


class ProblemErrorSchema(WireSchema):
    """One issue of a request."""

    code = fields.String(required=True, metadata=described("A stable code.", "unknown-language"))
    detail = fields.String(
        required=True,
        metadata=described(
            "What is wrong and how to correct it, in the reader’s language.",
            "Nid yw ‘fr’ yn iaith y gwasanaeth hwn. Dewiswch ‘cy’ neu ‘en’.",
        ),
    )
    parameter = fields.String(metadata=described("The query parameter with the issue.", "lang"))
    pointer = fields.String(metadata=described("The place in the body, as a JSON pointer (RFC 6901)."))


class AlternateLinkSchema(WireSchema):
    """The URL of the text in the other language."""

    hreflang = fields.String(required=True, metadata=described("The other language.", "en", enum=list(Language)))
    href = fields.String(required=True, metadata=described("Its URL.", format="uri"))


class FirstPageSchema(WireSchema):
    """The first page of a search."""

    href = fields.String(required=True, metadata=described("The URL of the first page.", format="uri"))


class ProblemLinksSchema(WireSchema):
    """Links to use instead of the request's URL."""

    alternate = fields.Nested(AlternateLinkSchema)
    first = fields.Nested(FirstPageSchema)


class BlockerSchema(WireSchema):
    """A reason why a resource cannot be published."""

    resource = fields.String(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    gap = fields.String(required=True, metadata=described("The kind of gap.", "missing", enum=list(Gap)))
    language = fields.String(
        required=True,
        allow_none=True,
        metadata=described(
            "The language of the texts, or null if the gap is not in a text.", "cy", enum=list(Language)
        ),
    )
    units = fields.List(
        fields.String(),
        required=True,
        metadata=described(
            "The ids of the units with the gap; empty if the gap is not in a text.", ["moment.chain-reaction.title"]
        ),
    )
    waivable = fields.Boolean(
        required=True, metadata=described(f"Whether the gap can be waived: {', '.join(sorted(WAIVABLE))}.")
    )


class ProblemSchema(WireSchema):
    """A problem document (RFC 9457) in the reader’s language."""

    type = fields.String(required=True, metadata=described("The kind of problem: the URL of its page.", format="uri"))
    title = fields.String(required=True, metadata=described("The kind of problem, in words.", "Heb ei ganfod"))
    status = fields.Integer(required=True, metadata=described("The HTTP status.", 404))
    detail = fields.String(required=True, metadata=described("What happened in this request."))
    language = fields.String(
        required=True, metadata=described("The language of `title` and `detail`.", "cy", enum=list(Language))
    )
    request_id = fields.String(required=True, metadata=described("The request’s id, to quote in a question."))
    errors = fields.List(fields.Nested(ProblemErrorSchema), metadata=described("The issues of the request."))
    links = fields.Nested(ProblemLinksSchema)
    requested = fields.String(
        metadata=described("The language requested, if it is not available.", "cy", enum=list(Language))
    )
    reason = fields.String(
        metadata=described("Why the language is not available.", "missing", enum=list(FallbackReason))
    )
    resource = fields.String(metadata=described("The id of the withdrawn or suppressed resource."))
    since = fields.Integer(metadata=described("The release that withdrew the resource.", 3))
    roles = fields.List(
        fields.String(metadata={"enum": list(Role)}),
        metadata=described("The roles that allow the request.", ["reviewer"]),
    )
    blockers = fields.List(fields.Nested(BlockerSchema), metadata=described("The blockers of the release."))
    current = fields.Dict(metadata=described("The current state, if its ETag is not the one in `If-Match`."))
    etag = fields.String(metadata=described("The ETag of the current state."))
