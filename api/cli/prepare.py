"""Preparation of the database before the first start."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import select

from api.cli.load_progress import load_first_booklet
from api.cli.report_errors import report_errors
from api.db.database import Database
from api.db.schema_version import find_schema_version, newest_migration
from api.http.context import ServiceContext
from api.i18n import Translations
from api.models import Resource
from api.services.maintenance.migrations import upgrade
from api.settings import Settings


def prepare(settings: Settings) -> None:
    """Upgrade the database to the newest migration, and load the first booklet as release 1 if there is no content.

    With READ_ONLY=1, check the database instead. Raises ClickException or InvalidSettingError.
    """
    database = Database(settings)
    try:
        with report_errors():
            if settings.read_only:
                _check_unchanged(database)
                return
            upgrade(database.engine)
            with database.reading() as session:
                is_empty = session.scalar(select(Resource.id).limit(1)) is None
            if is_empty:
                load_first_booklet(ServiceContext(settings, database, Translations()), datetime.now(UTC))
    finally:
        database.close()


def _check_unchanged(database: Database) -> None:
    """Raise ClickException unless the database is at the newest migration."""
    with database.reading() as session:
        version = find_schema_version(session)
    if version != newest_migration():
        state = "has no tables" if version is None else f"is at migration {version}, not at {newest_migration()}"
        raise click.ClickException(f"the database {state}, and READ_ONLY=1 cannot change it; start once without it")
