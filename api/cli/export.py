"""The content as files for others to serve."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from api.cli.plain_errors import plain_errors
from api.cli.static.walk import ExportRefused, Walk
from api.cli.static.write import write_export
from api.routes.service import get_service
from api.settings import Settings

export = AppGroup("export", help="Write what is public as files.")


@export.command("static")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--release", type=click.IntRange(min=1), default=None, help="This release, not the current one.")
def write_static(folder: Path, release: int | None) -> None:
    """Write the current release to FOLDER: every answer in each language, and what nginx has to be told."""
    with plain_errors():
        app = current_app.extensions["create_app"](_quiet(get_service().settings))
        try:
            written = write_export(Walk(app, release), folder)
        except ExportRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"release {written.release}: {written.files} answers, {written.size:,} bytes, in {folder}")


def _quiet(settings: Settings) -> Settings:
    """The same, for an application that is asked everything once: no lines in the log, nothing kept, no figures."""
    unwanted = {"log_level": "error", "cache_mb": 0, "metrics_port": 0}
    known = {setting.name for setting in fields(Settings)}
    return replace(settings, **{name: value for name, value in unwanted.items() if name in known})  # type: ignore[arg-type]
