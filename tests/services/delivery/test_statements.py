"""What a read asks of the database: few statements, and the same ones whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from api.db.read_session import ReadSession
from api.domain.kind import KINDS
from tests.conftest import MakeApp
from tests.tools.addresses import SLUGS

Asked = Callable[[str], list[str]]


@contextmanager
def listening(app: Flask) -> Iterator[list[str]]:
    """The statements that the application asks inside."""
    heard: list[str] = []
    run = ReadSession._run

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    def hear_and_run(session: ReadSession, sql: str, arguments: Any) -> Any:
        heard.append(sql)
        return run(session, sql, arguments)

    # What goes to the driver at once, and what SQLAlchemy brings there.
    engine = app.extensions["eiliadau_hud"].database._reads.engine
    event.listen(engine, "before_cursor_execute", hear)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadSession, "_run", hear_and_run)
        yield heard
    event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture
def asked(loaded_url: str, make_app: MakeApp) -> Asked:
    """What is asked for an address once the release is known: names and counts are remembered then."""
    app = make_app(loaded_url, cache_mb=0)

    def ask(address: str) -> list[str]:
        client = app.test_client()
        assert client.get(address).status_code == 200
        with listening(app) as heard:
            assert client.get(address).status_code == 200
        return heard

    return ask


@pytest.mark.parametrize(
    "query",
    [
        "lang=cy",
        "lang=cy&fallback=allow",
        "lang=en&limit=100",
        "lang=cy&category=better-outcomes&collection=consultant-social-workers",
        "lang=cy&sort=title",
        "lang=cy&release=1",
    ],
)
def test_a_list_is_one_query_beside_the_release(asked: Asked, query: str) -> None:
    assert len(asked(f"/v1/moments?{query}")) == 2


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_s_list_is_one_query_in_one_language_and_in_both(asked: Asked, kind: Any) -> None:
    for root in ("/v1", "/v1/bilingual"):
        assert len(asked(f"{root}/{kind.plural}")) == 2


@pytest.mark.parametrize("plural", sorted(SLUGS))
def test_a_resource_is_itself_and_its_neighbours(asked: Asked, plural: str) -> None:
    # The release, the address, the edition, the one before and the one after.
    assert len(asked(f"/v1/{plural}/{SLUGS[plural]}?lang=cy")) == 5


def test_where_nothing_can_be_found_nothing_is_looked_for(asked: Asked) -> None:
    assert len(asked("/v1/moments?lang=cy&min_state=reviewed")) == 1


def test_values_are_no_part_of_a_statement(asked: Asked) -> None:
    one = asked("/v1/moments?lang=cy&category=better-outcomes&limit=3")
    other = asked("/v1/moments?lang=en&category=education-and-training&limit=7")
    assert one == other


@pytest.mark.parametrize(("query", "limit"), [("lang=cy", 21), ("lang=cy&limit=100", 101), ("lang=cy&sort=title", 21)])
def test_a_usual_limit_is_written_into_the_statement(asked: Asked, query: str, limit: int) -> None:
    # As a parameter it has SQLite plan the statement at every run.
    assert f"LIMIT {limit}" in asked(f"/v1/moments?{query}")[-1]


def test_an_unusual_limit_makes_no_statement_of_its_own(asked: Asked) -> None:
    assert asked("/v1/moments?lang=cy&limit=3")[-1] == asked("/v1/moments?lang=cy&limit=4")[-1]
