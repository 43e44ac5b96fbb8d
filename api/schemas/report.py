"""What is said about the content: releases, changes, parity, and the service itself."""

from __future__ import annotations

from marshmallow import fields

from api.domain.language import Language
from api.schemas.common import BilingualSchema, LinksSchema, ReasonSchema, SlugsSchema, WireSchema, described


class ReleaseSchema(WireSchema):
    """One publication: both languages of what it names, at once."""

    number = fields.Integer(required=True, metadata=described("Its number.", 1))
    at = fields.String(required=True, metadata=described("When.", "2026-11-23T09:00:00Z", format="date-time"))
    note = fields.String(required=True, metadata=described("What its publisher said of it."))
    reverts = fields.Integer(
        required=True, allow_none=True, metadata=described("The release whose content it restored, if it did.")
    )
    links = fields.Nested(LinksSchema, required=True)


class ChangeSchema(WireSchema):
    """What became of one resource."""

    change = fields.String(
        required=True,
        metadata=described("What happened.", "published", enum=["published", "moved", "withdrawn"]),
    )
    id = fields.String(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    kind = fields.String(required=True, metadata=described("Its kind.", "moment"))
    slug = fields.String(required=True, allow_none=True, metadata=described("Its slug now.", "chain-reaction"))
    slugs = fields.Nested(SlugsSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that did it.", 1))
    url = fields.String(required=True, metadata=described("Its address.", format="uri"))


class ReleaseWaiverSchema(WireSchema):
    """A gap that a release let pass."""

    id = fields.String(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    gap = fields.String(required=True, metadata=described("What was lacking.", "missing"))
    language = fields.String(required=True, metadata=described("In which language.", "cy", enum=list(Language)))
    reason = fields.Nested(ReasonSchema, required=True)


class FullReleaseSchema(ReleaseSchema):
    """A release with all that it changed and waived."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True, metadata=described("What it changed."))
    waivers = fields.List(fields.Nested(ReleaseWaiverSchema), required=True, metadata=described("What it waived."))


class ReleaseListSchema(WireSchema):
    """A page of releases, newest first."""

    items = fields.List(fields.Nested(ReleaseSchema), required=True)
    total = fields.Integer(required=True, metadata=described("How many there are.", 1))
    release = fields.Integer(required=True, metadata=described("The current one; 0 before any.", 1))
    links = fields.Nested(LinksSchema, required=True)


class FeedChangeSchema(ChangeSchema):
    """A change as the feed tells it."""

    collection = fields.String(
        required=True, allow_none=True, metadata=described("The collection that it is in.", "consultant-social-workers")
    )
    content = fields.Raw(
        allow_none=True,
        metadata=described("With `include=content`: the bilingual resource as it is public; null in a tombstone."),
    )


class ChangeListSchema(WireSchema):
    """A page of the change feed."""

    items = fields.List(fields.Nested(FeedChangeSchema), required=True)
    release = fields.Integer(required=True, metadata=described("The next `since`.", 1))
    links = fields.Nested(LinksSchema, required=True)


class SumsSchema(WireSchema):
    """How much: resources, their texts, and the words in them."""

    resources = fields.Integer(required=True, metadata=described("Resources.", 60))
    units = fields.Integer(required=True, metadata=described("Translatable texts.", 123))
    words = fields.Integer(required=True, metadata=described("Words.", 3504))


class LanguageStatusSchema(SumsSchema):
    """What is public in one language."""

    by_state = fields.Dict(
        keys=fields.String(), values=fields.Nested(SumsSchema), metadata=described("By state."), required=True
    )
    by_origin = fields.Dict(
        keys=fields.String(), values=fields.Nested(SumsSchema), metadata=described("By who wrote it."), required=True
    )


class CurrentSumsSchema(SumsSchema):
    """What is public of a group in one language."""

    outdated = fields.Integer(required=True, metadata=described("Resources whose source has changed since.", 0))


class GroupStatusSchema(WireSchema):
    """A group of resources, and how many of them each language has."""

    total = fields.Integer(required=True, metadata=described("Resources in the group.", 60))
    cy = fields.Nested(CurrentSumsSchema, required=True)
    en = fields.Nested(CurrentSumsSchema, required=True)


class LanguagesStatusSchema(WireSchema):
    """Both languages."""

    cy = fields.Nested(LanguageStatusSchema, required=True)
    en = fields.Nested(LanguageStatusSchema, required=True)


class StatusEntrySchema(WireSchema):
    """One language of one resource."""

    id = fields.String(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    language = fields.String(required=True, metadata=described("The language.", "cy", enum=list(Language)))
    url = fields.String(required=True, metadata=described("Where it can be read.", format="uri"))


class WaivedEntrySchema(StatusEntrySchema):
    """A gap that was let pass, and why."""

    gap = fields.String(required=True, metadata=described("What is lacking.", "missing"))
    reason = fields.Nested(ReasonSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that let it pass.", 1))


class StatusSchema(WireSchema):
    """The parity of what is public."""

    release = fields.Integer(required=True, metadata=described("The release reported on.", 1))
    languages = fields.Nested(LanguagesStatusSchema, required=True)
    by_kind = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(GroupStatusSchema),
        required=True,
        metadata=described("The same by kind."),
    )
    by_category = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(GroupStatusSchema),
        required=True,
        metadata=described("The same by category: its key, and how far its moments have come."),
    )
    missing = fields.List(
        fields.Nested(StatusEntrySchema), required=True, metadata=described("Not public in this language.")
    )
    outdated = fields.List(
        fields.Nested(StatusEntrySchema), required=True, metadata=described("The source has changed since.")
    )
    waived = fields.List(fields.Nested(WaivedEntrySchema), required=True, metadata=described("Let pass, and why."))
    machine = fields.List(
        fields.Nested(StatusEntrySchema), required=True, metadata=described("A machine wrote some of it.")
    )


class ServiceSchema(WireSchema):
    """The service document."""

    name = fields.Nested(BilingualSchema, required=True)
    purpose = fields.Nested(BilingualSchema, required=True)
    version = fields.String(required=True, metadata=described("The version of the service.", "0.2.0"))
    release = fields.Integer(
        required=True, allow_none=True, metadata=described("The current release; null before any.", 1)
    )
    links = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("Where to go on.")
    )


class HealthSchema(WireSchema):
    """Is the process alive?"""

    status = fields.String(required=True, metadata=described("`ok`", "ok"))


class ReadySchema(HealthSchema):
    """Can the service answer?"""

    checks = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("Each check, and how it went.")
    )


class OembedSchema(WireSchema):
    """A frame as oEmbed 1.0 tells of it."""

    version = fields.String(required=True, metadata=described("The version of oEmbed.", "1.0"))
    type = fields.String(required=True, metadata=described("What it is: HTML to show.", "rich", enum=["rich"]))
    title = fields.String(required=True, metadata=described("The text’s title, in its own language."))
    provider_name = fields.String(required=True, metadata=described("What the service is called."))
    provider_url = fields.String(required=True, metadata=described("Where the service is.", format="uri"))
    cache_age = fields.Integer(required=True, metadata=described("Seconds that the answer may be kept.", 300))
    html = fields.String(required=True, metadata=described("A link in a blockquote, and the frame."))
    width = fields.Integer(required=True, metadata=described("The frame’s width, in pixels.", 600))
    height = fields.Integer(required=True, metadata=described("The frame’s height, in pixels.", 400))
