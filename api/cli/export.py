"""The content as files: for others to serve, and as packages for learning portals."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from werkzeug.datastructures import MultiDict

from api.cli.report_errors import report_errors
from api.cli.static.walk import ExportError, SiteWalk
from api.cli.static.write import write_export
from api.domain.language import Language
from api.http.context import get_context
from api.pages.embed_options import KINDS, read_options
from api.pages.scorm import make_package
from api.services.embed.target import STAGES
from api.settings import Settings

export = AppGroup("export", help="Write what is public as files.")


@export.command("static")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--release", type=click.IntRange(min=1), default=None, help="This release, not the current one.")
def write_static(folder: Path, release: int | None) -> None:
    """Write the current release to FOLDER: every answer in each language, and what nginx has to be told."""
    with report_errors():
        app = current_app.extensions["create_app"](_quiet(get_context().settings))
        try:
            written = write_export(SiteWalk(app, release), folder)
        except ExportError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"release {written.release}: {written.files} answers, {written.size:,} bytes, in {folder}")


def _quiet(settings: Settings) -> Settings:
    """The same, for an application that is asked everything once: no lines in the log, nothing kept, no figures."""
    unwanted = {"log_level": "error", "cache_mb": 0, "metrics_port": 0}
    known = {setting.name for setting in fields(Settings)}
    return replace(settings, **{name: value for name, value in unwanted.items() if name in known})  # type: ignore[arg-type]


_KIND = click.Choice([kind.value for kind in KINDS])


@export.command("scorm")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in KINDS]),
    default="moment",
    show_default=True,
    help="What is in it.",
)
@click.option("--slug", help="Which moment or prompt.")
@click.option("--collection", help="Of which booklet (prompts, ground-rules).")
@click.option("--stage", type=click.Choice(STAGES), help="Which prompts (prompts).")
@click.option("--moments", help="Which moments, parted by commas (session).")
@click.option("--stages", help="Which prompts, by stages parted by commas (session).")
@click.option("--lang", type=click.Choice([each.value for each in Language]), required=True, help="Shown first.")
@click.option("--theme", type=click.Choice(("light", "dark", "auto")), help="Its colours.")
@click.option("--release", help="Of which release; the newest if not said.")
def export_scorm(file: Path, **given: str | None) -> None:
    """Write to FILE a SCORM 1.2 package with both languages of what is chosen."""
    chosen = MultiDict({name: value for name, value in given.items() if value is not None})
    with report_errors():
        data, _, _ = make_package(read_options(chosen))
        file.write_bytes(data)
    click.echo(f"{file}: {len(data):,} bytes")
