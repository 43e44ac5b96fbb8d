"""The SQL statements of a read: how many there are, and which values are parameters."""

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
from tests.tools.endpoints import SLUGS

ReadStatements = Callable[[str], list[str]]


@contextmanager
def record_statements(app: Flask) -> Iterator[list[str]]:
    """Record the statements that the application executes in this context."""
    statements: list[str] = []
    run = ReadSession._run

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    def record_and_run(session: ReadSession, sql: str, arguments: Any) -> Any:
        statements.append(sql)
        return run(session, sql, arguments)

    # Prepared statements go to the driver directly, all others through SQLAlchemy.
    engine = app.extensions["eiliadau_hud"].database._reads.engine
    event.listen(engine, "before_cursor_execute", record)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadSession, "_run", record_and_run)
        yield statements
    event.remove(engine, "before_cursor_execute", record)


@pytest.fixture
def read_statements(loaded_url: str, make_app: MakeApp) -> ReadStatements:
    """Return a function that reads a URL twice, and returns the SQL statements of the second read."""
    app = make_app(loaded_url, cache_mb=0)

    def read(url: str) -> list[str]:
        client = app.test_client()
        assert client.get(url).status_code == 200
        with record_statements(app) as statements:
            assert client.get(url).status_code == 200
        return statements

    return read


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
def test_a_list_takes_two_statements(read_statements: ReadStatements, query: str) -> None:
    # One statement reads the newest release, the other reads the page.
    assert len(read_statements(f"/v1/moments?{query}")) == 2


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_monolingual_and_bilingual_lists_of_any_kind_take_two_statements(
    read_statements: ReadStatements, kind: Any
) -> None:
    for root in ("/v1", "/v1/bilingual"):
        assert len(read_statements(f"{root}/{kind.plural}")) == 2


@pytest.mark.parametrize("plural", sorted(SLUGS))
def test_reading_a_resource_takes_three_statements(read_statements: ReadStatements, plural: str) -> None:
    # The statements read the newest release, the slug with its edition, and the previous and next resource.
    assert len(read_statements(f"/v1/{plural}/{SLUGS[plural]}?lang=cy")) == 3


def test_the_first_read_of_a_resource_takes_five_statements(loaded_url: str, make_app: MakeApp) -> None:
    app = make_app(loaded_url)
    with record_statements(app) as statements:
        assert app.test_client().get("/v1/moments/chain-reaction?lang=cy").status_code == 200
    # The first read takes two more statements than later reads, because the cache is empty. One reads the newest
    # release, the other the names of the collection and the category.
    assert len(statements) == 5


@pytest.mark.parametrize("limit", [1, 100])
def test_a_page_of_the_change_feed_takes_three_statements_whatever_its_length(
    read_statements: ReadStatements, limit: int
) -> None:
    # The statements read the newest release, the changes, and both languages of all their resources.
    assert len(read_statements(f"/v1/changes?since=0&include=content&limit={limit}")) == 3
    assert len(read_statements(f"/v1/changes?since=0&limit={limit}")) == 2


def test_reading_an_empty_list_executes_no_statement_for_its_page(read_statements: ReadStatements) -> None:
    assert len(read_statements("/v1/moments?lang=cy&min_state=reviewed")) == 1


def test_the_values_of_filters_are_parameters_of_the_statement(read_statements: ReadStatements) -> None:
    welsh = read_statements("/v1/moments?lang=cy&category=better-outcomes&limit=3")
    english = read_statements("/v1/moments?lang=en&category=education-and-training&limit=7")
    assert welsh == english


@pytest.mark.parametrize(("query", "limit"), [("lang=cy", 21), ("lang=cy&limit=100", 101), ("lang=cy&sort=title", 21)])
def test_a_common_limit_is_part_of_the_statement(read_statements: ReadStatements, query: str, limit: int) -> None:
    # If the limit is a parameter, SQLite plans the statement again each time.
    assert f"LIMIT {limit}" in read_statements(f"/v1/moments?{query}")[-1]


def test_lists_with_different_uncommon_limits_use_the_same_statement(read_statements: ReadStatements) -> None:
    assert read_statements("/v1/moments?lang=cy&limit=3")[-1] == read_statements("/v1/moments?lang=cy&limit=4")[-1]
