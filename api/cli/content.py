"""The content commands: load, check, export, verify, back up and suppress."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from api.cli.load_progress import load_with_progress
from api.cli.report_errors import report_errors
from api.domain.errors import InvalidFolderError
from api.domain.state import MinState
from api.http.context import get_context
from api.services.access.audit_log import make_audit_context
from api.services.booklets.export import export_folder
from api.services.booklets.folder import Folder, check_folder, read_folder, write_folder
from api.services.booklets.load import LoadOptions, LoadReport
from api.services.booklets.verify import verify_content
from api.services.maintenance.backup import back_up
from api.services.maintenance.suppression import suppress
from api.settings import DATA

content = AppGroup("content", help="Load, check, export, verify, back up and suppress content.")

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_AS = click.option("--as", "name", default=None, help="The person to record in the audit log.")


@content.command("load")
@click.argument("folder", type=_FOLDER)
@click.option(
    "--waive",
    nargs=2,
    default=None,
    metavar="en=REASON cy=REASON",
    help="Waive all gaps, with a public reason in each language.",
)
@click.option("--no-release", is_flag=True, help="Load into the working copy only.")
@click.option("--dry-run", is_flag=True, help="Report what would happen, and change nothing.")
@click.option("--note", default=None, help="A note for the readers of the release.")
@_AS
def load(
    folder: Path, waive: tuple[str, str] | None, no_release: bool, dry_run: bool, note: str | None, name: str | None
) -> None:
    """Load FOLDER and publish its changes, unless a gap blocks them."""
    with report_errors():
        content_folder = _read_valid_folder(folder)
        options = LoadOptions(
            required=MinState(get_context().settings.release_state),
            waive=_parse_reasons(waive),
            is_released=not no_release,
            note=note or f"content load: {content_folder.key}",
        )
        report = load_with_progress(get_context(), content_folder, options, name=name, is_dry_run=dry_run)
    _print_report(report, is_dry_run=dry_run)


def _parse_reasons(waive: tuple[str, str] | None) -> dict[str, str]:
    reasons = dict(part.partition("=")[::2] for part in waive or ())
    if reasons and set(reasons) != {"cy", "en"}:
        raise click.UsageError("--waive takes two reasons: en=… cy=…")
    return reasons


def _read_valid_folder(path: Path) -> Folder:
    """Return the content of a folder. Raises InvalidFolderError."""
    folder = read_folder(path)
    issues = check_folder(folder)
    if issues:
        raise InvalidFolderError(issues)
    return folder


def _print_report(report: LoadReport, *, is_dry_run: bool) -> None:
    would = "would be " if is_dry_run else ""
    click.echo(f"{report.created} resources {would}created, {len(report.changed)} {would}changed")
    for outcome, names in (
        ("changed here too, and kept; the folder’s text is now a suggestion", report.conflicts),
        ("not released, because it has unreleased work", report.held),
        ("no longer in the folder, but not withdrawn", report.absent),
        ("suppressed, and not loaded; remove it from the folder too", report.suppressed),
    ):
        for name in names:
            click.echo(f"  {name}: {outcome}")
    if report.release is None:
        click.echo("no release")
    else:
        click.echo(f"release {report.release}" + (" (not made: dry run)" if is_dry_run else ""))


@content.command("check")
@click.argument("folders", type=_FOLDER, nargs=-1)
def check(folders: tuple[Path, ...]) -> None:
    """Check the format and texts of FOLDERS (default: all of content/), and report duplicates. Nothing is loaded."""
    for folder in folders or sorted(file.parent for file in (DATA / "content").glob("*/collection.yaml")):
        with report_errors():
            content_folder = _read_valid_folder(folder)
        units = sum(len(resource.units) for resource in content_folder.resources)
        click.echo(f"{content_folder.key}: {len(content_folder.resources)} resources, {units} units, no issues")


@content.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--collection", default="consultant-social-workers", show_default=True, help="The collection's key.")
def export(folder: Path, collection: str) -> None:
    """Write the working copy of a collection to FOLDER, in the format that `content load` reads."""
    with report_errors():
        with get_context().database.reading() as session:
            exported = export_folder(session, collection)
        write_folder(exported, folder)
    click.echo(f"{len(exported.resources)} resources written to {folder}")


@content.command("suppress")
@click.argument("resource")
@click.option("--reason", required=True, help="Why it is suppressed, for the audit log.")
@_AS
def suppress_resource(resource: str, reason: str, name: str | None) -> None:
    """Delete the texts of RESOURCE (such as moment.chain-reaction) from every release, permanently."""
    database = get_context().database
    with report_errors(), database.writing() as session:
        audit = make_audit_context(session, name or "operator", "cli")
        release = suppress(session, audit, resource, reason)
    database.truncate_wal()
    click.echo(f"{resource} is empty at every release" + (f"; release {release} withdraws it" if release else ""))


@content.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a copy of the whole database to FILE while the service runs."""
    with report_errors():
        back_up(get_context().database, file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@content.command("verify")
def verify() -> None:
    """Rebuild every public document from its revisions, and report differences."""
    with report_errors(), get_context().database.reading() as session:
        differences = list(verify_content(session))
    for difference in differences:
        click.echo(difference)
    if differences:
        raise SystemExit(1)
    click.echo("every document matches its revisions")
