"""The ``cdn`` command, for operators of a cache in front of the service."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from api.cli.report_errors import report_errors
from api.http.context import get_context
from api.services.delivery.purge_keys import list_purged_keys

cdn = AppGroup("cdn", help="Support a cache in front of the service.")


@cdn.command("keys")
@click.option("--since", type=click.IntRange(min=0), required=True, help="The newest release at the last purge.")
def print_purge_keys(since: int) -> None:
    """Print the surrogate keys to purge since a release, one per line."""
    with report_errors(), get_context().database.reading() as session:
        keys = list_purged_keys(session, since)
    for key in keys:
        click.echo(key)
