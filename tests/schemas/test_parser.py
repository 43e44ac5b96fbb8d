"""Tests of ``parse_query_string``, whose results are cached by schema and query string."""

from __future__ import annotations

import pytest
from marshmallow import EXCLUDE

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.schemas.fields import QueryInteger, QuerySchema, QueryText
from api.schemas.parser import parse_query_string


class TextQuery(QuerySchema):
    value = QueryText()


class NumberQuery(QuerySchema):
    value = QueryInteger(1, 9)


class OpenTextQuery(TextQuery):
    class Meta:
        unknown = EXCLUDE


def issues_of(schema: type[QuerySchema], query: bytes) -> list[Issue]:
    """Return the issues of a query string."""
    with pytest.raises(InvalidRequestError) as raised:
        parse_query_string(schema, query)
    return list(raised.value.issues)


def test_two_schemas_can_parse_the_same_query_string_differently() -> None:
    for _ in range(2):
        assert parse_query_string(TextQuery, b"value=7") == {"value": "7"}
        assert parse_query_string(NumberQuery, b"value=7") == {"value": 7}


def test_the_cached_parameters_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        parse_query_string(TextQuery, b"value=7")["value"] = "8"  # type: ignore[index]  # the mapping is read-only
    assert parse_query_string(TextQuery, b"value=7") == {"value": "7"}


def test_an_invalid_query_string_is_refused_again_when_it_is_repeated() -> None:
    for _ in range(2):
        assert issues_of(NumberQuery, b"value=x")[0].code is IssueCode.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"value=a&value=a", IssueCode.REPEATED_PARAMETER),
        (b"value=%ff", IssueCode.INVALID_CHARACTER),
        (b"other=a", IssueCode.UNKNOWN_PARAMETER),
        (b"%ff=a", IssueCode.UNKNOWN_PARAMETER),
    ],
)
def test_a_parameter_that_is_repeated_or_not_utf_8_or_unknown_is_refused(query: bytes, code: IssueCode) -> None:
    assert [issue.code for issue in issues_of(TextQuery, query)] == [code]


def test_an_open_schema_ignores_all_errors_in_unknown_parameters() -> None:
    assert parse_query_string(OpenTextQuery, b"value=a&other=%ff&other=%ff") == {"value": "a"}
