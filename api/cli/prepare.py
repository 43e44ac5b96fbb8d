"""Preparation of the database before the first start."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from api.cli.load_progress import load_first_booklet
from api.cli.report_errors import report_errors
from api.db.database import Database
from api.http.context import ServiceContext
from api.i18n import Translations
from api.models import Resource
from api.services.maintenance.migrations import upgrade
from api.settings import Settings


def prepare(settings: Settings) -> None:
    """Upgrade the database to the newest migration, and load the first booklet as release 1 if there is no content."""
    database = Database(settings)
    with report_errors():
        upgrade(database.engine)
        with database.reading() as session:
            is_empty = session.scalar(select(Resource.id).limit(1)) is None
        if is_empty:
            load_first_booklet(ServiceContext(settings, database, Translations()), datetime.now(UTC))
    database.close()
