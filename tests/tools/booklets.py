"""Small booklets built in memory. Tests load them into the service and into the reference model."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State
from api.models import Resource
from api.services.access.audit_log import AuditContext, make_audit_context
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.load import LoadOptions, LoadReport, load_folder
from tests.tools.entries import OTHER_LANGUAGE, Entry
from tests.tools.postgres import fresh_database, server_url

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REASONS = {"en": "The Welsh is on its way here.", "cy": "Mae’r Gymraeg ar ei ffordd yma."}
SMALL = "collection.small"


def entry(name: str, slug: str, other_slug: str | None = None, source: str = "en", **more: Any) -> Entry:
    """Build an entry of the small booklet. Each text consists of language, slug and field: ``EN chain title``."""
    kind = KINDS[name.partition(".")[0]]
    names = more.pop("fields", None) or [kind.title_field, *(["body"] if kind.name in {"moment", "section"} else [])]
    texts = {x: {n: f"{x.upper()} {slug} {n}" for n in names} for x in (source, OTHER_LANGUAGE[source])}
    collection = {} if kind.name == "collection" else {"collection": SMALL}
    return Entry(name, source, {source: slug, OTHER_LANGUAGE[source]: other_slug}, texts, **(collection | more))


def small_booklet() -> list[Entry]:
    """Build a few resources of each kind; ``moment.paned`` was first written in Welsh."""
    care, talk = "category.care", "category.talk"
    return [
        entry(SMALL, "small", "bach"),
        entry("section.small-why", "small-why", "bach-pam"),
        entry("category.care", "care", "gofal"),
        entry("category.talk", "talk", "sgwrs"),
        entry("moment.first", "first", "cyntaf", number=1, category=care),
        entry("moment.second", "second", "ail", number=2, category=care, origin="machine"),
        entry("moment.paned", "paned", "cuppa", source="cy", number=3, category=care),
        entry("moment.fourth", "fourth", "pedwerydd", number=4, category=talk),
        entry("moment.fifth", "fifth", "pumed", number=5, category=talk, state="reviewed"),
        entry("ground-rule.listen", "listen"),
        entry("prompt.begin", "begin", facet="framing"),
        entry("prompt.reply", "reply", facet="response", state="reviewed"),
        entry("guide.meet", "meet", "cwrdd", facet="step", fields=["title"]),
        entry("guide.word", "word", "gair", facet="key-word", fields=["text"]),
    ]


def to_folder(entries: Iterable[Entry]) -> Folder:
    """Convert entries to a content folder."""
    resources = [_to_resource(e) for e in entries]
    order = list(KINDS)
    resources.sort(key=lambda resource: order.index(resource.id.kind))
    return Folder(resources[0].id.key, tuple(resources))


def _to_resource(e: Entry) -> FolderResource:
    kind = KINDS[e.kind]
    order = [f.name for f in kind.fields]
    names = sorted(e.texts[e.source], key=order.index)
    return FolderResource(
        id=ResourceId(kind.name, e.id.partition(".")[2]),
        source_language=Language(e.source),
        slugs={Language(x): e.slugs[x] for x in OTHER_LANGUAGE},
        number=e.number,
        category=e.category.partition(".")[2] if e.category else None,
        facet=e.facet,
        facts={name: [] if name == "prompts" else None for name in kind.facts},
        units=tuple(_to_unit(e, name) for name in names),
        file=f"{kind.plural}.yaml",
        line=1,
    )


def _to_unit(e: Entry, name: str) -> FolderUnit:
    has_target = name in e.texts.get(OTHER_LANGUAGE[e.source], {})
    return FolderUnit(
        field=name,
        texts={Language(x): e.texts[x][name] for x in e.texts if name in e.texts[x]},
        state=State(e.state) if has_target else None,
        origin=Origin(e.origin) if has_target else None,
        tool="large language model" if has_target and e.origin == "machine" else None,
        reviewed_by="a reader" if has_target and e.state == "reviewed" else None,
    )


def load(session: Session, entries: Iterable[Entry], *, waive: bool = False, is_released: bool = True) -> LoadReport:
    """Load these entries as a content folder."""
    options = LoadOptions(waive=REASONS if waive else {}, is_released=is_released, note="a load")
    return load_folder(session, loader(session), to_folder(entries), options)


def loader(session: Session) -> AuditContext:
    """Return the audit context of a load."""
    return make_audit_context(session, "content", "pack", at=AT, kind="machine")


def editor(session: Session, name: str = "an editor") -> AuditContext:
    """Return the audit context of a person."""
    return make_audit_context(session, name, "cli", at=AT)


def get_row_ids(session: Session, *names: str) -> list[int]:
    """Return the row ids of the named resources, or of all resources if no names are given."""
    query = select(Resource.id, Resource.kind, Resource.key).order_by(Resource.id)
    row_ids = {f"{row.kind}.{row.key}": row.id for row in session.execute(query)}
    return [row_ids[name] for name in names] if names else list(row_ids.values())


@contextmanager
def copy_database(template: Any, folder: Path) -> Iterator[str]:
    """Copy a template database for a fixture of any scope, and yield the URL of the copy."""
    if template.engine == "sqlite":
        file = folder / "copied.sqlite"
        shutil.copyfile(template.url.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    with fresh_database(server_url(), make_url(template.url).database) as url:
        yield url


def execute_sql(database: Database, *statements: str) -> None:
    """Run SQL statements directly on the database, in one transaction."""
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
