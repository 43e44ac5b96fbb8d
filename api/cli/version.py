"""The ``version`` command."""

from __future__ import annotations

import click

from api.version import read_version


@click.command("version")
def version() -> None:
    """Print the version of the service."""
    click.echo(read_version())
