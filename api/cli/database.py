"""The commands for migrations, the search index and openapi.yaml."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from api.cli.load_progress import load_first_booklet
from api.cli.report_errors import report_errors
from api.http.context import get_context
from api.openapi.generate import generate_openapi, write_openapi
from api.services.maintenance.compaction import compact
from api.services.maintenance.migrations import downgrade, upgrade
from api.services.search.index import rebuild_index
from api.settings import ROOT

database = AppGroup("database", help="Migrate the database.")
search = AppGroup("search", help="Maintain the search index.")
document = AppGroup("document", help="Generate the description of the API, openapi.yaml.")


@database.command("upgrade")
@click.argument("to", default="head")
def upgrade_database(to: str) -> None:
    """Upgrade the database to a migration."""
    with report_errors():
        upgrade(get_context().database.engine, to)


@database.command("downgrade")
@click.argument("to")
def downgrade_database(to: str) -> None:
    """Downgrade the database to a migration (`base` empties it)."""
    with report_errors():
        downgrade(get_context().database.engine, to)


@search.command("rebuild")
def rebuild_search() -> None:
    """Rebuild the search index from the public texts; releases wait meanwhile."""
    with report_errors(), get_context().database.writing() as session:
        texts = rebuild_index(session)
    compact(get_context().database)
    click.echo(f"{texts:,} texts indexed")


@document.command("write")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=ROOT / "openapi.yaml")
def write_openapi_file(file: Path) -> None:
    """Write the description of the API, with examples from the first booklet, to FILE."""
    with report_errors():
        write_openapi(file, generate_openapi(current_app.extensions["create_app"], load_first_booklet))
