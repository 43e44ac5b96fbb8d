"""Shapes that many answers share."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS, WAIVABLE
from api.domain.language import Language
from api.domain.state import Origin, State


class WireSchema(Schema):
    """An object of an answer. Clients must expect fields that are not named here: more may be added within v1."""

    class Meta:
        unknown = EXCLUDE


def described(description: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """Metadata for the document: what a field is, and what one looks like."""
    return {"description": description, **({} if example is None else {"example": example}), **more}


class BilingualText(fields.String):
    """A text of the booklet, in the language served. In a bilingual answer it is a map of both languages."""

    def __init__(self, description: str, example: str | None = None, **kwargs: Any) -> None:
        super().__init__(allow_none=True, metadata=described(description, example), **kwargs)


class BilingualSchema(WireSchema):
    """A text in both languages: both keys always, null where it is not public."""

    cy = fields.String(allow_none=True, required=True, metadata=described("In Welsh.", "Adwaith cadwynol"))
    en = fields.String(allow_none=True, required=True, metadata=described("In English.", "Chain reaction"))


class SlugsSchema(WireSchema):
    """The slug that each language has; both lead to the resource."""

    en = fields.String(allow_none=True, required=True, metadata=described("In English.", "chain-reaction"))
    cy = fields.String(allow_none=True, required=True, metadata=described("In Welsh.", "adwaith-cadwynol"))


class LanguageSchema(WireSchema):
    """Which language was asked for, which one this is, and why."""

    requested = fields.String(required=True, metadata=described("What was asked for.", "cy", enum=list(Language)))
    served = fields.String(required=True, metadata=described("What this is.", "cy", enum=list(Language)))
    fallback = fields.Boolean(required=True, metadata=described("Is it another than was asked for?", False))
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Why it is another: `missing` or `below_min_state`; else null.", "missing"),
    )


class TranslationSchema(WireSchema):
    """How far the text in one language has come, and who wrote it."""

    state = fields.String(
        required=True,
        metadata=described("`source`, or how far the translation has come.", "translated", enum=list(State)[1:]),
    )
    origin = fields.String(required=True, metadata=described("Who wrote it.", "machine", enum=list(Origin)))
    outdated = fields.Boolean(
        required=True, metadata=described("Has the source changed since it was translated?", False)
    )
    updated_at = fields.String(
        required=True,
        metadata=described("When its text last changed.", "2026-11-23T09:00:00Z", format="date-time"),
    )
    url = fields.String(required=True, metadata=described("Where to read it.", format="uri"))


class TranslationsSchema(WireSchema):
    """Both languages always; null where one is not public."""

    en = fields.Nested(TranslationSchema, required=True, allow_none=True)
    cy = fields.Nested(TranslationSchema, required=True, allow_none=True)


class ReasonSchema(WireSchema):
    """A reason, in both languages."""

    en = fields.String(
        required=True, metadata=described("In English.", "The story is with the translator until the end of the month.")
    )
    cy = fields.String(
        required=True, metadata=described("In Welsh.", "Mae’r stori gyda’r cyfieithydd tan ddiwedd y mis.")
    )


class WaiverSchema(WireSchema):
    """A gap between the languages that was let pass, and why; shown until it is made good."""

    gap = fields.String(
        required=True,
        metadata=described("What is lacking.", "missing", enum=[*OMITTING_GAPS, *PUBLISHED_GAPS]),
    )
    language = fields.String(required=True, metadata=described("In which language.", "cy", enum=list(Language)))
    reason = fields.Nested(ReasonSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that let it pass.", 1))


class RightsSchema(WireSchema):
    """Whose the text is."""

    licence = fields.String(
        required=True, allow_none=True, metadata=described("The licence; null where none is known.")
    )
    attribution = BilingualText(
        "What to say beside the text.",
        "O’r llyfryn “Eiliadau hud gyda gweithwyr cymdeithasol ymgynghorol”. "
        "Perchnogion y llyfryn sy’n dal yr hawliau.",
        required=True,
    )


class LinksSchema(WireSchema):
    """Addresses around this one."""

    self_ = fields.String(data_key="self", required=True, metadata=described("This one.", format="uri"))
    next_ = fields.String(
        data_key="next", allow_none=True, metadata=described("The one after it, or null.", format="uri")
    )
    previous = fields.String(allow_none=True, metadata=described("The one before it, or null.", format="uri"))


class NamedSchema(WireSchema):
    """Another resource, as far as this one names it."""

    slug = fields.String(required=True, allow_none=True, metadata=described("Its slug.", "better-outcomes"))
    url = fields.String(required=True, allow_none=True, metadata=described("Its address.", format="uri"))


class TitledSchema(NamedSchema):
    """Another resource by its title, which is null where it has none in the language served."""

    title = BilingualText("Its title.", "Eiliadau hud gyda gweithwyr cymdeithasol ymgynghorol")


class NamedCategorySchema(NamedSchema):
    """A category by its name, which is null where it has none in the language served."""

    name = BilingualText("Its name.", "Gweithio dros ganlyniadau gwell")


class NamedPromptSchema(NamedSchema):
    """A prompt by its text, which is null where it has none in the language served."""

    text = BilingualText("Its text.", "Mae rhai o’r ‘eiliadau hud’ yn fy mhoeni oherwydd...")


class ListAddressSchema(WireSchema):
    """The list that a section is printed around."""

    kind = fields.String(required=True, metadata=described("The kind of what is in it.", "ground-rule"))
    url = fields.String(required=True, metadata=described("Its address.", format="uri"))


class CountedListSchema(WireSchema):
    """A list and how many it holds."""

    total = fields.Integer(required=True, metadata=described("How many it holds in the language asked for.", 15))
    url = fields.String(required=True, metadata=described("Its address.", format="uri"))


class ProblemErrorSchema(WireSchema):
    """One thing to mend in a request."""

    code = fields.String(required=True, metadata=described("A stable word for it.", "unknown-language"))
    detail = fields.String(
        required=True,
        metadata=described(
            "What is wrong, and how to mend it, in the reader’s language.",
            "Nid yw ‘fr’ yn iaith y gwasanaeth hwn. Dewiswch ‘cy’ neu ‘en’.",
        ),
    )
    parameter = fields.String(metadata=described("The query parameter that it is about.", "lang"))
    pointer = fields.String(metadata=described("Where in the body it is: a JSON pointer (RFC 6901)."))


class AlternateSchema(WireSchema):
    """Where the text can be read in the other language."""

    hreflang = fields.String(required=True, metadata=described("That language.", "en"))
    href = fields.String(required=True, metadata=described("The address there.", format="uri"))


class FirstPageSchema(WireSchema):
    """Where a search begins again."""

    href = fields.String(required=True, metadata=described("The address of its first page.", format="uri"))


class ProblemLinksSchema(WireSchema):
    """Where to go instead."""

    alternate = fields.Nested(AlternateSchema)
    first = fields.Nested(FirstPageSchema)


class BlockerSchema(WireSchema):
    """What keeps a resource from going out."""

    resource = fields.String(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    gap = fields.String(required=True, metadata=described("What is wrong.", "missing"))
    language = fields.String(
        required=True, allow_none=True, metadata=described("In which language, where it is a text.", "cy")
    )
    units = fields.List(
        fields.String(),
        required=True,
        metadata=described("The units that it is about; none where it is no text’s.", ["moment.chain-reaction.title"]),
    )
    waivable = fields.Boolean(required=True, metadata=described(f"May be waived: {', '.join(sorted(WAIVABLE))}."))


class ProblemSchema(WireSchema):
    """A problem document (RFC 9457), in the reader’s language."""

    type = fields.String(required=True, metadata=described("What kind of problem: an address.", format="uri"))
    title = fields.String(required=True, metadata=described("The kind of problem in words.", "Heb ei ganfod"))
    status = fields.Integer(required=True, metadata=described("The HTTP status.", 404))
    detail = fields.String(required=True, metadata=described("What happened here."))
    language = fields.String(required=True, metadata=described("The language of the words.", "cy"))
    request_id = fields.String(required=True, metadata=described("What to quote when asking about it."))
    errors = fields.List(fields.Nested(ProblemErrorSchema), metadata=described("Each thing to mend."))
    links = fields.Nested(ProblemLinksSchema)
    requested = fields.String(metadata=described("The language asked for, where that is the problem.", "cy"))
    reason = fields.String(metadata=described("Why it is not to be had.", "missing"))
    resource = fields.String(metadata=described("The id of the resource that it is about."))
    since = fields.Integer(metadata=described("The release in which the resource was withdrawn.", 3))
    roles = fields.List(fields.String(), metadata=described("The roles that would do.", ["reviewer"]))
    blockers = fields.List(fields.Nested(BlockerSchema), metadata=described("Everything that blocks a release."))
    current = fields.Dict(metadata=described("What stands now, where that is not what `If-Match` names."))
    etag = fields.String(metadata=described("The ETag of what stands now."))
