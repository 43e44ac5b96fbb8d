"""Fields of query strings and JSON bodies. A message is an issue code with data, never a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields
from webargs.fields import DelimitedList

from api.domain.errors import InvalidTextError
from api.domain.issue_code import IssueCode
from api.domain.text import clean_comment, clean_name, clean_reason
from api.schemas.issues import member_messages, refuse
from api.schemas.validators import OneOf, Range
from api.services.delivery.request import NEXT_RELEASE

MAX_TEXT = 200
MAX_LIST = 1_000
MAX_NUMBER = 2**31 - 1
# Patterns of accepted values, for the API document.
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
BASE64 = "^[A-Za-z0-9_-]+$"


class Text(fields.String):
    """A string in a body. The texts of the content are checked in ``domain/text.py``."""

    default_error_messages = member_messages("string")


class Choice(Text):
    """A string in a body that must be one of a few words."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        super().__init__(validate=OneOf(choices), **kwargs)


class CommentText(Text):
    """A comment of at most 2,000 characters, none of them invisible."""

    clean: Callable[[str], str] = staticmethod(clean_comment)
    # In comments and names, control characters and lone surrogates have the same issue code; in texts of the content,
    # they have different codes.
    codes: Mapping[IssueCode, IssueCode] = {
        IssueCode.CONTROL_CHARACTER: IssueCode.INVALID_CHARACTER,
        IssueCode.SURROGATE: IssueCode.INVALID_CHARACTER,
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self.clean(text)
        except InvalidTextError as error:
            raise refuse(self.codes.get(error.code, error.code), **error.data) from error


class NameText(CommentText):
    """A name of 1 to 200 characters on one line."""

    clean = staticmethod(clean_name)


class ReasonText(CommentText):
    """A public reason for waiving a gap: a text of at least 20 characters."""

    clean = staticmethod(clean_reason)
    codes: Mapping[IssueCode, IssueCode] = {}


class Boolean(fields.Boolean):
    """``true`` or ``false`` in a body; 0, 1 and strings are refused."""

    default_error_messages = member_messages("boolean")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Integer(fields.Integer):
    """A whole number in a body, from ``least`` to ``most``."""

    default_error_messages = member_messages("integer")

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=Range(least, most), **kwargs)


class Array(fields.List[Any]):
    """An array in a body."""

    default_error_messages = member_messages("array")


class Object(fields.Nested):
    """An object in a body."""

    default_error_messages = member_messages("object")


class Map(fields.Dict):
    """An object in a body. The names of its members are data."""

    default_error_messages = member_messages("object")


class QueryText(fields.String):
    """A parameter of 1 to ``limit`` characters, none of them a control character or a lone surrogate.

    The API document contains the limit and ``pattern``; if ``pattern`` is None, ``metadata`` describes the parameter.
    """

    default_error_messages = {"required": IssueCode.REQUIRED_PARAMETER}

    def __init__(self, *, limit: int = MAX_TEXT, pattern: str | None = PRINTABLE, **kwargs: Any) -> None:
        self.limit = limit
        form = {} if pattern is None else {"minLength": 1, "maxLength": limit, "pattern": pattern}
        super().__init__(metadata={**form, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        # Links contain the normalised text, which may be longer: U+1D160 becomes three characters.
        text = unicodedata.normalize("NFC", str(value))
        if len(text) > self.limit:
            raise refuse(IssueCode.TOO_LONG, limit=self.limit)
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            raise refuse(IssueCode.INVALID_CHARACTER)
        if not text:
            raise refuse(IssueCode.EMPTY)
        return text


class QueryChoice(QueryText):
    """A parameter that is one of a few words."""

    def __init__(self, choices: Iterable[str], *, code: IssueCode = IssueCode.UNKNOWN_CHOICE, **kwargs: Any) -> None:
        super().__init__(pattern=None, validate=OneOf(choices, code), **kwargs)


class QueryBoolean(QueryText):
    """A parameter that is ``true`` or ``false``."""

    choice = OneOf(("true", "false"))

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "boolean", **kwargs.pop("metadata", {})}
        super().__init__(pattern=None, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.choice(super()._deserialize(value, attr, data, **kwargs)) == "true"


class QueryChoices(DelimitedList):
    """A parameter with one or more words from a fixed set, separated by commas."""

    text = QueryText(limit=MAX_LIST)

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choice = OneOf(choices)
        metadata = {"minItems": 1, **kwargs.pop("metadata", {})}
        super().__init__(QueryChoice(self.choice.choices), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = self.text.deserialize(value, attr, data).split(",")
        return tuple(self.choice(word) for word in dict.fromkeys(word.strip() for word in words))


class QuerySlugs(DelimitedList):
    """A parameter with up to ``limit`` different slugs, separated by commas."""

    default_error_messages = {"required": IssueCode.REQUIRED_PARAMETER}
    text = QueryText(limit=4 * MAX_LIST)

    def __init__(self, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        metadata = {"minItems": 1, "maxItems": limit, **kwargs.pop("metadata", {})}
        super().__init__(QueryText(pattern=SLUG), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = self.text.deserialize(value, attr, data).split(",")
        slugs = tuple(dict.fromkeys(slug.strip() for slug in words if slug.strip()))
        if not slugs:
            raise refuse(IssueCode.EMPTY)
        if len(slugs) > self.limit:
            raise refuse(IssueCode.TOO_MANY, most=self.limit)
        return slugs


class QueryInteger(fields.Integer):
    """A parameter that is a whole number in ASCII digits, from ``least`` to ``most``."""

    default_error_messages = {"required": IssueCode.REQUIRED_PARAMETER}

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        self.most, self.range = most, Range(least, most)
        metadata = {"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise refuse(IssueCode.NOT_A_NUMBER, **self.range.data)
        # ``int()`` raises an error for numbers of thousands of digits.
        is_readable = len(digits) <= len(str(self.most)) + 10
        number = int(text) if is_readable else self.most + 1
        self.range(number)
        return number


class ReleaseNumber(QueryInteger):
    """The number of a release. The release need not exist: a missing release leads to a 404, not a 400."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, MAX_NUMBER, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if text.isascii() and text.isdigit() and text.strip("0"):
            return min(int(text[:12]), MAX_NUMBER + 1)
        return super()._deserialize(value, attr, data, **kwargs)


class PreviewableRelease(ReleaseNumber):
    """The number of a release, or ``next`` to preview the working copy as the next release (``NEXT_RELEASE``)."""

    def __init__(self, metadata: dict[str, Any]) -> None:
        number = {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER}
        schema = {"anyOf": [number, {"type": "string", "const": "next"}]}
        super().__init__(metadata={**metadata, "x_schema": schema})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return NEXT_RELEASE if value == "next" else super()._deserialize(value, attr, data, **kwargs)


class QuerySchema(Schema):
    """The parameters of one path. Unknown parameters are refused, unless ``Meta.unknown`` is EXCLUDE."""

    error_messages = {"unknown": IssueCode.UNKNOWN_PARAMETER}
