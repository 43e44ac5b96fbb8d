"""The reference that the service is compared with: the same responses by flask-smorest, the ORM and marshmallow.

The reference follows the documentation of the libraries: it loads entities, loads all related entities with one query,
and dumps the result with the schema of the response. It serves ``/v1/moments`` in one language, with ``limit`` and
``category``, from the same database and with the same JSON as the service.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, request
from flask_smorest import Api, Blueprint
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from api.db.database import Database
from api.domain.kind import MOMENT
from api.domain.language import Language
from api.http.context import ServiceContext
from api.i18n import Translations
from api.models import Edition, Release, Slug
from api.schemas.content import field_names, list_schema
from api.schemas.query import list_query
from api.services.delivery.serializer import attribution
from api.settings import Settings


def create_reference(settings: Settings) -> Flask:
    """Return the reference as a WSGI application."""
    app = Flask("reference", static_folder=None)
    app.config |= {"API_TITLE": "Reference", "API_VERSION": "v1", "OPENAPI_VERSION": "3.1.0"}
    context = ServiceContext(settings, Database(settings), Translations())
    blueprint = Blueprint("moments", __name__)

    @blueprint.route("/v1/moments")
    @blueprint.arguments(list_query(MOMENT, field_names(MOMENT), is_bilingual=False), location="query")
    @blueprint.response(200, list_schema(MOMENT, is_bilingual=False))
    def list_moments(arguments: Mapping[str, Any]) -> Any:
        with context.database.reading() as session:
            return _list(session, context, Language(arguments["lang"]), arguments)

    @app.after_request
    def set_validators(response: Any) -> Any:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        return response.make_conditional(request)

    # Like the service, keep members in the order of the schema, and do not escape letters.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    Api(app).register_blueprint(blueprint)
    app.extensions["eiliadau_hud"] = context
    return app


def _list(
    session: Session, context: ServiceContext, language: Language, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    limit = arguments.get("limit", 20)
    release = session.scalar(select(func.max(Release.number)))
    conditions = _list_conditions(session, language, arguments)
    page = session.scalars(
        select(Edition).where(*conditions).order_by(Edition.rank, Edition.resource_id).limit(limit + 1)
    ).all()
    total = session.scalar(select(func.count()).select_from(Edition).where(*conditions)) or 0
    public = (
        session.scalar(select(func.count()).select_from(Edition).where(*_list_conditions(session, None, arguments)))
        or 0
    )
    root = f"{context.settings.public_url}/v1"
    query = f"?lang={language}" + (f"&category={arguments['category'][0]}" if "category" in arguments else "")
    query += f"&limit={limit}" if limit != 20 else ""
    return {
        "items": _items(session, context, language, page[:limit]),
        "total": total,
        "omitted": public - total,
        "release": release,
        "links": {"self_": f"{root}/moments{query}", "next_": None if len(page) <= limit else f"{root}/moments{query}"},
    }


def _list_conditions(
    session: Session, language: Language | None, arguments: Mapping[str, Any]
) -> list[ColumnElement[bool]]:
    conditions = [Edition.kind == "moment", Edition.end_release.is_(None), ~Edition.withdrawn]
    conditions.append(Edition.language == (language or Language.CY).value)
    if language is not None:
        conditions.append(Edition.document.is_not(None))
    if "category" in arguments:
        slug = session.get(Slug, ("category", arguments["category"][0]))
        conditions.append(Edition.category_id == (slug.resource_id if slug else None))
    return conditions


def _items(
    session: Session, context: ServiceContext, language: Language, page: Sequence[Edition]
) -> list[dict[str, Any]]:
    ids = {i for edition in page for i in (edition.collection_id, edition.category_id)}
    related = aliased(Edition)
    query = select(related).where(
        related.resource_id.in_(ids), related.language == language.value, related.end_release.is_(None)
    )
    others = {edition.resource_id: edition for edition in session.scalars(query)}
    return [_item(context, language, edition, others) for edition in page]


def _item(
    context: ServiceContext, language: Language, edition: Edition, others: Mapping[int, Edition]
) -> dict[str, Any]:
    document = json.loads(edition.document or "{}")
    root = f"{context.settings.public_url}/v1"
    collection, category = others[edition.collection_id or 0], others[edition.category_id or 0]
    title = json.loads(collection.document or "{}")["texts"]["title"]
    url = f"{root}/moments/{document['slug']}"
    return {
        "id": document["id"],
        "kind": edition.kind,
        "number": edition.number,
        "slug": document["slug"],
        "slugs": document["slugs"],
        "collection": _reference_to(collection, "title", f"{root}/collections", language),
        "category": _reference_to(category, "name", f"{root}/categories", language),
        **document["texts"],
        "language": {"requested": language, "served": language, "fallback": False, "reason": None},
        "translations": {
            language_code: facts and {**facts, "url": f"{url}?lang={language_code}"}
            for language_code, facts in document["translations"].items()
        },
        "waivers": [waiver | {"release": edition.first_release} for waiver in document["waivers"]],
        "rights": {
            "licence": collection.facts.get("licence"),
            "attribution": attribution(context.translations, language, title),
        },
        "release": edition.first_release,
        "links": {"self_": f"{url}?lang={language}"},
    }


def _reference_to(edition: Edition, label: str, root: str, language: Language) -> dict[str, Any]:
    slug = edition.slugs[edition.source_language]
    name = json.loads(edition.document or "{}")["texts"][label]
    return {"slug": slug, label: name, "url": f"{root}/{slug}?lang={language}"}
