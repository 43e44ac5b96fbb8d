"""The installed command: ``eiliadau-hud serve``, ``eiliadau-hud content check`` and the others."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import FlaskGroup

from api.cli.serve import main as serve


def _create_app() -> Flask:
    from api.app import create_app  # noqa: PLC0415  # `serve` needs no application of its own

    return create_app()


@click.group(cls=FlaskGroup, create_app=_create_app, add_default_commands=False, add_version_option=False)
@click.version_option(package_name="eiliadau-hud", prog_name="eiliadau-hud")
def main() -> None:
    """Run and operate the bilingual content service."""


main.command("serve")(serve)
