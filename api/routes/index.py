"""The way in: the service document, the machine-readable description, and health."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.db.newest_migration import head
from api.db.schema_version import find_current
from api.domain.kind import KINDS
from api.domain.language import Language
from api.http.cache_hints import delivering, keep
from api.http.context import get_service
from api.http.read_context import body_response, cache_control, conditional, json_response
from api.i18n import N_
from api.openapi.contract import ServiceBlueprint, promise
from api.openapi.load import read_openapi_json
from api.schemas.query import NoQuery
from api.schemas.report import HealthSchema, ReadySchema, ServiceSchema
from api.services.publishing.snapshot import read_epoch

index = ServiceBlueprint("index", __name__, description="The service itself.")
health = ServiceBlueprint("health", __name__, description="For those who run it.")

NAME = N_("Magic Moments: a content API in Welsh and English")
PURPOSE = N_(
    "Short practice stories from social work, with ground rules and prompts for discussing them, in Welsh and English "
    "as equals. Every answer says which language it is in, who wrote it, and whether a person has reviewed it."
)


@index.route("/v1")
@index.arguments(NoQuery, location="query")
@promise(
    summary="Get the service document",
    operation="get_service",
    schema=ServiceSchema,
    headers=("ETag", "Content-Language"),
)
def get_service_document(arguments: Mapping[str, Any]) -> Response:
    service = get_service()
    with delivering() as session:
        epoch = read_epoch(session)
    body = {
        "name": {language.value: service.words.say(language, NAME) for language in Language},
        "purpose": {language.value: service.words.say(language, PURPOSE) for language in Language},
        "release": epoch.release or None,
        "links": _links(service.settings.public_url),
    }
    response = json_response(body)
    response.headers["Content-Language"] = ", ".join(Language)
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    response.headers["Surrogate-Key"] = "lists service"
    keep(epoch)
    return conditional(response)


def _links(public_url: str) -> dict[str, str]:
    root = f"{public_url}/v1"
    links = {"self": root}
    links |= {kind.plural: f"{root}/{kind.plural}" for kind in KINDS.values()}
    links |= {f"bilingual-{kind.plural}": f"{root}/bilingual/{kind.plural}" for kind in KINDS.values()}
    links |= {
        "search": f"{root}/search?q={{q}}",
        "random-moment": f"{root}/moments/random",
        "translation-status": f"{root}/translation-status",
        "releases": f"{root}/releases",
        "changes": f"{root}/changes?since=0",
        "openapi": f"{public_url}/openapi.json",
        "docs": f"{public_url}/docs",
    }
    return links


@index.route("/openapi.json")
@promise(summary="Get this description as JSON", operation="get_openapi")
def get_openapi() -> Response:
    response = body_response(read_openapi_json(), "application/json")
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    keep(None)
    return conditional(response)


@health.route("/healthz")
@promise(summary="Is the process alive?", operation="get_health", schema=HealthSchema, headers=())
def get_health() -> Response:
    return _unstored({"status": "ok"}, 200)


@health.route("/readyz")
@promise(
    summary="Can the service answer: is the database there, and at the newest migration?",
    operation="get_readiness",
    schema=ReadySchema,
    headers=(),
    not_ready=ReadySchema,
)
def get_readiness() -> Response:
    database = get_service().database
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with database.reading() as session:
            current = find_current(session)
    except Exception as error:  # whatever keeps us from the database is the answer to the question
        checks = {"database": f"unreachable: {type(error).__name__}", "migrations": "unknown"}
    else:
        if current != head():
            checks["migrations"] = f"at {current}, not at {head()}"
    is_ready = set(checks.values()) == {"ok"}
    # What the service does without, more slowly, is told and takes no node out of service.
    checks |= {name: find() for name, find in get_service().conditions.items()}
    return _unstored({"status": "ok" if is_ready else "not ready", "checks": checks}, 200 if is_ready else 503)


def _unstored(body: dict[str, Any], status: int) -> Response:
    response = json_response(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
