"""Parameters with several values, which may be repeated (``a=1&a=2``) or separated by commas (``a=1,2``).

The order of the values, and values given twice, never change a response. So values are sorted and duplicates removed:
links, cursors and cache keys then have one form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import ValidationError
from webargs.fields import DelimitedList

from api.domain.issue_code import IssueCode
from api.schemas.fields import QueryChoice, QueryText
from api.schemas.issues import refuse

# The maximum number of values of one parameter.
MAX_VALUES = 100
# The parameters of ``/v1`` that have several values wherever they occur.
LIST_PARAMETERS = frozenset({"category", "fields", "id", "kind", "part", "stage"})


class QueryValues(DelimitedList):
    """A parameter with 1 to 100 values, each a valid value of ``item``. Empty and repeated values are ignored."""

    # ``parse_query_string`` joins the values of a repeated parameter with commas.
    is_repeatable = True

    def __init__(self, item: QueryText, **kwargs: Any) -> None:
        metadata = {"minItems": 1, "maxItems": MAX_VALUES, **kwargs.pop("metadata", {})}
        super().__init__(item, metadata=metadata, **kwargs)
        self._item = item
        self._text = QueryText(limit=MAX_VALUES * (item.limit + 1))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = [word.strip() for word in self._text.deserialize(value, attr, data).split(",")]
        words = [word for word in words if word]
        if not words:
            raise refuse(IssueCode.EMPTY)
        if len(words) > MAX_VALUES:
            raise refuse(IssueCode.TOO_MANY, most=MAX_VALUES)
        return tuple(_convert_all(sorted(set(words)), self._item.deserialize))


class QueryOptions(QueryValues):
    """A parameter with one or more values from a fixed set of words."""

    def __init__(self, choices: Iterable[str], *, code: IssueCode = IssueCode.UNKNOWN_CHOICE, **kwargs: Any) -> None:
        super().__init__(QueryChoice(tuple(choices), code=code), **kwargs)


def _convert_all(words: Iterable[str], convert: Callable[[str], str]) -> list[str]:
    """Convert all words. The error for invalid words has an issue for each of them."""
    values: list[str] = []
    issues: list[Any] = []
    for word in words:
        try:
            values.append(convert(word))
        except ValidationError as error:
            issues += error.messages
    if issues:
        raise ValidationError(issues)
    return values
