"""What a cache in front is to purge an answer by; ``services/delivery/purge_keys.py`` says when."""

from __future__ import annotations

# Of every answer that says that something is not there, or is elsewhere: any release may make it another.
PROBLEMS = "problems"


def surrogate_key(*keys: str, is_pinned: bool) -> str:
    """The field's value. An answer that names its release stays as it is, whatever the next one changes."""
    return "pinned" if is_pinned else " ".join(keys)
