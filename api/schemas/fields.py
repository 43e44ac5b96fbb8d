"""Fields of query strings. What is wrong with a value is a stable word with data, never a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields
from webargs.fields import DelimitedList

from api.domain.errors import Issue
from api.domain.issue_code import IssueCode
from api.services.delivery.request import NEXT_RELEASE

MAX_TEXT = 200
MAX_LIST = 1_000
# What the fields below take, as the document tells it.
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
BASE64 = "^[A-Za-z0-9_-]+$"


def refuse(fault: IssueCode, **data: object) -> ValidationError:
    """A validation error that carries a fault's word and data (``schemas/parser.py`` reads it)."""
    return ValidationError([{"fault": fault, "data": data}])


class QueryText(fields.String):
    """A short text: no control character, no lone surrogate, at most ``limit`` characters."""

    def __init__(self, *, limit: int = MAX_TEXT, pattern: str = PRINTABLE, **kwargs: Any) -> None:
        self.limit = limit
        # Words to choose from, and what has a form of its own, say all of it themselves.
        is_told = {"enum", "format"} & set(kwargs.get("metadata", {}))
        form = {} if is_told else {"minLength": 1, "maxLength": limit, "pattern": pattern}
        super().__init__(metadata={**form, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value)
        if len(text) > self.limit:
            raise refuse(IssueCode.TOO_LONG, limit=self.limit)
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            raise refuse(IssueCode.INVALID_CHARACTER)
        if not text:
            raise refuse(IssueCode.EMPTY)
        return unicodedata.normalize("NFC", text)


class QueryChoice(QueryText):
    """One of a few words."""

    def __init__(self, choices: Iterable[str], *, fault: IssueCode = IssueCode.UNKNOWN_CHOICE, **kwargs: Any) -> None:
        self.choices = tuple(choices)
        self.fault = fault
        metadata: Mapping[str, Any] = {"enum": list(self.choices), **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self.choices:
            raise refuse(self.fault, value=text[:50], choices=", ".join(self.choices))
        return text


_LIST = QueryText(limit=MAX_LIST)
_SLUGS = QueryText(limit=4 * MAX_LIST)


class QueryChoices(DelimitedList):
    """Several of a few words, parted by commas."""

    def __init__(self, choices: Iterable[str], *, fault: IssueCode = IssueCode.UNKNOWN_FIELD, **kwargs: Any) -> None:
        self.choices = tuple(choices)
        self.fault = fault
        metadata = {"minItems": 1, **kwargs.pop("metadata", {})}
        super().__init__(QueryChoice(self.choices), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = _LIST.deserialize(value, attr, data)
        words = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
        for word in words:
            if word not in self.choices:
                raise refuse(self.fault, value=word[:50], choices=", ".join(self.choices))
        return words


class QuerySlugs(DelimitedList):
    """At most ``most`` slugs, parted by commas, each once."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(
            QueryText(pattern=SLUG), metadata={"minItems": 1, "maxItems": most, **kwargs.pop("metadata", {})}, **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = _SLUGS.deserialize(value, attr, data)
        slugs = tuple(dict.fromkeys(slug.strip() for slug in text.split(",") if slug.strip()))
        if not slugs:
            raise refuse(IssueCode.EMPTY)
        if len(slugs) > self.most:
            raise refuse(IssueCode.TOO_MANY, most=self.most)
        return slugs


class QueryInteger(fields.Integer):
    """A whole number in ASCII digits, from ``least`` to ``most``."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        metadata = {"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise refuse(IssueCode.NOT_A_NUMBER, least=self.least, most=self.most)
        if len(digits) > len(str(self.most)) + 10 or not self.least <= int(text) <= self.most:
            raise refuse(IssueCode.OUT_OF_RANGE, least=self.least, most=self.most)
        return int(text)


class QueryBoolean(QueryChoice):
    """``true`` or ``false``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(("true", "false"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs) == "true"


class ReleaseNumber(QueryInteger):
    """A release's number. One that is too large names no release: that is a 404, not a 400."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, 2**31 - 1, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if text.isascii() and text.isdigit() and text.strip("0"):
            return min(int(text[:12]), 2**31)
        return super()._deserialize(value, attr, data, **kwargs)


class PreviewableRelease(ReleaseNumber):
    """A release's number, or ``next``: the one that is not made yet (``request.NEXT``)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return NEXT_RELEASE if value == "next" else super()._deserialize(value, attr, data, **kwargs)


class QuerySchema(Schema):
    """The parameters of one address; what it does not name is refused."""

    error_messages = {"unknown": IssueCode.UNKNOWN_PARAMETER}  # noqa: RUF012  # marshmallow's own form


def query_issues(messages: Any) -> list[Issue]:
    """Marshmallow's messages about a query string as faults, in the order of the parameters."""
    faults = []
    for parameter, found in messages.items():
        for message in found:
            if isinstance(message, dict):
                faults.append(Issue(message["fault"], parameter=parameter, data=message["data"]))
            else:
                faults.append(Issue(IssueCode(message), parameter=parameter))
    return faults
