"""Search as it goes over the wire: what a query takes, and a page of hits."""

from __future__ import annotations

from marshmallow import fields

from api.domain.kind import KINDS
from api.domain.language import Language
from api.schemas.common import LinksSchema, WireSchema, described


class SnippetSchema(WireSchema):
    """A stretch of the text, with the words that were found."""

    text = fields.String(required=True, metadata=described("As plain text.", "…yn ei gartref ei hun…"))
    html = fields.String(
        required=True,
        metadata=described("The same, escaped, each word found in `<mark>`.", "…yn ei <mark>gartref</mark> ei hun…"),
    )
    marks = fields.List(
        fields.List(fields.Integer(metadata={"minimum": 0}), metadata={"minItems": 2, "maxItems": 2}),
        required=True,
        metadata=described("Where each begins and ends in `text`, in characters (Unicode code points).", [[7, 14]]),
    )


class HitSchema(WireSchema):
    """A resource that was found."""

    id = fields.String(required=True, metadata=described("Never changes, never another’s.", "moment.chain-reaction"))
    kind = fields.String(required=True, metadata=described("What it is.", "moment", enum=list(KINDS)))
    slug = fields.String(
        required=True, allow_none=True, metadata=described("Of the source language.", "chain-reaction")
    )
    title = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Its title, name or text; null for a step that has none.", "Adwaith cadwynol"),
    )
    language = fields.String(
        required=True, metadata=described("The language of title and snippet.", "cy", enum=list(Language))
    )
    snippet = fields.Nested(SnippetSchema, required=True)
    url = fields.String(required=True, metadata=described("Where it is, in that language.", format="uri"))


class HitListSchema(WireSchema):
    """A page of what a search found, best first."""

    items = fields.List(fields.Nested(HitSchema), required=True, metadata=described("The hits, best first."))
    total = fields.Integer(required=True, metadata=described("How many all pages hold.", 6))
    release = fields.Integer(required=True, metadata=described("The release that was searched; 0 before any.", 1))
    links = fields.Nested(LinksSchema, required=True)
