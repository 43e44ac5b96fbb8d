"""The query parameters of the embed pages and of oEmbed. Unknown parameters are ignored, since portals add some."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE

from api.domain.language import Fallback
from api.domain.slug import MAX_SLUG_LENGTH
from api.domain.state import MinState
from api.schemas.fields import (
    MAX_NUMBER,
    SLUG,
    QueryChoice,
    QueryChoices,
    QueryInteger,
    QuerySchema,
    QuerySlugs,
    QueryText,
    ReleaseNumber,
)
from api.schemas.language_fields import QueryLanguage
from api.services.embed.target import ALL_STAGES, MAX_MOMENTS, MAX_URL, MINUTES, EmbedKind


class OpenQuery(QuerySchema):
    """The parameters of a path that ignores unknown parameters."""

    class Meta:
        unknown = EXCLUDE


class EmbedQuery(OpenQuery):
    lang = QueryLanguage()
    fallback = QueryChoice(Fallback)
    min_state = QueryChoice(MinState)
    switch = QueryChoice(("yes", "no"))
    theme = QueryChoice(("light", "dark", "auto"))
    release = ReleaseNumber()


class RulesQuery(EmbedQuery):
    collection = QueryText(limit=MAX_SLUG_LENGTH, pattern=SLUG)


class RandomQuery(RulesQuery):
    category = QueryText(limit=MAX_SLUG_LENGTH, pattern=SLUG)
    seed = QueryText()


class PromptsQuery(RulesQuery):
    stage = QueryChoice(ALL_STAGES)
    show = QueryChoice(("one", "all"))
    at = QueryInteger(1, MAX_NUMBER)


class SessionQuery(EmbedQuery):
    moments = QuerySlugs(MAX_MOMENTS, required=True)
    stages = QueryChoices(ALL_STAGES)
    minutes = QueryInteger(1, 240, metadata={"default": MINUTES})


EMBED_QUERIES: dict[EmbedKind, type[EmbedQuery]] = {
    EmbedKind.MOMENT: EmbedQuery,
    EmbedKind.RANDOM: RandomQuery,
    EmbedKind.PROMPT: EmbedQuery,
    EmbedKind.PROMPTS: PromptsQuery,
    EmbedKind.GROUND_RULES: RulesQuery,
    EmbedKind.DISCUSSION: SessionQuery,
}


def _max_size(dimension: str) -> Any:
    return QueryInteger(1, 100_000, metadata={"description": f"The maximum {dimension}, in pixels.", "example": 600})


class OembedQuery(OpenQuery):
    url = QueryText(
        limit=10 * MAX_URL,
        pattern=None,
        required=True,
        metadata={
            "description": "The public URL of a moment, a prompt, a set of prompts, the ground rules or a session: "
            "of the API, bilingual or not, or of an embed page. At most 4,000 characters.",
            "format": "uri",
            "maxLength": MAX_URL,
            "example": "http://127.0.0.1:8000/v1/moments/chain-reaction",
        },
    )
    format = QueryText(
        metadata={"description": "`json` (the default) or `xml`. Any other value returns 501.", "example": "json"}
    )
    maxwidth = _max_size("width")
    maxheight = _max_size("height")
    lang = QueryLanguage(
        metadata={
            "description": "The language of the embed and of its title. It overrides the one in `url`, which overrides "
            "`Accept-Language`.",
            "example": "cy",
            "x_component": "EmbedLang",
        },
    )
