"""Loading a content folder, with a progress bar."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from api.http.context import ServiceContext
from api.services.access.audit_log import make_audit_context
from api.services.booklets.folder import Folder, read_folder
from api.services.booklets.load import LoadOptions, LoadReport, load_folder
from api.services.maintenance.compaction import compact
from api.settings import DATA

FIRST_BOOKLET = DATA / "content" / "consultant-social-workers"


class _DryRunError(Exception):
    """Raised to roll the transaction back."""


def load_with_progress(
    context: ServiceContext,
    folder: Folder,
    options: LoadOptions,
    *,
    name: str | None = None,
    is_dry_run: bool = False,
    at: datetime | None = None,
) -> LoadReport:
    """Load a folder in one transaction, and show the progress.

    ``name`` is the person who loads the folder; None means the machine user ``content``. ``at`` is the time of the
    load; None means now. A dry run is rolled back.
    """
    report: LoadReport | None = None
    bar = click.progressbar(length=len(folder.resources), label=f"loading {folder.key}", file=sys.stderr)
    try:
        with bar, context.database.writing() as session:
            kind = "machine" if name is None else "person"
            audit = make_audit_context(session, name or "content", "pack", at=at, kind=kind)
            report = load_folder(session, audit, folder, options, bar.update)
            bar.update(bar.length - bar.pos if bar.length else 0)
            if is_dry_run:
                raise _DryRunError
    except _DryRunError:
        pass
    else:
        compact(context.database)
    assert report is not None
    return report


def load_first_booklet(context: ServiceContext, at: datetime) -> None:
    """Create release 1 from the booklet that comes with the service."""
    options = LoadOptions(note="content load: consultant-social-workers")
    load_with_progress(context, read_folder(FIRST_BOOKLET), options, at=at)
