"""Commands that take a language accept every spelling of its tag."""

from __future__ import annotations

import click
import pytest
from flask import Flask

from api.cli.language_option import LanguageOption
from api.domain.language import Language
from tests.tools.endpoints import make_empty_app


def _language_options(app: Flask) -> list[click.Option]:
    """List the options of all commands whose values are languages."""
    groups: list[click.Command] = [app.cli]
    options = []
    while groups:
        command = groups.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            subcommands = [command.get_command(context, name) for name in command.list_commands(context)]
            groups += [subcommand for subcommand in subcommands if subcommand is not None]
        options += [
            parameter
            for parameter in command.params
            if isinstance(parameter, click.Option)
            and isinstance(parameter.type, click.Choice)
            and {str(choice) for choice in parameter.type.choices} == set(Language)
        ]
    return options


def test_every_option_for_a_language_accepts_every_spelling_of_a_tag() -> None:
    options = _language_options(make_empty_app())
    assert {option.name for option in options} == {"language", "target", "lang"}
    for option in options:
        for tag in ("cy", "CY", "cy-GB", "cy_GB", "cym"):
            assert option.type.convert(tag, option, None) == "cy", option.name


@pytest.mark.parametrize("tag", ["fr", "", "cy-", "cy_GB.UTF-8"])
def test_other_tags_are_refused(tag: str) -> None:
    with pytest.raises(click.BadParameter, match="'cy', 'en'"):
        LanguageOption().convert(tag, None, None)
