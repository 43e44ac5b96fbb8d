"""Who may do what: roles, and the languages that a token is limited to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.domain.language import Language


class Role(StrEnum):
    """What a token may be used for. ``admin`` gives no right to texts, resources or releases."""

    EDITOR = "editor"
    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    ADMIN = "admin"


ANY_ROLE = frozenset(Role)
# What loads content, and whoever runs the commands: names that no person may have.
MACHINES = frozenset({"content", "operator"})
MAY_WRITE_TARGET = frozenset({Role.TRANSLATOR, Role.REVIEWER})
MAY_WRITE_SOURCE = frozenset({Role.EDITOR})
MAY_REVIEW = frozenset({Role.REVIEWER, Role.TRANSLATOR})
MAY_EDIT_RESOURCES = frozenset({Role.EDITOR})
MAY_RELEASE = frozenset({Role.PUBLISHER})
MAY_ADMINISTER = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever acts: tokens of one name are one person. ``language`` None is no limit."""

    actor_id: int
    name: str
    roles: frozenset[Role]
    language: Language | None = None

    def may_write(self, language: Language) -> bool:
        """Is this token limited to another language?"""
        return self.language in {None, language}
