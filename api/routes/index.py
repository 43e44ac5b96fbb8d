"""Routes of the service itself: the service document, the OpenAPI document, and health checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.db.schema_version import find_schema_version, newest_migration
from api.domain.kind import KINDS
from api.domain.language import Language
from api.http.context import get_context
from api.http.read_context import open_read_session
from api.http.request_hooks import produces
from api.http.responses import body_response, cacheable, json_response
from api.http.vocabulary import build_vocabulary
from api.i18n import N_
from api.openapi.contract import ServiceBlueprint, document_operation
from api.openapi.load import read_openapi_json, read_openapi_yaml
from api.schemas.query import NoQuery
from api.schemas.report import HealthSchema, ReadySchema, ServiceSchema
from api.schemas.vocabulary import VocabularySchema
from api.services.delivery.links import page_url
from api.services.publishing.snapshot import read_epoch
from api.version import read_version

index = ServiceBlueprint("index", __name__, description="The service itself.")
health = ServiceBlueprint("health", __name__, description="Health checks for operators.")

# RFC 9512.
YAML = "application/yaml"
NAME = N_("Magic Moments: a content API in Welsh and English")
PURPOSE = N_(
    "Short practice stories from social work, with ground rules and prompts for discussing them, in Welsh and English "
    "as equals. Every answer says which language it is in, who wrote it, and whether a person has reviewed it."
)


@index.route("/v1")
@index.arguments(NoQuery, location="query")
@document_operation(
    summary="Get the service document",
    description="The name and purpose of the service in both languages, its version, the current release, and links "
    "to all lists.",
    operation="get_service",
    schema=ServiceSchema,
    headers=("ETag", "Content-Language"),
)
def get_service_document(arguments: Mapping[str, Any]) -> Response:
    context = get_context()
    with open_read_session() as session:
        epoch = read_epoch(session)
    body = {
        "name": {language.value: context.translations.gettext(language, NAME) for language in Language},
        "purpose": {language.value: context.translations.gettext(language, PURPOSE) for language in Language},
        "version": read_version(),
        "release": epoch.release or None,
        "links": _links(context.settings.public_url, arguments.get("lang")),
    }
    return cacheable(_bilingual_response(body), epoch, ("lists", "service"))


def _bilingual_response(body: Mapping[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Content-Language"] = ", ".join(Language)
    return response


def _links(public_url: str, language: str | None) -> dict[str, str]:
    """Return the links of the service document. If the request names a language, the links name it too."""
    root, named = f"{public_url}/v1", {"lang": language}
    links = {"self": page_url(root, named)}
    links |= {kind.plural: page_url(f"{root}/{kind.plural}", named) for kind in KINDS.values()}
    links |= {f"bilingual-{kind.plural}": f"{root}/bilingual/{kind.plural}" for kind in KINDS.values()}
    links |= {
        "search": f"{root}/search?q={{q}}" + (f"&lang={language}" if language else ""),
        "random-moment": page_url(f"{root}/moments/random", named),
        "translation-status": page_url(f"{root}/translation-status", named),
        "vocabulary": page_url(f"{root}/vocabulary", named),
        "releases": page_url(f"{root}/releases", named),
        "changes": page_url(f"{root}/changes", {"since": 0, **named}),
        "openapi": f"{public_url}/openapi.json",
        "docs": page_url(f"{public_url}/docs", named),
    }
    return links


@index.route("/v1/vocabulary")
@index.arguments(NoQuery, location="query")
@document_operation(
    summary="Get the words for all codes",
    description="The names and meanings of the states, origins, kinds and other codes in responses, in both languages, "
    "and the notes and notices to show with a text. The response changes only with the version of the service.",
    operation="get_vocabulary",
    schema=VocabularySchema,
    headers=("ETag", "Content-Language"),
)
def get_vocabulary(arguments: Mapping[str, Any]) -> Response:
    context = get_context()
    url = page_url(f"{context.settings.public_url}/v1/vocabulary", {"lang": arguments.get("lang")})
    body = {"version": read_version(), **build_vocabulary(context.translations), "links": {"self": url}}
    return cacheable(_bilingual_response(body), None)


@index.route("/openapi.json")
@document_operation(
    summary="Get this API document as JSON",
    description="This description, with the address of the service in `servers`. `/openapi.yaml` is the same as YAML.",
    operation="get_openapi_json",
)
def get_openapi_json() -> Response:
    data = read_openapi_json(get_context().settings.public_url)
    return cacheable(body_response(data, "application/json"), None)


@index.route("/openapi.yaml")
@produces(YAML)
@document_operation(
    summary="Get this API document as YAML",
    description="The same as `/openapi.json`, as YAML (RFC 9512).",
    operation="get_openapi_yaml",
    media_type=YAML,
)
def get_openapi_yaml() -> Response:
    data = read_openapi_yaml(get_context().settings.public_url)
    return cacheable(body_response(data, YAML), None)


@health.route("/healthz")
@document_operation(
    summary="Check that the process is alive",
    description="Returns 200 as long as the process answers. It reads nothing.",
    operation="get_health",
    schema=HealthSchema,
    headers=(),
)
def get_health() -> Response:
    return _health_response({"status": "ok"}, 200)


@health.route("/readyz")
@document_operation(
    summary="Check that the database is reachable and at the newest migration",
    description="Returns 200 if requests can be served, and 503 otherwise. `checks` has the result of each check.",
    operation="get_readiness",
    schema=ReadySchema,
    headers=(),
    not_ready=ReadySchema,
)
def get_readiness() -> Response:
    database = get_context().database
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with database.reading() as session:
            current = find_schema_version(session)
    except Exception as error:  # any error means that the database is not ready
        checks = {"database": f"unreachable: {type(error).__name__}", "migrations": "unknown"}
    else:
        if current != newest_migration():
            checks["migrations"] = f"at {current}, not at {newest_migration()}"
    is_ready = set(checks.values()) == {"ok"}
    # If one of these checks fails, the service is slower but still available, so the status stays the same.
    checks |= {name: check() for name, check in get_context().readiness_checks.items()}
    return _health_response({"status": "ok" if is_ready else "not ready", "checks": checks}, 200 if is_ready else 503)


def _health_response(body: dict[str, Any], status: int) -> Response:
    response = json_response(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
