"""The authoring commands: the queue of units, releases, and the audit log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from api.cli.language_option import LanguageOption
from api.cli.report_errors import report_errors
from api.domain.kind import KINDS
from api.domain.roles import MACHINES
from api.domain.state import MinState
from api.http.context import get_context
from api.services.access.actors import normalise_name
from api.services.access.audit_log import list_audit, make_audit_context
from api.services.authoring.resources import list_row_ids
from api.services.authoring.unit_queue import QueueFilters, count_units, list_units
from api.services.maintenance.compaction import compact
from api.services.publishing.pending_release import describe_pending, read_pending_release
from api.services.publishing.release_requests import ReleaseRequest, make_release
from api.services.publishing.reverts import revert_release
from api.services.publishing.waivers import WaiverRequest

units = AppGroup("units", help="List the units that need work.")
release = AppGroup("release", help="Show, publish and revert releases.")

_PAGE = 100


def _check_person(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if name.strip().casefold() in MACHINES:
        raise click.BadParameter("this is the name of a machine; give the name of a person")
    return name


_AS = click.option("--as", "name", required=True, callback=_check_person, help="The person to record in the audit log.")
_NOTE = click.option("--note", required=True, help="A note for the readers of the release.")


@units.command("list")
@click.option(
    "--state",
    type=click.Choice(["initial", "translated", "reviewed"]),
    default=None,
    help="Only units whose translation has this state.",
)
@click.option(
    "--outdated/--current",
    default=None,
    help="Only units whose translation is outdated, or only units whose translation is not.",
)
@click.option(
    "--returned/--not-returned",
    default=None,
    help="Only units that a reviewer sent back, or only units that none sent back.",
)
@click.option("--kind", type=click.Choice(list(KINDS)), default=None, help="Only units of this kind of resource.")
@click.option("--collection", default=None, help="Only units of the collection with this key.")
@click.option("--category", default=None, help="Only units of the category with this key.")
@click.option(
    "--target",
    type=LanguageOption(),
    default=None,
    help="Only units to translate into this language.",
)
@click.option("--by", default=None, help="Only units with a translation by this person.")
@click.option("--q", default=None, help="Only units with these words in one of the texts.")
@click.option(
    "--limit", type=click.IntRange(1), default=None, help="The largest number of units to list.  [default: all]"
)
def list_queue(
    outdated: bool | None, returned: bool | None, by: str | None, limit: int | None, **other_filters: Any
) -> None:
    """List units by urgency."""
    with report_errors(), get_context().database.reading() as session:
        author = normalise_name(by) if by is not None else None
        filters = QueueFilters(is_outdated=outdated, is_returned=returned, by=author, **other_filters)
        for item in _list_all_pages(session, filters, limit):
            click.echo(f"{item['id']}  {_describe_target(item['target'])}")
        counts = count_units(session, filters)
    click.echo(", ".join(f"{name} {number}" for name, number in counts.items()))


def _list_all_pages(session: Session, filters: QueueFilters, limit: int | None) -> Iterator[dict[str, Any]]:
    """Yield the units of all pages, up to ``limit``."""
    after, remaining = None, limit if limit is not None else sys.maxsize
    while remaining > 0:
        items, cursors = list_units(session, filters, min(remaining, _PAGE), after, "cli", is_walk=True)
        after = cursors.next
        yield from items
        remaining = remaining - len(items) if after is not None else 0


def _describe_target(target: dict[str, Any]) -> str:
    words = [target["language"], target["state"]]
    words += ["outdated"] if target["outdated"] else []
    words += [f"sent back by {target['returned']['by']}"] if target["returned"] else []
    return ", ".join(words)


def _required_state() -> MinState:
    return MinState(get_context().settings.release_state)


@release.command("next")
def show_next() -> None:
    """Show the pending release and what blocks it."""
    with report_errors(), get_context().database.reading() as session:
        body, _ = describe_pending(session, read_pending_release(session, _required_state()))
    for resource in body["resources"]:
        click.echo(f"{resource['id']}: {resource['change']}" + (" (blocked)" if resource["blocked"] else ""))
    for blocker in body["blockers"]:
        language = f" ({blocker['language']})" if blocker["language"] else ""
        click.echo(f"  blocked: {blocker['resource']}: {blocker['gap']}{language}")
    click.echo(f"{len(body['resources'])} resources, {len(body['blockers'])} blockers")


@release.command("publish")
@click.argument("resources", nargs=-1)
@click.option("--ready", is_flag=True, help="Publish every changed resource that has no blocker.")
@click.option(
    "--waive",
    multiple=True,
    nargs=4,
    metavar="RESOURCE GAP en=REASON cy=REASON",
    help="Waive one gap of one resource, with a public reason in each language.",
)
@_NOTE
@_AS
def publish_now(
    resources: tuple[str, ...], ready: bool, waive: tuple[tuple[str, str, str, str], ...], note: str, name: str
) -> None:
    """Publish both languages of RESOURCES, or of everything that changed."""
    if ready and (resources or waive):
        raise click.UsageError("--ready publishes everything that nothing blocks: it takes no names and no waivers")
    waivers = [
        WaiverRequest(resource, gap, dict(reason.partition("=")[::2] for reason in reasons))
        for resource, gap, *reasons in waive
    ]
    with report_errors(), get_context().database.writing() as session:
        audit_context = make_audit_context(session, name, "cli")
        request = ReleaseRequest(note, _required_state(), resources or None, waivers or None, is_ready=ready)
        number = make_release(session, audit_context, request)
    compact(get_context().database)
    click.echo(f"release {number}")


@release.command("revert")
@click.argument("to", type=click.IntRange(1))
@click.argument("resources", nargs=-1)
@_NOTE
@_AS
def revert_to(to: int, resources: tuple[str, ...], note: str, name: str) -> None:
    """Make a new release that restores RESOURCES, or everything, as published in release TO."""
    with report_errors(), get_context().database.writing() as session:
        row_ids = list_row_ids(session, resources) if resources else None
        number = revert_release(session, make_audit_context(session, name, "cli"), to, note=note, row_ids=row_ids)
    compact(get_context().database)
    click.echo(f"release {number}")


@click.command("audit")
@click.option("--subject", default=None, help="Only entries about this resource, unit, release or token.")
@click.option("--by", default=None, help="Only entries by this person.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="The largest number of entries to show.",
)
@with_appcontext
def audit(subject: str | None, by: str | None, limit: int) -> None:
    """Show the audit log, newest entry first."""
    with report_errors(), get_context().database.reading() as session:
        person = normalise_name(by) if by is not None else None
        items, _ = list_audit(session, subject=subject, by=person, limit=limit)
    for item in items:
        revisions = "" if item["to_revision"] is None else f" {item['from_revision'] or '-'}→{item['to_revision']}"
        click.echo(f"{item['at']}  {item['by']}  {item['act']}  {item['subject']}{revisions}")
