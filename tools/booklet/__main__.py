"""Command line: ``python -m tools.booklet check`` and ``python -m tools.booklet map``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.domain.errors import InvalidFolderError
from api.services.booklets.folder.model import FILES
from api.settings import ROOT
from tools.booklet.checking import find_printed_issues
from tools.booklet.line_map import make_line_map
from tools.booklet.source import read_booklet_source

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def cli() -> None:
    """Compare content folders with the booklets they were made from."""


@cli.command("check")
@click.argument("folders", type=_FOLDER, nargs=-1)
def check_print(folders: tuple[Path, ...]) -> None:
    """Check that the English texts of FOLDERS are printed in their booklets (default: all of content/)."""
    for folder in folders or sorted(path.parent for path in (ROOT / "content").glob(f"*/{FILES['collection']}")):
        with _report_issues():
            source = read_booklet_source(folder)
            issues = find_printed_issues(source)
            if issues:
                raise InvalidFolderError(issues)
        key = source.folder.key
        click.echo(f"{key}: no booklet.en.md to compare with" if source.lines is None else f"{key}: as printed")


@cli.command("map")
@click.argument("folder", type=_FOLDER)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_map(folder: Path, file: Path) -> None:
    """Write to FILE a page that shows, for each line of FOLDER's booklet, the text that it became."""
    with _report_issues():
        source = read_booklet_source(folder)
    if source.lines is None:
        raise click.ClickException(f"{folder} has no booklet.en.md")
    file.write_text(make_line_map(source), encoding="utf-8")


@contextmanager
def _report_issues() -> Iterator[None]:
    """Print the issues of a folder and exit with status 1."""
    try:
        yield
    except InvalidFolderError as error:
        raise click.ClickException("the folder has issues:\n" + "\n".join(map(str, error.issues))) from error


if __name__ == "__main__":
    cli(prog_name="python -m tools.booklet")
