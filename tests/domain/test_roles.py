"""Roles, and tokens limited to one language."""

from __future__ import annotations

import pytest

from api.domain import roles as access
from api.domain.language import Language
from api.domain.roles import ANY_ROLE, Person, Role


@pytest.mark.parametrize(("limit", "allowed"), [(None, {"cy", "en"}), (Language.CY, {"cy"}), (Language.EN, {"en"})])
def test_a_token_limited_to_a_language_may_write_only_that_language(limit: Language | None, allowed: set[str]) -> None:
    person = Person(1, "twm", frozenset({Role.TRANSLATOR}), limit)
    assert {language.value for language in Language if person.may_write(language)} == allowed


def test_the_admin_role_gives_only_the_right_to_administer() -> None:
    rights = {name: value for name, value in vars(access).items() if name.startswith("MAY_")}
    assert [name for name, roles in rights.items() if Role.ADMIN in roles] == ["MAY_ADMINISTER"]
    assert rights["MAY_ADMINISTER"] == {Role.ADMIN}
    assert set(Role) == ANY_ROLE == frozenset().union(*rights.values())
