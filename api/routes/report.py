"""Routes of the reports: releases, the change feed, and the translation status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.errors import ReleaseNotFoundError
from api.domain.state import MinState
from api.http.badge import draw_badge
from api.http.context import get_context, get_named_language, get_reader_language
from api.http.read_context import open_read_session
from api.http.request_hooks import produces
from api.http.responses import add_page_links, body_response, cacheable, json_response, localised_url
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.feed import ChangeListSchema
from api.schemas.query import ChangesQuery, NoQuery, ReleaseListQuery, StatusQuery
from api.schemas.report import FullReleaseSchema, ReleaseListSchema, StatusSchema
from api.services.delivery.changes import ChangesRequest, list_changes
from api.services.delivery.release_reports import get_release, list_releases
from api.services.delivery.status import read_status, to_csv
from api.services.publishing.snapshot import Epoch, read_epoch, read_snapshot

report = ServiceBlueprint("report", __name__, description="Releases, changes and the status of the translations.")

Arguments = Mapping[str, Any]
# The surrogate keys of all responses with the translation status.
STATUS_KEYS = ("lists", "status")


@report.route("/releases")
@report.arguments(ReleaseListQuery, location="query")
@document_operation(
    summary="List releases, newest first",
    description="Every release has a number, one higher than the one before. Each publishes both languages of its "
    "resources at once.",
    operation="list_releases",
    schema=ReleaseListSchema,
    headers=("ETag", "Link"),
)
def get_releases(arguments: Arguments) -> Response:
    context = get_context()
    limit, after = arguments.get("limit", DEFAULT_LIMIT), arguments.get("after")
    with open_read_session() as session:
        epoch = read_epoch(session)
        body = list_releases(session, context.settings.public_url, limit, after, arguments.get("lang"))
    return cacheable(add_page_links(json_response(body), body["links"]), epoch, ("lists", "releases"))


@report.route("/releases/<number>")
@report.arguments(NoQuery, location="query")
@document_operation(
    summary="Get a release with its changes and waivers",
    description="The resources that the release changed, and the gaps between the languages that were waived for it, "
    "with the reasons.",
    operation="get_release",
    schema=FullReleaseSchema,
    problems=(404,),
)
def get_one_release(arguments: Arguments, number: str) -> Response:
    if not (number.isascii() and number.isdigit() and len(number) < 12 and not number.startswith("0")):
        raise ReleaseNotFoundError(number)
    context = get_context()
    with open_read_session() as session:
        epoch = read_epoch(session)
        body = get_release(session, context.settings.public_url, int(number), arguments.get("lang"))
    return cacheable(json_response(body), epoch, ("releases", f"release.{number}"))


@report.route("/changes")
@report.arguments(ChangesQuery, location="query")
@document_operation(
    summary="List the changes since a release",
    description="The newest state of each resource that changed after release `since`: published, moved or withdrawn."
    " To keep a copy, apply all pages, then store `release` and send it as `since` the next time.",
    operation="list_changes",
    schema=ChangeListSchema,
    headers=("ETag", "Link"),
    problems=(404,),
)
def get_changes(arguments: Arguments) -> Response:
    context = get_context()
    changes = ChangesRequest(
        arguments["since"],
        arguments.get("after"),
        arguments.get("limit", DEFAULT_LIMIT),
        "include" in arguments,
        arguments.get("lang"),
    )
    with open_read_session() as session:
        body, epoch = list_changes(session, context.branding, changes, MinState(context.settings.min_state))
    return cacheable(add_page_links(json_response(body), body["links"]), epoch, ("lists", "changes"))


def _read_status(arguments: Arguments) -> tuple[dict[str, Any], Epoch]:
    context = get_context()
    with open_read_session() as session:
        snapshot = read_snapshot(session, arguments.get("release"))
        status = read_status(
            session,
            snapshot,
            context.settings.public_url,
            is_pinned="release" in arguments,
            default_min_state=MinState(context.settings.min_state),
        )
    return status, snapshot.epoch


@report.route("/translation-status")
@report.arguments(StatusQuery, location="query")
@document_operation(
    summary="Get the translation status of the public content",
    description="How much of the public content is in each language, in which state and from which kind of author; "
    "and what is missing, outdated, waived or written by a machine.",
    operation="get_translation_status",
    schema=StatusSchema,
    problems=(404,),
)
def get_translation_status(arguments: Arguments) -> Response:
    status, epoch = _read_status(arguments)
    return cacheable(json_response(status), epoch, STATUS_KEYS, is_pinned="release" in arguments)


@report.route("/translation-status.csv")
@report.arguments(StatusQuery, location="query")
@produces("text/csv")
@document_operation(
    summary="Get the counts of the translation status as CSV",
    description="The counts of the translation status, one line for each group and language.",
    operation="get_translation_status_csv",
    media_type="text/csv",
    problems=(404,),
)
def get_translation_status_csv(arguments: Arguments) -> Response:
    status, epoch = _read_status(arguments)
    response = body_response(to_csv(status).encode(), "text/csv; charset=utf-8; header=present")
    return cacheable(response, epoch, STATUS_KEYS, is_pinned="release" in arguments)


@report.route("/translation-status/badge.svg")
@report.arguments(StatusQuery, location="query")
@produces("image/svg+xml")
@document_operation(
    summary="Get a badge with the share of Welsh texts that are reviewed",
    description="An image for web pages and README files, in the language of the reader.",
    operation="get_translation_status_badge",
    media_type="image/svg+xml",
    headers=("ETag", "Content-Language", "Content-Location", "Vary"),
    problems=(404,),
)
def get_translation_status_badge(arguments: Arguments) -> Response:
    language = get_reader_language()
    status, epoch = _read_status(arguments)
    response = body_response(draw_badge(status, language, get_context().translations).encode(), "image/svg+xml")
    response.headers["Content-Language"] = language.value
    canonical_url = None if get_named_language() else localised_url(language, arguments)
    return cacheable(response, epoch, STATUS_KEYS, is_pinned="release" in arguments, canonical_url=canonical_url)
