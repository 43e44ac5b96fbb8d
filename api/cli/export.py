"""Commands that write public content as files: a release for a web server, and a package for a learning platform."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from werkzeug.datastructures import MultiDict

from api.cli.language_option import LanguageOption
from api.cli.report_errors import report_errors
from api.cli.static.walk import ExportError, SiteWalk
from api.cli.static.write import write_export
from api.http.context import get_context
from api.pages.embed_options import CHOOSABLE_KINDS, read_options
from api.pages.scorm import make_package
from api.services.embed.target import ALL_STAGES
from api.settings import Settings

export = AppGroup("export", help="Write public content as files.")


@export.command("static")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--release", type=click.IntRange(min=1), default=None, help="The release to export.  [default: the newest]"
)
def write_static(folder: Path, release: int | None) -> None:
    """Write the current release to FOLDER: each response in both languages, and the configuration of nginx."""
    with report_errors():
        app = current_app.extensions["create_app"](_without_extras(get_context().settings))
        try:
            summary = write_export(SiteWalk(app, release), folder)
        except ExportError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"release {summary.release}: {summary.files} responses, {summary.size:,} bytes, in {folder}")


def _without_extras(settings: Settings) -> Settings:
    """Return the settings with logging, cache and metrics turned off, since the export makes each request only once."""
    return replace(settings, log_level="error", cache_mb=0, metrics_port=0)


@export.command("scorm")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in CHOOSABLE_KINDS]),
    default="moment",
    show_default=True,
    help="The content of the package.",
)
@click.option("--slug", help="The moment or prompt.")
@click.option("--collection", help="The booklet, for prompts and ground-rules.")
@click.option("--stage", type=click.Choice(ALL_STAGES), help="The stage, for prompts.")
@click.option("--moments", help="The moments, separated by commas, for a session.")
@click.option("--stages", help="The stages of the prompts, separated by commas, for a session.")
@click.option(
    "--lang",
    type=LanguageOption(),
    required=True,
    help="The language shown first.",
)
@click.option("--theme", type=click.Choice(("light", "dark", "auto")), help="The colours.")
@click.option("--release", help="The release to export.  [default: the newest]")
def export_scorm(file: Path, **options: str | None) -> None:
    """Write a SCORM 1.2 package of the chosen content, in both languages, to FILE."""
    parameters = MultiDict({name: value for name, value in options.items() if value is not None})
    with report_errors():
        data, _, _ = make_package(read_options(parameters))
        file.write_bytes(data)
    click.echo(f"{file}: {len(data):,} bytes")
