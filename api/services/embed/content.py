"""What an embed page shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from api.services.delivery.request import Reading, Voice
from api.services.embed.discussion import read_session
from api.services.embed.model import Embed
from api.services.embed.reader import Reader
from api.services.embed.sets import read_one, read_prompts, read_rules
from api.services.embed.target import Target, What

_READERS: dict[What, Callable[[Reader, Target], Embed]] = {
    What.MOMENT: read_one,
    What.RANDOM: read_one,
    What.PROMPT: read_one,
    What.PROMPTS: read_prompts,
    What.GROUND_RULES: read_rules,
    What.SESSION: read_session,
}


def read_embed(session: Session, reading: Reading, voice: Voice, target: Target) -> Embed:
    """What ``target`` shows. Raises what delivery raises; LanguageMissing where nothing is in the language."""
    return _READERS[target.what](Reader(session, reading, voice), target)
