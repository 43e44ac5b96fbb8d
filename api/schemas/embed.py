"""The parameters of the embed pages and of oEmbed. What they do not name is ignored: portals add their own."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE

from api.domain.language import Fallback, Language
from api.domain.slug import MAX_LENGTH
from api.domain.state import MinState
from api.schemas.fields import SLUG, Choice, Choices, QuerySchema, ReleaseNumber, Slugs, Text, Whole
from api.services.embed.target import MAX_MOMENTS, MAX_URL, MINUTES, STAGES, What


class OpenQuery(QuerySchema):
    """The parameters of an address that ignores all others."""

    class Meta:
        unknown = EXCLUDE


class EmbedQuery(OpenQuery):
    lang = Choice(Language, fault="unknown-language")
    fallback = Choice(Fallback)
    min_state = Choice(MinState)
    switch = Choice(("yes", "no"))
    theme = Choice(("light", "dark", "auto"))
    release = ReleaseNumber()


class RulesQuery(EmbedQuery):
    collection = Text(limit=MAX_LENGTH, pattern=SLUG)


class RandomQuery(RulesQuery):
    category = Text(limit=MAX_LENGTH, pattern=SLUG)
    seed = Text()


class PromptsQuery(RulesQuery):
    stage = Choice(STAGES)
    show = Choice(("one", "all"))
    at = Whole(1, 1_000)


class SessionQuery(EmbedQuery):
    moments = Slugs(MAX_MOMENTS, required=True, error_messages={"required": "required-parameter"})
    stages = Choices(STAGES, fault="unknown-choice")
    minutes = Whole(1, 240, metadata={"default": MINUTES})


EMBED_QUERIES: dict[What, type[EmbedQuery]] = {
    What.MOMENT: EmbedQuery,
    What.RANDOM: RandomQuery,
    What.PROMPT: EmbedQuery,
    What.PROMPTS: PromptsQuery,
    What.GROUND_RULES: RulesQuery,
    What.SESSION: SessionQuery,
}


def _size(of: str) -> Any:
    return Whole(1, 100_000, metadata={"description": f"The greatest {of}, in pixels.", "example": 600})


class OembedQuery(OpenQuery):
    url = Text(
        limit=10 * MAX_URL,
        required=True,
        error_messages={"required": "required-parameter"},
        metadata={
            "description": "The public address of a moment, a prompt, a set of prompts, the ground rules or a session: "
            "of the API, bilingual or not, or of an embed page. At most 2,000 characters.",
            "format": "uri",
            "maxLength": MAX_URL,
            "example": "http://127.0.0.1:8000/v1/moments/chain-reaction",
        },
    )
    format = Text(metadata={"description": "`json` (the default) or `xml`; any other is a 501.", "example": "json"})
    maxwidth = _size("width")
    maxheight = _size("height")
    lang = Choice(
        Language,
        fault="unknown-language",
        metadata={
            "description": "The language of the embed and of its title; it goes before the one in `url`, and that "
            "before `Accept-Language`.",
            "example": "cy",
        },
    )
