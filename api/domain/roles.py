"""Roles, the actions that they allow, and the people who have them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.domain.language import Language


class Role(StrEnum):
    """A role of a token. ``admin`` gives no right to change texts, resources or releases."""

    EDITOR = "editor"
    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    ADMIN = "admin"


ANY_ROLE = frozenset(Role)
# The names of the actors for content loads and for commands. No person may have these names.
MACHINES = frozenset({"content", "operator"})
MAY_WRITE_TARGET = frozenset({Role.TRANSLATOR, Role.REVIEWER})
MAY_WRITE_SOURCE = frozenset({Role.EDITOR})
MAY_REVIEW = frozenset({Role.REVIEWER, Role.TRANSLATOR})
MAY_EDIT_RESOURCES = frozenset({Role.EDITOR})
MAY_RELEASE = frozenset({Role.PUBLISHER})
MAY_ADMINISTER = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a machine, that makes requests. Tokens with the same name belong to one person.

    ``roles`` and ``language`` come from the token in use. If ``language`` is None, the person may write both languages.
    """

    actor_id: int
    name: str
    roles: frozenset[Role]
    language: Language | None = None

    def may_write(self, language: Language) -> bool:
        """Return whether the person may write texts in this language."""
        return self.language in {None, language}
