"""The type of command options that take a language."""

from __future__ import annotations

from typing import Any

import click

from api.domain.language import Language, parse_language


class LanguageOption(click.Choice[str]):
    """A language as a BCP 47 tag. The value is the canonical tag: ``cy`` for ``CY``, ``cy-GB`` or ``cy_GB``."""

    def __init__(self) -> None:
        super().__init__([language.value for language in Language])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        language = parse_language(str(value))
        return super().convert(value if language is None else language.value, param, ctx)
