"""Looking into a database, and changing what a small booklet says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.models import Actor, Base, Revision, Unit
from api.services.authoring.units import get_unit
from tests.tools.entries import OTHER, Entry


def counts_of(session: Session) -> dict[str, int]:
    """How many rows each table has, but for actors, who are made by acting."""
    tables = [table for table in Base.metadata.tables.values() if table.name != Actor.__tablename__]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def current_text(session: Session, name: str) -> tuple[str | None, str | None]:
    """The source and the target of a unit as they stand."""
    unit = get_unit(session, name)
    query = select(Revision.text).join(Unit, (Unit.source_id == Revision.id) | (Unit.target_id == Revision.id))
    source = session.scalar(query.where(Unit.id == unit.id, Revision.language == unit.source_language.value))
    target = session.scalar(query.where(Unit.id == unit.id, Revision.language == unit.source_language.other.value))
    return source, target


def change_text(entries: Iterable[Entry], name: str, unit: str, **texts: str | None) -> list[Entry]:
    """The entries with one unit's texts changed, by language; None takes a target away."""
    found = []
    for each in entries:
        if each.id != name:
            found.append(each)
            continue
        changed = {x: {**each.texts.get(x, {}), **({unit: texts[x]} if x in texts else {})} for x in OTHER}
        kept = {x: {k: v for k, v in changed[x].items() if v is not None} for x in OTHER}
        found.append(replace(each, texts=kept))
    return found
