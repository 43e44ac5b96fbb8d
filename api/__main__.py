"""The command of the installed package: ``eiliadau-hud serve``, ``eiliadau-hud content check`` and the others."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import ScriptInfo

from api.cli import Commands
from api.setting_rules import InvalidSettingError
from api.version import DISTRIBUTION, read_version


def _create_app() -> Flask:
    from api.app import create_app  # noqa: PLC0415  # `serve` does not need this module

    try:
        return create_app()
    except InvalidSettingError as error:
        raise SystemExit(str(error)) from None


@click.group(cls=Commands)
@click.version_option(read_version(), prog_name=DISTRIBUTION)
def _group() -> None:
    """Run and operate the bilingual content service."""


def main() -> None:
    """Run one command. Commands that need the application create it."""
    _group.main(obj=ScriptInfo(create_app=_create_app))


if __name__ == "__main__":
    main()
