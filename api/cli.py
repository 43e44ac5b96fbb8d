"""The commands of whoever runs the service: ``flask --app wsgi …``. They speak English, as logs do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from flask_smorest import Api
from sqlalchemy import func, select

from api.domain.errors import DomainError, FolderRefused, NothingToRelease, ReleaseBlocked
from api.domain.state import MinState
from api.models import Resource
from api.routes.document import make_document, write_document
from api.routes.service import Service, get_service
from api.services.act import begin_act
from api.services.content.backup import BackupRefused, back_up
from api.services.content.export import export_folder
from api.services.content.load import LoadOptions, LoadReport, load_folder
from api.services.content.suppress import suppress
from api.services.content.verify import verify_content
from api.services.folder import Folder, booklet_map, check_folder, read_folder, write_folder
from api.services.migrations import downgrade, find_current, head, upgrade
from api.settings import ROOT

FIRST_BOOKLET = ROOT / "content" / "consultant-social-workers"

content = AppGroup("content", help="Load, check, export, verify, back up and suppress content.")
database = AppGroup("database", help="Bring the database to a migration.")
document = AppGroup("document", help="The description of the service, openapi.yaml.")

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_AS = click.option("--as", "name", default=None, help="Who acts: the name of a person.")


def install_commands(app: Flask, api: Api) -> None:
    """Give ``app`` its commands."""
    app.extensions["openapi_source"] = api
    for command in (content, database, document, serve):
        app.cli.add_command(command)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Say what was wrong in a line each, and stop with status 1."""
    try:
        yield
    except FolderRefused as error:
        raise click.ClickException("the folder was not loaded:\n" + "\n".join(map(str, error.faults))) from error
    except ReleaseBlocked as error:
        lines = [f"  {b.resource}: {b.gap}{f' ({b.language})' if b.language else ''}" for b in error.blockers]
        raise click.ClickException("nothing was written; what blocks a release:\n" + "\n".join(lines)) from error
    except NothingToRelease as error:
        raise click.ClickException("there is nothing to release") from error
    except (DomainError, BackupRefused, OSError) as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


@content.command("load")
@click.argument("folder", type=_FOLDER)
@click.option("--waive", nargs=2, default=None, metavar="en=REASON cy=REASON", help="Let gaps pass, and say why.")
@click.option("--no-release", is_flag=True, help="Load into the working copy only.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--note", default=None, help="What the release says of itself.")
@_AS
def load(
    folder: Path, waive: tuple[str, str] | None, no_release: bool, dry_run: bool, note: str | None, name: str | None
) -> None:
    """Load FOLDER and release what it changed, if both languages may go out."""
    with _plain_errors():
        read = read_folder(folder)
        _refuse_faults(check_folder(read))
        options = LoadOptions(
            required=MinState(get_service().settings.release_state),
            waive=_read_waive(waive),
            is_released=not no_release,
            note=note or f"content load: {read.key}",
        )
        report = _load(get_service(), read, options, name=name, is_dry_run=dry_run)
    _tell_load(report, is_dry_run=dry_run)


class _DryRun(Exception):
    """Raised to leave the transaction without its changes."""


def _load(
    service: Service,
    folder: Folder,
    options: LoadOptions,
    *,
    name: str | None = None,
    is_dry_run: bool = False,
    at: datetime | None = None,
) -> LoadReport:
    report: LoadReport | None = None
    bar = click.progressbar(length=len(folder.resources), label=f"loading {folder.key}", file=sys.stderr)
    try:
        with bar, service.database.writing() as session:
            kind = "machine" if name is None else "person"
            act = begin_act(session, name or "content", "pack", at=at, kind=kind)
            report = load_folder(session, act, folder, options, bar.update)
            bar.update(bar.length - bar.pos if bar.length else 0)
            if is_dry_run:
                raise _DryRun
    except _DryRun:
        pass
    assert report is not None
    return report


def _read_waive(waive: tuple[str, str] | None) -> dict[str, str]:
    reasons = dict(part.partition("=")[::2] for part in waive or ())
    if reasons and set(reasons) != {"cy", "en"}:
        raise click.UsageError("--waive takes two reasons: en=… cy=…")
    return reasons


def _refuse_faults(faults: list[Any]) -> None:
    if faults:
        raise FolderRefused(faults)


def _tell_load(report: LoadReport, *, is_dry_run: bool) -> None:
    would = "would be " if is_dry_run else ""
    click.echo(f"{report.created} resources {would}created, {len(report.changed)} {would}changed")
    for word, names in (
        ("kept as it stands here, the folder’s kept as a suggestion", report.conflicts),
        ("not released, because of unreleased work on it", report.held),
        ("no longer in the folder, and left as it is", report.absent),
    ):
        for name in names:
            click.echo(f"  {name}: {word}")
    if report.release is None:
        click.echo("no release")
    else:
        click.echo(f"release {report.release}" + (" (not made: dry run)" if is_dry_run else ""))


@content.command("check")
@click.argument("folder", type=_FOLDER)
def check(folder: Path) -> None:
    """Check FOLDER without loading it: its form, its texts, and what stands twice."""
    with _plain_errors():
        read = read_folder(folder)
        _refuse_faults(check_folder(read))
    units = sum(len(resource.units) for resource in read.resources)
    click.echo(f"{read.key}: {len(read.resources)} resources, {units} units, no fault")


@content.command("map")
@click.argument("folder", type=_FOLDER)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_map(folder: Path, file: Path) -> None:
    """Write to FILE where each line of FOLDER's booklet went."""
    with _plain_errors():
        text = (folder / "booklet.en.md").read_text(encoding="utf-8")
        file.write_text(booklet_map(read_folder(folder), text), encoding="utf-8")


@content.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--collection", default="consultant-social-workers", show_default=True, help="The collection's key.")
def export(folder: Path, collection: str) -> None:
    """Write the working copy of a collection to FOLDER, in the format that it is loaded from."""
    with _plain_errors():
        with get_service().database.reading() as session:
            exported = export_folder(session, collection)
        write_folder(exported, folder)
    click.echo(f"{len(exported.resources)} resources written to {folder}")


@content.command("suppress")
@click.argument("resource")
@click.option("--reason", required=True, help="Why it must vanish: kept in the audit trail.")
@_AS
def suppress_resource(resource: str, reason: str, name: str | None) -> None:
    """Empty RESOURCE (moment.chain-reaction) at every release, for ever."""
    with _plain_errors(), get_service().database.writing() as session:
        act = begin_act(session, name or "operator", "cli")
        release = suppress(session, act, resource, reason)
    click.echo(f"{resource} is empty at every release" + (f"; release {release} says so" if release else ""))


@content.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a copy of the whole database to FILE, while the service runs."""
    with _plain_errors():
        back_up(get_service().database, file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@content.command("verify")
def verify() -> None:
    """Make every public document again from its revisions, and compare."""
    with _plain_errors(), get_service().database.reading() as session:
        faults = list(verify_content(session))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("every document is what its revisions say")


@database.command("upgrade")
@click.argument("to", default="head")
def upgrade_database(to: str) -> None:
    """Bring the database up to a migration."""
    upgrade(get_service().database.engine, to)


@database.command("downgrade")
@click.argument("to")
def downgrade_database(to: str) -> None:
    """Take the database back to a migration (`base` empties it)."""
    downgrade(get_service().database.engine, to)


@document.command("write")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_openapi(file: Path) -> None:
    """Generate the description of the service, with examples from the first booklet, into FILE."""
    from api.app import create_app  # the document is made from an application of its own

    write_document(file, make_document(create_app, _load_first))


def _load_first(service: Service, at: datetime) -> None:
    options = LoadOptions(note="content load: consultant-social-workers")
    _load(service, read_folder(FIRST_BOOKLET), options, at=at)


@click.command("serve")
def serve() -> None:
    """Migrate the database, load the first booklet if there is none, and serve."""
    service = get_service()
    settings = service.settings
    with _plain_errors():
        _prepare(service)
    service.database.close()
    _print_calls(settings.public_url)
    arguments = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.workers), "--blocking-threads", str(settings.blocking_threads),
        "--no-access-log", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    os.chdir(ROOT)
    os.execv(sys.executable, arguments)  # noqa: S606  # our own arguments


def _prepare(service: Service) -> None:
    with service.database.engine.connect() as connection:
        current = find_current(connection)
    if current != head():
        upgrade(service.database.engine)
    with service.database.reading() as session:
        is_empty = session.scalar(select(func.count()).select_from(Resource)) == 0
    if is_empty:
        now = datetime.now(UTC)
        _load_first(service, now)


def _print_calls(public_url: str) -> None:
    click.echo(
        f"Serving on {public_url} . Three calls to try:\n"
        f"  curl -s '{public_url}/v1/moments/all-he-wanted-was-a-cwtch?lang=cy'\n"
        f"  curl -s '{public_url}/v1/prompts?stage=response&lang=cy'\n"
        f"  curl -s '{public_url}/v1/translation-status'\n"
        f"The documentation is at {public_url}/docs ."
    )


