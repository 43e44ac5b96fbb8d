"""Schemas of the change feed: a change, and the facts of one resource, with one schema for each kind."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields

from api.domain.kind import COLLECTION, GUIDE, KINDS, Kind
from api.schemas.common import BilingualSchema, PageLinksSchema, WireSchema, described
from api.schemas.content import resource_schema
from api.schemas.report import ResourceChangeSchema

FEED_CONTENT = "FeedContent"


class FeedListSchema(WireSchema):
    """The list that a section introduces."""

    kind = fields.String(
        required=True, metadata=described("The kind of the resources in the list.", "ground-rule", enum=list(KINDS))
    )
    part = fields.String(
        required=True,
        allow_none=True,
        metadata=described("The part of the guide, or null for the whole kind.", enum=list(GUIDE.facet_values)),
    )


class FeedRightsSchema(WireSchema):
    """The rights in a booklet, which are those of every resource in it."""

    licence = fields.String(
        required=True, allow_none=True, metadata=described("The licence, or null if none is known.")
    )
    attribution = fields.Nested(BilingualSchema, required=True)
    attribution_without_title = fields.Nested(
        BilingualSchema,
        required=True,
        metadata=described("The attribution for readers to whom the title of the booklet is not shown in a language."),
    )


class FeedChangeSchema(ResourceChangeSchema):
    """A change in the change feed."""

    collection = fields.String(
        required=True, allow_none=True, metadata=described("The key of its collection.", "consultant-social-workers")
    )
    content = fields.Raw(
        metadata=described(
            "With `include=content`: the facts of the resource, or null if it was withdrawn.",
            x_schema={"anyOf": [{"$ref": f"#/components/schemas/{FEED_CONTENT}"}, {"type": "null"}]},
        ),
    )


class ChangeListSchema(WireSchema):
    """A page of the change feed."""

    items = fields.List(fields.Nested(FeedChangeSchema), required=True)
    release = fields.Integer(required=True, metadata=described("The value for the next `since`.", 1))
    links = fields.Nested(PageLinksSchema, required=True)


def feed_content_name(kind: Kind) -> str:
    """Return the name of the schema of this kind's content."""
    return "Feed" + resource_schema(kind, is_bilingual=False).__name__.removesuffix("Schema")


@cache
def feed_content_schema(kind: Kind) -> type[Schema]:
    """Return the schema of this kind's content: a bilingual resource with ids for other resources, and its order."""
    members: dict[str, Any] = dict(resource_schema(kind, is_bilingual=True)().fields)
    # Leave out members that depend on other resources: the counts, and the rights of the booklet.
    for name in ("moments",) if kind is COLLECTION else ("moments", "rights"):
        members.pop(name, None)
    changed = {
        **{name: _id_of(name) for name in ("collection", "category", "part_of")},
        "rights": fields.Nested(FeedRightsSchema, required=True),
        "contents": fields.Nested(FeedListSchema, required=True, allow_none=True),
        "prompts": fields.List(
            fields.String(), required=True, metadata=described("The ids of the prompts of a step, in order.")
        ),
    }
    members |= {name: field for name, field in changed.items() if name in members}
    description = "Its place among the resources of its kind: they are sorted by this number."
    members["order"] = fields.Integer(required=True, metadata=described(description, 14))
    schema = WireSchema.from_dict(members, name=f"{feed_content_name(kind)}Schema")
    schema.__doc__ = "The facts of a resource in both languages, as the change feed gives them."
    return schema


def _id_of(name: str) -> fields.String:
    noun = "section that contains it" if name == "part_of" else name
    return fields.String(required=True, allow_none=True, metadata=described(f"The id of its {noun}, or null."))


def feed_content_union() -> dict[str, Any]:
    """Return the schema of the content of every kind; ``kind`` decides between them."""
    references = {kind.name: f"#/components/schemas/{feed_content_name(kind)}" for kind in KINDS.values()}
    return {
        "description": "The facts of a resource of any kind.",
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "kind", "mapping": references},
    }
