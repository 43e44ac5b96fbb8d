"""Tests of fields and validators: each error is an issue with a code, a parameter or pointer, and data."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from api.domain.errors import Issue
from api.domain.issue_code import IssueCode
from api.schemas.body import BodySchema, NewResourceBody
from api.schemas.fields import (
    Boolean,
    Choice,
    Integer,
    QueryBoolean,
    QueryChoice,
    QueryChoices,
    QueryInteger,
    QuerySchema,
    QuerySlugs,
    QueryText,
    ReleaseNumber,
    Text,
)
from api.schemas.issues import body_issues, query_issues


class SampleQuery(QuerySchema):
    text = QueryText(limit=10)
    choice = QueryChoice(("a", "b"))
    choices = QueryChoices(("a", "b"))
    slugs = QuerySlugs(2)
    number = QueryInteger(1, 9)
    flag = QueryBoolean()
    release = ReleaseNumber()


class SampleBody(BodySchema):
    text = Text()
    choice = Choice(("a", "b"))
    number = Integer(1, 9)
    flag = Boolean()


def load_query(**params: str) -> list[Issue]:
    """Return the issues of a query string."""
    with pytest.raises(ValidationError) as raised:
        SampleQuery().load(params)
    return query_issues(raised.value.messages)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("text", "e\u0301", "é"),
        ("choice", "a", "a"),
        ("choices", "b, a,b", ("b", "a")),
        ("slugs", "x,,y,x", ("x", "y")),
        ("number", "9", 9),
        ("flag", "true", True),
        ("flag", "false", False),
        ("release", "99999999999999", 2**31),
    ],
)
def test_a_valid_parameter_is_converted(name: str, value: str, expected: object) -> None:
    assert SampleQuery().load({name: value}) == {name: expected}


@pytest.mark.parametrize(
    ("name", "value", "code", "data"),
    [
        ("text", "", IssueCode.EMPTY, {}),
        ("text", "x" * 11, IssueCode.TOO_LONG, {"limit": 10}),
        ("text", "a\x00", IssueCode.INVALID_CHARACTER, {}),
        ("choice", "c", IssueCode.UNKNOWN_CHOICE, {"value": "c", "choices": ("a", "b")}),
        ("choices", "a,c", IssueCode.UNKNOWN_CHOICE, {"value": "c", "choices": ("a", "b")}),
        ("slugs", ",", IssueCode.EMPTY, {}),
        ("slugs", "x,y,z", IssueCode.TOO_MANY, {"most": 2}),
        ("number", "١", IssueCode.NOT_A_NUMBER, {"least": 1, "most": 9}),
        ("number", "0", IssueCode.OUT_OF_RANGE, {"least": 1, "most": 9}),
        ("number", "9" * 5000, IssueCode.OUT_OF_RANGE, {"least": 1, "most": 9}),
        ("flag", "1", IssueCode.UNKNOWN_CHOICE, {"value": "1", "choices": ("true", "false")}),
        ("release", "0", IssueCode.OUT_OF_RANGE, {"least": 1, "most": 2**31 - 1}),
    ],
)
def test_an_invalid_parameter_causes_one_issue_with_the_expected_data(
    name: str, value: str, code: IssueCode, data: dict[str, object]
) -> None:
    assert load_query(**{name: value}) == [Issue(code, parameter=name, data=data)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("text", 1, IssueCode.WRONG_TYPE),
        ("text", None, IssueCode.NOT_NULL),
        ("choice", "c", IssueCode.UNKNOWN_CHOICE),
        ("number", "1", IssueCode.WRONG_TYPE),
        ("number", True, IssueCode.WRONG_TYPE),
        ("number", 1.0, IssueCode.WRONG_TYPE),
        ("number", 10, IssueCode.OUT_OF_RANGE),
        ("flag", 1, IssueCode.WRONG_TYPE),
        ("flag", "true", IssueCode.WRONG_TYPE),
        ("other", 1, IssueCode.UNKNOWN_MEMBER),
    ],
)
def test_an_invalid_member_is_reported_as_one_issue_that_points_to_it(name: str, value: Any, code: IssueCode) -> None:
    with pytest.raises(ValidationError) as raised:
        SampleBody().load({name: value})
    assert [(issue.code, issue.pointer) for issue in body_issues(raised.value.messages)] == [(code, f"/{name}")]


def test_the_pointer_to_a_value_in_a_map_contains_the_escaped_key() -> None:
    body = {"kind": "moment", "source_language": "cy", "texts": {"a/b~": {"en": 1}, "key": {"cy": 2}}}
    with pytest.raises(ValidationError) as raised:
        NewResourceBody().load(body)
    pointers = {issue.pointer for issue in body_issues(raised.value.messages)}
    assert pointers == {"/texts/a~1b~0/en", "/texts/key/cy"}
