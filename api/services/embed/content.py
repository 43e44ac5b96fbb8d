"""What an embed page shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from api.services.delivery.request import Branding, ReadContext
from api.services.embed.discussion import read_discussion
from api.services.embed.model import Embed
from api.services.embed.reader import Reader
from api.services.embed.sets import read_one, read_prompts, read_rules
from api.services.embed.target import EmbedKind, Target

_READERS: dict[EmbedKind, Callable[[Reader, Target], Embed]] = {
    EmbedKind.MOMENT: read_one,
    EmbedKind.RANDOM: read_one,
    EmbedKind.PROMPT: read_one,
    EmbedKind.PROMPTS: read_prompts,
    EmbedKind.GROUND_RULES: read_rules,
    EmbedKind.SESSION: read_discussion,
}


def read_embed(session: Session, reading: ReadContext, branding: Branding, target: Target) -> Embed:
    """What ``target`` shows. Raises what delivery raises; LanguageMissing where nothing is in the language."""
    return _READERS[target.kind](Reader(session, reading, branding), target)
