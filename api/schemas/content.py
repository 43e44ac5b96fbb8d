"""Schemas of the content: each kind has a schema, from which a bilingual schema and list schemas are derived."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from marshmallow import Schema, fields

from api.domain.kind import CATEGORY, COLLECTION, GROUND_RULE, GUIDE, MOMENT, PROMPT, SECTION, Kind
from api.domain.language import Language
from api.schemas.common import (
    BilingualSchema,
    BilingualText,
    CountedListSchema,
    ListAddressSchema,
    NamedCategorySchema,
    NamedPromptSchema,
    PageLinksSchema,
    ResponseLinksSchema,
    RightsNoticeSchema,
    ServedLanguageSchema,
    SlugPairSchema,
    TitledSchema,
    TranslationPairSchema,
    WaiverSchema,
    WireSchema,
    described,
)

SchemaFields = dict[str, fields.Field[Any]]


def _constant_kind(kind: Kind) -> fields.String:
    """Return the field with the kind of resource, which is the same in every response with this schema."""
    return fields.String(required=True, metadata=described("The kind of resource.", enum=[kind.name]))


class ResourceSchema(WireSchema):
    """The fields of every kind."""

    id = fields.String(
        required=True, metadata=described("The id, which never changes and is never reused.", "moment.chain-reaction")
    )
    kind = fields.String(required=True)
    slug = fields.String(
        required=True, allow_none=True, metadata=described("The slug of the source language.", "chain-reaction")
    )
    slugs = fields.Nested(SlugPairSchema, required=True)
    language = fields.Nested(ServedLanguageSchema, required=True)
    translations = fields.Nested(TranslationPairSchema, required=True)
    waivers = fields.List(fields.Nested(WaiverSchema), required=True, metadata=described("The waived gaps."))
    rights = fields.Nested(RightsNoticeSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that published this edition.", 1))
    links = fields.Nested(ResponseLinksSchema, required=True)


class CollectionSchema(ResourceSchema):
    """A booklet."""

    kind = _constant_kind(COLLECTION)
    position = fields.Integer(required=True, allow_none=True, metadata=described("Its position in the series.", 2))
    publisher = fields.String(required=True, allow_none=True, metadata=described("As printed, or null."))
    year = fields.Integer(required=True, allow_none=True, metadata=described("As printed, or null."))
    title = BilingualText("Its title.", "Eiliadau hud gyda gweithwyr cymdeithasol ymgynghorol")
    strapline = BilingualText("The line under the title.", "Ysbrydoli. Ysgogi. Cefnogi.")
    funding = BilingualText("The funder.", "Ariennir gan Lywodraeth Cymru")
    moments = fields.Nested(CountedListSchema, required=True)


class SectionSchema(ResourceSchema):
    """A chapter, or a part of a chapter."""

    kind = _constant_kind(SECTION)
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    part_of = fields.Nested(TitledSchema, allow_none=True, required=True)
    contents = fields.Nested(ListAddressSchema, allow_none=True, required=True)
    author = fields.String(required=True, allow_none=True, metadata=described("The signatory, or null.", "Sue Evans"))
    role = BilingualText("The signatory’s role.", "Prif Weithredwr, Gofal Cymdeithasol Cymru")
    title = BilingualText("Its title.", "Pam")
    subtitle = BilingualText("The continuation of the title.", "y dylem gasglu a rhannu straeon ‘eiliadau hud’?")
    body = BilingualText("Its paragraphs, separated by blank lines.")
    body_html = BilingualText("The same as HTML.")
    closing = BilingualText("The text printed after the list in the section.")
    closing_html = BilingualText("The same as HTML.")
    highlight = BilingualText("A sentence of the text that is printed large.")
    highlight_html = BilingualText("The same as HTML.")


class CategorySchema(ResourceSchema):
    """A group of moments."""

    kind = _constant_kind(CATEGORY)
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    name = BilingualText("Its name.", "Gweithio dros ganlyniadau gwell")
    description = BilingualText("Its description.")
    description_html = BilingualText("The same as HTML.")
    moments = fields.Nested(CountedListSchema, required=True)


class MomentSchema(ResourceSchema):
    """A short story from practice."""

    kind = _constant_kind(MOMENT)
    number = fields.Integer(required=True, allow_none=True, metadata=described("The printed number.", 14))
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    category = fields.Nested(NamedCategorySchema, allow_none=True, required=True)
    title = BilingualText("Its title.", "Adwaith cadwynol")
    body = BilingualText("The story.")
    body_html = BilingualText("The story as HTML, with quotations emphasised as printed.")
    highlight = BilingualText("A sentence of the story that is printed large, or null.")
    highlight_html = BilingualText("The same as HTML.")


class GroundRuleSchema(ResourceSchema):
    """A ground rule for discussions."""

    kind = _constant_kind(GROUND_RULE)
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    text = BilingualText("The rule.", "Byddwn yn gofyn i bawb ddweud eu barn")
    text_html = BilingualText("The same as HTML.")


class PromptSchema(ResourceSchema):
    """A sentence to begin or deepen a discussion."""

    kind = _constant_kind(PROMPT)
    stage = fields.String(
        required=True, metadata=described("The stage of the discussion.", "response", enum=list(PROMPT.facet_values))
    )
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    text = BilingualText("The prompt.", "Mae rhai o’r ‘eiliadau hud’ yn fy mhoeni oherwydd...")
    text_html = BilingualText("The same as HTML.")


class GuideSchema(ResourceSchema):
    """An entry of the guide to discussions: a requirement, a step or a key word."""

    kind = _constant_kind(GUIDE)
    part = fields.String(
        required=True, metadata=described("The part of the guide.", "step", enum=list(GUIDE.facet_values))
    )
    collection = fields.Nested(TitledSchema, allow_none=True, required=True)
    title = BilingualText("A step’s title, or null.", "Trafod syniadau mewn grwpiau")
    body = BilingualText("A step’s text, or null.")
    body_html = BilingualText("The same as HTML.")
    text = BilingualText("The text of a requirement or a key word; null for a step.", "trafod")
    text_html = BilingualText("The same as HTML.")
    heading = BilingualText("The heading above a step’s prompts.", "Ein hymateb i eiliadau hud")
    lead = BilingualText("The line that introduces the prompts.", "Prin iawn yw ‘eiliadau hud’:")
    prompts = fields.List(
        fields.Nested(NamedPromptSchema), required=True, metadata=described("The prompts of a step, in order.")
    )


_SCHEMAS: dict[str, type[ResourceSchema]] = {
    "collection": CollectionSchema,
    "section": SectionSchema,
    "category": CategorySchema,
    "moment": MomentSchema,
    "ground-rule": GroundRuleSchema,
    "prompt": PromptSchema,
    "guide": GuideSchema,
}


def field_names(kind: Kind) -> tuple[str, ...]:
    """Return the field names of this kind that the parameter ``fields`` accepts."""
    return tuple(name for name in _SCHEMAS[kind.name]().fields if name != "language")


@cache
def resource_schema(kind: Kind, *, is_bilingual: bool) -> type[Schema]:
    """Return the schema of one resource of this kind."""
    schema = _SCHEMAS[kind.name]
    return _bilingual_schema(schema) if is_bilingual else schema


@cache
def _bilingual_schema(schema: type[WireSchema]) -> type[Schema]:
    """Return a copy of ``schema`` in which every text is an object with both languages."""
    copies: SchemaFields = {}
    for name, field in schema().fields.items():
        if name == "language":
            copies["languages"] = _languages_field()
        else:
            copies[name] = _to_bilingual_field(field)
    bilingual = WireSchema.from_dict(copies, name=f"Bilingual{schema.__name__}")
    bilingual.__doc__ = f"{(schema.__doc__ or '').strip()} In both languages."
    return bilingual


def _languages_field() -> fields.Field[Any]:
    return fields.List(
        fields.String(metadata={"enum": list(Language)}),
        required=True,
        metadata=described("The public languages.", ["cy", "en"]),
    )


def _to_bilingual_field(field: fields.Field[Any]) -> fields.Field[Any]:
    if isinstance(field, BilingualText):
        return fields.Nested(BilingualSchema, required=True, metadata={"description": field.metadata["description"]})
    if isinstance(field, fields.Nested) and _has_bilingual_text(field.schema):
        bilingual = _bilingual_schema(_schema_class(field))
        return fields.Nested(bilingual, required=True, allow_none=field.allow_none)
    inner = field.inner if isinstance(field, fields.List) else None
    if isinstance(inner, fields.Nested) and _has_bilingual_text(inner.schema):
        return fields.List(
            fields.Nested(_bilingual_schema(_schema_class(inner))), required=True, metadata=field.metadata
        )
    return field


def _schema_class(field: fields.Nested) -> type[WireSchema]:
    return cast(type[WireSchema], type(field.schema))


def _has_bilingual_text(schema: object) -> bool:
    return any(isinstance(field, BilingualText) for field in getattr(schema, "fields", {}).values())


@cache
def list_schema(kind: Kind, *, is_bilingual: bool) -> type[Schema]:
    """Return the schema of a page of resources of this kind."""
    item = resource_schema(kind, is_bilingual=is_bilingual)
    name = item.__name__.removesuffix("Schema")
    page: SchemaFields = {
        "items": fields.List(fields.Nested(item), required=True, metadata=described("The resources, in order.")),
        "total": fields.Integer(required=True, metadata=described("The number of resources on all pages.", 60)),
        "omitted": fields.Integer(
            required=True, metadata=described("The number of resources omitted because of their language.", 0)
        ),
        "release": fields.Integer(
            required=True, metadata=described("The release read, or 0 before the first release.", 1)
        ),
        "links": fields.Nested(PageLinksSchema, required=True),
    }
    schema = WireSchema.from_dict(page, name=f"{name}ListSchema")
    schema.__doc__ = "A page of a list of resources."
    return schema
