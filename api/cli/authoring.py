"""The working copy for operators: the queue, releases, the trail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from api.cli.report_errors import report_errors
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.roles import MACHINES
from api.domain.state import MinState
from api.http.context import get_context
from api.services.access.actors import make_audit_context, normalise_name
from api.services.access.audit_log import list_audit
from api.services.authoring.resources import list_row_ids
from api.services.authoring.unit_queue import QueueFilters, count_units, list_units
from api.services.maintenance.compaction import compact
from api.services.publishing.pending_changes import list_changed_row_ids
from api.services.publishing.preview import read_next_release
from api.services.publishing.releases import publish, publish_ready, revert_release
from api.services.publishing.waivers import WaiverRequest

units = AppGroup("units", help="What needs work.")
release = AppGroup("release", help="What would go out; taking it live; going back.")

_PAGE = 100


def _person(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if name.strip().casefold() in MACHINES:
        raise click.BadParameter("a machine’s name: say who acts")
    return name


_AS = click.option("--as", "name", required=True, callback=_person, help="Who acts: the name of a person.")
_NOTE = click.option("--note", required=True, help="What the release says of itself.")


@units.command("list")
@click.option("--state", type=click.Choice(["initial", "translated", "reviewed"]), default=None)
@click.option("--outdated/--current", default=None, help="Only those whose source has changed, or only the others.")
@click.option("--returned/--not-returned", default=None, help="Only those that were sent back, or only the others.")
@click.option("--kind", type=click.Choice(list(KINDS)), default=None)
@click.option("--collection", default=None, help="Only of the collection with this key.")
@click.option("--category", default=None, help="Only of the category with this key.")
@click.option("--target", type=click.Choice([str(language) for language in Language]), default=None)
@click.option("--by", default=None, help="Only those whose translation this person wrote.")
@click.option("--q", default=None, help="Only those with these words in either text.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many.  [default: all]")
def list_queue(outdated: bool | None, returned: bool | None, by: str | None, limit: int | None, **more: Any) -> None:
    """List units, those that need somebody most first."""
    with report_errors(), get_context().database.reading() as session:
        who = normalise_name(by) if by is not None else None
        filters = QueueFilters(is_outdated=outdated, is_returned=returned, by=who, **more)
        for item in _walk(session, filters, limit):
            click.echo(f"{item['id']}  {_how(item['target'])}")
        counts = count_units(session, filters)
    click.echo(", ".join(f"{name} {number}" for name, number in counts.items()))


def _walk(session: Session, filters: QueueFilters, limit: int | None) -> Iterator[dict[str, Any]]:
    """The units of all pages, up to ``limit``."""
    after, left = None, limit if limit is not None else sys.maxsize
    while left > 0:
        items, after = list_units(session, filters, min(left, _PAGE), after, "cli")
        yield from items
        left = left - len(items) if after is not None else 0


def _how(target: dict[str, Any]) -> str:
    words = [target["language"], target["state"]]
    words += ["outdated"] if target["outdated"] else []
    words += [f"sent back by {target['returned']['by']}"] if target["returned"] else []
    return ", ".join(words)


def _required() -> MinState:
    return MinState(get_context().settings.release_state)


@release.command("next")
def show_next() -> None:
    """Show what would go out now, and what blocks it."""
    with report_errors(), get_context().database.reading() as session:
        body, _ = read_next_release(session, _required())
    for resource in body["resources"]:
        click.echo(f"{resource['id']}: {resource['change']}" + (" (blocked)" if resource["blocked"] else ""))
    for blocker in body["blockers"]:
        language = f" ({blocker['language']})" if blocker["language"] else ""
        click.echo(f"  blocked: {blocker['resource']}: {blocker['gap']}{language}")
    click.echo(f"{len(body['resources'])} resources, {len(body['blockers'])} blockers")


@release.command("publish")
@click.argument("resources", nargs=-1)
@click.option("--ready", is_flag=True, help="All that nothing blocks.")
@click.option(
    "--waive",
    multiple=True,
    nargs=4,
    metavar="RESOURCE GAP en=REASON cy=REASON",
    help="Let one gap of one resource pass, and say why.",
)
@_NOTE
@_AS
def publish_now(
    resources: tuple[str, ...], ready: bool, waive: tuple[tuple[str, str, str, str], ...], note: str, name: str
) -> None:
    """Take RESOURCES (all that has changed, where none is named) live in both languages."""
    if ready and (resources or waive):
        raise click.UsageError("--ready takes everything that nothing blocks: no names, no waivers")
    waivers = [
        WaiverRequest(resource, gap, dict(part.partition("=")[::2] for part in reasons))
        for resource, gap, *reasons in waive
    ]
    with report_errors(), get_context().database.writing() as session:
        act = make_audit_context(session, name, "cli")
        if ready:
            number = publish_ready(session, act, list_changed_row_ids(session), note=note, required=_required())
        else:
            row_ids = list_row_ids(session, resources) if resources else list_changed_row_ids(session)
            number = publish(session, act, row_ids, note=note, required=_required(), waivers=waivers)
    compact(get_context().database)
    click.echo(f"release {number}")


@release.command("revert")
@click.argument("to", type=click.IntRange(1))
@click.argument("resources", nargs=-1)
@_NOTE
@_AS
def revert_to(to: int, resources: tuple[str, ...], note: str, name: str) -> None:
    """Restore what was public at release TO (of RESOURCES only, where some are named), as a new release."""
    with report_errors(), get_context().database.writing() as session:
        row_ids = list_row_ids(session, resources) if resources else None
        number = revert_release(session, make_audit_context(session, name, "cli"), to, note=note, row_ids=row_ids)
    compact(get_context().database)
    click.echo(f"release {number}")


@click.command("audit")
@click.option("--subject", default=None, help="Only about this resource, unit, release or token.")
@click.option("--by", default=None, help="Only by this person.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@with_appcontext
def audit(subject: str | None, by: str | None, limit: int) -> None:
    """Read the trail, newest first."""
    with report_errors(), get_context().database.reading() as session:
        who = normalise_name(by) if by is not None else None
        items, _ = list_audit(session, subject=subject, by=who, before=None, limit=limit)
    for item in items:
        revisions = "" if item["to_revision"] is None else f" {item['from_revision'] or '-'}→{item['to_revision']}"
        click.echo(f"{item['at']}  {item['by']}  {item['act']}  {item['subject']}{revisions}")
