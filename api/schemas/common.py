"""Schemas that many responses share."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.rule import FallbackReason
from api.domain.state import Origin, State


class WireSchema(Schema):
    """An object in a response. Fields may be added within v1, so clients must ignore fields that they do not know."""

    class Meta:
        unknown = EXCLUDE


def described(description: str, example: Any = None, **metadata: Any) -> dict[str, Any]:
    """Return the metadata of a field for the API document: its description, an example, and more members."""
    return {"description": description, **({} if example is None else {"example": example}), **metadata}


class BilingualText(fields.String):
    """A text of the booklet in the language served; in a bilingual response, an object with both languages."""

    def __init__(self, description: str, example: str | None = None) -> None:
        super().__init__(required=True, allow_none=True, metadata=described(description, example))


class BilingualSchema(WireSchema):
    """A text in both languages. Both keys are always present; the value is null if the text is not public."""

    cy = fields.String(allow_none=True, required=True, metadata=described("In Welsh.", "Adwaith cadwynol"))
    en = fields.String(allow_none=True, required=True, metadata=described("In English.", "Chain reaction"))


class SlugPairSchema(WireSchema):
    """The slug of each language. Both lead to the resource."""

    en = fields.String(allow_none=True, required=True, metadata=described("In English.", "chain-reaction"))
    cy = fields.String(allow_none=True, required=True, metadata=described("In Welsh.", "adwaith-cadwynol"))


class ServedLanguageSchema(WireSchema):
    """The language requested, the language served, and the reason if they differ."""

    requested = fields.String(required=True, metadata=described("The language requested.", "cy", enum=list(Language)))
    served = fields.String(required=True, metadata=described("The language served.", "cy", enum=list(Language)))
    fallback = fields.Boolean(required=True, metadata=described("Whether the two differ.", False))
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Why they differ, or null if they do not.", "missing", enum=list(FallbackReason)),
    )


class TranslationSchema(WireSchema):
    """The state of the text in one language, and its origin."""

    state = fields.String(
        required=True,
        metadata=described("`source`, or the state of the translation.", "translated", enum=list(State)[1:]),
    )
    origin = fields.String(required=True, metadata=described("The kind of author.", "machine", enum=list(Origin)))
    outdated = fields.Boolean(
        required=True, metadata=described("Whether the source has changed since it was translated.", False)
    )
    updated_at = fields.String(
        required=True,
        metadata=described("The time of the last change to the text.", "2026-11-23T09:00:00Z", format="date-time"),
    )
    url = fields.String(required=True, metadata=described("The URL of the text.", format="uri"))


class TranslationPairSchema(WireSchema):
    """The state of each language, or null if the text is not public in that language."""

    en = fields.Nested(TranslationSchema, required=True, allow_none=True)
    cy = fields.Nested(TranslationSchema, required=True, allow_none=True)


class BilingualReasonSchema(WireSchema):
    """A reason, in both languages."""

    en = fields.String(
        required=True, metadata=described("In English.", "The story is with the translator until the end of the month.")
    )
    cy = fields.String(
        required=True, metadata=described("In Welsh.", "Mae’r stori gyda’r cyfieithydd tan ddiwedd y mis.")
    )


class WaiverSchema(WireSchema):
    """A waived gap between the languages, with the reason. It is shown until the gap is closed."""

    gap = fields.String(
        required=True,
        metadata=described("The kind of gap.", "missing", enum=[*OMITTING_GAPS, *PUBLISHED_GAPS]),
    )
    language = fields.String(
        required=True, metadata=described("The language that has the gap.", "cy", enum=list(Language))
    )
    reason = fields.Nested(BilingualReasonSchema, required=True)
    release = fields.Integer(required=True, metadata=described("The release that was published with the waiver.", 1))


class RightsNoticeSchema(WireSchema):
    """The rights in the text."""

    licence = fields.String(
        required=True, allow_none=True, metadata=described("The licence, or null if none is known.")
    )
    attribution = BilingualText(
        "The attribution to show with the text.",
        "O’r llyfryn “Eiliadau hud gyda gweithwyr cymdeithasol ymgynghorol”. "
        "Perchnogion y llyfryn sy’n dal yr hawliau.",
    )


class ResponseLinksSchema(WireSchema):
    """Links from this response."""

    self_ = fields.String(data_key="self", required=True, metadata=described("The URL of this response.", format="uri"))
    next_ = fields.String(
        data_key="next", allow_none=True, metadata=described("The URL of the next one, or null.", format="uri")
    )
    previous = fields.String(allow_none=True, metadata=described("The URL of the previous one, or null.", format="uri"))


class PageLinksSchema(WireSchema):
    """The pages of a list. The `Link` header has the same links."""

    self_ = fields.String(data_key="self", required=True, metadata=described("The URL of this page.", format="uri"))
    first = fields.String(required=True, metadata=described("The URL of the first page.", format="uri"))
    previous = fields.String(
        allow_none=True,
        required=True,
        metadata=described("The URL of the page before this one; null on the first page.", format="uri"),
    )
    next_ = fields.String(
        data_key="next",
        allow_none=True,
        required=True,
        metadata=described("The URL of the page after this one; null on the last page.", format="uri"),
    )


class NamedSchema(WireSchema):
    """A reference to another resource."""

    slug = fields.String(required=True, allow_none=True, metadata=described("Its slug.", "better-outcomes"))
    url = fields.String(required=True, allow_none=True, metadata=described("Its URL.", format="uri"))


class TitledSchema(NamedSchema):
    """A reference to another resource. The title is null if the resource has none in the language served."""

    title = BilingualText("Its title.", "Eiliadau hud gyda gweithwyr cymdeithasol ymgynghorol")


class NamedCategorySchema(NamedSchema):
    """A reference to a category. The name is null if the category has none in the language served."""

    name = BilingualText("Its name.", "Gweithio dros ganlyniadau gwell")


class NamedPromptSchema(NamedSchema):
    """A reference to a prompt. The text is null if the prompt has none in the language served."""

    text = BilingualText("Its text.", "Mae rhai o’r ‘eiliadau hud’ yn fy mhoeni oherwydd...")


class ListAddressSchema(WireSchema):
    """The list of resources that is printed inside a section."""

    kind = fields.String(
        required=True, metadata=described("The kind of the resources in the list.", "ground-rule", enum=list(KINDS))
    )
    url = fields.String(required=True, metadata=described("Its URL.", format="uri"))


class CountedListSchema(WireSchema):
    """A list and its length."""

    total = fields.Integer(required=True, metadata=described("The number of resources in the language requested.", 15))
    url = fields.String(required=True, metadata=described("Its URL.", format="uri"))
