"""The content of an embed page, read in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from api.domain.errors import SlugMovedError
from api.services.delivery.request import Branding, ReadContext
from api.services.embed.discussion import read_discussion
from api.services.embed.model import Embed
from api.services.embed.reader import Reader
from api.services.embed.sets import read_ground_rules, read_prompts, read_single
from api.services.embed.target import EmbedKind, Target

_READERS: dict[EmbedKind, Callable[[Reader, Target], Embed]] = {
    EmbedKind.MOMENT: read_single,
    EmbedKind.RANDOM: read_single,
    EmbedKind.PROMPT: read_single,
    EmbedKind.PROMPTS: read_prompts,
    EmbedKind.GROUND_RULES: read_ground_rules,
    EmbedKind.DISCUSSION: read_discussion,
}


def read_embed(session: Session, context: ReadContext, branding: Branding, target: Target) -> Embed:
    """Return the content of an embed page.

    Raises the errors of ``get_public_resource`` and ``get_random_resource``, and LanguageNotAvailableError if the
    language rule leaves out every text.
    """
    return _READERS[target.kind](Reader(session, context, branding), target)


def read_current_embed(session: Session, context: ReadContext, branding: Branding, target: Target) -> Embed:
    """Return the same as ``read_embed``; for a retired slug, the embed with the current slug."""
    try:
        return read_embed(session, context, branding, target)
    except SlugMovedError as moved:
        return read_embed(session, context, branding, replace(target, slug=moved.slug))
