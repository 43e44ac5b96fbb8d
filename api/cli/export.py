"""What is taken out of the service to where it cannot reach: packages for learning portals."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from werkzeug.datastructures import MultiDict

from api.cli.plain_errors import plain_errors
from api.domain.language import Language
from api.pages.choosing import KINDS, read_choice
from api.pages.scorm import make_package
from api.services.embed.target import STAGES

export = AppGroup("export", help="Write packages for learning portals.")

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
    with plain_errors():
        data, _, _ = make_package(read_choice(chosen))
        file.write_bytes(data)
    click.echo(f"{file}: {len(data):,} bytes")
