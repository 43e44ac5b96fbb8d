"""Schemas of reports: releases, changes, translation status, and the service itself."""

from __future__ import annotations

from marshmallow import fields

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.kind import KINDS
from api.domain.language import Language
from api.schemas.common import (
    BilingualReasonSchema,
    BilingualSchema,
    PageLinksSchema,
    ResponseLinksSchema,
    SlugPairSchema,
    WireSchema,
    described,
)


class ReleaseSchema(WireSchema):
    """A release: both languages of a set of resources, published at once."""

    number = fields.Integer(required=True, metadata=described("Its number.", 1))
    at = fields.String(required=True, metadata=described("The time.", "2026-11-23T09:00:00Z", format="date-time"))
    note = fields.String(required=True, metadata=described("The publisher’s note."))
    reverts = fields.Integer(
        required=True, allow_none=True, metadata=described("The release whose content it restored, or null.")
    )
    links = fields.Nested(ResponseLinksSchema, required=True)


class ResourceChangeSchema(WireSchema):
    """The change of one resource."""

    change = fields.String(
        required=True,
        metadata=described("The kind of change.", "published", enum=["published", "moved", "withdrawn"]),
    )
    id = fields.String(required=True, metadata=described("The id of the resource.", "moment.chain-reaction"))
    kind = fields.String(required=True, metadata=described("Its kind.", "moment", enum=list(KINDS)))
    slug = fields.String(required=True, allow_none=True, metadata=described("Its current slug.", "chain-reaction"))
    slugs = fields.Nested(SlugPairSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release with the change.", 1))
    url = fields.String(required=True, metadata=described("Its address.", format="uri"))


class ReleaseWaiverSchema(WireSchema):
    """A gap that was waived for a release."""

    id = fields.String(required=True, metadata=described("The id of the resource.", "moment.chain-reaction"))
    gap = fields.String(
        required=True, metadata=described("The kind of gap.", "missing", enum=[*OMITTING_GAPS, *PUBLISHED_GAPS])
    )
    language = fields.String(
        required=True, metadata=described("The language that has the gap.", "cy", enum=list(Language))
    )
    reason = fields.Nested(BilingualReasonSchema, required=True)


class FullReleaseSchema(ReleaseSchema):
    """A release with its changes and waivers."""

    changes = fields.List(fields.Nested(ResourceChangeSchema), required=True, metadata=described("The changes."))
    waivers = fields.List(fields.Nested(ReleaseWaiverSchema), required=True, metadata=described("The waivers."))


class ReleaseListSchema(WireSchema):
    """A page of releases, newest first."""

    items = fields.List(fields.Nested(ReleaseSchema), required=True)
    total = fields.Integer(required=True, metadata=described("The number of releases.", 1))
    release = fields.Integer(required=True, metadata=described("The current release, or 0 before the first.", 1))
    links = fields.Nested(PageLinksSchema, required=True)


class SumsSchema(WireSchema):
    """The numbers of resources, units and words."""

    resources = fields.Integer(required=True, metadata=described("The number of resources.", 60))
    units = fields.Integer(required=True, metadata=described("The number of translatable texts.", 123))
    words = fields.Integer(required=True, metadata=described("The number of words.", 3504))


class LanguageStatusSchema(SumsSchema):
    """The public content in one language."""

    by_state = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(SumsSchema),
        metadata=described("The numbers by state."),
        required=True,
    )
    by_origin = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(SumsSchema),
        metadata=described("The numbers by kind of author."),
        required=True,
    )


class CurrentSumsSchema(SumsSchema):
    """The public content of a group in one language."""

    outdated = fields.Integer(
        required=True, metadata=described("The number of resources whose source has changed since.", 0)
    )


class GroupStatusSchema(WireSchema):
    """The numbers for a group of resources, by language."""

    total = fields.Integer(required=True, metadata=described("The number of resources in the group.", 60))
    cy = fields.Nested(CurrentSumsSchema, required=True)
    en = fields.Nested(CurrentSumsSchema, required=True)


class LanguagesStatusSchema(WireSchema):
    """The public content in both languages."""

    cy = fields.Nested(LanguageStatusSchema, required=True)
    en = fields.Nested(LanguageStatusSchema, required=True)


class StatusEntrySchema(WireSchema):
    """One language of a resource."""

    id = fields.String(required=True, metadata=described("The id of the resource.", "moment.chain-reaction"))
    language = fields.String(required=True, metadata=described("The language.", "cy", enum=list(Language)))
    url = fields.String(required=True, metadata=described("Its URL.", format="uri"))


class WaivedEntrySchema(StatusEntrySchema):
    """A waived gap, with the reason."""

    gap = fields.String(
        required=True, metadata=described("The kind of gap.", "missing", enum=[*OMITTING_GAPS, *PUBLISHED_GAPS])
    )
    reason = fields.Nested(BilingualReasonSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that was published with the waiver.", 1))


class StatusSchema(WireSchema):
    """The translation status of the public content."""

    release = fields.Integer(required=True, metadata=described("The release of the report.", 1))
    languages = fields.Nested(LanguagesStatusSchema, required=True)
    by_kind = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(GroupStatusSchema),
        required=True,
        metadata=described("The numbers by kind."),
    )
    by_category = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(GroupStatusSchema),
        required=True,
        metadata=described("The numbers of moments by the key of their category."),
    )
    missing = fields.List(
        fields.Nested(StatusEntrySchema),
        required=True,
        metadata=described("Resources that are not public in this language."),
    )
    outdated = fields.List(
        fields.Nested(StatusEntrySchema),
        required=True,
        metadata=described("Translations whose source has changed since."),
    )
    waived = fields.List(fields.Nested(WaivedEntrySchema), required=True, metadata=described("Waived gaps."))
    machine = fields.List(
        fields.Nested(StatusEntrySchema), required=True, metadata=described("Resources with text from a machine.")
    )


class ServiceSchema(WireSchema):
    """The service document."""

    name = fields.Nested(BilingualSchema, required=True)
    purpose = fields.Nested(BilingualSchema, required=True)
    version = fields.String(required=True, metadata=described("The version of the service.", "0.2.0"))
    release = fields.Integer(
        required=True, allow_none=True, metadata=described("The current release, or null before the first.", 1)
    )
    links = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("Links by name.")
    )


class HealthSchema(WireSchema):
    """The health of the process."""

    status = fields.String(required=True, metadata=described("`ok`", "ok"))


class ReadySchema(HealthSchema):
    """The readiness of the service."""

    checks = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("The result of each check.")
    )


class OembedSchema(WireSchema):
    """An oEmbed 1.0 response."""

    version = fields.String(required=True, metadata=described("The version of oEmbed.", "1.0"))
    type = fields.String(required=True, metadata=described("The kind of embed.", enum=["rich"]))
    title = fields.String(required=True, metadata=described("The text’s title, in its own language."))
    provider_name = fields.String(required=True, metadata=described("The name of the service."))
    provider_url = fields.String(required=True, metadata=described("The URL of the service.", format="uri"))
    cache_age = fields.Integer(
        required=True, metadata=described("The number of seconds that the response may be stored.", 300)
    )
    html = fields.String(required=True, metadata=described("The HTML: a link in a blockquote, and the frame."))
    width = fields.Integer(required=True, metadata=described("The width of the frame, in pixels.", 600))
    height = fields.Integer(required=True, metadata=described("The height of the frame, in pixels.", 400))
