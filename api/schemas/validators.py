"""Validators that report an issue code with its data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import validate

from api.domain.emoji import cut_text
from api.domain.issue_code import IssueCode
from api.schemas.issues import refuse


class OneOf(validate.OneOf):
    """A validator for a value from a fixed set of words."""

    def __init__(self, choices: Iterable[str], code: IssueCode = IssueCode.UNKNOWN_CHOICE) -> None:
        super().__init__([str(choice) for choice in choices])
        self.code = code

    def __call__(self, value: str) -> str:
        if value not in self.choices:
            raise refuse(self.code, value=cut_text(value, 50), choices=tuple(self.choices))
        return value


class Range(validate.Range):
    """A validator for a number from ``least`` to ``most``."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least, most)
        self.data = {"least": least, "most": most}

    def __call__(self, value: Any) -> Any:
        if not self.data["least"] <= value <= self.data["most"]:
            raise refuse(IssueCode.OUT_OF_RANGE, **self.data)
        return value
