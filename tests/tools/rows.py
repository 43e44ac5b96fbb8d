"""Helpers that count rows, read texts of a test database, and change entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.models import Actor, Base, Revision, Unit
from api.services.authoring.units import get_unit
from tests.tools.entries import OTHER_LANGUAGE, Entry


def count_rows(session: Session) -> dict[str, int]:
    """Return the number of rows of each table. Actors are not counted, because any action may create one."""
    tables = [table for table in Base.metadata.tables.values() if table.name != Actor.__tablename__]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def current_text(session: Session, name: str) -> tuple[str | None, str | None]:
    """Return the current source and target of a unit."""
    unit = get_unit(session, name)
    query = select(Revision.text).join(Unit, (Unit.source_id == Revision.id) | (Unit.target_id == Revision.id))
    source = session.scalar(query.where(Unit.id == unit.id, Revision.language == unit.source_language.value))
    target = session.scalar(query.where(Unit.id == unit.id, Revision.language == unit.source_language.other.value))
    return source, target


def change_text(entries: Iterable[Entry], name: str, unit: str, **texts: str | None) -> list[Entry]:
    """Return the entries with one unit changed. ``texts`` maps languages to new texts; None removes a target."""
    result = []
    for item in entries:
        if item.id != name:
            result.append(item)
            continue
        changed = {x: {**item.texts.get(x, {}), **({unit: texts[x]} if x in texts else {})} for x in OTHER_LANGUAGE}
        remaining = {x: {k: v for k, v in changed[x].items() if v is not None} for x in OTHER_LANGUAGE}
        result.append(replace(item, texts=remaining))
    return result
