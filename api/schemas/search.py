"""Schemas of search results."""

from __future__ import annotations

from marshmallow import fields

from api.domain.kind import KINDS
from api.domain.language import Language
from api.schemas.common import PageLinksSchema, WireSchema, described


class SearchSnippetSchema(WireSchema):
    """A passage of the text with the matching words."""

    text = fields.String(required=True, metadata=described("The passage as plain text.", "…yn ei gartref ei hun…"))
    html = fields.String(
        required=True,
        metadata=described(
            "The passage as HTML, with each matching word in `<mark>`.", "…yn ei <mark>gartref</mark> ei hun…"
        ),
    )
    marks = fields.List(
        fields.List(fields.Integer(metadata={"minimum": 0}), metadata={"minItems": 2, "maxItems": 2}),
        required=True,
        metadata=described("The start and end of each matching word in `text`, in Unicode code points.", [[7, 14]]),
    )


class HitSchema(WireSchema):
    """A resource that matches the search."""

    id = fields.String(
        required=True, metadata=described("The id, which never changes and is never reused.", "moment.chain-reaction")
    )
    kind = fields.String(required=True, metadata=described("The kind of resource.", "moment", enum=list(KINDS)))
    slug = fields.String(
        required=True, allow_none=True, metadata=described("The slug of the source language.", "chain-reaction")
    )
    title = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Its title, name or text, or null for a step without a title.", "Adwaith cadwynol"),
    )
    language = fields.String(
        required=True, metadata=described("The language of `title` and `snippet`.", "cy", enum=list(Language))
    )
    snippet = fields.Nested(SearchSnippetSchema, required=True)
    url = fields.String(required=True, metadata=described("Its URL in that language.", format="uri"))


# The fields that the parameter ``fields`` of a search accepts.
HIT_FIELDS = tuple(name for name in HitSchema().fields if name != "language")


class HitListSchema(WireSchema):
    """A page of search results, best match first."""

    items = fields.List(fields.Nested(HitSchema), required=True, metadata=described("The results, best match first."))
    total = fields.Integer(required=True, metadata=described("The number of results on all pages.", 6))
    release = fields.Integer(
        required=True, metadata=described("The release that was searched, or 0 before the first.", 1)
    )
    links = fields.Nested(PageLinksSchema, required=True)
