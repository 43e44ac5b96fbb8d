"""The content as files for others to serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from api.cli.plain_errors import plain_errors
from api.cli.static.walk import ExportRefused, Walk
from api.cli.static.write import write_export
from api.routes.service import get_service

export = AppGroup("export", help="Write what is public as files.")


@export.command("static")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--release", type=click.IntRange(min=1), default=None, help="This release, not the current one.")
def write_static(folder: Path, release: int | None) -> None:
    """Write the current release to FOLDER: every answer in each language, and what nginx has to be told."""
    with plain_errors():
        # One that says nothing: a line in the log for each of its requests would be of no use.
        quiet = replace(get_service().settings, log_level="error")
        app = current_app.extensions["create_app"](quiet)
        try:
            written = write_export(Walk(app, release), folder)
        except ExportRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"release {written.release}: {written.files} answers, {written.size:,} bytes, in {folder}")
