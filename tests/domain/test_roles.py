"""Roles and the language that a token is limited to."""

from __future__ import annotations

import pytest

from api.domain import roles as access
from api.domain.language import Language
from api.domain.roles import ANY_ROLE, Person, Role


@pytest.mark.parametrize(("limit", "allowed"), [(None, {"cy", "en"}), (Language.CY, {"cy"}), (Language.EN, {"en"})])
def test_a_token_may_write_only_its_language(limit: Language | None, allowed: set[str]) -> None:
    person = Person(1, "twm", frozenset({Role.TRANSLATOR}), limit)
    assert {language.value for language in Language if person.may_write(language)} == allowed


def test_an_admin_has_no_other_rights() -> None:
    rights = {name: value for name, value in vars(access).items() if name.startswith("MAY_")}
    assert [name for name, roles in rights.items() if Role.ADMIN in roles] == ["MAY_ADMINISTER"]
    assert rights["MAY_ADMINISTER"] == {Role.ADMIN}
    assert set(Role) == ANY_ROLE == frozenset().union(*rights.values())
