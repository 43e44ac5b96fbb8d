"""Fields of query strings and JSON bodies that take a language."""

from __future__ import annotations

from typing import Any

from api.domain.issue_code import IssueCode
from api.domain.language import Language, parse_language
from api.schemas.fields import Choice, QueryChoice


class QueryLanguage(QueryChoice):
    """A parameter for a language, as a BCP 47 tag. The value is the canonical tag: ``cy`` for ``CY`` or ``cy-GB``."""

    def __init__(self, *, code: IssueCode = IssueCode.UNKNOWN_LANGUAGE, **kwargs: Any) -> None:
        super().__init__(Language, code=code, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return parse_language(text) or text


class LanguageChoice(Choice):
    """A language in a body, as a BCP 47 tag. The value is the canonical tag: ``cy`` for ``CY`` or ``cy-GB``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Language, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return parse_language(text) or text
